"""What a result asks a messenger for: its outbox as deliveries, and what of it no messenger can carry.

A messenger is strict about what it can read (spec: units, corrections 2 and 5): a message with something else than text
among its tags is dropped without a word; a spawn or an assignment of the wrong form keeps back the whole result.
"""

from __future__ import annotations

from typing import Any

from ..models import Result, to_bytes
from .evaluation import Delivery, Evaluation
from .values import as_bytes

__all__ = ["deliveries_of"]

_NOTHING: list[Delivery] = []


def deliveries_of(evaluation: Evaluation, pushed_for: str | None) -> list[Delivery]:
    """The deliveries of an evaluation, messages first, then spawns, then assignments.

    What cannot be carried is among them, with a `problem`. Where nothing is carried at all, `evaluation.problem` says
    why.
    """
    result = evaluation.result
    if result is None:
        return _NOTHING
    posted = result.posted
    if posted is not None:
        if not posted:
            return _NOTHING
        return [
            Delivery("message", evaluation, index, target.decode("utf-8", "replace"), data, anchor, flat, pushed_for)
            for index, (target, data, anchor, flat) in enumerate(posted)
        ]
    return _read(evaluation, result, pushed_for)


def _read(evaluation: Evaluation, result: Result, pushed_for: str | None) -> list[Delivery]:
    wire = result.to_dict()
    spawns, assignments, messages = (_list(wire.get(name)) for name in ("Spawns", "Assignments", "Messages"))
    problem = _whole(spawns, assignments)
    if problem is not None:
        evaluation.problem = problem
        return _NOTHING
    found = [_message(evaluation, index, one, pushed_for) for index, one in enumerate(messages)]
    for index, one in enumerate(spawns):
        flat = _flat(one["Tags"])
        assert flat is not None
        found.append(Delivery("spawn", evaluation, index, "", _data(one), b"", flat, pushed_for))
    for index, one in enumerate(assignments):
        for which, process in enumerate(one["Processes"]):
            delivery = Delivery("assignment", evaluation, index, process, None, b"", (), None)
            delivery.message, delivery.which = str(one["Message"]), which
            found.append(delivery)
    return found


def _whole(spawns: list[Any], assignments: list[Any]) -> str | None:
    """Why nothing of a result is carried; None where it can be."""
    for index, one in enumerate(spawns):
        if not isinstance(one, dict) or not isinstance(one.get("Anchor"), str):
            return f"Spawns[{index}] has no Anchor that is text: nothing of the result is sent"
        if _flat(one.get("Tags")) is None:
            return f"Spawns[{index}] has a tag that is no text: nothing of the result is sent"
    for index, one in enumerate(assignments):
        processes = one.get("Processes") if isinstance(one, dict) else None
        if not isinstance(processes, list) or not all(isinstance(process, str) for process in processes):
            return f"Assignments[{index}].Processes is no list of ids: nothing of the result is sent"
        if not isinstance(one.get("Message"), str):
            return f"Assignments[{index}] names no Message: nothing of the result is sent"
    return None


def _message(evaluation: Evaluation, index: int, one: Any, pushed_for: str | None) -> Delivery:
    """A message; with a problem, where it is dropped."""
    wire = one if isinstance(one, dict) else {}
    target, anchor, data = wire.get("Target"), wire.get("Anchor"), wire.get("Data")
    flat = _flat(wire.get("Tags"))
    problem = None
    if not isinstance(target, str):
        problem = "has no Target that is text"
    elif not isinstance(anchor, str):
        problem = "has no Anchor"
    elif flat is None:
        problem = "has a tag that is no text" if wire.get("Tags") is not None else "has no Tags"
    elif data is not None and not isinstance(data, (str, bytes)):
        problem = "has Data that is no text"
    delivery = Delivery(
        "message",
        evaluation,
        index,
        target if isinstance(target, str) else "",
        _data(wire),
        to_bytes(anchor) if isinstance(anchor, str) else b"",
        flat or (),
        pushed_for,
    )
    delivery.problem = problem
    return delivery


def _flat(tags: Any) -> tuple[bytes, ...] | None:
    """Name, value, …; None where one is no text."""
    if not isinstance(tags, list):
        return None
    flat: list[bytes] = []
    for tag in tags:
        name, value = (tag.get("name"), tag.get("value")) if isinstance(tag, dict) else (None, None)
        if not isinstance(name, (str, bytes)) or not isinstance(value, (str, bytes)):
            return None
        flat += (as_bytes(name), as_bytes(value))
    return tuple(flat)


def _data(wire: dict[Any, Any]) -> bytes | None:
    data = wire.get("Data")
    return as_bytes(data) if isinstance(data, (str, bytes)) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
