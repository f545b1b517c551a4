"""`Bundle`: data items one after the other, and a list of their sizes and ids before them (ANS-104).

::

    count    32
    for each item:  size 32, id 32
    the items, without gaps

All integers are little-endian. An item whose tags say Bundle-Format=binary and Bundle-Version=2.0.0 has a bundle as its
data.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from ..errors import ItemError
from ..models import Tags
from .encoding import Readable, encode, view_of
from .item import DataItem
from .layout import TYPES

if TYPE_CHECKING:
    from .wallet import Wallet

__all__ = ["BUNDLE_TAGS", "Bundle", "Place"]

#: The tags of an item whose data is a bundle.
BUNDLE_TAGS = (("Bundle-Format", "binary"), ("Bundle-Version", "2.0.0"))

_NUMBER = 32
_ENTRY = 64
_SMALLEST = min(2 + kind.signature + kind.owner + 2 + 16 for kind in TYPES.values())
_DEEPEST = 16
"""Bundles within bundles: an item's hash is over all that is in it, so that every level costs as much as the first."""


class Place(NamedTuple):
    """An item in a bundle, or in a bundle that is in it."""

    path: str
    """Where: `items[2].items[0]`."""
    byte: int
    """Its first byte, counted from that of the outermost bundle."""
    depth: int
    """In how many bundles it is, from 1."""
    item: DataItem


