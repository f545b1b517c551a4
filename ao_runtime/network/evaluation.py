"""`Evaluation`: what became of one message, or tick, in the process that got it; `Delivery`: what that sends on."""

from __future__ import annotations

from typing import Any, Literal

from ..models import Result, Tags, Tick
from .item import Assignment, Item

__all__ = ["Delivery", "Evaluation", "Kind", "unit_result"]


class Evaluation:
    """One evaluation, and what it set off.

    process
        The id of the process, or of what stands in for one.
    item
        The message; None for a tick.
    nonce
        Its place in the process's order; of a tick, that of the message before it.
    """

    #: Set where it is a tick.
    tick: Tick | None = None
    #: Whether it is a tick that somebody asked for, and not one that was due.
    out_of_turn = False
    #: Whether it was not evaluated, being there already.
    skipped = False
    #: The delivery that brought it; None where a wallet, or the network itself, did.
    cause: Delivery | None = None
    #: What it sends, in order.
    effects: list[Delivery] | tuple[Delivery, ...] = ()
    #: Why nothing of its outbox is sent.
    problem: str | None = None

    # There is one for every message: what is seldom anything else is an attribute of the class.
    def __init__(
        self,
        process: str,
        nonce: int,
        number: int,
        result: Result | None,
        item: Item | None = None,
        assignment: Assignment | None = None,
    ) -> None:
        self.process = process
        self.nonce = nonce
        #: Its place among all evaluations of the process, ticks too.
        self.number = number
        #: None for what a stand-in got.
        self.result = result
        self.item = item
        self.assignment = assignment

    @property
    def pushed_for(self) -> str | None:
        """The id of the wallet's message that all this is for; None of a tick."""
        return None if self.assignment is None else self.assignment.pushed_for

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970; 0 for what a stand-in got."""
        if self.tick is not None:
            return self.tick.moment.timestamp
        return 0 if self.assignment is None else self.assignment.timestamp

    def __repr__(self) -> str:
        what = "tick" if self.item is None else repr(self.item.action)
        return f"Evaluation(process={self.process!r}, nonce={self.nonce}, {what}, {self.result!r})"


Kind = Literal["message", "spawn", "assignment"]


class Delivery:
    """What somebody sends, until it has arrived, and what became of it then.

    origin
        The evaluation that it comes of.
    index
        Its place in that result's list.
    target
        Whom a message is for, or which process an assignment; nothing for a spawn.
    data, anchor, tags
        As the process left them: bytes; tags are name, value, name, value, …
    """

    #: Of an assignment: the message's id.
    message: str | None = None
    #: What it became: None as long as it is on its way, or where it did not arrive.
    item: Item | None = None
    #: The evaluations that it brought about: of a spawn the child's own and the parent's `Spawned`.
    outcomes: tuple[Evaluation, ...] = ()
    #: Why it did not arrive.
    problem: str | None = None
    #: What went wrong with it on purpose.
    faults: tuple[str, ...] = ()
    #: How many times it was delivered before.
    copies = 0
    #: Of an assignment: the place of the process in the list of those that it is for.
    which = 0

    # There is one for every message: what is seldom anything else is an attribute of the class.
    def __init__(
        self,
        kind: Kind,
        origin: Evaluation,
        index: int,
        target: str,
        data: bytes | None,
        anchor: bytes,
        flat: tuple[bytes, ...],
        pushed_for: str | None,
    ) -> None:
        self.kind: Kind = kind
        self.origin = origin
        self.index = index
        self.target = target
        self.data = data
        self.anchor = anchor
        self.flat = flat
        #: The id of the wallet's message that it is for.
        self.pushed_for = pushed_for

    @property
    def key(self) -> bytes:
        """What it is called in the network's books: sender, evaluation, kind and place in the result, and copies."""
        origin = self.origin
        key = f"{origin.process} {origin.number} {self.kind[0]}{self.index}"
        if self.which:
            key += f".{self.which}"
        if self.copies:
            key += f" {self.copies}"
        return key.encode()

    @property
    def tags(self) -> Tags:
        """The tags, as the process left them."""
        return Tags.of_flat(self.flat)

    @property
    def action(self) -> str | None:
        """The value of the tag Action."""
        flat = self.flat
        for at in range(0, len(flat), 2):
            if flat[at] == b"Action":
                return flat[at + 1].decode("utf-8", "replace")
        return None

    @property
    def sender(self) -> str:
        """The process that sends it."""
        return self.origin.process

    def lose(self, problem: str) -> None:
        """It does not arrive; what has arrived once, has."""
        if not self.outcomes:
            self.problem = problem

    def to_dict(self) -> dict[str, Any]:
        """What is on its way, as a dict."""
        told: dict[str, Any] = {"kind": self.kind, "From": self.sender}
        if self.kind != "spawn":
            told["Target"] = self.target
        if self.kind == "assignment":
            told["Message"] = self.message
        else:
            told["Tags"] = self.tags.to_list()
            told["Data"] = None if self.data is None else self.data.decode("utf-8", "replace")
        return told

    def __repr__(self) -> str:
        what = f"to={self.target!r}" if self.kind != "spawn" else f"tags={self.tags!r}"
        action = f", action={self.action!r}" if self.kind == "message" else ""
        return f"Delivery({self.kind}, from={self.sender!r}, {what}{action})"


def unit_result(result: Result) -> dict[str, Any]:
    """A result as a compute unit answers it: with the lists and the output that an error has too (spec: units, cu)."""
    wire = result.to_dict()
    told = {name: wire.get(name, []) for name in ("Messages", "Assignments", "Spawns")}
    told["Output"] = wire.get("Output", "")
    told["GasUsed"] = result.gas_used
    if "Error" in wire:
        told["Error"] = wire["Error"]
    return told
