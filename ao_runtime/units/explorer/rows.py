"""Rows of lists: evaluations, messages, processes, deliveries; and addresses as links."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ...models import message_in, place_in
from ...network import Assignment, Delivery, Evaluation, Item, Network, is_id
from .text import cut, group, line, moment
from .timeline import Timeline

__all__ = ["ROOT", "delivery_row", "evaluation_row", "message_row", "process_row", "tags_of", "who"]

#: Where the explorer is.
ROOT = "/explorer"
#: Characters of an address that is no id.
_ADDRESS = 120
#: Tags that are shown, characters of a name and of a value.
_TAGS, _NAME, _VALUE = 100, 200, 2000


def who(network: Network, address: str) -> dict[str, Any]:
    """An address: `{name, href, id, process, hue}`."""
    process = is_id(address) and address in network.scheduler
    known = len(address) <= 1000
    return {
        "name": line(network.label(address), 48) or "nobody",
        "href": None
        if not address or not known
        else f"{ROOT}/process/{address}"
        if process
        else f"{ROOT}/wallet?address={quote(address.encode('utf-8', 'replace'), safe='')}",
        "id": line(address, _ADDRESS),
        "process": process,
        "hue": sum(address[:8].encode("utf-8", "replace")) % 12,
    }


def evaluation_row(network: Network, one: Evaluation) -> dict[str, Any]:
    """An evaluation on one line."""
    item = one.item
    told: dict[str, Any] = {
        "key": f"{one.process}/{one.number}",
        "href": f"{ROOT}/process/{one.process}/{one.number}",
        "process": who(network, one.process),
        "number": one.number,
        "nonce": one.nonce,
        "action": action_of(one),
        "sender": None if item is None else who(network, item.sender),
        "time": moment(one.timestamp),
        "error": None,
        "sent": "",
        "gas": "",
        "state": "skipped" if one.skipped else "ok",
    }
    if one.result is not None:
        told["gas"] = group(one.result.gas_used)
        told["sent"] = counted(*one.result.counts)
        if not one.result.ok:
            told["state"], told["error"] = "error", error_of(one)
    return told


def message_row(network: Network, timeline: Timeline, one: Assignment) -> dict[str, Any]:
    """A message on one line, with what became of it."""
    number = timeline.number(one)
    if number is None:
        found = Evaluation(one.process, one.nonce, one.nonce, None, one.item, one)
        return {**evaluation_row(network, found), "state": "waits", "href": f"{ROOT}/message/{one.item.id}"}
    return evaluation_row(network, timeline.evaluations(one.process)[0][number])


def process_row(network: Network, id: str) -> dict[str, Any]:
    """A process on one line; of one that was not read, in a folder, only what it is called is known."""
    told: dict[str, Any] = {"who": who(network, id), "id": id, "read": id not in network.scheduler.unread}
    if told["read"]:
        schedule = network.scheduler.schedule(id)
        told["count"] = group(len(schedule.assignments))
        told["owner"] = who(network, schedule.item.owner)
        told["born"] = moment(schedule.assignments[0].timestamp)
        last = schedule.assignments[-1]
        told["last"] = moment(last.timestamp)
        told["action"] = line(last.item.action or "", 60) if last.nonce else "spawned"
    return told


def delivery_row(network: Network, one: Delivery) -> dict[str, Any]:
    """What is on its way, on one line."""
    origin = one.origin
    return {
        "key": line(one.key, 200),
        "kind": one.kind,
        "action": line(one.action or "", 60),
        "sender": who(network, one.sender),
        "target": who(network, one.target) if one.target else None,
        "origin": f"{ROOT}/process/{origin.process}/{origin.number}" if origin.process in network.scheduler else None,
        "time": moment(origin.timestamp),
    }


def tags_of(item: Item) -> list[dict[str, Any]]:
    """The tags of an item, as many as a page holds."""
    return [
        {"name": line(name, _NAME), "value": cut(value, _VALUE)}
        for name, value in zip(item.names[:_TAGS], item.values[:_TAGS], strict=False)
    ]


def action_of(one: Evaluation) -> str:
    """What a message is for, in a word."""
    if one.tick is not None:
        return f"tick {line(one.tick.cron.name, 40)}"
    if one.item is None:
        return "message"
    if one.assignment is not None and not one.nonce:
        return "spawned"
    return line(one.item.action or "", 60) or "message"


def error_of(one: Evaluation) -> str:
    """Why an evaluation failed, on one line."""
    result = one.result
    if result is None or result.ok:
        return ""
    if result.failure is not None:
        return line(result.failure.message)
    # Of a result that was read from a journal only the text is known; what was printed stands before.
    return line(place_in(message_in((result.error or "")[-4000:])).message)


def counted(messages: int, spawns: int, assignments: int) -> str:
    """How much was sent, in words."""
    kinds = ((messages, "message"), (spawns, "spawn"), (assignments, "assignment"))
    return ", ".join(f"{group(count)} {name}{'s' if count > 1 else ''}" for count, name in kinds if count)
