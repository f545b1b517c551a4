"""Bundles that somebody uploads, and what is in them (ANS-104)."""

from __future__ import annotations

from ..errors import ItemError, RefusedError
from ..items import Bundle, DataItem
from ..network import Item, item_of_signed
from .requests import check_item

__all__ = ["bundled", "unpacked"]

#: Items of a bundle: one that has more is data like any other.
_MOST = 1000


def unpacked(item: DataItem) -> list[DataItem]:
    """The items of the bundle that an item holds, each of them signed by its owner.

    None where it holds no bundle, and none where anything in it is wrong: as on the network the item itself is good
    nevertheless, and what it holds is data. Bundles in the bundle are not looked into. It may take seconds.
    """
    try:
        found = _items(item)
        for one in found:
            check_item(one)
            item_of_signed(one)
    except (ItemError, RefusedError):
        return []
    return found


def bundled(item: Item) -> dict[str, bytes]:
    """The items of the bundle that a stored item holds, by their ids: their bytes, whoever signed them."""
    if item.raw is None or b"bundle-format" not in map(bytes.lower, item.names):
        return {}
    try:
        return {one.id: bytes(one) for one in _items(DataItem.parse(item.raw))}
    except ItemError:
        return {}


def _items(item: DataItem) -> list[DataItem]:
    # The count is looked at before all of them are read.
    if not item.is_bundle or int.from_bytes(item.data_view[:32], "little") > _MOST:
        return []
    return Bundle.inside(item).items
