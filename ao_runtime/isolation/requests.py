"""What a child can be asked, and what it sends: the numbers and letters of both, and values as requests may hold them.

A request is a tuple: what is wanted, the engine's number, and the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ASIDE",
    "DROP",
    "ERROR",
    "EVALUATE",
    "FORKED",
    "FUNCTIONLESS",
    "GET",
    "LIMIT",
    "LINE",
    "LOAD",
    "LOOK",
    "MAKE",
    "MANY",
    "OUTLINE",
    "OWNER",
    "PLAIN",
    "SAVE",
    "SETTLE",
    "TRACE",
    "WAITING",
    "WANTED",
    "plain",
]

__tracebackhide__ = True

#: LIMIT and DROP have no answer; MANY has one for each message, up to the first that failed.
MAKE, LOAD, LIMIT, EVALUATE, MANY, ASIDE, GET, OWNER, LOOK, SAVE, SETTLE, DROP, WAITING, FUNCTIONLESS, TRACE = range(15)
OUTLINE = 15
#: Beside answers to messages a child sends: bytes or none; an error; that something is wanted; a line that was printed;
#: the number of a copy of itself that evaluates.
PLAIN, ERROR, WANTED, LINE, FORKED = b"P", b"E", b"W", b"L", b"F"


def plain(value: Any) -> Any:
    """The same value, made of nothing but Python's own dicts, lists, tuples, texts, bytes and numbers.

    Raises `TypeError` for anything else in it.
    """
    if value is None or type(value) in (str, bytes, int, float, bool):
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    kind: Any
    for kind in (str, bytes, int, float):
        if isinstance(value, kind):
            # Not str(value) and the like: that asks the other class how it wants to be written.
            return kind.__new__(kind, value)
    raise TypeError(f"a {type(value).__name__} cannot be sent")
