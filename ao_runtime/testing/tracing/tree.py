"""The trace of a message in a network: each evaluation that it set off is done again, in the state that it was in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import AoError, InternalError
from ...process import watched_again
from .answers import Trace
from .build import tags_of, traced_of
from .model import Outgoing, Traced

if TYPE_CHECKING:
    from ...network import Delivery, Evaluation, Network
    from .build import Label

__all__ = ["trace_tree"]

__tracebackhide__ = True

#: Messages of a tree that are looked at by themselves.
MOST = 200


def trace_tree(network: Network, evaluation: Evaluation, *, globals: bool = True, most: int = MOST) -> Trace:
    """A message and all that it set off in a network, of each what its handlers did.

    Nothing is sent again, and the network stays as it is: each evaluation is repeated in the state that it had. What
    cannot be repeated (the answer of a stand-in, a message that is not known any more) says so in its notes. `most`
    messages are looked at; `Trace.more` is how many there are besides.
    """
    messages: list[Traced] = []
    more = 0
    waiting: list[tuple[Evaluation, int, int | None]] = [(evaluation, 0, None)]
    # Where the deliveries of a message that is told have gone: filled in when these are told.
    arrived: dict[int, list[list[int]]] = {}
    at_of: dict[int, tuple[int, int]] = {}
    while waiting:
        one, depth, parent = waiting.pop()
        inner = [outcome for delivery in one.effects for outcome in delivery.outcomes]
        if len(messages) >= most:
            more += 1
            waiting.extend((outcome, depth + 1, parent) for outcome in reversed(inner))
            continue
        number = len(messages)
        messages.append(_told(network, one, depth, parent, globals=globals))
        arrived[number] = [[] for _ in one.effects]
        if id(one) in at_of:
            above, place = at_of[id(one)]
            arrived[above][place].append(number)
        for place, delivery in enumerate(one.effects):
            for outcome in delivery.outcomes:
                at_of[id(outcome)] = number, place
        waiting.extend((outcome, depth + 1, number) for outcome in reversed(inner))
    return Trace(tuple(_arrived(one, arrived[number]) for number, one in enumerate(messages)), more)


def _arrived(one: Traced, places: list[list[int]]) -> Traced:
    if not any(places):
        return one
    sent = tuple(
        replace(sent, traced=tuple(places[at])) if at < len(places) else sent for at, sent in enumerate(one.sent)
    )
    return replace(one, sent=sent)


def _told(network: Network, one: Evaluation, depth: int, parent: int | None, *, globals: bool) -> Traced:
    label = network.label
    sent = tuple(_outgoing(delivery, label) for delivery in one.effects)
    places: dict[tuple[str, int], int] = {}
    for at, delivery in enumerate(one.effects):
        # An assignment to several processes is several deliveries of one place.
        places.setdefault((delivery.kind, delivery.index), at)
    name = label(one.process)
    notes = [] if one.problem is None else [f"nothing of it is sent: {one.problem}"]
    if one.result is None:
        return _bare(one, name, label, depth, parent, sent, [*notes, "a stand-in has answered it"])
    if one.skipped:
        return _bare(one, name, label, depth, parent, sent, [*notes, "it was there already, and not evaluated again"])
    try:
        seen = watched_again(network.compute.process(one.process), one.number, globals=globals)
    except AoError as error:
        if isinstance(error, InternalError):
            raise
        return _bare(one, name, label, depth, parent, sent, [*notes, f"it cannot be evaluated again: {error}"])
    told = traced_of(seen, name=name, label=label, depth=depth, parent=parent, sent=sent, places=places, notes=notes)
    return replace(told, nonce=one.nonce)


def _outgoing(delivery: Delivery, label: Label) -> Outgoing:
    tags = tags_of({"Tags": delivery.tags.to_list()}, label)
    to = label(delivery.target) if delivery.target else None
    return Outgoing(delivery.kind, to, delivery.action, tags, (), delivery.problem)


def _bare(
    one: Evaluation,
    name: str,
    label: Label,
    depth: int,
    parent: int | None,
    sent: tuple[Outgoing, ...],
    notes: list[str],
) -> Traced:
    """A message of which no more is known than the network knows."""
    item, result = one.item, one.result
    return Traced(
        depth,
        parent,
        one.process,
        name,
        one.nonce,
        None if item is None else item.id,
        "tick" if item is None else item.action or "message",
        "" if item is None else label(item.sender),
        () if item is None else tags_of({"Tags": item.tags.to_list()}, label),
        (),
        None if result is None else result.gas_used,
        None if result is None else result.error,
        None,
        (),
        (),
        0,
        "",
        sent,
        (),
        0,
        tuple(notes),
    )
