"""A moment of a network in memory, and how it is put back: what came since is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from .core import Core
from .evaluation import Delivery

__all__ = ["anchored"]

#: What changes of a delivery that is on its way, when it is delivered.
_OF_DELIVERY = ("item", "outcomes", "problem", "faults", "copies")


@dataclass
class Moment:
    """How a network was: of processes only how many messages they had, until they change."""

    clock: tuple[int, int, int, int]
    maker: int
    auto: bool
    labels: dict[str, str]
    wallets: dict[str, str]
    balances: dict[str, int]
    stored: int
    mailed: int
    counts: dict[str, int]
    pending: list[tuple[Delivery, tuple[Any, ...]]]
    monitored: dict[str, int]
    terminated: set[str]
    stand_ins: dict[str, tuple[Any, Any]]
    happened: int
    #: By process, how it was before it changed: filled in by `Compute.touch`.
    touched: dict[str, Any] = field(default_factory=dict)


@contextmanager
def anchored(network: Core) -> Iterator[None]:
    """What happens to a network in here is undone afterwards. Raises `InputError` for one in a folder."""
    if network.keeper is not None:
        raise InputError("a network in a folder forgets nothing", advice="net.fork() is the same in memory")
    moment = moment_of(network)
    touched = network.compute.touched
    touched.append(moment.touched)
    try:
        yield
    finally:
        # An inner one that was left otherwise goes with the outer one.
        while touched and touched.pop() is not moment.touched:
            pass
        put_back(network, moment)


def moment_of(network: Core) -> Moment:
    """How a network is."""
    messenger, scheduler = network.messenger, network.scheduler
    faults = messenger.faults
    return Moment(
        network.clock.read(),
        network.maker.count,
        network.auto,
        network.labels.read(),
        dict(network.wallet_addresses),
        dict(network.balances),
        len(network.storage),
        len(network.storage.mail),
        {id: len(scheduler.schedule(id).assignments) for id in scheduler.processes},
        [(one, tuple(getattr(one, name) for name in _OF_DELIVERY)) for one in messenger.pending],
        dict(messenger.monitored),
        {*scheduler.terminated},
        {address: (one, one.read()) for address, one in messenger.stand_ins.items()},
        0 if faults is None else len(faults.happened),
    )


def put_back(network: Core, moment: Moment) -> None:
    """Make a network as it was."""
    messenger, scheduler = network.messenger, network.scheduler
    network.compute.back_to(moment.touched)
    for id in reversed(scheduler.processes):
        count = moment.counts.get(id, 0)
        if len(scheduler.schedule(id).assignments) > count:
            scheduler.cut(id, count)
            if not count:
                messenger.forget(id)
    network.storage.cut(moment.stored, moment.mailed)
    network.clock.put(moment.clock)
    network.maker.count = moment.maker
    network.auto = moment.auto
    network.labels.put(moment.labels)
    network.wallet_addresses = moment.wallets
    network.balances = moment.balances
    messenger.pending.clear()
    for delivery, values in moment.pending:
        for name, value in zip(_OF_DELIVERY, values, strict=True):
            setattr(delivery, name, value)
        messenger.pending.append(delivery)
    messenger.monitored = moment.monitored
    scheduler.terminated = moment.terminated
    messenger.stand_ins = {address: one for address, (one, _) in moment.stand_ins.items()}
    for one, state in moment.stand_ins.values():
        one.put(state)
    if messenger.faults is not None:
        del messenger.faults.happened[moment.happened :]
