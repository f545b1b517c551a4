"""What the first page shows, the lists of processes and of messages, and what waits."""

from __future__ import annotations

from itertools import islice
from typing import Any

from ...errors import AoError
from ...network import Network
from .rows import ROOT, delivery_row, message_row, process_row, who
from .text import cut, group
from .timeline import Timeline

__all__ = ["PAGE", "handlers_of", "messages", "overview", "processes", "recent", "waiting"]

#: Rows of a page.
PAGE = 50
_FIRST_MESSAGES, _FIRST_PROCESSES = 20, 10
#: Messages back from the last one whose processes are asked what they wait for, and processes that are asked.
_RECENT, _ASKED = 200, 20


def overview(network: Network, timeline: Timeline) -> dict[str, Any]:
    """Numbers, the last messages and the newest processes."""
    found, more = timeline.before(None, _FIRST_MESSAGES)
    ids = network.scheduler.processes
    return {
        "numbers": _numbers(network, timeline),
        "messages": [message_row(network, timeline, one) for one in found],
        "more": f"{ROOT}/messages?before={more}" if more is not None else None,
        "processes": [process_row(network, id) for id in ids[: -_FIRST_PROCESSES - 1 : -1]],
        "unread": group(len(network.scheduler.unread)) if network.scheduler.unread else None,
    }


def _numbers(network: Network, timeline: Timeline) -> list[dict[str, Any]]:
    pending = len(network.messenger.pending)
    return [
        {"name": "processes", "value": group(network.scheduler.count), "href": f"{ROOT}/processes"},
        {"name": "messages", "value": group(len(timeline)), "href": f"{ROOT}/messages"},
        {"name": "on their way", "value": group(pending), "href": f"{ROOT}/waiting"},
        {"name": "block height", "value": group(network.clock.height), "href": None},
    ]


def processes(network: Network, page: int) -> dict[str, Any]:
    """A page of the processes, the newest first; pages are numbered from 1."""
    ids = network.scheduler.processes
    last = max(1, -(-len(ids) // PAGE))
    page = min(page, last)
    end = len(ids) - (page - 1) * PAGE
    return {
        "processes": [process_row(network, id) for id in reversed(ids[max(0, end - PAGE) : end])],
        "page": page,
        "last": last,
        "total": group(len(ids)),
        "newer": f"{ROOT}/processes?page={page - 1}" if page > 1 else None,
        "older": f"{ROOT}/processes?page={page + 1}" if page < last else None,
    }


def messages(network: Network, timeline: Timeline, before: int | None) -> dict[str, Any]:
    """A page of all messages, the last first."""
    found, more = timeline.before(before, PAGE)
    return {
        "messages": [message_row(network, timeline, one) for one in found],
        "newest": f"{ROOT}/messages" if before is not None else None,
        "older": f"{ROOT}/messages?before={more}" if more is not None else None,
        "unread": group(len(network.scheduler.unread)) if network.scheduler.unread else None,
    }


def waiting(network: Network, page: int) -> dict[str, Any]:
    """What is on its way, next first."""
    pending = network.messenger.pending
    first = (page - 1) * PAGE
    return {
        "pending": [delivery_row(network, one) for one in islice(pending, first, first + PAGE)],
        "total": group(len(pending)),
        "page": page,
        "previous": f"{ROOT}/waiting?page={page - 1}" if page > 1 else None,
        "next": f"{ROOT}/waiting?page={page + 1}" if len(pending) > first + PAGE else None,
    }


def recent(network: Network, timeline: Timeline) -> list[str]:
    """The processes that were at work last, as far as they are in memory: who may be asked what waits there."""
    found, _ = timeline.before(None, _RECENT)
    ids = [*dict.fromkeys(one.process for one in found)][:_ASKED]
    return [id for id in ids if id in network.compute and network.compute.unit(id).made is not None]


def handlers_of(network: Network, id: str) -> list[dict[str, Any]]:
    """The handlers of a process that wait; nothing where that cannot be told. To be asked in the process's own lane."""
    try:
        waits = network.process(id).waiting
    except AoError:
        return []
    return [
        {
            "process": who(network, id),
            "what": cut(str(one), 400),
            "handler": cut(one.handler or "", 100),
            "since": one.since,
            "href": None if one.since is None else f"{ROOT}/process/{id}/{one.since}",
        }
        for one in waits[:PAGE]
    ]
