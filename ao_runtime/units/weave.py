"""`Weave`: where the data of the chain's own transactions lies: one after the other, in the order of their coming."""

from __future__ import annotations

from bisect import bisect_right, insort

from ..network import Item, Key, Network
from .headers import Header, encoded, header_of, with_header
from .merkle import Tree, cut, hashes_of

__all__ = ["Weave"]


class Weave:
    """The chain's own transactions: those that were stored with a header. To be asked in the network's own thread.

    Where one lies is written in its header: it lies there after a restart, too.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        #: How many stored items were looked at.
        self._seen = 0
        #: Where data begins, how long it is, and the transaction's id.
        self._places: list[tuple[int, int, str]] = []
        self._data: set[Key] = set()
        self._last: dict[str, tuple[int, int, str]] = {}
        self._hashes: dict[str, list[bytes]] = {}
        self._end = 0

    def has(self, key: Key) -> bool:
        """Whether there is a transaction of that data. By any thread."""
        return key in self._data

    def store(self, items: list[Item]) -> None:
        """Store transactions that have all their data, unless they are there. Raises `JournalError`."""
        network = self._network
        for item in items:
            header = header_of(item)
            assert header is not None
            if network.storage.item(item.id) is None:
                self.update()
                placed = header.placed(self._end, network.clock.now, network.clock.height)
                network.storage.put(with_header(item, placed))
        self.update()

    def update(self) -> None:
        """See what has come."""
        storage = self._network.storage
        if len(storage) == self._seen:
            return
        for item in storage.items()[self._seen :]:
            header = header_of(item)
            if header is not None:
                self._add(item, header)
        self._seen = len(storage)

    def last_of(self, address: str) -> str:
        """The id of the last transaction that a wallet has sent; nothing if there is none."""
        self.update()
        known = self._last.get(address)
        return "" if known is None else known[2]

    def at(self, offset: int) -> tuple[Item, Header, int] | None:
        """The transaction whose data has that byte, from 1 on, and where in its data that is, from 0 on."""
        self.update()
        at = bisect_right(self._places, (offset - 1, 1 << 62, "")) - 1
        if at < 0:
            return None
        start, size, id = self._places[at]
        item = self._network.storage.item(id)
        if item is None or offset > start + size:
            return None
        header = header_of(item)
        return None if header is None else (item, header, offset - 1 - start)

    def chunk(self, item: Item, header: Header, offset: int) -> dict[str, str]:
        """The chunk that has a byte, as a node of the chain tells it. By any thread: it may take a while."""
        hashes = self._hashes.get(item.id)
        if hashes is None:
            hashes = self._hashes[item.id] = hashes_of(item.data)
        tree = Tree(len(item.data), hashes)
        bounds = cut(len(item.data))
        start, end = bounds[bisect_right(bounds, (offset, 1 << 62)) - 1]
        # Of data that somebody has cut in another way only they have the paths.
        path = tree.path(offset) if tree.root == header.root else b""
        return {
            "chunk": encoded(item.data[start:end]),
            "data_path": encoded(path),
            "tx_path": "",
            "packing": "unpacked",
        }

    def _add(self, item: Item, header: Header) -> None:
        self._last[item.owner] = max(self._last.get(item.owner, (0, 0, "")), (header.timestamp, header.start, item.id))
        if header.size and header.size == len(item.data):
            insort(self._places, (header.start, header.size, item.id))
            self._data.add((header.root, header.size))
            self._end = max(self._end, header.start + header.size)
