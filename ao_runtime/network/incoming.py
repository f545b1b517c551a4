"""The message that a process gets of an assignment, as a compute unit makes it (spec: units, cu)."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, NamedTuple

from ..models import Packed, Shape, pack
from .item import Assignment, lossy

__all__ = ["packed_of", "wire_of"]

_FIELDS = (
    "Id",
    "Signature",
    "Data",
    "Owner",
    "Target",
    "Anchor",
    "From",
    "Forwarded-By",
    "Epoch",
    "Nonce",
    "Timestamp",
    "Block-Height",
    "Hash-Chain",
    "Cron",
    "Read-Only",
)


class _Form(NamedTuple):
    """What is the same in all messages with the same names of tags."""

    #: Where the sender stands among the values.
    sender: int | None
    #: The values of the tags that the process gets; None for all of them.
    kept: Any
    with_anchor: Shape
    without_anchor: Shape


#: By the names of the tags. There are few forms, unless somebody makes new names all the time.
_forms: dict[tuple[bytes, ...], _Form] = {}
_MOST_FORMS = 4096


def packed_of(one: Assignment) -> Packed:
    """The message of an assignment, as a process takes it (`models.pack`)."""
    item = one.item
    if one.elsewhere or one.exclude or not one.nonce:
        return pack(wire_of(one))
    names = item.names
    form = _forms.get(names)
    if form is None:
        form = _form(names)
    values = item.values
    owner = item.owner.encode()
    head: tuple[Any, ...] = (item.id.encode(), item.signature.encode(), lossy(item.data), owner, one.process.encode())
    anchor = item.anchor
    if anchor and (anchor.isascii() or item.anchor_text is not None):
        shape = form.with_anchor
        head += (anchor,)
    else:
        shape = form.without_anchor
    head += (owner,) if form.sender is None else (values[form.sender], owner)
    kept = values if form.kept is None else form.kept(values)
    return shape, (
        *head,
        0,
        one.nonce,
        one.timestamp,
        one.block_height,
        one.hash_chain.encode(),
        False,
        False,
        *kept,
    )


def wire_of(one: Assignment) -> dict[str, Any]:
    """The same in the network's form. An anchor that is not there is None, and "" where the message is elsewhere."""
    item = one.item
    sender = item.tag(b"From-Process")
    wire: dict[str, Any] = {
        "Id": item.id,
        "Signature": item.signature,
        "Data": _data(one),
        "Owner": item.owner,
        "Target": item.target if one.elsewhere else one.process,
        "Anchor": item.anchor_text or ("" if one.elsewhere else None),
        "From": item.owner if sender is None else sender.decode("utf-8", "replace"),
    }
    if sender is not None:
        wire["Forwarded-By"] = item.owner
    wire["Tags"] = [tag for tag in item.tags.to_list() if tag["name"] not in ("From", "Owner")]
    wire |= {
        "Epoch": 0,
        "Nonce": one.nonce,
        "Timestamp": one.timestamp,
        "Block-Height": one.block_height,
        "Hash-Chain": one.hash_chain,
        "Cron": False,
        "Read-Only": False,
    }
    for name in one.exclude:
        if wire.pop(name, None) is not None and name == "Tags":
            wire["Tags"] = []
    return wire


def _data(one: Assignment) -> str | None:
    """A process that is no text has none, as a scheduler's JSON has it."""
    data = one.item.data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace") if one.nonce else None


def _form(names: tuple[bytes, ...]) -> _Form:
    kept = [index for index, name in enumerate(names) if name not in (b"From", b"Owner")]
    sender = names.index(b"From-Process") if b"From-Process" in names else None
    head = _FIELDS if sender is not None else tuple(name for name in _FIELDS if name != "Forwarded-By")
    tail = tuple(names[index].decode("utf-8", "replace") for index in kept)
    pick: Any = None
    if len(kept) != len(names):
        pick = itemgetter(*kept) if len(kept) > 1 else lambda values: tuple(values[index] for index in kept)
    form = _Form(
        sender,
        pick,
        (*head, None, *tail),
        (*(name for name in head if name != "Anchor"), None, *tail),
    )
    if len(_forms) >= _MOST_FORMS:
        _forms.clear()
    _forms[names] = form
    return form
