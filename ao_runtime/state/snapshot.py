"""A moment of a process as bytes: the container that `Process.snapshot` gives and `Process.restore` takes.

::

    magic                   12 bytes
    version                 u16, little-endian like all that follows
    size of the header      u32
    header                  JSON: how the process was started, the moment, the sizes of the parts
    blocks                  of up to 1 MB each: size packed u32, size u32, zlib
    digest                  BLAKE2b of all before it, 32 bytes

The blocks, unpacked and put together, are the parts one after the other: an index (JSON: what was read from outside,
and the messages since the state was saved), what these hold, and the engine's state.

The digest is looked at before anything else. It keeps out what is damaged, not what somebody made on purpose: so
everything in here is read with care, and nothing of it is run but by the process's own engine.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite
from struct import Struct
from typing import Any

from ..errors import InputError, SnapshotError
from ..models import Limits, from_json, to_json
from ..store import Damaged, Entry, check_row, compress, from_row, to_row
from .journal import Checkpoint, Kept
from .reads import Read

__all__ = ["Moment", "read_snapshot", "write_snapshot"]

__tracebackhide__ = True

MAGIC = b"\x89ao-state\r\n\x1a"
VERSION = 1
_VERSION, _SIZE, _BLOCK = Struct("<H"), Struct("<I"), Struct("<II")
_BLOCK_SIZE = 1 << 20
_DIGEST = 32
#: Bytes of all parts together that are read at most, where a process may use any amount of memory.
_LARGEST = 1 << 32


@dataclass(frozen=True)
class Moment:
    """All that a process is made from again."""

    genesis: dict[str, Any]
    base: Checkpoint
    #: The messages since `base`, those that failed too.
    since: list[Kept]
    reads: list[Read]


def write_snapshot(moment: Moment) -> bytes:
    """The moment as bytes: the same for the same moment."""
    base = moment.base
    rows = [
        to_row(Entry(base.position + number, packed, instructions, None, b"", 0, bad))
        for number, (packed, instructions, bad) in enumerate(moment.since)
    ]
    index = to_json(
        {
            "reads": [[kind, name, None if content is None else len(content)] for kind, name, content in moment.reads],
            "since": [[len(row[1]), row[2], bool(row[6])] for row in rows],
        }
    ).encode()
    contents = b"".join([*(content for _, _, content in moment.reads if content), *(row[1] for row in rows)])
    state = base.state or b""
    header = {
        "birth": moment.genesis,
        "count": base.position + len(rows),
        "base": {
            "position": base.position,
            "fresh": base.state is None,
            "timestamp": _told(base.timestamp),
            "height": _told(base.height),
            "unborn": base.unstarted,
        },
        "sizes": [len(index), len(contents), len(state)],
    }
    head = to_json(header).encode()
    parts = [MAGIC, _VERSION.pack(VERSION), _SIZE.pack(len(head)), head]
    for size, block in _packed([index, contents, state]):
        parts += [_BLOCK.pack(len(block), size), block]
    digest = blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(part)
    return b"".join([*parts, digest.digest()])


def read_snapshot(data: bytes, limits: Limits) -> Moment:
    """The moment that `write_snapshot` made bytes of. No more is unpacked than a process with such limits can hold.

    Raises `SnapshotError` for anything else.
    """
    most = _LARGEST if limits.memory is None else 2 * limits.memory + (64 << 20)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InputError(f"a snapshot is bytes, found a {type(data).__name__}", field="snapshot")
    data = bytes(data)
    start = len(MAGIC) + _VERSION.size
    if data[: len(MAGIC)] != MAGIC[: len(data)] or not data:
        raise SnapshotError("is no snapshot of ao-runtime", advice="process.snapshot() makes one")
    if len(data) < start + _SIZE.size + _DIGEST:
        raise _damaged("it is cut short")
    (version,) = _VERSION.unpack_from(data, len(MAGIC))
    if blake2b(memoryview(data)[:-_DIGEST], digest_size=_DIGEST).digest() != data[-_DIGEST:]:
        raise _damaged("it is not whole, or not what was written")
    if version != VERSION:
        raise SnapshotError(
            f"is a snapshot of version {version}, and this ao-runtime knows {VERSION}",
            advice="use the ao-runtime that wrote it",
        )
    try:
        return _read(memoryview(data)[start:-_DIGEST], most)
    except (InputError, KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, zlib.error):
        raise _damaged("what is in it makes no sense") from None


def _read(data: memoryview, most: int) -> Moment:
    (size,) = _SIZE.unpack_from(data)
    blocks = _SIZE.size + size
    header = from_json(bytes(data[_SIZE.size : blocks]))
    sizes = header["sizes"]
    if len(sizes) != 3 or any(type(size) is not int or size < 0 for size in sizes):
        raise ValueError
    if sum(sizes) > most:
        raise SnapshotError(
            f"holds {sum(sizes)} bytes, more than the {most} that the process's memory limit lets in",
            advice="limits={'memory': ...} gives more",
        )
    body = memoryview(b"".join(_unpacked(data[blocks:], sum(sizes))))
    index = json.loads(bytes(body[: sizes[0]]))
    at = sizes[0]
    contents_end = at + sizes[1]
    reads: list[Read] = []
    for kind, name, length in index["reads"]:
        if kind not in ("module", "file") or type(name) is not str:
            raise ValueError
        content = None
        if length is not None:
            content = _slice(body, at, length, contents_end)
            at += length
        reads.append((kind, name, content))
    base = _base(header["base"])
    since: list[Kept] = []
    for length, instructions, bad in index["since"]:
        message = _slice(body, at, length, contents_end)
        at += length
        try:
            row = check_row([base.position + len(since), message, instructions, None, b"", 0, int(bad)])
            entry = from_row(row, [])
        except Damaged:
            raise ValueError from None
        since.append((entry.packed, entry.instructions, entry.failed))
    if at != contents_end or header["count"] != base.position + len(since) or not isinstance(header["birth"], dict):
        raise ValueError
    if header["base"]["fresh"] is False:
        base = Checkpoint(base.position, bytes(body[contents_end:]), base.timestamp, base.height, base.unstarted)
    elif sizes[2] or (base.position and not base.unstarted):
        # An engine that has seen nothing is the process before its first message.
        raise ValueError
    return Moment(header["birth"], base, since, reads)


def _base(told: dict[str, Any]) -> Checkpoint:
    position, unstarted = told["position"], told["unborn"]
    if type(position) is not int or not 0 <= position < 1 << 62 or type(unstarted) is not bool:
        raise ValueError
    return Checkpoint(position, None, _number(told["timestamp"]), _number(told["height"]), unstarted)


def _told(value: float | str) -> Any:
    """A number or digits, as JSON may have it: that knows neither infinity nor what is no number."""
    return value if isinstance(value, str) or isfinite(value) else [repr(value)]


def _number(told: Any) -> int | float | str:
    if isinstance(told, list):
        (text,) = told
        if text not in ("nan", "inf", "-inf"):
            raise ValueError
        return float(text)
    if type(told) not in (int, float, str):
        raise ValueError
    return told  # type: ignore[no-any-return]


def _slice(body: memoryview, at: int, length: Any, end: int) -> bytes:
    if type(length) is not int or not 0 <= length <= end - at:
        raise ValueError
    return bytes(body[at : at + length])


def _packed(parts: list[bytes]) -> Iterable[tuple[int, bytes]]:
    """The parts in blocks: each block's size, and the block packed."""
    whole = parts[0] + parts[1]
    # The state, by far the largest, is not copied once more.
    pieces = [
        memoryview(part)[at : at + _BLOCK_SIZE] for part in (whole, parts[2]) for at in range(0, len(part), _BLOCK_SIZE)
    ]
    if len(pieces) > 3:
        from concurrent.futures import ThreadPoolExecutor

        # zlib lets other threads of Python run.
        with ThreadPoolExecutor(2) as pool:
            return [(len(piece), block) for piece, block in zip(pieces, pool.map(compress, pieces), strict=True)]
    return [(len(piece), compress(piece)) for piece in pieces]


def _unpacked(data: memoryview, total: int) -> Iterator[bytes]:
    """The blocks, `total` bytes in all. None is unpacked further than it says, and none says more than a block has."""
    at = 0
    while at < len(data):
        packed, size = _BLOCK.unpack_from(data, at)
        at += _BLOCK.size
        if size > _BLOCK_SIZE or size > total or packed > len(data) - at or not size:
            raise ValueError
        unpacker = zlib.decompressobj()
        block = unpacker.decompress(data[at : at + packed], size + 1)
        if len(block) != size or not unpacker.eof or unpacker.unused_data:
            raise ValueError
        yield block
        at += packed
        total -= size
    if total:
        raise ValueError


def _damaged(why: str) -> SnapshotError:
    return SnapshotError(f"is damaged: {why}", advice="use another copy")
