"""When two results of one message are the same, and what differs where they are not (docs/conformance.md).

1. Positions in the reference's own files go; those in the process's code stay, and count.
2. Of an `Error`, what follows the last `error:` line counts, without colours. Where the reference complains about its
   own `.process` (it crashed on an error value that is no string), any `Error` will do.
3. The protocol's own tags come first, in order; the others may come in any order.
4. Addresses are equal to one another, and so are versions in a prompt.
5. Text that may be made from a table of several keys is compared as a multiset of its characters.
6. Numbers are equal as floats; bytes that are no UTF-8 are equal to the U+FFFD that JavaScript makes of them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..models import to_json

__all__ = ["MISSING", "Differing", "differences", "equal"]

#: A position in one of the reference's own files, also within a quoted text; positions in the process's code stay.
_OWN_POSITION = re.compile(r'\[string \\?"(?:\.[^"\\]*|ao|json|handlers|process)\\?"\]:\d+: ')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_VERSION = re.compile(r"aos-\d+\.\d+\.\d+")
_CRASH = re.compile(r'\[string "\.process"\]:\d+: attempt to concatenate a \w+ value \(local \'result\'\)')
#: The protocol's own tags end with the reference; what follows may come in any order.
_REFERENCE_TAGS = ("Reference", "Ref_")
_OUTBOXES = ("Messages", "Spawns", "Assignments")


class _Missing:
    """What a side has where it has nothing."""

    def __repr__(self) -> str:
        return "(nothing)"


MISSING = _Missing()


@dataclass(frozen=True)
class Differing:
    """One place where two results differ: its path, and what each has there (`MISSING`: nothing)."""

    path: str
    ours: Any
    theirs: Any


def equal(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Whether `ours` is the reference's answer `theirs`, by the rules. Both are results in wire form."""
    return next(iter(_walk(ours, theirs)), None) is None


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Differing]:
    """What differs between two results in wire form; nothing where they are the same by the rules."""
    return list(_walk(ours, theirs))


def _walk(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Differing]:
    # What JavaScript recorded has U+FFFD where there were bytes that are no UTF-8.
    replaced = "\ufffd" in to_json(theirs)
    ours, theirs = _texts(ours, "replace" if replaced else "surrogateescape"), _texts(theirs, "surrogateescape")
    mine, other = ours.get("Error"), theirs.get("Error")
    failed, should_fail = mine not in (None, False), other not in (None, False)
    if failed or should_fail:
        if failed and should_fail and (_is_crash(other) or _same(_error(mine), _error(other))):
            return
        yield Differing("Error", mine if failed else MISSING, other if should_fail else MISSING)
        return
    yield from _value("Output", ours.get("Output"), theirs.get("Output"))
    for outbox in _OUTBOXES:
        # An empty Lua table has one JSON form; nobody can tell a list from an object.
        yield from _outbox(outbox, ours.get(outbox) or [], theirs.get(outbox) or [])


def _texts(value: Any, errors: str) -> Any:
    """The same value with text instead of bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors)
    if isinstance(value, dict):
        return {_texts(key, errors): _texts(item, errors) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item, errors) for item in value]
    return value


def _outbox(name: str, ours: Any, theirs: Any) -> Iterator[Differing]:
    if not isinstance(ours, list) or not isinstance(theirs, list):
        yield from _value(name, ours, theirs)
        return
    for index in range(max(len(ours), len(theirs))):
        path = f"{name}[{index}]"
        if index >= len(ours):
            yield Differing(path, MISSING, theirs[index])
        elif index >= len(theirs):
            yield Differing(path, ours[index], MISSING)
        else:
            yield from _sent(path, ours[index], theirs[index])


def _sent(path: str, ours: Any, theirs: Any) -> Iterator[Differing]:
    """One message, spawn or assignment; only its Data may be text made of keys."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        if not _same(ours, theirs):
            yield Differing(path, ours, theirs)
        return
    for key in {**ours, **theirs}:
        mine, other = ours.get(key), theirs.get(key)
        if key == "Tags":
            yield from _tags(f"{path}.Tags", mine, other)
        elif key == "Data" and isinstance(mine, str) and isinstance(other, str):
            if not _same_text(mine, other):
                yield Differing(f"{path}.Data", mine, other)
        elif not _same(mine, other):
            yield Differing(f"{path}.{key}", _shown(mine), _shown(other))


