"""Whether what a child gives is an answer of an engine (`models.answer`): what is read from it later must not fail."""

from __future__ import annotations

import re
from typing import Any

from ..models import FAILED, FAST, JSON
from .wire import MalformedError, read_values, write_values

__all__ = ["ANSWER", "read_answer", "write_answer"]

__tracebackhide__ = True

#: The kind of a frame that holds an answer.
ANSWER = b"A"
_FAST = re.compile(rb"iibb[bT]i(?:b[bN]bib*)*\Z")
_FAILED = re.compile(rb"iib[bN][bN][bN](?:[bN]i[bN]ii)*\Z")
_LIMITS = (None, b"instructions", b"memory", b"time")


def write_answer(raw: tuple[Any, ...]) -> bytes:
    """An engine's answer as a frame's content."""
    try:
        return write_values(ANSWER, raw)
    except TypeError:
        # Of a failure's frames something may be of another kind where code has been at work on it.
        return write_values(ANSWER, (*raw[:2], *(v if type(v) in (bytes, int) or v is None else None for v in raw[2:])))


def read_answer(body: bytes) -> tuple[Any, ...]:
    """The answer that a frame holds. Raises `MalformedError` where it is none."""
    kinds, raw = read_values(body)
    if len(raw) < 3:
        raise MalformedError("an answer that is too short")
    kind = raw[0]
    if kind == FAST:
        if not _FAST.match(kinds):
            raise MalformedError("an answer of wrong values")
        _check_sent(kinds, raw)
    elif kind == FAILED:
        if not _FAILED.match(kinds) or raw[3] not in _LIMITS:
            raise MalformedError("a failure of wrong values")
    elif kind != JSON or kinds != b"iib":
        # Whether it is JSON is found out by whoever reads it.
        raise MalformedError("an answer of no kind")
    return raw


def _check_sent(kinds: bytes, raw: tuple[Any, ...]) -> None:
    """Messages and tags are as many as the answer says."""
    at, count, end = 6, raw[5], len(raw)
    # A message is four values at least.
    if not 0 <= count <= end:
        raise MalformedError("a number of messages that cannot be")
    for _ in range(count):
        if at + 4 > end or kinds[at + 3] != 105:
            raise MalformedError("fewer messages than it says")
        tags = raw[at + 3]
        at += 2 - 2 * tags if tags < 0 else 4 + 2 * tags
        if at > end:
            raise MalformedError("fewer tags than it says")
    if at != end or kinds.count(b"i") != 3 + count:
        raise MalformedError("more than it says")
