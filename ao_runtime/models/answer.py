"""What an engine answers to one message: a tuple, and the result that it stands for as the network writes it.

Its first value is its kind, the second the instructions that were used (`lua/vm/border` has the rest):

- `FAST`: an output and messages, all of them text
- `JSON`: the result as the network's JSON
- `FAILED`: the text of the error, and what is known of where
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

from ..errors import InputError
from .encoding import MAX_DEPTH, text
from .json_text import from_json, is_deeper

__all__ = ["FAILED", "FAST", "JSON", "NO_MEMORY", "Answer", "Sent", "failed", "output_of", "sent", "tags_of", "to_wire"]

#: What `Engine.evaluate` gives.
Answer = tuple[Any, ...]
FAST, JSON, FAILED = 1, 2, 3
#: That of an evaluation for which there was not enough memory.
NO_MEMORY: Answer = (FAILED, 0, b"memory limit reached: not enough memory", b"memory", b"memory limit reached", None)

#: The tags that every message begins with; an evaluation leaves them out of what it returns.
_FIRST_TAGS = (b"Data-Protocol", b"ao", b"Variant", b"ao.TN.1", b"Type", b"Message")
_LISTS = ("Messages", "Spawns", "Assignments")


#: A message that a process sends: Target, Data or None, Anchor, and its tags (name, value, name, value, …).
Sent: TypeAlias = "tuple[bytes, bytes | None, bytes, tuple[bytes, ...]]"


def tags_of(flat: tuple[bytes, ...]) -> list[dict[str, Any]]:
    """Tags as the network writes them, from name, value, name, value, …"""
    try:
        return [{"name": flat[i].decode(), "value": flat[i + 1].decode()} for i in range(0, len(flat), 2)]
    except UnicodeDecodeError:
        return [{"name": text(flat[i]), "value": text(flat[i + 1])} for i in range(0, len(flat), 2)]


def failed(raw: Answer) -> bool:
    """Whether the evaluation ended in an error, so that the state it left is not to be kept."""
    if raw[0] == JSON and (b'"Error"' in raw[2] or is_deeper(raw[2], MAX_DEPTH)):
        return "Error" in to_wire(raw)
    return raw[0] == FAILED  # type: ignore[no-any-return]


def output_of(raw: Answer) -> dict[str, Any]:
    """The `Output` of a `FAST` answer."""
    output: dict[str, Any] = {"data": text(raw[2]), "prompt": text(raw[3])}
    if raw[4] is True:
        output["print"] = True
    else:
        output["test"] = text(raw[4])
    return output


def sent(raw: Answer) -> Iterator[Sent]:
    """What a `FAST` answer sends."""
    at = 6
    for _ in range(raw[5]):
        tags = raw[at + 3]
        # The tags that every message begins with are left out, where the number is below 0.
        if tags < 0:
            end = at + 2 - 2 * tags
            flat = _FIRST_TAGS + raw[at + 4 : end]
        else:
            end = at + 4 + 2 * tags
            flat = raw[at + 4 : end]
        yield raw[at], raw[at + 1], raw[at + 2], flat
        at = end


def _wire_of(target: bytes, data: bytes | None, anchor: bytes, tags: tuple[bytes, ...]) -> dict[str, Any]:
    if data is None:
        return {"Target": text(target), "Anchor": text(anchor), "Tags": tags_of(tags)}
    return {"Target": text(target), "Data": text(data), "Anchor": text(anchor), "Tags": tags_of(tags)}


def to_wire(raw: Answer, most: int | None = None) -> dict[str, Any]:
    """The result as the network writes it: {"Output", "Messages", "Spawns", "Assignments"} or {"Error"}.

    Of a `FAST` answer at most so many messages.
    """
    kind = raw[0]
    if kind == FAST:
        messages = [_wire_of(*message) for message in islice(sent(raw), most)]
        return {"Output": output_of(raw), "Messages": messages, "Spawns": [], "Assignments": []}
    if kind == FAILED:
        return {"Error": text(raw[2])}
    if is_deeper(raw[2], MAX_DEPTH):
        return {"Error": f"the result is nested more than {MAX_DEPTH} deep"}
    try:
        wire = from_json(raw[2])
    except InputError as error:
        return {"Error": f"the result {error.problem}"}
    if not isinstance(wire, dict):
        wire = {}  # an empty table is `[]` in the network's JSON
    # An error of any value counts, as in the network's loader: there only these are no error.
    if wire.get("Error") not in (None, False, 0, ""):
        return {"Error": wire["Error"]}
    return {"Output": wire.get("Output"), **{name: wire.get(name) or [] for name in _LISTS}}
