"""The tags of a data item as bytes: an Avro array of records of two strings.

An array is blocks, each a count and so many records, and ends with a block of none. Counts and lengths are zigzag
varints: 0, -1, 1, -2 … are 0, 1, 2, 3 …, seven bits a byte, low ones first, the high bit says that more follow. A
negative count is followed by the number of bytes of its block.

Only what Avro calls an array of so many tags is read, to the last byte; but of its forms every one: several blocks,
negative counts, varints longer than they had to be. Libraries write one block, and the shortest form.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ItemError
from .layout import MAX_TAG_BYTES, MAX_TAGS

__all__ = ["MAX_NAME", "MAX_VALUE", "Pair", "read_tags", "write_tags"]

#: Name and value.
Pair = tuple[bytes, bytes]

#: The most bytes of a name, and of a value: ANS-104. A name has at least one; empty values are common in ao.
MAX_NAME = 1024
MAX_VALUE = 3072

_LONGEST = 10
"""Bytes of a varint: so many hold 64 bits."""


def write_tags(tags: Sequence[Pair]) -> bytes:
    """The bytes of some tags; no bytes at all for none. Tags that no reader would take are an `ItemError`."""
    if not tags:
        return b""
    if len(tags) > MAX_TAGS:
        raise ItemError(f"are {len(tags)}; an item has at most {MAX_TAGS}", field="tags")
    parts = [_varint(len(tags))]
    for index, (name, value) in enumerate(tags):
        if not 1 <= len(name) <= MAX_NAME:
            problem = f"has {len(name)} bytes; it must have 1 to {MAX_NAME}"
            raise ItemError(problem, field=f"tags[{index}].name")
        if len(value) > MAX_VALUE:
            problem = f"has {len(value)} bytes; it may have {MAX_VALUE}"
            raise ItemError(problem, field=f"tags[{index}].value", advice=_DATA)
        parts += (_varint(len(name)), name, _varint(len(value)), value)
    parts.append(b"\0")
    written = b"".join(parts)
    if len(written) > MAX_TAG_BYTES:
        raise ItemError(f"take {len(written)} bytes; an item has at most {MAX_TAG_BYTES}", field="tags", advice=_DATA)
    return written


_DATA = "what is long belongs into the data"


def read_tags(raw: bytes, count: int, byte: int = 0) -> list[Pair]:
    """The tags in these bytes, which are at `byte` of an item that says that it has `count` of them.

    Bytes that are no such tags are an `ItemError`. Its memory is that of the bytes, whatever they say.
    """
    tags: list[Pair] = []
    at, size = 0, len(raw)
    while True:
        first = at
        block, at = _number(raw, at, "tags", byte)
        if block == 0:
            break
        end = None
        if block < 0:
            block = -block
            end, at = _length(raw, at, "tags", byte)
            end += at
        if block > count - len(tags):
            raise ItemError(f"hold more than the {count} that the item says", field="tags", byte=byte + first)
        for _ in range(block):
            start = at
            # One byte holds nearly every length: those are read here, the others by a function.
            length = raw[at] if at < size else 0xFF
            if length & 0x81:
                length, at = _length(raw, at, f"tags[{len(tags)}].name", byte)
            else:
                length >>= 1
                at += 1
            if not 1 <= length <= MAX_NAME or length > size - at:
                raise _wrong_length(length, 1, MAX_NAME, size - at, f"tags[{len(tags)}].name", byte + start)
            name = raw[at : at + length]
            start = at = at + length
            length = raw[at] if at < size else 0xFF
            if length & 0x81:
                length, at = _length(raw, at, f"tags[{len(tags)}].value", byte)
            else:
                length >>= 1
                at += 1
            if length > MAX_VALUE or length > size - at:
                raise _wrong_length(length, 0, MAX_VALUE, size - at, f"tags[{len(tags)}].value", byte + start)
            tags.append((name, raw[at : at + length]))
            at += length
        if end is not None and end != at:
            raise ItemError("have a block that is not as long as it says", field="tags", byte=byte + first)
    if at != size:
        words = f"go on for {size - at} byte{'s' * (size - at > 1)} after their end"
        raise ItemError(words, field="tags", byte=byte + at)
    if len(tags) != count:
        raise ItemError(f"are {len(tags)}, but the item says {count}", field="tags", byte=byte)
    return tags


def _wrong_length(length: int, least: int, most: int, left: int, field: str, byte: int) -> ItemError:
    if least <= length <= most:
        return ItemError(f"has {length} bytes, of which {left} are there", field=field, byte=byte)
    return ItemError(f"has {length} bytes; it must have {least} to {most}", field=field, byte=byte)


def _length(raw: bytes, at: int, field: str, byte: int) -> tuple[int, int]:
    """A length, and where it ends. One below zero is refused here: there are readers that it sends backwards."""
    length, end = _number(raw, at, field, byte)
    if length < 0:
        raise ItemError(f"has the length {length}", field=field, byte=byte + at)
    return length, end


def _number(raw: bytes, at: int, field: str, byte: int) -> tuple[int, int]:
    """The zigzag varint at a place, and where it ends."""
    value = 0
    for index in range(_LONGEST):
        if at + index >= len(raw):
            raise ItemError("the tags end early", field=field, byte=byte + len(raw))
        bits = raw[at + index]
        value |= (bits & 0x7F) << 7 * index
        if bits < 0x80:
            if value >> 64:
                break
            return (value >> 1) ^ -(value & 1), at + index + 1
    raise ItemError("the tags have a number of more than 64 bits here", field=field, byte=byte + at)


def _varint(number: int) -> bytes:
    """A number from 0 on as a zigzag varint."""
    number <<= 1
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
