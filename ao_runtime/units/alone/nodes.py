"""What a scheduler unit says of a process's messages, read and checked (spec: units, su)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ...errors import InputError
from ...items import ao_address_of, from_base64url
from ...models import Slot, shown, slot_of, to_bytes
from ...network import Assignment, Item, from_id, is_id, next_link, to_id
from ..answers import Refusal

__all__ = ["read_item", "read_place", "read_tags"]

#: Heights at which legacynet's scheduler made chains that cannot be counted again (spec: units, su): compute units look
#: from the last one on. Before the first one there is no legacynet, only networks on somebody's own machine.
_UNCHAINED = range(1_300_000, 1_440_000)
#: A process whose data is no text has none in JSON; any bytes that are no text stand for that.
_NO_TEXT = b"\xff"
#: Characters of a public key of Ethereum's: 65 bytes.
_POINT = 87


def read_place(node: Mapping[str, Any], process: str, last: Assignment | None) -> Assignment:
    """The next place of a process, after `last` (None is nothing), as a node of its scheduler says.

    Where the message itself is elsewhere (`message` is null) its item has nothing but its id. Raises `InputError` for a
    node that is none; a `Refusal` (422) for one that does not follow upon the last: its nonce, its time, or its hash
    chain.
    """
    slot = slot_of(node)
    if slot.process != process:
        raise InputError(f"is of another process, {shown(slot.process)}", field="assignment.tags")
    assignment, message = node["assignment"], node["message"]
    tags = read_tags(assignment, "assignment")
    id, chain = assignment.get("id"), _first(tags, "Hash-Chain")
    named = _first(tags, "Message")
    for field, one in (("message.id", slot.id), ("assignment.id", id), ("Hash-Chain", chain)):
        if not is_id(one):
            raise InputError(f"is no id: {shown(one)}", field=field)
    if named is not None and named != slot.id:
        raise InputError("names another message than the one beside it", field="assignment.tags")
    _check_next(slot, str(chain), last)
    item = Item(slot.id, "", "", b"", (), (), b"") if message is None else read_item(message, slot.nonce == 0)
    owner = assignment.get("owner")
    address = owner.get("address") if isinstance(owner, Mapping) else None
    one = Assignment(process, slot.nonce, slot.timestamp, slot.height, str(chain), item, _text(address, "owner"))
    one.digest, one.signature = from_id(str(id)), _text(assignment.get("signature"), "signature")
    # The process's own message is assigned without a tag Message, and has no target.
    one.elsewhere = slot.nonce > 0 and (message is None or item.target != process)
    one.exclude = tuple(value for name, value in tags if name == "Exclude")
    # What is sent on is another unit's affair.
    one.quiet = True
    pushed_for = item.tag(b"Pushed-For")
    one.pushed_for = slot.id if not pushed_for else pushed_for.decode("utf-8", "replace")
    return one


def read_item(told: Mapping[str, Any], is_process: bool = False) -> Item:
    """A message, or a process, as a scheduler or a gateway writes it. Raises `InputError` for anything else."""
    tags = read_tags(told, "message")
    owner = told.get("owner")
    if not isinstance(owner, Mapping):
        raise InputError("is missing", field="message.owner")
    address, key = _text(owner.get("address"), "owner.address"), owner.get("key")
    public = from_base64url(key) if isinstance(key, str) and len(key) == _POINT else None
    if public is not None:
        # Units give the address of Arweave; a process sees that of Ethereum.
        address = ao_address_of(public)
    data = told.get("data")
    raw = _NO_TEXT if data is None and is_process else to_bytes(_text(data, "data"))
    target = told.get("target", told.get("recipient"))
    return Item(
        _text(told.get("id"), "id"),
        address,
        _text(target, "target"),
        to_bytes(_text(told.get("anchor"), "anchor")),
        tuple(to_bytes(name) for name, _ in tags),
        tuple(to_bytes(value) for _, value in tags),
        raw,
        _text(told.get("signature"), "signature"),
    )


def read_tags(told: Mapping[str, Any], field: str) -> list[tuple[str, str]]:
    """Names and values of tags. Raises `InputError` for what is none."""
    tags = told.get("tags")
    if not isinstance(tags, list):
        raise InputError("is missing", field=f"{field}.tags")
    found = []
    for tag in tags:
        name, value = (tag.get("name"), tag.get("value")) if isinstance(tag, Mapping) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise InputError("holds what is no tag", field=f"{field}.tags")
        found.append((name, value))
    return found


def _check_next(slot: Slot, chain: str, last: Assignment | None) -> None:
    """Raises a `Refusal` for what does not come next; `chain` is the hash chain that it says."""
    id, process, nonce, timestamp, height = slot
    wanted = 0 if last is None else last.nonce + 1
    if nonce != wanted:
        raise Refusal(422, f"Nonce {wanted} is missing: the scheduler gave message {id} with Nonce {nonce}")
    if last is not None and timestamp < last.timestamp:
        raise Refusal(422, f"Timestamp {timestamp} of message {id} is earlier than that of the message before")
    if last is None:
        if id != process:
            raise Refusal(422, f"the first message is {id}, and not the process itself")
        link = sha256(from_id(process)).digest()
    else:
        link = next_link(last.digest, from_id(last.hash_chain))
    if height not in _UNCHAINED and chain != to_id(link):
        raise Refusal(422, f"HashChain invalid on message {id}")


def _first(tags: list[tuple[str, str]], name: str) -> str | None:
    return next((value for one, value in tags if one == name), None)


def _text(value: Any, field: str) -> str:
    """Text; null is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"must be text, found {shown(value)}", field=f"message.{field}")
    return value
