"""What is suspicious about a message or a result, though the network takes it without a word: for people.

The result itself stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .near import near_field

__all__ = ["of_given", "of_result"]

#: The standard's limits on a data item's tags (ANS-104), and what a scheduler takes of one item.
MOST_TAGS, LONGEST_NAME, LONGEST_VALUE, MOST_TAG_BYTES, LARGEST = 128, 1024, 3072, 4096, 102_400


def of_given(keys: Iterable[Any]) -> Iterator[str]:
    """Root keys of a message that are no field, and look as if they were meant for one."""
    for key in keys:
        field = near_field(key) if isinstance(key, str) else None
        if field is not None:
            yield f"the message's key {key!r} is a tag: did you mean {field}?"


def of_result(wire: dict[str, Any]) -> Iterator[str]:
    """What the network would not deliver, or not as it was meant."""
    for name, one in (("Messages", "message"), ("Spawns", "spawn")):
        items = wire.get(name)
        for number, item in enumerate(items if isinstance(items, list) else [], 1):
            what = f"{one} {number}"
            if not isinstance(item, dict):
                yield f"{what} is no table"
                continue
            if one == "message":
                yield from _target(what, item)
            yield from _tags(what, item)
            data = item.get("Data")
            size = len(_bytes(data)) if isinstance(data, (str, bytes)) else 0
            if size > LARGEST:
                yield f"{what} has {size} bytes of Data: schedulers take {LARGEST} in all"


def _target(what: str, item: dict[str, Any]) -> Iterator[str]:
    target = item.get("Target")
    if target is None or target == "":
        yield f"{what} has no Target: nobody gets it"
    elif not isinstance(target, str):
        yield f"{what} has a Target that is {_kind(target)}: nobody gets it"


def _tags(what: str, item: dict[str, Any]) -> Iterator[str]:
    tags = item.get("Tags")
    if not isinstance(tags, list):
        return
    total = 0
    for tag in tags:
        if not isinstance(tag, dict):
            yield f"{what} has a tag that is {_kind(tag)}"
            continue
        name, value = tag.get("name"), tag.get("value")
        if not isinstance(name, (str, bytes)):
            yield f"{what} has a tag whose name is {_kind(name)}: the network does not deliver it (tostring it)"
            continue
        shown = _shown(name)
        if not isinstance(value, (str, bytes)):
            yield f"{what}: the tag {shown} is {_kind(value)}, which the network does not deliver (tostring it)"
            continue
        sizes = len(_bytes(name)), len(_bytes(value))
        total += sum(sizes)
        if not sizes[0] or not sizes[1]:
            which = "value" if sizes[0] else "name"
            yield f"{what}: the tag {shown} has an empty {which}, which the standard does not allow"
        if sizes[0] > LONGEST_NAME:
            yield f"{what}: the tag {shown} has a name of {sizes[0]} bytes: the standard allows {LONGEST_NAME}"
        if sizes[1] > LONGEST_VALUE:
            yield f"{what}: the tag {shown} has {sizes[1]} bytes: the standard allows {LONGEST_VALUE} (Data has room)"
    if len(tags) > MOST_TAGS:
        yield f"{what} has {len(tags)} tags: the standard allows {MOST_TAGS}"
    if total > MOST_TAG_BYTES:
        yield f"{what} has {total} bytes of tags: the network takes {MOST_TAG_BYTES} (Data has room)"


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def _shown(name: str | bytes) -> str:
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return text if len(text) <= 40 else f"{text[:37]}..."


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, (dict, list, tuple)):
        return "a table"
    return "missing" if value is None else "no text"
