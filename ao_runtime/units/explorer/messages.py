"""What the page of one message shows: the message, its result, what it sent, and all that it set off."""

from __future__ import annotations

from typing import Any

from ...models import told as explained
from ...network import Delivery, Evaluation, Item, Network
from ..answers import Refusal
from .rows import ROOT, counted, error_of, evaluation_row, tags_of, who
from .text import as_text, cut, group, line, moment, preview
from .timeline import Timeline
from .trees import causes, tree

__all__ = ["evaluation", "item", "place_of"]

#: Of each kind of what a message sends, so many are shown.
SENT = 50
_TAGS = 100


def evaluation(network: Network, timeline: Timeline, process: str, number: int) -> dict[str, Any]:
    """What a process has evaluated as its message (or tick) `number`. Raises a `Refusal` (404) where there is none."""
    if process not in network.scheduler:
        raise Refusal(404, "there is no such process in this network")
    # Those of a folder are read when they are needed.
    network.scheduler.schedule(process)
    evaluations, count = timeline.evaluations(process)
    if not 0 <= number < count:
        raise Refusal(404, f"the process has no message {number}")
    one = evaluations[number]
    rows, more = tree(network, one)
    base = f"{ROOT}/process/{process}"
    return {
        "row": evaluation_row(network, one),
        "item": None if one.item is None else _item(network, one.item),
        "place": None if one.assignment is None else _place(network, timeline, one),
        "result": _result(network, one),
        "tree": rows,
        "more": more,
        "causes": causes(network, one),
        # What was sent before the server began is not tied to what it set off.
        "untied": not one.effects and one.result is not None and any(one.result.counts),
        "previous": f"{base}/{number - 1}" if number else None,
        "next": f"{base}/{number + 1}" if number + 1 < count else None,
    }


def item(network: Network, id: str) -> dict[str, Any]:
    """An item that no process has evaluated: mail to a wallet, or stored data. Raises a `Refusal` (404)."""
    found = network.storage.item(id)
    if found is None:
        raise Refusal(404, "there is nothing of this id")
    return {"item": _item(network, found)}


def place_of(network: Network, timeline: Timeline, id: str) -> str | None:
    """Where the page of a message is, by its id; None where nobody knows it. No journal is read for it."""
    if id in network.scheduler:
        return f"{ROOT}/process/{id}"
    one = network.scheduler.place(id)
    if one is not None:
        number = timeline.number(one)
        if number is not None:
            return f"{ROOT}/process/{one.process}/{number}"
        return f"{ROOT}/process/{one.process}"
    return f"{ROOT}/item/{id}" if network.storage.item(id) is not None else None


def _item(network: Network, one: Item) -> dict[str, Any]:
    return {
        "id": one.id,
        "owner": who(network, one.owner),
        "sender": who(network, one.sender),
        "target": who(network, one.target) if one.target else None,
        "anchor": preview(one.anchor) if one.anchor else None,
        "tags": tags_of(one),
        "tag_count": group(len(one.names)),
        "data": preview(one.data) if one.data.strip() else None,
        "signed": bool(one.signature),
    }


def _place(network: Network, timeline: Timeline, one: Evaluation) -> dict[str, Any]:
    assert one.assignment is not None
    place = one.assignment
    return {
        "id": place.id,
        "time": moment(place.timestamp),
        "timestamp": place.timestamp,
        "height": group(place.block_height),
        "chain": place.hash_chain,
        "elsewhere": place.elsewhere,
        "exclude": ", ".join(place.exclude),
        "for": None
        if place.pushed_for is None or (one.item is not None and place.pushed_for == one.item.id)
        else {"id": line(place.pushed_for, 60), "href": place_of(network, timeline, place.pushed_for)},
    }


def _result(network: Network, one: Evaluation) -> dict[str, Any] | None:
    result = one.result
    if result is None:
        return None
    told: dict[str, Any] = {"gas": group(result.gas_used), "ok": result.ok, "counts": counted(*result.counts)}
    if not result.ok:
        text = explained(result.failure) if result.failure is not None else result.error or ""
        return told | {"error": error_of(one), "text": cut(text), "sent": [], "rest": 0}
    arrived: dict[tuple[str, int], Delivery] = {}
    for delivery in one.effects[: 4 * SENT]:
        arrived.setdefault((delivery.kind, delivery.index), delivery)
    wire = result.head(SENT)
    sent: list[dict[str, Any]] = []
    for name, kind in (("Messages", "message"), ("Spawns", "spawn"), ("Assignments", "assignment")):
        left = wire.get(name)
        for index, inner in enumerate(left if isinstance(left, (list, tuple)) else ()):
            sent.append(_sent(network, kind, inner, arrived.get((kind, index))))
    rest = sum(result.counts) - len(sent)
    return told | {"text": cut(result.text), "sent": sent, "rest": group(rest) if rest > 0 else None}


def _sent(network: Network, kind: str, left: Any, delivery: Delivery | None) -> dict[str, Any]:
    """What a process left in its outbox: anything may stand there."""
    told: dict[str, Any] = {"kind": kind, "tags": [], "data": None, "target": None, "action": kind, "href": None}
    if not isinstance(left, dict):
        return told | {"data": cut(left, 1000)}
    tags = left.get("Tags")
    for one in (tags if isinstance(tags, list) else [])[:_TAGS]:
        if isinstance(one, dict):
            told["tags"].append({"name": line(one.get("name"), 200), "value": cut(one.get("value"), 400)})
    told["action"] = next((one["value"] for one in told["tags"] if one["name"] == "Action"), kind)
    target = as_text(left.get("Target"))
    if target:
        told["target"] = who(network, target)
    data = left.get("Message") if kind == "assignment" else left.get("Data")
    told["data"] = cut(data, 1000) if as_text(data).strip() else None
    if delivery is not None and delivery.outcomes:
        last = delivery.outcomes[0]
        if last.process in network.scheduler:
            told["href"] = f"{ROOT}/process/{last.process}/{last.number}"
    elif delivery is not None and delivery.item is not None:
        told["href"] = f"{ROOT}/item/{delivery.item.id}"
    return told
