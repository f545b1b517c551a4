"""What goes over the pipe between a child and us.

A frame is its length (u64, little-endian like all that follows) and so many bytes. To the child go requests, written by
`marshal`: it may trust us. What it answers is not trusted, since a stranger's code may have broken it: the first byte
says what a frame is, and values are written so that reading them can do no more than fail:

::

    count                   u32
    kinds                   a byte each: b (bytes), i (integer), T (true), N (none)
    numbers                 i64 each: an integer, the length of the bytes, or 0
    bytes                   all of them, one after the other
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from struct import Struct, pack, unpack_from
from typing import Any

__all__ = ["LENGTH", "Frames", "MalformedError", "framed", "read_values", "write", "write_values"]

__tracebackhide__ = True

LENGTH = Struct("<Q")
_COUNT = Struct("<I")
_CHUNK = 1 << 16


class MalformedError(Exception):
    """What came over the pipe is not what could have been sent."""


class Frames:
    """The frames that come out of a descriptor. None may be longer than `most` bytes."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._left = b""
        self.most: int | None = None

    def read(self) -> bytes:
        """The next frame. Raises `EOFError` at the end, `MalformedError` where it is too long."""
        data = self._left or os.read(self.descriptor, _CHUNK)
        while len(data) < 8:
            more = os.read(self.descriptor, _CHUNK)
            if not more:
                raise EOFError
            data += more
        end = LENGTH.unpack_from(data)[0] + 8
        if end == len(data):
            self._left = b""
            return data[8:]
        if end < len(data):
            self._left = data[end:]
            return data[8:end]
        if self.most is not None and end > self.most:
            raise MalformedError(f"a frame of {end} bytes")
        parts = [data[8:]]
        have = len(data)
        while have < end:
            # No more than what is missing: then nothing is left over, however the pipe cuts it.
            more = os.read(self.descriptor, min(end - have, 1 << 20))
            if not more:
                raise EOFError
            parts.append(more)
            have += len(more)
        self._left = b""
        return b"".join(parts)


def framed(body: bytes) -> bytes:
    """The bytes as a frame."""
    return LENGTH.pack(len(body)) + body


def write(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    done = os.write(descriptor, data)
    if done < len(data):
        view = memoryview(data)[done:]
        while view:
            view = view[os.write(descriptor, view) :]


def write_values(kind: bytes, values: Iterable[Any]) -> bytes:
    """A frame's content: its kind, and values that are bytes, whole numbers of 64 bits, True or None."""
    kinds = bytearray()
    numbers = []
    parts = []
    for value in values:
        of = type(value)
        if of is bytes:
            kinds.append(98)
            numbers.append(len(value))
            parts.append(value)
        elif of is int:
            kinds.append(105)
            numbers.append(value)
        elif value is None:
            kinds.append(78)
            numbers.append(0)
        elif value is True:
            kinds.append(84)
            numbers.append(0)
        else:
            raise TypeError(f"a {of.__name__} cannot be sent")
    count = len(numbers)
    return b"".join((kind, _COUNT.pack(count), kinds, pack(f"<{count}q", *numbers), *parts))


def read_values(body: bytes) -> tuple[bytes, tuple[Any, ...]]:
    """The kinds and the values that `write_values` wrote. Raises `MalformedError` for anything else."""
    size = len(body)
    if size < 5:
        raise MalformedError("a frame without values")
    count = _COUNT.unpack_from(body, 1)[0]
    at = 5 + 9 * count
    if at > size:
        raise MalformedError("fewer values than it says")
    kinds = body[5 : 5 + count]
    values: list[Any] = []
    append = values.append
    for kind, number in zip(kinds, unpack_from(f"<{count}q", body, 5 + count), strict=True):
        if kind == 98:
            if number < 0:
                raise MalformedError("bytes of a length below 0")
            end = at + number
            append(body[at:end])
            at = end
        elif kind == 105:
            append(number)
        elif kind == 78:
            append(None)
        elif kind == 84:
            append(True)
        else:
            raise MalformedError(f"a value of kind {kind}")
    # Had a length led too far, so would the last.
    if at != size:
        raise MalformedError("lengths that do not fit")
    return kinds, tuple(values)
