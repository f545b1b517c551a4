"""`Evaluation`: what became of one message, or of one tick, in the process that got it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..models import Result

if TYPE_CHECKING:
    from ..models import Tick
    from .delivery import Delivery
    from .item import Assignment, Item

__all__ = ["Evaluation", "unit_result"]


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
    #: Whether it was not evaluated, being there already.
    skipped = False
    #: The delivery that brought it; None where a wallet, or the network itself, did.
    cause: Delivery | None = None
    #: The id of the wallet's message that all this is for; None of a tick.
    pushed_for: str | None = None
    #: What it sends, in order.
    effects: list[Delivery] | tuple[Delivery, ...] = ()
    #: Why nothing of its outbox is sent.
    problem: str | None = None

    # There is one for every message: what is seldom anything else is an attribute of the class.
    def __init__(
        self,
        process: str,
        nonce: int,
        result: Result | None,
        item: Item | None = None,
        assignment: Assignment | None = None,
    ) -> None:
        self.process = process
        self.nonce = nonce
        #: None for what a stand-in got.
        self.result = result
        self.item = item
        self.assignment = assignment

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970; 0 for what a stand-in got."""
        if self.tick is not None:
            return self.tick.moment.timestamp
        return 0 if self.assignment is None else self.assignment.timestamp

    def __repr__(self) -> str:
        what = "tick" if self.item is None else repr(self.item.action)
        return f"Evaluation(process={self.process!r}, nonce={self.nonce}, {what}, {self.result!r})"


def unit_result(result: Result) -> dict[str, Any]:
    """A result as a compute unit answers it: with the lists and the output that an error has too (spec: units, cu)."""
    wire = result.to_dict()
    told = {name: wire.get(name, []) for name in ("Messages", "Assignments", "Spawns")}
    told["Output"] = wire.get("Output", "")
    told["GasUsed"] = result.gas_used
    if "Error" in wire:
        told["Error"] = wire["Error"]
    return told
