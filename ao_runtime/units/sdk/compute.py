"""The compute unit: results of messages."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ..answers import Refusal, answer
from ..hub import Hub
from .endpoint import JSON, WAIT, Endpoint, Given, within
from .places import place_of, result_at
from .shapes import Computed, Output, Pending

__all__ = ["ENDPOINTS"]

_PATH = "/compute/{process_id}/message/{message_id}"


async def execute(hub: Hub, given: Given[Any]) -> Response:
    """The result of a message, when it is there: it is evaluated in its turn, whoever asks."""
    process = given.ids["process_id"]
    place = await hub.call(lambda: place_of(hub, given.ids["message_id"], process))
    await within(WAIT, hub.evaluated(process, place.id))
    # What could not be evaluated has lost its place.
    told = await hub.call(lambda: result_at(hub, place_of(hub, place.id, process)))
    if told is None:
        raise Refusal(409, "the message is being evaluated: ask again")
    return answer({"result": told})


async def output(hub: Hub, given: Given[Any]) -> Response:
    """What a message gave, if it was evaluated; nothing is evaluated for it."""

    def read() -> dict[str, Any] | None:
        return result_at(hub, place_of(hub, given.ids["message_id"], given.ids["process_id"]))

    told = await hub.call(read)
    if told is None:
        return answer({"status": "pending"}, 202)
    error = told.get("Error")
    return answer(
        {
            "output": told["Output"],
            "messages": told["Messages"],
            "spawns": told["Spawns"],
            "assignments": told["Assignments"],
            "error": None if error is None else str(error),
            "gas_used": told.get("GasUsed"),
        }
    )


ENDPOINTS = (
    Endpoint(
        "POST", _PATH, "execute", "compute", "Request process execution", execute,
        {200: {JSON: Computed}}, (404, 409, 504),
    ),
    Endpoint(
        "GET", _PATH, "getOutput", "compute", "Get process output", output,
        {200: {JSON: Output}, 202: {JSON: Pending}}, (404,),
    ),
)  # fmt: skip
