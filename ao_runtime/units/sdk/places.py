"""Where processes and messages stand, for answers; all of it in the network's own thread."""

from __future__ import annotations

from typing import Any

from ...errors import AoError, InputError, RefusedError, TerminatedError
from ...network import Assignment, Evaluation
from ..answers import Refusal
from ..compute_unit import result_of
from ..hub import Hub

__all__ = ["evaluation_at", "is_done", "known", "open_process", "place_of", "processes_with", "refused", "result_at"]


def known(hub: Hub, process: str) -> None:
    """Raises a `Refusal` (404) where there is no such process."""
    if process not in hub.network.scheduler:
        raise Refusal(404, f"there is no process {process}")


def open_process(hub: Hub, process: str) -> None:
    """Raises a `Refusal` as well (410) where it was ended."""
    known(hub, process)
    if process in hub.network.scheduler.terminated:
        raise Refusal(410, f"the process {process} was terminated")


def place_of(hub: Hub, message: str, process: str | None) -> Assignment:
    """The place of a message, by its id or its assignment's; without a process the first that it was given.

    Raises a `Refusal` (404) where there is none.
    """
    if process is not None:
        known(hub, process)
        if message == "latest":
            return hub.network.scheduler.schedule(process).assignments[-1]
        found = hub.network.scheduler.find(process, message)
    else:
        # An assignment's id is known to the chain alone.
        found = hub.network.scheduler.place(message) or _listed(hub, message)
    if found is None:
        raise Refusal(404, f"there is no message {message}")
    return found


def processes_with(hub: Hub, place: Assignment) -> list[str]:
    """The processes that have a message: the one that it was sent to, and those that it was assigned to."""
    scheduler, id = hub.network.scheduler, place.item.id
    own = scheduler.place(id)
    found = [] if own is None else [own.process]
    return found + [one for one in scheduler.processes if id in scheduler.schedule(one).assigned and one not in found]


def _listed(hub: Hub, id: str) -> Assignment | None:
    one = hub.chain.find(id)
    return None if one is None else one.place


def is_done(hub: Hub, place: Assignment) -> bool:
    """Whether a message was evaluated, and what it gave is kept."""
    compute = hub.network.compute
    if not hub.worker.lanes.is_evaluated(place):
        return False
    return place.process in compute and place.nonce < len(compute.unit(place.process).nonces)


def evaluation_at(hub: Hub, place: Assignment) -> Evaluation | None:
    """The evaluation of a message; None where it waits for it."""
    if not is_done(hub, place):
        return None
    unit = hub.network.compute.unit(place.process)
    return unit.evaluations[unit.nonces[place.nonce]]


def result_at(hub: Hub, place: Assignment) -> dict[str, Any] | None:
    """Its result, as the compute unit answers it."""
    one = evaluation_at(hub, place)
    return None if one is None else result_of(one)


def refused(error: AoError) -> Refusal:
    """What schedulers and messengers refuse: 410 of a process that was ended, 409 of what is there, else 400."""
    if isinstance(error, TerminatedError):
        return Refusal(410, str(error))
    if isinstance(error, RefusedError):
        return Refusal(409 if error.problem == "Message already exists" else 400, str(error))
    return Refusal(400 if isinstance(error, InputError) else 422, str(error))
