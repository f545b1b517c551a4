"""`Chain`: what the gateway knows, as transactions: all items of the network, modules, and where schedulers are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256, sha384
from itertools import islice
from pathlib import Path
from typing import Any

from ..network import Assignment, Item, Network, to_id
from .bundles import bundled
from .headers import header_of
from .listed import Listed, Values
from .transactions import Transaction, Wanted

__all__ = ["LEGACYNET", "Chain"]

#: legacynet's scheduler: what the aos command line and most applications name.
LEGACYNET = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"


class Chain:
    """The transactions of a network, in the order of time. To be asked in the network's own thread, but for `list`.

    urls
        Where the scheduler unit is (`su`): what the schedulers' addresses lead to.
    is_evaluated
        Whether a message was evaluated: before that it may lose its place, and is not listed.
    """

    def __init__(self, network: Network, urls: dict[str, str], is_evaluated: Callable[[Assignment], bool]) -> None:
        self._network = network
        self._is_evaluated = is_evaluated
        self._urls = urls
        self._by_id: dict[str, Transaction] = {}
        self._listed = Listed()
        #: How many stored items are listed.
        self._stored = 0
        self._begun = False

    def find(self, id: str) -> Transaction | None:
        """The transaction of that id."""
        if not self._begun or id not in self._by_id:
            self._update()
        return self._by_id.get(id)

    def update(self) -> None:
        """See what has come."""
        self._update()

    def build(self, wanted: Wanted) -> list[Values]:
        """After `update`, by any thread: the indexes that are needed for what is wanted."""
        return self._listed.build(wanted)

    def adopt(self, made: list[Values]) -> None:
        """Use indexes from now on."""
        self._listed.adopt(made)

    def list(
        self, wanted: Wanted, *, newest_first: bool, after: str | None, limit: int
    ) -> tuple[list[Transaction], bool]:
        """So many of the transactions that are wanted, after that id, and whether there are more.

        After `adopt`, and then by any thread: it may take long, where many have to be looked at.
        """
        last = None
        if after is not None:
            last = self._by_id.get(after)
            if last is None:
                return [], False
        if wanted.ids is not None:
            chosen: Iterator[Transaction]
            known = sorted(
                (self._by_id[id] for id in wanted.ids if id in self._by_id),
                key=lambda one: (one.timestamp, one.number),
                reverse=newest_first,
            )
            if last in known:
                known = known[known.index(last) + 1 :]
            chosen = filter(wanted.has, known)
        else:
            chosen = self._listed.find(wanted, newest_first=newest_first, after=last)
        found = list(islice(chosen, limit + 1))
        return found[:limit], len(found) > limit

    def file(self, id: str) -> Path | None:
        """The file of a module that is one."""
        modules = self._network.modules
        path = modules[id].path if id in modules else None
        return Path(path) if path is not None and Path(path).is_file() else None

    @property
    def height(self) -> int:
        """The height of the last block."""
        return self._network.clock.height

    def block(self, height: int) -> dict[str, Any]:
        """A block; its timestamp is in seconds."""
        timestamp = self._network.clock.began(height) // 1000
        return {"id": block_id(height), "timestamp": timestamp, "height": height, "previous": block_id(height - 1)}

    def height_of(self, id: str) -> int | None:
        """The height of a block that is called so; None for what is none of the last thousand."""
        last = self.height
        return next((height for height in range(last, max(last - 1000, 0), -1) if block_id(height) == id), None)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _update(self) -> None:
        """List what has come since."""
        network = self._network
        scheduler = network.scheduler
        if not self._begun:
            self._begun = True
            scheduler.read_all()
            scheduler.placed = deque(scheduler.assignments())
            for one in self._first():
                self._add(one)
        placed = scheduler.placed
        assert placed is not None
        for _ in range(len(placed)):
            place = placed.popleft()
            if not self._is_evaluated(place):
                # It may lose its place still.
                placed.append(place)
            elif scheduler.has(place):
                for one in _of_place(place):
                    self._add(one)
        if len(network.storage) != self._stored:
            stored = network.storage.items()
            new = stored[self._stored :]
            for item in new:
                header = header_of(item)
                moment = (network.clock.now, network.clock.height)
                if header is not None:
                    moment = (header.timestamp, header.height)
                self._add(Transaction(item.id, item, None, *moment))
            for item in new:
                self._note_bundle(item)
            self._stored = len(stored)

    def _note_bundle(self, item: Item) -> None:
        """Note of what is in a bundle that it is: of exactly the same items, as anybody can put together a bundle."""
        for id, raw in bundled(item).items():
            known = self._by_id.get(id)
            if known is not None and known.item is not None and known.item.raw == raw and known.bundle is None:
                known.bundle = item.id

    def _add(self, one: Transaction) -> None:
        known = self._by_id.get(one.id)
        if known is None:
            self._by_id[one.id] = one
            self._listed.add(one)
        elif one.place is not None:
            # It has lost its place, and got another one: it stays where it is in the list.
            known.place, known.height = one.place, one.height

    def _first(self) -> Iterator[Transaction]:
        """What is there before anybody comes: modules, and where the schedulers are."""
        network = self._network
        owner = network.scheduler.address
        for id in network.modules.given:
            tags = network.modules[id].tags
            yield _made(id, owner, tags)
        for address in dict.fromkeys((owner, LEGACYNET)):
            tags = {
                "Data-Protocol": "ao",
                "Type": "Scheduler-Location",
                "Variant": "ao.TN.1",
                "Url": self._urls["su"],
                "Time-To-Live": "3600000",
            }
            yield _made(to_id(sha256(f"scheduler location {address}".encode()).digest()), address, tags)


def block_id(height: int) -> str:
    """What a block is called: 64 characters."""
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(sha384(f"block {height}".encode()).digest()).decode()


def _of_place(place: Assignment) -> Iterator[Transaction]:
    item = place.item
    if not place.elsewhere:
        yield Transaction(item.id, item, place, place.timestamp, place.block_height)
    yield Transaction(place.id, None, place, place.timestamp, place.block_height)


def _made(id: str, owner: str, tags: Any) -> Transaction:
    names = tuple(name.encode() for name in tags)
    values = tuple(value.encode() for value in tags.values())
    return Transaction(id, Item(id, owner, "", b"", names, values, b""), None, 0, 1)
