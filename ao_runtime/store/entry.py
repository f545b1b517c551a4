"""What a journal keeps of a message, as bytes and rows, and the digests that tie every row to all before it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..models import Packed

__all__ = [
    "DIGEST",
    "JOB",
    "LARGEST",
    "Damaged",
    "Entry",
    "Read",
    "Row",
    "check_row",
    "entry_digest",
    "from_row",
    "pack_row",
    "read_digest",
    "read_from_row",
    "read_to_row",
    "to_row",
    "unpack_row",
]

__tracebackhide__ = True

#: The kind of what no process has read: which job has brought the messages from this one on.
JOB = "job"
#: What was read from outside: its kind (`module`, `file`), its name, and its content or None where it is not there. Or
#: a `JOB`, its id, and what whoever has written it wants to know again.
Read: TypeAlias = "tuple[str, str, bytes | None]"
#: (nonce, message, instructions, timestamp, result, gas, failed)
Row: TypeAlias = "tuple[int, bytes, int | None, int | None, bytes, int, int]"

#: Bytes of a digest.
DIGEST = 16
#: Bytes that a message, a result or a file may have; a journal says no to more, when it writes and when it reads.
LARGEST = 1 << 28


class Damaged(Exception):
    """Bytes or a row that no journal of ours holds; whoever knows the file and the row says so."""


@dataclass(slots=True)
class Entry:
    """One message that was evaluated, and what came of it.

    nonce
        Its position: 0, 1, 2, …
    packed
        The message, as the engine took it.
    instructions
        The limit that it ran under; None is no limit.
    timestamp
        The message's.
    result
        JSON, as the network writes it.
    gas
        Instructions that it used.
    failed
        Whether it ended in an error, and left no trace.
    reads
        What was read from outside first while it was evaluated.
    """

    nonce: int
    packed: Packed
    instructions: int | None
    timestamp: int | None
    result: bytes
    gas: int
    failed: bool
    reads: list[Read] = field(default_factory=list)
    #: Where it stands in a network, as whoever has it there writes that down; None for a process alone.
    place: bytes | None = None
    #: What brought it: no other message of the process has the same.
    origin: bytes | None = None


# ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────


def to_row(entry: Entry) -> Row:
    """The columns of an entry, without its reads. A number that needs more than 64 bits is kept as None."""
    return (
        entry.nonce,
        _message_bytes(entry.packed),
        _small(entry.instructions),
        _small(entry.timestamp),
        entry.result,
        entry.gas,
        int(entry.failed),
    )


def from_row(row: Row, reads: list[Read]) -> Entry:
    """The entry that `to_row` made the row of. Raises `Damaged` for a message that is none."""
    nonce, message, instructions, timestamp, result, gas, failed = row
    return Entry(nonce, _message(message), instructions, timestamp, result, gas, bool(failed), reads)


def check_row(row: Sequence[Any]) -> Row:
    """The row, if its columns are of an entry's types. Raises `Damaged` for any other."""
    nonce, message, instructions, timestamp, result, gas, failed = row
    if (
        type(nonce) is not int
        or type(message) is not bytes
        or (instructions is not None and type(instructions) is not int)
        or (timestamp is not None and type(timestamp) is not int)
        or type(result) is not bytes
        or type(gas) is not int
        or type(failed) is not int
        or failed not in (0, 1)
    ):
        raise Damaged
    return nonce, message, instructions, timestamp, result, gas, failed


def read_to_row(read: Read) -> tuple[bytes, bytes, bytes | None]:
    """The columns of something that was read from outside."""
    kind, name, content = read
    return kind.encode("utf-8", "surrogatepass"), name.encode("utf-8", "surrogatepass"), content


def read_from_row(kind: Any, name: Any, content: Any) -> Read:
    """What `read_to_row` made the columns of. Raises `Damaged` for any others."""
    if type(kind) is not bytes or type(name) is not bytes or type(content) not in (bytes, type(None)):
        raise Damaged
    try:
        return kind.decode("utf-8", "surrogatepass"), name.decode("utf-8", "surrogatepass"), content
    except UnicodeDecodeError:
        raise Damaged from None


_FIELDS = struct.Struct("<qqqqBqqq")
_READ = struct.Struct("<qqqq")


def entry_digest(
    before: bytes, row: Row, reads: Sequence[Read], place: bytes | None = None, origin: bytes | None = None
) -> bytes:
    """The digest of an entry: of all its fields, and of the digest before it."""
    nonce, message, instructions, timestamp, result, gas, failed = row
    # Which numbers are None, and whether it failed.
    flags = failed | (2 if instructions is None else 0) | (4 if timestamp is None else 0)
    parts = _FIELDS.pack(nonce, instructions or 0, timestamp or 0, gas, flags, len(message), len(result), len(reads))
    digest = blake2b(before + parts + message + result, digest_size=DIGEST)
    for read in reads:
        digest.update(_read_bytes(nonce, read))
    if place is not None or origin is not None:
        for part in (place, origin):
            digest.update(_NUMBER.pack(-1 if part is None else len(part)) + (part or b""))
    return digest.digest()


