"""From what an evaluation returns to the result as the network writes it."""

from __future__ import annotations

import json
import re
from typing import Any

from ..models.text import from_json
from .engine import FAILED, FAST, JSON
from .values import text

_POSITION = re.compile(r'\[string "([^"]*)"\]:(\d+): ')
#: The tags that every message begins with; an evaluation leaves them out of what it returns.
_FIRST_TAGS = (("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"))
_LISTS = ("Messages", "Spawns", "Assignments")
# Chunk names of the developer's files, which read like the network's in the process and are others to us; the one
# called `aos` is the process's own Data.
_FROM_FILE = re.compile(r'=\[string "(.*)"\]\Z', re.DOTALL)


def failed(raw: tuple[Any, ...]) -> bool:
    """Whether the evaluation ended in an error, so that the state it left is not to be kept."""
    if raw[0] == JSON and b'"Error"' in raw[2]:
        return "Error" in to_wire(raw)
    return raw[0] == FAILED  # type: ignore[no-any-return]


def to_wire(raw: tuple[Any, ...]) -> dict[str, Any]:
    """The result as the network writes it: {"Output", "Messages", "Spawns", "Assignments"} or {"Error"}."""
    kind = raw[0]
    if kind == FAST:
        _, _, data, prompt, test, count, *rest = raw
        output: dict[str, Any] = {"data": text(data), "prompt": text(prompt)}
        if test is True:
            output["print"] = True
        else:
            output["test"] = text(test)
        messages = []
        at = 0
        for _ in range(count):
            target, body, anchor, tags = rest[at : at + 4]
            at += 4
            message: dict[str, Any] = {"Target": text(target)}
            if body is not None:
                message["Data"] = text(body)
            message["Anchor"] = text(anchor)
            pairs: list[dict[str, Any]] = []
            if tags < 0:
                pairs = [{"name": name, "value": value} for name, value in _FIRST_TAGS]
                tags = -1 - tags
            end = at + 2 * tags
            pairs += [{"name": text(rest[i]), "value": text(rest[i + 1])} for i in range(at, end, 2)]
            message["Tags"] = pairs
            at = end
            messages.append(message)
        return {"Output": output, "Messages": messages, "Spawns": [], "Assignments": []}
    if kind == FAILED:
        return {"Error": text(raw[2])}
    wire = from_json(raw[2])
    if not isinstance(wire, dict):
        wire = {}  # an empty table is `[]` in the network's JSON
    # An error of any value counts, as in the network's loader: there only these are no error.
    if wire.get("Error") not in (None, False, 0, ""):
        return {"Error": wire["Error"]}
    return {"Output": wire.get("Output"), **{name: wire.get(name) or [] for name in _LISTS}}


def reason(raw: tuple[Any, ...]) -> dict[str, Any]:
    """What is known of a failed evaluation.

    Message, chunk, line, handler, limit, frames (chunk, line, name, whether it is the process's own Data), boot
    (whether the place is there).
    """
    if raw[0] == JSON:
        error = to_wire(raw)["Error"]
        raw = (
            FAILED,
            raw[1],
            error.encode() if isinstance(error, str) else json.dumps(error).encode(),
            None,
            None,
            None,
        )
    body, hit, message, handler = (_maybe_text(value) for value in raw[2:6])
    frames = []
    for at in range(6, len(raw) - 2, 3):
        origin = _maybe_text(raw[at]) or "?"
        from_file = _FROM_FILE.match(origin)
        name = from_file[1] if from_file else origin
        boot = from_file is not None and name == "aos"
        frames.append((name, raw[at + 1], _maybe_text(raw[at + 2]), boot))
    if message is None:
        message = _last_words(body or "")
    chunk: str | None = None
    line: int | None = None
    end = 0
    for place in _POSITION.finditer(message):
        # The innermost position stands last before the text.
        if place.start() and not message[: place.start()].endswith(": "):
            break
        chunk, line = place[1], int(place[2])
        end = place.end()
    if chunk is not None:
        message = message[end:]
    elif frames:
        chunk, line = frames[0][0], frames[0][1]
    boot = any(frame[3] and frame[:2] == (chunk, line) for frame in frames)
    return {
        "message": message,
        "chunk": chunk,
        "line": line,
        "handler": handler,
        "frames": frames,
        "limit": hit,
        "boot": boot,
    }


def _maybe_text(value: Any) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def _last_words(error: str) -> str:
    """The message within the text of an Error: what follows its last `error:` line, without colours."""
    plain = re.sub(r"\x1b\[\d*m", "", error)
    return plain.rsplit("error:\n", 1)[-1].strip()


__all__ = ["failed", "reason", "to_wire"]
