"""What is kept of a spawn on its way, beside its item: who is told of the child, and what it sent at its boot."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from ...errors import ItemError
from ...items import DataItem
from ...network import is_id
from .carried import Carried

__all__ = ["DamagedError", "boot_of", "item_of", "parent_of", "read_boot", "read_parent"]


class DamagedError(Exception):
    """What stands in the database is not what was written there."""

    def __init__(self) -> None:
        super().__init__("what was kept of it is damaged")


def parent_of(parent: str, spawned: DataItem) -> str:
    """Of a child: who has spawned it, and the item that tells that one."""
    return json.dumps({"parent": parent, "spawned": b64encode(bytes(spawned)).decode()})


def read_parent(row: Carried) -> tuple[str, DataItem]:
    """What `parent_of` has written. Raises `DamagedError`."""
    try:
        told = json.loads(row.more)
        parent, spawned = told["parent"], DataItem.parse(b64decode(told["spawned"]))
    except (ValueError, TypeError, KeyError, RecursionError, ItemError):
        raise DamagedError from None
    if not is_id(parent):
        raise DamagedError
    return parent, spawned


def boot_of(child: str, result: Any) -> str:
    """Of the item that tells a parent of its child: which it is, and the outboxes of its boot."""
    return json.dumps({"child": child, "result": result})


def read_boot(row: Carried) -> tuple[str, Any]:
    """What `boot_of` has written. Raises `DamagedError`."""
    try:
        told = json.loads(row.more)
        child, result = told["child"], told["result"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DamagedError from None
    if not is_id(child):
        raise DamagedError
    return child, result


def item_of(row: Carried) -> DataItem:
    """The item on its way. Raises `DamagedError`."""
    try:
        return DataItem.parse(row.raw)
    except ItemError:
        raise DamagedError from None
