"""What the pages of one process show: its messages, its item, its state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import InputError
from ...models import Cron
from ...network import Network
from ..answers import Refusal
from .overview import PAGE
from .rows import ROOT, evaluation_row, tags_of, who
from .states import PAGE as STATE_PAGE
from .states import state_tree
from .text import group, line, moment, preview
from .timeline import Timeline

__all__ = ["head", "process", "state"]


def process(network: Network, timeline: Timeline, id: str, before: int | None) -> dict[str, Any]:
    """A process: what it is, and a page of what it has evaluated, the last first; `awake`: whether it is in memory.

    Raises a `Refusal` (404) where there is none.
    """
    told = head(network, id)
    evaluations, count = timeline.evaluations(id)
    crons: Sequence[Cron] = ()
    awake = False
    if count:
        unit = network.compute.unit(id)
        crons = unit.crons
        # To wake it for every look at its messages would cost much more than these.
        awake = unit.made is not None
    end = count if before is None else max(0, min(before, count))
    first = max(0, end - PAGE)
    item = network.scheduler.schedule(id).item
    messenger = network.messenger
    told |= {
        "evaluations": [evaluation_row(network, one) for one in reversed(evaluations[first:end])],
        "newest": f"{ROOT}/process/{id}" if end < count else None,
        "older": f"{ROOT}/process/{id}?before={first}" if first else None,
        "tags": tags_of(item),
        "data": preview(item.data) if item.data.strip() else None,
        "awake": awake,
        "crons": [f"every {one.every} {'blocks' if one.blocks else 'seconds'}" for one in crons],
        "monitored": id in messenger.monitored,
    }
    return told


def head(network: Network, id: str) -> dict[str, Any]:
    """What all pages of a process show. Raises a `Refusal` (404) where there is none."""
    if id not in network.scheduler:
        raise Refusal(404, "there is no such process in this network")
    schedule = network.scheduler.schedule(id)
    item, places = schedule.item, schedule.assignments
    module = (item.tag(b"Module") or b"").decode("utf-8", "replace")
    return {
        "id": id,
        "who": who(network, id),
        "owner": who(network, item.owner),
        "sender": who(network, item.sender) if item.sender != item.owner else None,
        "module": line(module, 60),
        "dialect": dialect_of(network, module),
        "count": group(len(places)),
        "born": moment(places[0].timestamp),
        "last": moment(places[-1].timestamp),
    }


def state(network: Network, id: str, keys: list[Any], first: int) -> dict[str, Any]:
    """A table of a process's state, and some of what it holds. To be asked in the process's own lane.

    Raises a `Refusal`: 404 where there is no such value, 400 where nothing can be looked at.
    """
    try:
        found = network.process(id).outline(keys, first, STATE_PAGE)
    except InputError as error:
        raise Refusal(404 if keys else 400, error.problem) from None
    return state_tree(id, keys, first, found)


def dialect_of(network: Network, module: str) -> str:
    """What a module is, in a word; nothing for one that is not known."""
    if module not in network.modules:
        return ""
    known = network.modules[module]
    return "" if known.path is not None else line(known.options.get("dialect", ""), 20)
