"""What an engine answers to one message: a tuple, and the result that it stands for as the network writes it.

Its first value is its kind, the second the instructions that were used (`lua/vm/border` has the rest):

- `FAST`: an output and messages, all of them text
- `JSON`: the result as the network's JSON
- `FAILED`: the text of the error, and what is known of where
"""

from __future__ import annotations

from typing import Any

from .encoding import text
from .json_text import from_json

__all__ = ["FAILED", "FAST", "JSON", "Answer", "failed", "to_wire"]

#: What `Engine.evaluate` gives.
Answer = tuple[Any, ...]
FAST, JSON, FAILED = 1, 2, 3

#: The tags that every message begins with; an evaluation leaves them out of what it returns.
_FIRST_TAGS = (("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"))
_LISTS = ("Messages", "Spawns", "Assignments")


def failed(raw: Answer) -> bool:
    """Whether the evaluation ended in an error, so that the state it left is not to be kept."""
    if raw[0] == JSON and b'"Error"' in raw[2]:
        return "Error" in to_wire(raw)
    return raw[0] == FAILED  # type: ignore[no-any-return]


def to_wire(raw: Answer) -> dict[str, Any]:
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
