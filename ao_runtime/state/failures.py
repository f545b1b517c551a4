"""From what an engine says of a failure to what people are told. It is decided here, and nowhere else.

`models.explain` shows it: in the command, in Python and as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..models import FAILED, JSON, Answer, Failure, Frame, message_in, place_in, to_json, to_wire

__all__ = ["failure_of"]

# Chunk names of the developer's files, which read like the network's in the process and are others to us; the one
# called `aos` is the process's own Data.
_FROM_FILE = re.compile(r'=\[string "(.*)"\]\Z', re.DOTALL)


def failure_of(raw: Answer, *, path_of: Callable[[str], str | None], boot_file: str | None, unstarted: bool) -> Failure:
    """Why an evaluation failed.

    `path_of` gives the file of a chunk of the project's; `boot_file` is the file of the process's own Data;
    `unstarted` says that it is the process's own message.
    """
    if raw[0] == JSON:
        error = to_wire(raw)["Error"]
        raw = (FAILED, raw[1], (error if isinstance(error, str) else to_json(error)).encode(), None, None, None)
    body, limit, message, handler = (_text(value) for value in raw[2:6])
    frames = []
    # Code at boot has no other chunk name than an Eval's; only the frames tell them apart.
    at_boot = set()
    for at in range(6, len(raw) - 2, 3):
        origin, line = _text(raw[at]) or "?", raw[at + 1]
        from_file = _FROM_FILE.match(origin)
        chunk = from_file[1] if from_file else origin
        boot = from_file is not None and chunk == "aos"
        if boot:
            at_boot.add((chunk, line))
        frames.append(Frame(chunk, line, _text(raw[at + 2]), boot_file if boot else path_of(chunk)))
    place = place_in(message_in(body or "") if message is None else message)
    chunk_, line_ = place.chunk, place.line
    if chunk_ is None and frames:
        chunk_, line_ = frames[0].chunk, frames[0].line
    file = None
    if chunk_ is not None:
        boot = (chunk_, line_) in at_boot or (chunk_ == "aos" and not frames and unstarted)
        file = boot_file if boot else path_of(chunk_)
    return Failure(place.message, chunk_, line_, handler, tuple(frames), limit, file)  # type: ignore[arg-type]


def _text(value: object) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None
