"""The compute unit: results of messages."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ..answers import Refusal, answer
from ..hub import Hub
from .endpoint import JSON, Endpoint, Given
from .places import place_of, result_at
from .shapes import Computed, Output, Pending

__all__ = ["ENDPOINTS"]

_PATH = "/compute/{process_id}/message/{message_id}"


async def execute(hub: Hub, given: Given[Any]) -> Response:
    """The result of a message. It is there as soon as the message has its place: nothing is left to evaluate."""

    def read() -> dict[str, Any] | None:
        return result_at(hub, place_of(hub, given.ids["message_id"], given.ids["process_id"]))

    told = await hub.call(read)
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
        {200: {JSON: Computed}}, (404, 409),
    ),
    Endpoint(
        "GET", _PATH, "getOutput", "compute", "Get process output", output,
        {200: {JSON: Output}, 202: {JSON: Pending}}, (404,),
    ),
)  # fmt: skip
