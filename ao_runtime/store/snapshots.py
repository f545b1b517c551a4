"""States beside the messages: an economy only, so what is damaged is passed over, and old ones make room."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from hashlib import blake2b

from .compression import compress
from .entry import DIGEST, Damaged

__all__ = ["LARGEST", "digest", "pack", "thin", "unpack"]

__tracebackhide__ = True

#: Bytes of a state, packed; and unpacked.
LARGEST, LARGEST_UNPACKED = 1 << 29, 1 << 32
_HEADER = struct.Struct("<qqq")
_SAMPLE = 1 << 16


def pack(state: bytes) -> tuple[bytes, bool]:
    """The state, smaller if that is worth it, and whether it is."""
    sample = state[:_SAMPLE]
    if len(zlib.compress(sample, 1)) > 0.9 * len(sample):
        return state, False
    return compress(state), True


def unpack(data: bytes, size: int, packed: bool) -> bytes:
    """The state again. Raises `Damaged` for anything but `size` bytes."""
    if not packed:
        state = data
    else:
        if not 0 <= size <= LARGEST_UNPACKED:
            raise Damaged
        decompressor = zlib.decompressobj()
        try:
            state = decompressor.decompress(data, size + 1)
        except zlib.error:
            raise Damaged from None
        if not decompressor.eof or decompressor.unused_data:
            raise Damaged
    if len(state) != size:
        raise Damaged
    return state


def digest(history: bytes, count: int, size: int, packed: bool, data: bytes) -> bytes:
    """What a snapshot is checked by: it belongs to one moment of one history."""
    found = blake2b(history + _HEADER.pack(count, size, packed), digest_size=DIGEST)
    found.update(data)
    return found.digest()


def thin(counts: Iterable[int]) -> list[int]:
    """Which snapshots may go: two of the newest stay, and one for each time that the way back to it doubles."""
    newest, *older = sorted(counts, reverse=True)
    taken: dict[int, int] = {}
    gone = []
    for count in older[1:]:
        distance = (newest - count).bit_length()
        # The oldest of those that are equally far stays: it is the one that will be far for longest.
        if distance in taken:
            gone.append(taken[distance])
        taken[distance] = count
    return gone
