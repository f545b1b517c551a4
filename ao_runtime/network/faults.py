"""`Faults`: what goes wrong with deliveries on purpose, always the same for the same seed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from ..errors import InputError
from ..models import shown
from .evaluation import Delivery

__all__ = ["KINDS", "Fault", "Faults"]

__tracebackhide__ = True

KINDS = ("delay", "reorder", "duplicate", "drop", "crash")
#: How many deliveries a late one may let pass.
_LATEST = 20

#: What went wrong, and with which delivery.
Fault: TypeAlias = "tuple[str, str]"


@dataclass
class Faults:
    """How often what goes wrong: shares of all deliveries, from 0 to 1.

    seed
        The same seed gives the same faults to the same deliveries: a fault depends on the sender's name, on which of
        its messages set the delivery off, and on its place in the result, and on nothing else.
    delay
        It lets up to twenty deliveries pass that were sent after it.
    reorder
        It overtakes some that were sent before it.
    duplicate
        It is delivered again later. A compute unit evaluates what was pushed twice once (`Network(deduplicate=False)`
        does not).
    drop
        It does not arrive.
    crash
        The compute unit crashes when it has just evaluated it: the process's state is made again from what was saved,
        and the messenger, which has heard nothing, delivers it again.
    only
        The faults that there are, and no others, whatever their shares: for telling which of them matter.

    Raises `InputError` for a share that is none.
    """

    seed: int | str = 0
    delay: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    drop: float = 0.0
    crash: float = 0.0
    only: Collection[Fault] | None = None
    #: Those that there were so far.
    happened: list[Fault] = field(default_factory=list)
    #: What people call a process.
    label: Callable[[str], str] = field(default=str, repr=False)

    def __post_init__(self) -> None:
        for kind in KINDS:
            share = getattr(self, kind)
            if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
                raise InputError(f"must be a share from 0 to 1, found {shown(share)}", field=kind)

    def again(self, seed: int | str | None = None, only: Collection[Fault] | None = None) -> Faults:
        """The same shares, with another seed or for these faults only; nothing has happened yet."""
        shares = {kind: getattr(self, kind) for kind in KINDS}
        seed = self.seed if seed is None else seed
        return Faults(seed, **shares, only=self.only if only is None else only, label=self.label)

    def to_dict(self) -> dict[str, Any]:
        """What makes the same again, as plain data."""
        shares = {kind: getattr(self, kind) for kind in KINDS}
        only = None if self.only is None else [list(fault) for fault in self.only]
        return {"seed": self.seed, **shares, "only": only}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Faults:
        """What `to_dict` gave. Raises `InputError`, `TypeError` or `ValueError` for anything else."""
        only, seed = told.get("only"), told.get("seed", 0)
        if not isinstance(seed, (int, str)):
            raise InputError(f"must be a number or a text, found {shown(seed)}", field="seed")
        shares = {kind: told[kind] for kind in KINDS if kind in told}
        return cls(seed, **shares, only=None if only is None else [(str(kind), str(key)) for kind, key in only])

    def enqueue(self, pending: deque[Delivery], delivery: Delivery) -> None:
        """Put a delivery among those that are on their way, with what is wrong with it."""
        key = self.key(delivery)
        random = Random(f"{self.seed} {key}")
        found = []
        for kind in KINDS:
            share = getattr(self, kind)
            happens = share > 0 and random.random() < share
            if self.only is not None:
                happens = (kind, key) in self.only
            if happens:
                found.append(kind)
                self.happened.append((kind, key))
        place = random.random()
        if "reorder" in found and pending:
            pending.insert(int(place * len(pending)), delivery)
        else:
            pending.append(delivery)
        delivery.faults = tuple(found)

    def taken(self, pending: deque[Delivery]) -> Delivery:
        """The next one to be delivered."""
        while True:
            delivery = pending.popleft()
            if "delay" not in delivery.faults or not pending:
                return delivery
            delivery.faults = tuple(kind for kind in delivery.faults if kind != "delay")
            random = Random(f"{self.seed} {self.key(delivery)} late")
            pending.insert(random.randint(1, min(_LATEST, len(pending))), delivery)

    def delivered(self, pending: deque[Delivery], delivery: Delivery) -> None:
        """What comes of a delivery that was made: a second one."""
        twice = [kind for kind in delivery.faults if kind in ("duplicate", "crash")]
        if twice and delivery.copies == 1 and delivery.kind == "message":
            delivery.faults = ()
            place = Random(f"{self.seed} {self.key(delivery)} again").random()
            pending.insert(int(place * (len(pending) + 1)), delivery)

    def key(self, delivery: Delivery) -> str:
        """What a delivery is called: `token#4 Messages[0]`, which is the same in other runs."""
        origin = delivery.origin
        kind = {"message": "Messages", "spawn": "Spawns", "assignment": "Assignments"}[delivery.kind]
        tick = "" if origin.tick is None else f"+{origin.tick.moment.timestamp}"
        return f"{self.label(origin.process)}#{origin.nonce}{tick} {kind}[{delivery.index}]"
