"""What is on its way in a network, found in its journals: what results ask for, without what has arrived."""

from __future__ import annotations

from collections.abc import Iterable

from .core import Core
from .evaluation import Delivery, Evaluation
from .messenger import STOPPED, stops_at
from .outbox import deliveries_of

__all__ = ["rebuilt"]


def rebuilt(network: Core, ticks: dict[str, set[int]]) -> list[Delivery]:
    """Tie all evaluations to what they sent and what brought them; what has not arrived, in the order of sending.

    `ticks` are the numbers of the ticks, by process, whose messages are delivered. What was sent to wallets is put into
    the network's storage. All processes are read.
    """
    scheduler, compute = network.scheduler, network.compute
    scheduler.read_all()
    evaluations: list[Evaluation] = []
    arrived: dict[bytes, Evaluation] = {}
    for id in scheduler.processes:
        for one in compute.unit(id).evaluations:
            evaluations.append(one)
            if one.assignment is not None and one.assignment.origin is not None:
                arrived[one.assignment.origin] = one
    order = {id: number for number, id in enumerate(scheduler.processes)}
    evaluations.sort(key=lambda one: (one.timestamp, order[one.process], one.number))
    pending: list[Delivery] = []
    #: Children whose parents have not heard of them: what they send comes after that.
    unheard: set[str] = set()
    # All are tied first: whether a messenger stops at a message is told by who sent it.
    waiting = {sent for one in evaluations for sent in _sent(one, ticks) if not _tie(sent, arrived)}
    for one in evaluations:
        if one.cause is not None and stops_at(one.cause):
            one.effects, one.problem = (), STOPPED
        for delivery in one.effects:
            if delivery.problem is not None:
                continue
            if delivery in waiting:
                pending.append(delivery)
            elif delivery.kind == "spawn" and len(delivery.outcomes) == 1 and delivery.sender in scheduler:
                boot = delivery.outcomes[0]
                if not deliveries_of(boot, None) or boot.problem is None:
                    delivery.outcomes = ()
                    unheard.add(boot.process)
                    pending.append(delivery)
    pending = [one for one in pending if one.sender not in unheard or one.origin.nonce > 0]
    return _without_mail(network, pending)


def _sent(one: Evaluation, ticks: dict[str, set[int]]) -> Iterable[Delivery]:
    """What an evaluation has sent."""
    if one.tick is not None and one.number not in ticks.get(one.process, ()):
        return ()
    if one.assignment is not None and one.assignment.quiet:
        return ()
    one.effects = deliveries_of(one, one.pushed_for)
    return one.effects


def _tie(delivery: Delivery, arrived: dict[bytes, Evaluation]) -> bool:
    """Whether a delivery has arrived; what came of it is tied to it."""
    key = delivery.key
    outcomes = [found for end in (b"", b" spawned") if (found := arrived.get(key + end)) is not None]
    # What was delivered more than once has more names.
    copies = 1
    while (again := arrived.get(key + b" %d" % copies)) is not None:
        outcomes.append(again)
        copies += 1
    if not outcomes:
        return False
    for found in outcomes:
        found.cause = delivery
    delivery.outcomes = tuple(outcomes)
    delivery.item = outcomes[0].item
    return True


def _without_mail(network: Core, pending: list[Delivery]) -> list[Delivery]:
    """What is for processes; the rest is mail, which has arrived when it is sent."""
    left = []
    for one in pending:
        if one.kind == "message" and one.target not in network.scheduler:
            network.messenger.scheduled(one)
            if one.item is not None:
                network.storage.send(one.item)
        else:
            left.append(one)
    return left
