"""`Chain`: what the gateway knows, as transactions: all items of the network, modules, and where schedulers are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any

from ..network import Assignment, Item, Network, to_id

__all__ = ["BLOCK_SECONDS", "LEGACYNET", "Chain", "Transaction", "Wanted"]

#: legacynet's scheduler: what the aos command line and most applications name.
LEGACYNET = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
BLOCK_SECONDS = 120


@dataclass(eq=False)
class Transaction:
    """An item, or an assignment, as a gateway lists it."""

    id: str
    #: None of an assignment.
    item: Item | None
    place: Assignment | None
    #: Milliseconds since 1970.
    timestamp: int
    height: int

    @property
    def owner(self) -> str:
        """The address of who signed it."""
        if self.item is not None:
            return self.item.owner
        return "" if self.place is None else self.place.scheduler

    @property
    def recipient(self) -> str:
        """Whom it is for; nothing of a process."""
        return "" if self.item is None else self.item.target

    @property
    def tags(self) -> list[dict[str, Any]]:
        """Its tags, in order."""
        if self.item is not None:
            return self.item.tags.to_list()
        return [] if self.place is None else self.place.tags

    @property
    def anchor(self) -> str:
        """Its anchor as text."""
        return "" if self.item is None else self.item.anchor.decode("utf-8", "replace")

    @property
    def signature(self) -> str:
        """Its signature."""
        if self.item is not None:
            return self.item.signature
        return "" if self.place is None else self.place.signature

    @property
    def data(self) -> bytes:
        """Its data."""
        return b"" if self.item is None else self.item.data

    def has(self, name: str, values: frozenset[str]) -> bool:
        """Whether one of its tags of that name has one of the values; without any, whether there is one."""
        return any(tag["name"] == name and (not values or tag["value"] in values) for tag in self.tags)


@dataclass
class Wanted:
    """Which transactions somebody asks for; None is any."""

    ids: frozenset[str] | None = None
    owners: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    tags: tuple[tuple[str, frozenset[str]], ...] = ()
    heights: tuple[int, int] = (0, 10**12)

    def has(self, one: Transaction) -> bool:
        """Whether it is one of them."""
        if self.ids is not None and one.id not in self.ids:
            return False
        if self.owners is not None and one.owner not in self.owners:
            return False
        if self.recipients is not None and one.recipient not in self.recipients:
            return False
        if not self.heights[0] <= one.height <= self.heights[1]:
            return False
        return all(one.has(name, values) for name, values in self.tags)


class Chain:
    """The transactions of a network, in the order of time. To be asked in the network's own thread.

    urls
        Where the scheduler unit is (`su`): what the schedulers' addresses lead to.
    """

    def __init__(self, network: Network, urls: dict[str, str]) -> None:
        self._network = network
        self._urls = urls
        self._by_id: dict[str, Transaction] = {}
        self._listed: list[Transaction] = []
        #: How many places of each process are listed, and how many stored items.
        self._seen: dict[str, int] = {}
        self._stored = 0
        self._begun = False

    def find(self, id: str) -> Transaction | None:
        """The transaction of that id."""
        if not self._begun or id not in self._by_id:
            self._update()
        return self._by_id.get(id)

    def list(
        self, wanted: Wanted, *, newest_first: bool, after: str | None, limit: int
    ) -> tuple[list[Transaction], bool]:
        """So many of the transactions that are wanted, after that id, and whether there are more."""
        self._update()
        if wanted.ids is not None:
            chosen: Iterable[Transaction] = sorted(
                (self._by_id[id] for id in wanted.ids if id in self._by_id), key=lambda one: one.timestamp
            )
            chosen = [*chosen][::-1] if newest_first else chosen
        else:
            chosen = reversed(self._listed) if newest_first else self._listed
        found: list[Transaction] = []
        reached = after is None
        for one in chosen:
            if not reached:
                reached = one.id == after
            elif wanted.has(one):
                if len(found) == limit:
                    return found, True
                found.append(one)
        return found, False

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
        clock = self._network.clock
        timestamp = clock.now // 1000 - (clock.height - height) * BLOCK_SECONDS
        return {"id": block_id(height), "timestamp": timestamp, "height": height, "previous": block_id(height - 1)}

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _update(self) -> None:
        """List what has come since."""
        network = self._network
        new: list[Transaction] = []
        if not self._begun:
            self._begun = True
            network.scheduler.read_all()
            new += self._first()
        for process in network.scheduler.processes:
            places = network.scheduler.schedule(process).assignments
            for place in places[self._seen.get(process, 0) :]:
                new += _of_place(place)
            self._seen[process] = len(places)
        stored = network.storage.items()
        for item in stored[self._stored :]:
            new.append(Transaction(item.id, item, None, network.clock.now, network.clock.height))
        self._stored = len(stored)
        fresh = [one for one in new if one.id not in self._by_id]
        if fresh:
            self._by_id.update((one.id, one) for one in fresh)
            self._listed += fresh
            self._listed.sort(key=lambda one: one.timestamp)

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
