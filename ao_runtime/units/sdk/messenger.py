"""The messenger: messages that are relayed, and whose ticks are delivered."""

from __future__ import annotations

from starlette.responses import Response

from ...errors import AoError
from ...network import Evaluation, Steps
from ..answers import Refusal, answer
from ..hub import Hub
from .bodies import EmptyBody, RelayBody
from .endpoint import JSON, Endpoint, Given
from .places import known, open_process, refused
from .shapes import Monitored, Relayed

__all__ = ["ENDPOINTS"]


async def relay(hub: Hub, given: Given[RelayBody]) -> Response:
    """Assign a message to another process, and deliver what it sends then; or bring a signed item, as to the mu."""
    item, body = given.item, given.body
    try:
        if item is not None:
            if item.tags.get("Type") != "Process":
                await hub.call(lambda: open_process(hub, item.target))
            await hub.receive(item)
            return answer({"status": "relayed", "id": item.id}, 202)

        def assign() -> Steps[Evaluation]:
            scheduler = hub.network.scheduler
            open_process(hub, body.target_process)
            if scheduler.message(body.message_id) is None:
                raise Refusal(404, f"there is no message {body.message_id}")
            if scheduler.find(body.target_process, body.message_id) is not None:
                raise Refusal(409, f"the process {body.target_process} has had the message already")
            return hub.network.messenger.assigning(body.target_process, body.message_id)

        place = (await hub.take(body.target_process, assign)).assignment
    except AoError as error:
        raise refused(error) from None
    assert place is not None
    return answer({"status": "relayed", "id": place.id, "slot": place.nonce}, 202)


async def monitor(hub: Hub, given: Given[EmptyBody]) -> Response:
    """From now on deliver what a process's ticks send. Again is the same."""
    id = _named(given)

    def begin() -> None:
        open_process(hub, id)
        if id not in hub.network.messenger.monitored:
            hub.network.monitor(id, True)

    await hub.call(begin)
    return answer({"status": "monitoring", "process_id": id})


async def unmonitor(hub: Hub, given: Given[EmptyBody]) -> Response:
    """No longer deliver it."""
    id = _named(given)

    def end() -> None:
        known(hub, id)
        if id not in hub.network.messenger.monitored:
            raise Refusal(404, f"the process {id} is not monitored")
        hub.network.monitor(id, False)

    await hub.call(end)
    return answer({"status": "stopped", "process_id": id})


def _named(given: Given[EmptyBody]) -> str:
    """The process; a signed item must name the same."""
    id = given.ids["process_id"]
    if given.item is not None and given.item.target != id:
        raise Refusal(400, "the item must name the process as its target")
    return id


ENDPOINTS = (
    Endpoint(
        "POST", "/messenger", "relay", "messenger", "Relay a message", relay,
        {202: {JSON: Relayed}}, (404, 409, 410, 422), None, RelayBody, True,
    ),
    Endpoint(
        "POST", "/messenger/monitor/{process_id}", "monitor", "messenger", "Monitor a process", monitor,
        {200: {JSON: Monitored}}, (404, 410), None, EmptyBody, True,
    ),
    Endpoint(
        "DELETE", "/messenger/monitor/{process_id}", "unmonitor", "messenger", "Stop monitoring a process", unmonitor,
        {200: {JSON: Monitored}}, (404,), None, EmptyBody, True,
    ),
)  # fmt: skip