def _tags(path: str, ours: Any, theirs: Any) -> Iterator[Differing]:
    """The protocol's own tags in order, the others in any; what is no tag may stand among them."""
    if not isinstance(ours, list) or not isinstance(theirs, list):
        if not _same(ours, theirs):
            yield Differing(path, _shown(ours), _shown(theirs))
        return
    (own, others), (their_own, their_others) = _split(ours), _split(theirs)
    if _same(own, their_own) and others == their_others:
        return
    only, their_only = _without(ours, theirs), _without(theirs, ours)
    if only or their_only:
        ours, theirs = only, their_only
    yield Differing(path, ours, theirs)


def _without(tags: list[Any], others: list[Any]) -> list[Any]:
    """The tags that are not among the others."""
    counts = Counter(map(_key, others))
    counts.subtract(map(_key, tags))
    return [tag for tag in tags if counts[_key(tag)] < 0]


def _split(tags: list[Any]) -> tuple[list[Any], list[str]]:
    for index, tag in enumerate(tags):
        if isinstance(tag, dict) and tag.get("name") in _REFERENCE_TAGS:
            return tags[: index + 1], sorted(map(_key, tags[index + 1 :]))
    return tags, []


def _key(value: Any) -> str:
    """The same text for the same value, numbers as floats, without addresses."""
    return _ADDRESS.sub("0x", json.dumps(json.loads(to_json(value), parse_int=float), sort_keys=True))


def _value(path: str, ours: Any, theirs: Any) -> Iterator[Differing]:
    """The output: every text of it, at any depth. A key whose value is null is not there."""
    if isinstance(ours, str) and isinstance(theirs, str):
        if not _same_text(ours, theirs):
            yield Differing(path, ours, theirs)
    elif isinstance(ours, dict) and isinstance(theirs, dict):
        for key in {**ours, **theirs}:
            yield from _value(f"{path}.{key}", ours.get(key), theirs.get(key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _value(f"{path}[{index}]", mine, other)
    elif not _same(ours, theirs):
        yield Differing(path, _shown(ours), _shown(theirs))


def _shown(value: Any) -> Any:
    return MISSING if value is None else value


def _same(ours: Any, theirs: Any) -> bool:
    """Whether two JSON values are equal, where true is not 1."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_same(value, theirs[key]) for key, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        # JavaScript writes 9.2233720368548e+18 as 9223372036854800000.
        return ours == theirs or _as_float(ours) == _as_float(theirs)
    return bool(ours == theirs)


def _as_float(number: float) -> float | None:
    try:
        return float(number)
    except OverflowError:
        return None


def _plain(text: str) -> str:
    """Text without positions in the reference's files, addresses and the version."""
    text = _OWN_POSITION.sub("", text)
    text = _ADDRESS.sub("0x", text)
    return _VERSION.sub("aos", text)


def _same_text(ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    ours, theirs = _plain(ours), _plain(theirs)
    if ours == theirs:
        return True
    return _made_of_keys(ours) and _made_of_keys(theirs) and Counter(ours) == Counter(theirs)


def _made_of_keys(text: str) -> bool:
    """Whether a text may be a table of several keys, whose order is free."""
    return "\n" in text or "{" in text or ": " in text


def _error(error: Any) -> Any:
    """What counts of an error: the part after the last `error:` line, without colours."""
    if not isinstance(error, str):
        return error
    text = _COLOUR.sub("", _plain(error))
    _, mark, rest = text.rpartition("error:\n")
    return (rest if mark else text).strip()


def _is_crash(error: Any) -> bool:
    return isinstance(error, str) and _CRASH.match(error) is not None
