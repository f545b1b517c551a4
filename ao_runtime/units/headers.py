"""`Header`: what one of Arweave's own transactions says beside its data, tags and target; kept with its item."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..items import from_base64url
from ..network import Item

__all__ = ["Header", "encoded", "header_of", "told_transaction", "with_header"]


@dataclass(frozen=True)
class Header:
    """The fields of a transaction of format 2 as they were signed, and where the chain has it.

    It stands in place of a signed item's bytes (`Item.raw`), as JSON: no data item begins with a brace.
    """

    #: The modulus of the RSA key that signed, the anchor, and the root of the data (nothing without data): base64url.
    owner: str
    last_tx: str
    data_root: str
    #: Numbers as text, as they were signed: bytes, and winston.
    data_size: str
    quantity: str
    reward: str
    #: How many bytes lie before its data, of all data of the chain; and when it was complete: milliseconds since 1970,
    #: and the height.
    start: int = 0
    timestamp: int = 0
    height: int = 0

    @property
    def size(self) -> int:
        """Bytes of its data."""
        return int(self.data_size)

    @property
    def root(self) -> bytes:
        """The root of its data; nothing without data."""
        return from_base64url(self.data_root) or b""

    def placed(self, start: int, timestamp: int, height: int) -> Header:
        """The same, where the chain has it."""
        return replace(self, start=start, timestamp=timestamp, height=height)

    def write(self) -> bytes:
        """What `header_of` reads."""
        return json.dumps(asdict(self)).encode()


#: Names and types.
_FIELDS = {field.name: int if field.type == "int" else str for field in fields(Header)}


def header_of(item: Item) -> Header | None:
    """The header of a transaction; None for a data item, and for a transaction that was kept before there were any."""
    raw = item.raw
    if raw is None or not raw.startswith(b"{"):
        return None
    try:
        told = json.loads(raw)
        if {name: type(value) for name, value in told.items()} == _FIELDS:
            header = Header(**told)
            numbers = header.start, header.timestamp, header.height
            if min(header.size, int(header.quantity), int(header.reward), *numbers) >= 0:
                return header
    except (ValueError, AttributeError, RecursionError):
        pass
    # Somebody has changed the file: the data is there all the same.
    return None


def with_header(item: Item, header: Header, data: bytes | None = None) -> Item:
    """The same transaction with another header, and with its data where that is given."""
    data = item.data if data is None else data
    return Item(
        item.id, item.owner, item.target, item.anchor, item.names, item.values, data, item.signature, header.write()
    )


def told_transaction(item: Item, header: Header | None, key: str) -> dict[str, Any]:
    """A transaction as a node of the chain writes it, without its data.

    A data item has no `header`: its owner's `key` is given then.
    """
    own = header or Header(key, "", "", str(len(item.data)), "0", "0")
    pairs = zip(item.names, item.values, strict=True)
    return {
        "format": 2,
        "id": item.id,
        "last_tx": own.last_tx,
        "owner": own.owner,
        "tags": [{"name": encoded(name), "value": encoded(value)} for name, value in pairs],
        "target": item.target,
        "quantity": own.quantity,
        "data": "",
        "data_size": own.data_size,
        "data_root": own.data_root,
        "reward": own.reward,
        "signature": item.signature,
    }


def encoded(data: bytes) -> str:
    """Bytes as base64url."""
    return urlsafe_b64encode(data).decode().rstrip("=")
