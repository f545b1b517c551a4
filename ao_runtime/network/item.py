"""What a network keeps of a message or a process: the item as it was sent, and its place in a process's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..errors import RefusedError
from ..models import Message, Tags, shown
from .ids import to_id

if TYPE_CHECKING:
    from ..items import DataItem

__all__ = ["Assignment", "Item", "item_of_signed", "lossy"]


def lossy(data: bytes) -> bytes:
    """Text as the network's JSON carries it: bytes that are no UTF-8 become U+FFFD (spec: units, su)."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


class Item:
    """A message or a process, as whoever sent it made it (ANS-104: data, tags, maybe a target and an anchor).

    Immutable. Tags are two tuples, `names` and `values`; they, `anchor` (b"" is none) and `data` are bytes.
    """

    __slots__ = ("anchor", "data", "id", "names", "owner", "raw", "signature", "target", "values")

    def __init__(
        self,
        id: str,
        owner: str,
        target: str,
        anchor: bytes,
        names: tuple[bytes, ...],
        values: tuple[bytes, ...],
        data: bytes,
        signature: str = "",
        raw: bytes | None = None,
    ) -> None:
        self.id = id
        #: The address of who signed it; of a messenger that shows itself under another one, that one.
        self.owner = owner
        #: A process or a wallet; nothing for an item that is a process.
        self.target = target
        self.anchor = anchor
        self.names = names
        self.values = values
        self.data = data
        #: Nothing where the network signs nothing.
        self.signature = signature
        #: The signed item's bytes, where there are any; of a transaction of Arweave's own what it says beside its data,
        #: as JSON (`units.headers`).
        self.raw = raw

    def tag(self, name: bytes) -> bytes | None:
        """The value of the first tag of that name."""
        names = self.names
        return self.values[names.index(name)] if name in names else None

    @property
    def tags(self) -> Tags:
        """The tags, in order."""
        return Tags.of_flat(flat(self.names, self.values))

    @property
    def action(self) -> str | None:
        """The value of the tag Action."""
        value = self.tag(b"Action")
        return None if value is None else value.decode("utf-8", "replace")

    @property
    def anchor_text(self) -> str | None:
        """The anchor as the network's units show it: None where there is none, and where it is no UTF-8."""
        try:
            return self.anchor.decode() or None
        except UnicodeDecodeError:
            return None

    @property
    def is_process(self) -> bool:
        """Whether it is a process, and no message."""
        return self.tag(b"Type") == b"Process"

    @property
    def sender(self) -> str:
        """Who it is from: the process that sent it, else its owner."""
        value = self.tag(b"From-Process")
        return self.owner if value is None else value.decode("utf-8", "replace")

    def message(self) -> Message:
        """The message as whoever it is for reads it."""
        return Message(
            id=self.id,
            owner=self.owner,
            from_=self.sender,
            target=self.target or None,
            anchor=self.anchor_text,
            tags=self.tags,
            data=_text(self.data),
            signature=self.signature or None,
        )

    def to_wire(self) -> dict[str, Any]:
        """The item as a scheduler unit writes it, but for the owner's key (spec: units, su)."""
        data: str | None = self.data.decode("utf-8", "replace")
        if self.is_process and data is not None and data.encode() != self.data:
            data = None
        return {
            "id": self.id,
            "owner": {"address": self.owner},
            "data": data,
            "tags": self.tags.to_list(),
            "signature": self.signature,
            "anchor": self.anchor_text,
            "target": self.target,
        }

    def __repr__(self) -> str:
        return f"Item(id={self.id!r}, action={self.action!r}, target={self.target!r})"


def item_of_signed(item: DataItem) -> Item:
    """What a network keeps of a signed item that somebody brings.

    Tags are text on the network: bytes that are no UTF-8 become U+FFFD; the item's own bytes are kept beside them.
    Raises `RefusedError` for tags that no scheduler takes.
    """
    pairs = item.pairs
    names = tuple([lossy(name) for name, _ in pairs])
    values = tuple([lossy(value) for _, value in pairs])
    for part in (*names, *values):
        if part.endswith(b"+link"):
            raise RefusedError(f"a tag ends in +link: {shown(part.decode('utf-8', 'replace'))}")
    target, anchor, data = item.target, item.raw_anchor, item.data
    return Item(item.id, item.ao_address, target, anchor, names, values, data, item.signature, bytes(item))


