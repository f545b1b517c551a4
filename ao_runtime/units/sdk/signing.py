"""Who signs what nobody has signed: the local user, a key that the server has made."""

from __future__ import annotations

import asyncio
import binascii
import secrets
from base64 import b64decode
from typing import Any

from ...errors import InputError
from ...items import DataItem, Wallet
from ..answers import Refusal
from ..hub import Hub
from .bodies import MessageBody

__all__ = ["anchor_of", "data_of", "made", "own_tags", "user"]

#: Tags that a request says by keys of its own, or that are the server's to say.
_OURS = ("Data-Protocol", "Type", "Module", "Scheduler", "From-Process", "From-Module", "Pushed-For")


def user(hub: Hub) -> Wallet:
    """The local user. Raises a `Refusal` (401) where there is none: a network that signs nothing."""
    if hub.user is None:
        raise Refusal(401, "this server has no key: send a signed data item")
    return hub.user


async def made(wallet: Wallet, data: bytes, tags: list[tuple[str, str]], target: str | None, anchor: bytes) -> DataItem:
    """A signed item. Raises a `Refusal` (400) for what no item can hold."""

    def make() -> DataItem:
        return DataItem.parse(bytes(DataItem.create(data, target=target, anchor=anchor, tags=tags, wallet=wallet)))

    try:
        return await asyncio.to_thread(make)
    except InputError as error:
        raise Refusal(400, str(error)) from None


def own_tags(given: Any) -> list[tuple[str, str]]:
    """The tags of a request, in order. Raises a `Refusal` (400) for those that it cannot say."""
    pairs = list(given.items()) if isinstance(given, dict) else [(tag.name, tag.value) for tag in given]
    for name, _ in pairs:
        if name in _OURS:
            raise Refusal(400, f"tags: {name} is not a request's to say")
    return pairs


def data_of(body: MessageBody) -> bytes:
    """The data of a message; as from other clients, no data is one space."""
    if body.data_base64 is None:
        return (body.data or " ").encode()
    if body.data is not None:
        raise Refusal(400, "data and data_base64 are the same: give one of them")
    text = body.data_base64.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True) or b" "
    except binascii.Error:
        raise Refusal(400, "data_base64 is no base64") from None


def anchor_of(given: str | None) -> bytes:
    """The anchor, 32 bytes; without one any that nobody has had: the same message twice is two."""
    return (given or secrets.token_hex(16)).encode()
