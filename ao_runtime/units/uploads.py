"""`Uploads`: transactions whose data is still coming, in chunks. What waits is bounded in number, bytes and time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..errors import ItemError
from ..network import Item
from .arweave import Chunk, Posted

__all__ = ["Uploads"]


@dataclass
class _Waiting:
    items: dict[str, Item] = field(default_factory=dict)
    chunks: dict[int, bytes] = field(default_factory=dict)
    held: int = 0
    since: float = 0.0


class Uploads:
    """What waits, by root and size of its data; what has waited longest makes room for others.

    most, held, seconds
        Transactions at a time; bytes of their chunks; and how long one waits for its next chunk.
    """

    def __init__(self, most: int = 1000, held: int = 256 << 20, seconds: float = 600.0) -> None:
        self._most, self._held, self._seconds = most, held, seconds
        self._waiting: dict[tuple[bytes, int], _Waiting] = {}
        #: Of what is complete, so that a chunk that comes again is no error.
        self._done: dict[tuple[bytes, int], None] = {}

    def add(self, posted: Posted) -> None:
        """Wait for the chunks of a transaction."""
        key = (posted.root, posted.size)
        one = self._waiting.pop(key, None) or _Waiting()
        one.items[posted.item.id] = posted.item
        self._done.pop(key, None)
        self._touch(key, one)

    def put(self, chunk: Chunk) -> list[Item]:
        """Take a chunk; the items that are complete now, to be stored, and then `end`. Raises an `ItemError`."""
        key = (chunk.root, chunk.size)
        self._forget()
        one = self._waiting.pop(key, None)
        if one is None:
            if key in self._done:
                return []
            raise ItemError("data_root_not_found: no transaction waits for this chunk", field="data_root")
        if chunk.start not in one.chunks:
            one.chunks[chunk.start] = chunk.data
            one.held += len(chunk.data)
        self._touch(key, one)
        # Chunks of one root never overlap: so many bytes are all of them.
        if one.held < chunk.size:
            return []
        data = b"".join(one.chunks[start] for start in sorted(one.chunks))
        return [_with(item, data) for item in one.items.values()]

    def end(self, chunk: Chunk, stored: list[Item]) -> None:
        """What this chunk has completed is stored; another one of the same data may have come meanwhile."""
        key = (chunk.root, chunk.size)
        one = self._waiting.get(key)
        if one is None:
            return
        for item in stored:
            one.items.pop(item.id, None)
        if not one.items:
            del self._waiting[key]
            self._done[key] = None
            if len(self._done) > self._most:
                del self._done[next(iter(self._done))]

    def __len__(self) -> int:
        return sum(len(one.items) for one in self._waiting.values())

    @property
    def held(self) -> int:
        """Bytes of chunks."""
        return sum(one.held for one in self._waiting.values())

    def _touch(self, key: tuple[bytes, int], one: _Waiting) -> None:
        one.since = time.monotonic()
        self._waiting[key] = one
        self._forget()
        while len(self) > self._most:
            del self._waiting[next(iter(self._waiting))]
        while self.held > self._held:
            del self._waiting[next(key for key, one in self._waiting.items() if one.held)]

    def _forget(self) -> None:
        late = time.monotonic() - self._seconds
        for key in [key for key, one in self._waiting.items() if one.since < late]:
            del self._waiting[key]


def _with(item: Item, data: bytes) -> Item:
    return Item(item.id, item.owner, item.target, item.anchor, item.names, item.values, data, item.signature)
