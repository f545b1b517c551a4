"""Messages and their places as a scheduler unit writes them (spec: units, su)."""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import AoError
from ..items import DataItem
from ..network import Assignment, Item
from .headers import header_of

__all__ = ["Keys", "node", "owner_of", "page", "process_node"]


class Keys(Protocol):
    """Knows the public keys of units."""

    def key(self, address: str) -> str:
        """The public key of one of its own units; nothing for anybody else's."""


def owner_of(item: Item, keys: Keys) -> dict[str, str]:
    """Address and public key of who has signed an item.

    The address is Arweave's, whatever the key; but where the messenger shows itself under another address, that one.
    """
    if item.raw is None:
        return {"address": item.owner, "key": keys.key(item.owner)}
    header = header_of(item)
    if header is not None:
        return {"address": item.owner, "key": header.owner}
    try:
        signed = DataItem.parse(item.raw)
    except AoError:
        return {"address": item.owner, "key": ""}
    return {"address": signed.address if item.owner == signed.ao_address else item.owner, "key": signed.owner}


def node(one: Assignment, keys: Keys) -> dict[str, Any]:
    """A message with its place; `message` is null where it was sent to somebody else."""
    told = one.to_wire()
    told["assignment"]["owner"]["key"] = keys.key(one.scheduler)
    if told["message"] is not None:
        told["message"]["owner"] = owner_of(one.item, keys)
        if not one.nonce:
            told["message"]["target"] = one.item.target
    return told


def page(places: list[Assignment], more: bool, keys: Keys, by_nonce: bool) -> dict[str, Any]:
    """A page of messages; cursors are timestamps, or nonces where it was asked for by them."""
    edges = [{"node": node(one, keys), "cursor": str(one.nonce if by_nonce else one.timestamp)} for one in places]
    return {"page_info": {"has_next_page": more}, "edges": edges}


def process_node(first: Assignment, keys: Keys) -> dict[str, Any]:
    """A process as `GET /processes/ID` has it."""
    told = first.item.to_wire()
    return {
        "process_id": first.process,
        "block": f"{first.block_height:012}",
        "owner": owner_of(first.item, keys),
        "tags": told["tags"],
        "timestamp": first.timestamp,
        "data": told["data"],
        "anchor": told["anchor"],
        "signature": told["signature"],
        "target": told["target"],
    }
