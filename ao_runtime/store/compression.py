"""zlib, as far as it is worth its time: states are large, and much of what they hold are ids that look like chance."""

from __future__ import annotations

import zlib

__all__ = ["compress"]

_SAMPLE = 1 << 15
#: Where more than this share of the bytes would be left, repetitions are not looked for: that takes most of the time.
_REPETITIVE = 0.55


def compress(data: bytes | memoryview) -> bytes:
    """The data as a zlib stream; the same for the same data."""
    middle = max(0, len(data) // 2 - _SAMPLE // 2)
    sample = data[middle : middle + _SAMPLE]
    repetitive = len(data) <= _SAMPLE or len(zlib.compress(sample, 1)) < _REPETITIVE * len(sample)
    strategy = zlib.Z_DEFAULT_STRATEGY if repetitive else zlib.Z_HUFFMAN_ONLY
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return packer.compress(data) + packer.flush()
