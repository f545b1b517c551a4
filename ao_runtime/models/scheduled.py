"""What a scheduler unit gives: nodes `{message, assignment}`, and pages of them; and the messages that they are.

A compute unit makes the message that a process gets of such a node; so a real process's history can be evaluated again
(spec: units, su and cu). A node is a data item as it was signed and the scheduler's assignment of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import InputError

__all__ = ["Slot", "is_node", "message_of", "nodes_in", "slot_of"]

#: Numbers of an assignment, in the order in which they stand in a message.
_NUMBERS = ("Epoch", "Nonce", "Timestamp", "Block-Height")
_ADVICE = 'a node is {"message": {"id", "owner", "tags", "data", …}, "assignment": {"tags", …}}'
_LONGEST = 18
#: What an assignment may exclude of a message; besides `Tags`, of which none are left.
_EXCLUDABLE = ("Data", "Anchor", "Signature")


class Slot(NamedTuple):
    """A message's place in its process's history, as the scheduler's assignment says."""

    id: str
    """The message's."""
    process: str
    nonce: int
    timestamp: int
    height: int


def is_node(value: Any) -> bool:
    """Whether a value is a message together with a scheduler's assignment of it."""
    if not (isinstance(value, Mapping) and "assignment" in value and "message" in value):
        return False
    assignment = value["assignment"]
    return isinstance(assignment, Mapping) and isinstance(assignment.get("tags"), (list, tuple))


def nodes_in(value: Any) -> list[Any] | None:
    """The nodes of a page, of an edge, or a node itself; None for anything else. Raises `InputError` for a bad page."""
    if is_node(value):
        return [value]
    if not isinstance(value, Mapping):
        return None
    if is_node(value.get("node")):
        return [value["node"]]
    edges = value.get("edges")
    if not isinstance(edges, (list, tuple)) or ("page_info" not in value and "pageInfo" not in value):
        return None
    nodes = []
    for index, edge in enumerate(edges):
        node = edge.get("node") if isinstance(edge, Mapping) else None
        if not is_node(node):
            raise InputError("holds no node", field=f"edges[{index}]", advice=_ADVICE)
        nodes.append(node)
    return nodes


def slot_of(node: Mapping[str, Any]) -> Slot:
    """The place of a node's message. Raises `InputError` for an assignment that does not say it."""
    message, assignment = node["message"], _tags(node["assignment"], "assignment")
    process = _process(assignment)
    id_ = message.get("id") if isinstance(message, Mapping) else _first(assignment, "Message")
    if not isinstance(id_, str):
        raise InputError("is missing", field="message.id", advice=_ADVICE)
    nonce, timestamp, height = (_number(_first(assignment, name), name) for name in _NUMBERS[1:])
    assert nonce is not None
    assert timestamp is not None
    assert height is not None
    return Slot(id_, process, nonce, timestamp, height)


def message_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """The message that a compute unit makes of a node, in the network's form.

    `From` is the first tag `From-Process`, else the owner; with such a tag `Forwarded-By` is the owner. Tags that are
    called From or Owner are left out. Numbers are numbers. A message to somebody else, which was assigned to the
    process, keeps its own `Target`, has the `Anchor` "" where it has none, and lacks what the assignment excludes.
    Raises `InputError` for a node that is none, and for an assignment of a message that the scheduler does not have.
    """
    message, assignment = node["message"], _tags(node["assignment"], "assignment")
    process = _process(assignment)
    if message is None:
        raise InputError(
            f"is null: the scheduler has only the assignment of message {_first(assignment, 'Message')}",
            field="message",
            advice="put the message in its place, as a gateway or its own scheduler has it",
        )
    if not isinstance(message, Mapping):
        raise InputError("is no object", field="message", advice=_ADVICE)
    tags = _tags(message, "message")
    owner = message.get("owner")
    owner = owner.get("address") if isinstance(owner, Mapping) else owner
    for name, value in (("id", message.get("id")), ("owner.address", owner)):
        if not isinstance(value, str):
            raise InputError("is missing", field=f"message.{name}", advice=_ADVICE)
    sender = _first(tags, "From-Process")
    target, anchor = message.get("target"), message.get("anchor")
    # The process's own message is assigned without a tag Message, and has no target.
    assigned = isinstance(target, str) and target != process and _first(assignment, "Message") is not None
    wire: dict[str, Any] = {
        "Id": message["id"],
        "Signature": message.get("signature"),
        "Data": message.get("data"),
        "Owner": owner,
        "Target": target if assigned else process,
        "Anchor": anchor or "" if assigned else anchor,
        "From": owner if sender is None else sender,
    }
    if sender is not None:
        wire["Forwarded-By"] = owner
    wire["Tags"] = [dict(tag) for tag in tags if tag["name"] not in ("From", "Owner")]
    for name in _NUMBERS:
        wire[name] = _number(_first(assignment, name), name)
    wire["Hash-Chain"] = _first(assignment, "Hash-Chain")
    wire["Cron"] = wire["Read-Only"] = False
    for name in (tag["value"] for tag in assignment if tag["name"] == "Exclude"):
        if name == "Tags":
            wire[name] = []
        elif name in _EXCLUDABLE:
            wire.pop(name, None)
    return wire


def _process(assignment: list[Mapping[str, Any]]) -> str:
    process = _first(assignment, "Process")
    if not isinstance(process, str):
        raise InputError("has no tag Process", field="assignment.tags", advice=_ADVICE)
    return process


def _tags(item: Any, field: str) -> list[Mapping[str, Any]]:
    tags = item.get("tags")
    if not isinstance(tags, (list, tuple)):
        raise InputError("is missing", field=f"{field}.tags", advice=_ADVICE)
    for index, tag in enumerate(tags):
        if not (isinstance(tag, Mapping) and isinstance(tag.get("name"), str) and isinstance(tag.get("value"), str)):
            advice = 'a tag is {"name": text, "value": text}'
            raise InputError("is no tag", field=f"{field}.tags[{index}]", advice=advice)
    return list(tags)


def _first(tags: list[Mapping[str, Any]], name: str) -> str | None:
    return next((tag["value"] for tag in tags if tag["name"] == name), None)


def _number(text: str | None, name: str) -> int | None:
    """The digits that a scheduler writes, with leading zeros."""
    if text is None and name == "Epoch":
        return None
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        found = "nothing" if text is None else repr(text[:40])
        raise InputError(f"must be a number, found {found}", field=f"assignment.tags[{name!r}]")
    return int(text)