class Assignment:
    """The place that a scheduler gave a message in a process's order."""

    #: Whether the message was sent to somebody else, and is only assigned to this process.
    elsewhere = False
    #: Fields of the message that the process does not get.
    exclude: tuple[str, ...] = ()
    #: The 32 bytes that the assignment's id stands for.
    digest = b""
    #: What brought it (`Delivery.key`); None of what a wallet has sent.
    origin: bytes | None = None
    #: Whether nothing that it sends is delivered: it was given to the scheduler alone.
    quiet = False
    #: The id of the wallet's message that it is for.
    pushed_for: str | None = None
    signature = ""

    # There is one for every message: what is seldom anything else is an attribute of the class.
    def __init__(
        self,
        process: str,
        nonce: int,
        timestamp: int,
        block_height: int,
        hash_chain: str,
        item: Item,
        scheduler: str,
    ) -> None:
        #: The process's id.
        self.process = process
        self.nonce = nonce
        #: Milliseconds since 1970.
        self.timestamp = timestamp
        self.block_height = block_height
        #: base64url; `Scheduler` has the rule.
        self.hash_chain = hash_chain
        self.item = item
        #: The scheduler's address.
        self.scheduler = scheduler

    @property
    def id(self) -> str:
        """The assignment's own id."""
        return to_id(self.digest)

    @property
    def tags(self) -> list[dict[str, str]]:
        """The assignment's tags, as the scheduler writes them."""
        return assignment_tags(self)

    def values(self, name: str) -> Iterable[str]:
        """The values of its tags of that name."""
        values = _ASSIGNMENT.get(name)
        return () if values is None else values(self)

    def to_wire(self) -> dict[str, Any]:
        """The node that a scheduler unit gives, but for keys (spec: units, su)."""
        assignment = {
            "id": self.id,
            "owner": {"address": self.scheduler},
            "tags": self.tags,
            "signature": self.signature,
            "anchor": None,
            "target": "",
        }
        return {"message": None if self.elsewhere else self.item.to_wire(), "assignment": assignment}

    def __repr__(self) -> str:
        return f"Assignment(process={self.process!r}, nonce={self.nonce}, message={self.item.id!r})"


def assignment_tags(one: Assignment) -> list[dict[str, str]]:
    """The tags of an assignment, in the scheduler's order; the process's own names no message."""
    return [{"name": name, "value": value} for name, values in _ASSIGNMENT.items() for value in values(one)]


#: The tags of an assignment by their names, in the scheduler's order (spec: units, su).
_ASSIGNMENT: dict[str, Callable[[Assignment], Iterable[str]]] = {
    "Process": lambda one: (one.process,),
    "Epoch": lambda one: ("0",),
    "Nonce": lambda one: (str(one.nonce),),
    "Hash-Chain": lambda one: (one.hash_chain,),
    "Block-Height": lambda one: (f"{one.block_height:012}",),
    "Timestamp": lambda one: (str(one.timestamp),),
    "Data-Protocol": lambda one: ("ao",),
    "Type": lambda one: ("Assignment",),
    "Variant": lambda one: ("ao.TN.1",),
    "Message": lambda one: (one.item.id,) if one.nonce else (),
    "Exclude": lambda one: one.exclude,
}


def next_link(digest: bytes, chain: bytes) -> bytes:
    """The hash chain after an assignment: of its id and of the chain so far, 32 bytes each."""
    return sha256(digest + chain).digest()


def check_process(item: Item) -> None:
    """Raises `RefusedError` for a process that no scheduler takes."""
    if item.tag(b"Module") is None or item.tag(b"Scheduler") is None:
        raise RefusedError("Required Module and Scheduler tags for Process type not present")


def flat(names: Iterable[bytes], values: Iterable[bytes]) -> tuple[bytes, ...]:
    """Name, value, name, value, …"""
    return tuple([part for pair in zip(names, values, strict=True) for part in pair])


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