class Bundle(Sequence[DataItem]):
    """Some items; immutable. They are read when they are asked for, so that a large bundle takes no more memory."""

    __slots__ = ("_starts", "_view")

    _view: memoryview
    _starts: array[int]
    """Where each item starts, and where the last one ends."""

    @classmethod
    def create(cls, items: Iterable[DataItem]) -> Bundle:
        """A bundle of these items, all of which must be signed."""
        parts: list[bytes] = []
        entries: list[bytes] = []
        for index, item in enumerate(items):
            try:
                parts.append(bytes(item))
            except ItemError as error:
                raise error.within(f"items[{index}]") from None
            entries += (len(parts[-1]).to_bytes(_NUMBER, "little"), item.raw_id)
        return cls.parse(b"".join((len(parts).to_bytes(_NUMBER, "little"), *entries, *parts)))

    @classmethod
    def parse(cls, data: Readable) -> Bundle:
        """The bundle that these bytes are, to the last.

        Counts, sizes, the ids in its list and the form of every item are checked; anything wrong is an `ItemError` that
        names the field and the byte. Nothing is copied (as in `DataItem.parse`), and bundles within its items are not
        looked into. Whether its items are signed is not looked at: see `verify`.
        """
        view = view_of(data)
        size = len(view)
        if size < _NUMBER:
            raise ItemError(f"takes {_NUMBER} bytes, of which {size} are there", field="count", byte=0)
        count = int.from_bytes(view[:_NUMBER], "little")
        if count > (size - _NUMBER) // (_ENTRY + _SMALLEST):
            words = f"is {count if count < 1 << 64 else 'over 2^64'}, more items than {size} bytes can hold"
            raise ItemError(words, field="count", byte=0)
        at = _NUMBER + _ENTRY * count
        starts = array("Q", (at,))
        for index in range(count):
            entry = _NUMBER + _ENTRY * index
            length = int.from_bytes(view[entry : entry + _NUMBER], "little")
            if length > size - at:
                words = f"says more bytes than the {size - at} that are there"
                raise ItemError(words, field=f"items[{index}].size", byte=entry)
            try:
                item = DataItem.parse(view[at : at + length])
            except ItemError as error:
                raise error.within(f"items[{index}]", byte=at) from None
            if view[entry + _NUMBER : entry + _ENTRY] != item.raw_id:
                words = f"is not the item's own, which is {item.id}"
                raise ItemError(words, field=f"items[{index}].id", byte=entry + _NUMBER)
            at += length
            starts.append(at)
        if at != size:
            words = f"take {at - starts[0]} bytes, and {size - at} more follow"
            raise ItemError(words, field="items", byte=at)
        bundle = cls.__new__(cls)
        bundle._view = view
        bundle._starts = starts
        return bundle

    @classmethod
    def inside(cls, item: DataItem) -> Bundle:
        """The bundle that is the data of an item: an `ItemError` if its tags do not say so, or it is none."""
        if not item.is_bundle:
            wanted = " and ".join(f"{name}={value}" for name, value in BUNDLE_TAGS)
            raise ItemError("the item holds no bundle", field="tags", advice=f"one that does has {wanted}")
        return cls.parse(item.data_view)

    def item(
        self,
        wallet: Wallet | None = None,
        *,
        target: str | bytes | None = None,
        anchor: str | bytes | None = None,
        tags: Any = (),
    ) -> DataItem:
        """An item whose data is this bundle, with the two tags that say so before its own; see `DataItem.create`."""
        return DataItem.create(
            self._view, target=target, anchor=anchor, tags=[*BUNDLE_TAGS, *Tags(tags)], wallet=wallet
        )

    @property
    def size(self) -> int:
        """How many bytes it has in all."""
        return len(self._view)

    @property
    def items(self) -> list[DataItem]:
        """Its items, in order."""
        return list(self)

    @property
    def ids(self) -> list[str]:
        """The ids of its items, in order."""
        return [encode(self._view[at + _NUMBER : at + _ENTRY]) for at in self._entries()]

    @property
    def sizes(self) -> list[int]:
        """How many bytes each of its items has."""
        return [int.from_bytes(self._view[at : at + _NUMBER], "little") for at in self._entries()]

    def walk(self) -> Iterator[Place]:
        """Its items in order, each followed by those of the bundle that it holds, if it does.

        A bundle inside that is none, or that is more than 16 deep, is an `ItemError` when its turn comes.
        """
        waiting = [self._places("", 0, 1)]
        while waiting:
            place = next(waiting[-1], None)
            if place is None:
                waiting.pop()
                continue
            yield place
            item = place.item
            if not item.is_bundle:
                continue
            if place.depth == _DEEPEST:
                problem = f"there are bundles in bundles more than {_DEEPEST} deep"
                raise ItemError(problem, field=place.path, byte=place.byte)
            start = place.byte + item.size - len(item.data_view)
            try:
                inner = Bundle.inside(item)
            except ItemError as error:
                raise error.within(place.path, byte=start) from None
            waiting.append(inner._places(f"{place.path}.", start, place.depth + 1))

    def verify(self, *, nested: bool = True) -> bool:
        """Whether every item is signed by its owner, also those of bundles inside. `check` says what is wrong.

        Without `nested` only its own items are asked: what is in them are bytes that somebody signed.
        """
        try:
            self.check(nested=nested)
        except ItemError:
            return False
        return True

    def check(self, *, nested: bool = True) -> None:
        """Raises an `ItemError` that says which and why, unless every item is signed by its owner: see `verify`."""
        for place in self.walk() if nested else self._places("", 0, 1):
            try:
                place.item.check()
            except ItemError as error:
                raise error.within(place.path, byte=place.byte) from None

    def __len__(self) -> int:
        """How many items it has; those of bundles inside are not counted."""
        return len(self._starts) - 1

    @overload
    def __getitem__(self, key: int) -> DataItem: ...
    @overload
    def __getitem__(self, key: slice) -> list[DataItem]: ...
    def __getitem__(self, key: int | slice) -> DataItem | list[DataItem]:
        """The item at a place, from 0; some of them for a slice."""
        if isinstance(key, slice):
            return [self[index] for index in range(*key.indices(len(self)))]
        index = range(len(self))[key]
        return DataItem.parse(self._view[self._starts[index] : self._starts[index + 1]])

    def __bytes__(self) -> bytes:
        """The bundle as it is sent: what was read is written back byte for byte."""
        return bytes(self._view)

    def __eq__(self, other: object) -> bool:
        """Whether the other is a bundle of the same bytes."""
        return self._view == other._view if isinstance(other, Bundle) else NotImplemented

    def __hash__(self) -> int:
        """By its list of sizes and ids."""
        return hash(bytes(self._view[: self._starts[0]]))

    def __repr__(self) -> str:
        """How many items, and how long."""
        return f"<Bundle of {len(self)} items, {len(self._view)} bytes>"

    def _entries(self) -> range:
        return range(_NUMBER, self._starts[0], _ENTRY)

    def _places(self, path: str, byte: int, depth: int) -> Iterator[Place]:
        for index, item in enumerate(self):
            yield Place(f"{path}items[{index}]", byte + self._starts[index], depth, item)
