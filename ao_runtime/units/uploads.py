"""`Uploads`: transactions whose data is still coming, in chunks. What waits is bounded in number, bytes and time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import ItemError
from ..network import Item, Key, Piece, Waiting
from .arweave import Chunk, Posted
from .headers import header_of

__all__ = ["Uploads"]


class _Kept(Protocol):
    """Where it is kept: `network.Waiting`, or memory."""

    def load(self) -> list[Item | Piece]: ...

    def add(self, item: Item) -> None: ...

    def put(self, key: Key, start: int, data: bytes) -> None: ...

    def read(self, key: Key, starts: Iterable[int]) -> bytes: ...

    def drop(self, ids: Iterable[str]) -> None: ...

    def drop_chunks(self, key: Key, starts: Iterable[int]) -> None: ...


@dataclass
class _Waiting:
    items: dict[str, Item] = field(default_factory=dict)
    #: By where they begin, how many bytes the chunks have that have come.
    chunks: dict[int, int] = field(default_factory=dict)
    held: int = 0
    since: float = 0.0


class Uploads:
    """What waits, by root and size of its data; what has waited longest makes room for others.

    In a folder it waits on after a kill, from the start of the server on. To be called by any thread; what is written
    is on the disk then, which takes a while.

    files
        Where it is kept; None is in memory.
    is_stored, has
        Whether the network's storage has a transaction of that id, and one of that data.
    most, held, seconds
        Transactions at a time; bytes of their chunks; and how long one waits for its next chunk.
    """

    def __init__(
        self,
        files: Waiting | None = None,
        is_stored: Callable[[str], bool] = lambda _: False,
        has: Callable[[Key], bool] = lambda _: False,
        *,
        most: int = 1000,
        held: int = 256 << 20,
        seconds: float = 600.0,
    ) -> None:
        self._kept: _Kept = _Memory() if files is None else files
        self._has = has
        self._most, self._most_held, self._seconds = most, held, seconds
        self._lock = threading.Lock()
        self._waiting: dict[Key, _Waiting] = {}
        self._by_id: dict[str, Key] = {}
        self._held = 0
        self._load(is_stored)

    def add(self, posted: Posted) -> None:
        """Wait for the chunks of a transaction. Raises `JournalError` where it cannot be written."""
        with self._lock:
            self._forget()
            item = posted.item
            if item.id not in self._by_id:
                while len(self._by_id) >= self._most:
                    self._evict(next(iter(self._waiting)))
                self._kept.add(item)
                self._by_id[item.id] = posted.key
            self._touch(posted.key).items[item.id] = item

    def put(self, chunk: Chunk) -> list[Item]:
        """Take a chunk; the items that are complete now, to be stored, and then `end`.

        Raises an `ItemError` where nothing waits for it, `JournalError` where it cannot be written.
        """
        with self._lock:
            self._forget()
            one = self._waiting.get(chunk.key)
            if one is None:
                # So that a chunk that comes again is no error.
                if self._has(chunk.key):
                    return []
                raise ItemError("data_root_not_found: no transaction waits for this chunk", field="data_root")
            if chunk.start not in one.chunks:
                length = len(chunk.data)
                self._make_room(length, chunk.key)
                self._kept.put(chunk.key, chunk.start, chunk.data)
                one.chunks[chunk.start] = length
                one.held += length
                self._held += length
            self._touch(chunk.key)
            return self._whole(chunk.key, one)

    def end(self, key: Key, stored: list[Item]) -> None:
        """What was complete is stored; another one of the same data may have come meanwhile."""
        with self._lock:
            one = self._waiting.get(key)
            for item in stored:
                if one is not None and one.items.pop(item.id, None) is not None:
                    self._by_id.pop(item.id, None)
                    self._kept.drop([item.id])
            if one is not None and not one.items:
                self._drop(key)

    def complete(self) -> list[tuple[Key, list[Item]]]:
        """What was complete when the server was killed: to be stored, and then `end`."""
        with self._lock:
            found = [(key, self._whole(key, one)) for key, one in self._waiting.items()]
        return [(key, items) for key, items in found if items]

    def find(self, id: str) -> Item | None:
        """A transaction that waits, without its data. It waits for nothing."""
        key = self._by_id.get(id)
        one = None if key is None else self._waiting.get(key)
        return None if one is None or self._is_late(one) else one.items.get(id)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def held(self) -> int:
        """Bytes of chunks."""
        return self._held

    # ── inside; with the lock ──────────────────────────────────────────────────────────────────────────────────

    def _load(self, is_stored: Callable[[str], bool]) -> None:
        found = self._kept.load()
        for item in [one for one in found if isinstance(one, Item)]:
            header = header_of(item)
            if header is None or is_stored(item.id):
                # A kill came between storing and forgetting it.
                self._kept.drop([item.id])
            else:
                self._by_id[item.id] = header.root, header.size
        wanted = {*self._by_id.values()}
        for one in found:
            if isinstance(one, Item):
                if one.id in self._by_id:
                    self._touch(self._by_id[one.id]).items[one.id] = one
                continue
            key, start, length = one
            if key not in wanted or start + length > key[1]:
                self._kept.drop_chunks(key, [start])
                continue
            waiting = self._touch(key)
            waiting.chunks[start] = length
            waiting.held += length
            self._held += length
        while len(self._by_id) > self._most:
            self._evict(next(iter(self._waiting)))
        self._make_room(0, None)

    def _whole(self, key: Key, one: _Waiting) -> list[Item]:
        """The items with their data, if all of it is there: chunks of one root never overlap."""
        if one.held < key[1]:
            return []
        data = self._kept.read(key, sorted(one.chunks))
        return [_with(item, data) for item in one.items.values()]

    def _touch(self, key: Key) -> _Waiting:
        """What waits for that data, from now on."""
        one = self._waiting.pop(key, None) or _Waiting()
        one.since = time.monotonic()
        self._waiting[key] = one
        return one

    def _make_room(self, length: int, wanted: Key | None) -> None:
        while self._held + length > self._most_held:
            oldest = next((key for key, one in self._waiting.items() if one.held and key != wanted), None)
            if oldest is None:
                raise ItemError("has no room here: too much waits for its data", field="chunk")
            self._drop(oldest)

    def _forget(self) -> None:
        for key in [key for key, one in self._waiting.items() if self._is_late(one)]:
            self._drop(key)

    def _is_late(self, one: _Waiting) -> bool:
        return time.monotonic() - one.since > self._seconds

    def _evict(self, key: Key) -> None:
        """Forget the oldest transaction of that data."""
        one = self._waiting[key]
        id = next(iter(one.items))
        self._kept.drop([id])
        del one.items[id], self._by_id[id]
        if not one.items:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        one = self._waiting.pop(key)
        self._held -= one.held
        for id in one.items:
            self._by_id.pop(id, None)
        self._kept.drop(one.items)
        self._kept.drop_chunks(key, one.chunks)


class _Memory:
    """What waits, in memory."""

    def __init__(self) -> None:
        self._chunks: dict[tuple[Key, int], bytes] = {}

    def load(self) -> list[Item | Piece]:
        return []

    def add(self, item: Item) -> None:
        pass

    def put(self, key: Key, start: int, data: bytes) -> None:
        self._chunks[key, start] = data

    def read(self, key: Key, starts: Iterable[int]) -> bytes:
        return b"".join(self._chunks[key, start] for start in starts)

    def drop(self, ids: Iterable[str]) -> None:
        pass

    def drop_chunks(self, key: Key, starts: Iterable[int]) -> None:
        for start in starts:
            self._chunks.pop((key, start), None)


def _with(item: Item, data: bytes) -> Item:
    return Item(item.id, item.owner, item.target, item.anchor, item.names, item.values, data, item.signature, item.raw)
