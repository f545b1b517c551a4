"""The merkle tree over a transaction's data, as Arweave has it.

A leaf is a chunk: ``id = H(H(H(chunk)) || H(note))``, a branch ``H(H(left) || H(right) || H(note))``, H is SHA-256. A
note is 32 bytes, big-endian: where the chunk, or the left side, ends in the data. The root's id is the `data_root`. The
path to a chunk is, from the root down, each branch's sides and note, and then the leaf's hash and note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ..errors import ItemError

__all__ = ["LEAST", "MOST", "Tree", "cut", "hashes_of", "root_of", "walk"]

#: Bytes of a chunk, at most; and at least, but for the last one.
MOST, LEAST = 256 << 10, 32 << 10


def cut(size: int) -> list[tuple[int, int]]:
    """Where the chunks of so many bytes begin and end, as arweave-js cuts: no small one but where there is one alone.

    Where nothing is left, the last one has no bytes: it is in the tree, and nobody sends it.
    """
    found = []
    start = 0
    while size - start >= MOST:
        rest = size - start
        end = start + ((rest + 1) // 2 if 0 < rest - MOST < LEAST else MOST)
        found.append((start, end))
        start = end
    return [*found, (start, size)]


def hashes_of(data: bytes) -> list[bytes]:
    """The hashes of the chunks that data is cut into."""
    return [sha256(data[start:end]).digest() for start, end in cut(len(data))]


def root_of(data: bytes) -> bytes:
    """The root of data that is cut so."""
    return Tree(len(data), hashes_of(data)).root


@dataclass(frozen=True)
class _Node:
    id: bytes
    end: int
    #: What a path has of it: both sides and the note, or the hash and the note.
    step: bytes
    sides: tuple[_Node, _Node] | None = None


class Tree:
    """The tree of so many bytes that are cut by `cut`, and whose chunks have these hashes."""

    def __init__(self, size: int, hashes: Sequence[bytes]) -> None:
        level = [_leaf(hashed, end) for hashed, (_, end) in zip(hashes, cut(size), strict=True)]
        while len(level) > 1:
            above = [_branch(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
            level = above + level[len(above) * 2 :]
        self._top = level[0]

    @property
    def root(self) -> bytes:
        """The root's id, 32 bytes."""
        return self._top.id

    def path(self, offset: int) -> bytes:
        """The path to the chunk that has the byte at an offset, from 0 on."""
        node = self._top
        path = node.step
        while node.sides is not None:
            left, right = node.sides
            node = left if offset < left.end else right
            path += node.step
        return path


def walk(id: bytes, path: bytes, offset: int, size: int) -> tuple[int, int, bytes]:
    """Where the chunk around an offset begins and ends, and its hash, by its path from the root `id`.

    Raises an `ItemError` for a path that does not lead there.
    """
    start, end = 0, size
    while len(path) > 64:
        left, right, note = path[:32], path[32:64], path[64:96]
        middle = int.from_bytes(note, "big")
        # Sides never overlap: each offset belongs to one chunk.
        if _id(left, right, note) != id or not start < middle <= end:
            break
        id, start, end = (left, start, middle) if offset < middle else (right, middle, end)
        path = path[96:]
    else:
        hashed, note = path[:32], path[32:]
        if len(path) == 64 and _id(hashed, note) == id and int.from_bytes(note, "big") == end:
            return start, end, hashed
    raise ItemError("does not lead from the root to the chunk", field="data_path")


def _leaf(hashed: bytes, end: int) -> _Node:
    note = _note(end)
    return _Node(_id(hashed, note), end, hashed + note)


def _branch(left: _Node, right: _Node) -> _Node:
    note = _note(left.end)
    return _Node(_id(left.id, right.id, note), right.end, left.id + right.id + note, (left, right))


def _id(*parts: bytes) -> bytes:
    return sha256(b"".join(sha256(part).digest() for part in parts)).digest()


def _note(number: int) -> bytes:
    return number.to_bytes(32, "big")
