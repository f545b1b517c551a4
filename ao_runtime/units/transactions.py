"""`Transaction`: an item of the network, or an assignment, as a gateway lists it; `Wanted`: which of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..network import Assignment, Item

__all__ = ["Transaction", "Wanted"]


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
    #: How many there were before it.
    number: int = 0
    #: The id of the bundle in which it came; nothing of one that came alone.
    bundle: str | None = None

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
        return ("" if self.item is None else self.item.anchor_text) or ""

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

    def values(self, name: str) -> Iterable[str]:
        """The values of its tags of that name."""
        if self.item is None:
            return () if self.place is None else self.place.values(name)
        raw, names = name.encode("utf-8", "surrogatepass"), self.item.names
        if raw not in names:
            return ()
        values = self.item.values
        return [value.decode("utf-8", "replace") for one, value in zip(names, values, strict=True) if one == raw]

    def has(self, name: str, values: frozenset[str]) -> bool:
        """Whether one of its tags of that name has one of the values; without any, whether there is one."""
        found = self.values(name)
        return not values.isdisjoint(found) if values else any(True for _ in found)


@dataclass
class Wanted:
    """Which transactions somebody asks for; None is any."""

    ids: frozenset[str] | None = None
    owners: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    tags: tuple[tuple[str, frozenset[str]], ...] = ()
    heights: tuple[int, int] = (0, 10**12)
    bundles: frozenset[str] | None = None

    def has(self, one: Transaction) -> bool:
        """Whether it is one of them."""
        if self.ids is not None and one.id not in self.ids:
            return False
        if self.owners is not None and one.owner not in self.owners:
            return False
        if self.recipients is not None and one.recipient not in self.recipients:
            return False
        if self.bundles is not None and one.bundle not in self.bundles:
            return False
        if not self.heights[0] <= one.height <= self.heights[1]:
            return False
        return all(one.has(name, values) for name, values in self.tags)