def read_digest(before: bytes, nonce: int, read: Read) -> bytes:
    """The digest of one thing that was read from outside, in the chain of these."""
    return blake2b(before + _read_bytes(nonce, read), digest_size=DIGEST).digest()


def _read_bytes(nonce: int, read: Read) -> bytes:
    kind, name, content = read_to_row(read)
    length = -1 if content is None else len(content)
    return _READ.pack(nonce, len(kind), len(name), length) + kind + name + (content or b"")


def _small(number: int | None) -> int | None:
    return number if number is not None and -(2**63) <= number < 2**63 else None


# ── a message as bytes, from which the very same message can be made again ─────────────────────────────────────
#
# First a byte that says which: BYTES, and the bytes; or SHAPE, and a row of names, and a row of values. A row is the
# number of its items; for each its length, or below zero its kind; then the items' bytes.

_BYTES, _SHAPE = b"\x00", b"\x01"
_NONE, _TRUE, _FALSE, _INTEGER, _FLOAT = -1, -2, -3, -4, -5
_COUNT = struct.Struct("<I")
_NUMBER = struct.Struct("<q")
_DOUBLE = struct.Struct("<d")


def _message_bytes(packed: Packed) -> bytes:
    if isinstance(packed, bytes):
        return _BYTES + packed
    names, values = packed
    return _names_bytes(names) + pack_row(values)


@lru_cache(maxsize=256)
def _names_bytes(names: tuple[str | None, ...]) -> bytes:
    return _SHAPE + pack_row([None if name is None else name.encode("utf-8", "surrogatepass") for name in names])


def pack_row(items: Sequence[Any]) -> bytes:
    """Bytes, numbers, truths and None as bytes; anything else is None then."""
    lengths = []
    parts = []
    for item in items:
        kind = type(item)
        if kind is bytes:
            lengths.append(len(item))
            parts.append(item)
        elif kind is bool:
            lengths.append(_TRUE if item else _FALSE)
        elif kind is int:
            lengths.append(_INTEGER)
            parts.append(_NUMBER.pack(item))
        elif kind is float:
            lengths.append(_FLOAT)
            parts.append(_DOUBLE.pack(item))
        else:
            lengths.append(_NONE)
    return struct.pack(f"<I{len(lengths)}i", len(lengths), *lengths) + b"".join(parts)


def _message(data: bytes) -> Packed:
    try:
        if data[:1] == _BYTES:
            return data[1:]
        if data[:1] != _SHAPE:
            raise Damaged
        end = _row_end(data, 1)
        names = _names(data[1:end])
        values, last = _row(data, end)
        # As many values as there are names, but for the None that stands between keys and tags.
        if last != len(data) or names.count(None) != 1 or len(values) != len(names) - 1 or None in values:
            raise Damaged
        return names, values
    except (struct.error, UnicodeDecodeError):
        raise Damaged from None


def unpack_row(data: bytes) -> tuple[Any, ...]:
    """What `pack_row` has packed. Raises `Damaged`, or `struct.error`, for anything else."""
    items, end = _row(data, 0)
    if end != len(data):
        raise Damaged
    return items


def _row(data: bytes, at: int) -> tuple[tuple[Any, ...], int]:
    lengths, at = _lengths(data, at)
    items: list[Any] = []
    for length in lengths:
        if length >= 0:
            items.append(data[at : at + length])
            at += length
        elif length == _INTEGER:
            items.append(_NUMBER.unpack_from(data, at)[0])
            at += 8
        elif length == _FLOAT:
            items.append(_DOUBLE.unpack_from(data, at)[0])
            at += 8
        elif length in (_TRUE, _FALSE):
            items.append(length == _TRUE)
        else:
            items.append(None)
    if at > len(data):
        raise Damaged
    return tuple(items), at


def _row_end(data: bytes, at: int) -> int:
    lengths, at = _lengths(data, at)
    return at + sum(length for length in lengths if length > 0)


def _lengths(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    (count,) = _COUNT.unpack_from(data, at)
    at += 4
    if count * 4 > len(data) - at:
        raise Damaged
    return struct.unpack_from(f"<{count}i", data, at), at + 4 * count


@lru_cache(maxsize=256)
def _names(data: bytes) -> tuple[str | None, ...]:
    """Names from their row. The same names are the same tuple: the engine knows a shape sooner."""
    items, end = _row(data, 0)
    if end != len(data) or any(type(item) is not bytes and item is not None for item in items):
        raise Damaged
    return tuple(None if item is None else item.decode("utf-8", "surrogatepass") for item in items)
