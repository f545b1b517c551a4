"""The scheduler: what is put in order without being delivered, and the order of a process."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from ...errors import AoError
from ...network import Evaluation, Steps
from ..answers import Refusal, answer
from ..headers import header_of
from ..hub import Hub
from ..nodes import node, page
from .bodies import AssignBody, NodesQuery
from .endpoint import BINARY, JSON, PAGE, Endpoint, Given, wants
from .places import known, open_process, place_of, refused
from .shapes import Node, Nodes, Scheduled

__all__ = ["ENDPOINTS"]


async def submit(hub: Hub, given: Given[AssignBody]) -> Response:
    """Put a signed message or process in order, or a message that is known in that of another process."""
    item, body = given.item, given.body

    def put() -> Steps[Evaluation]:
        network = hub.network
        if item is None:
            open_process(hub, body.process_id)
            if network.scheduler.message(body.assign) is None:
                raise Refusal(404, f"there is no message {body.assign}")
            exclude = tuple(body.exclude)
            return network.messenger.assigning(body.process_id, body.assign, exclude, push=False)
        if item.tags.get("Type") != "Process":
            open_process(hub, item.target)
        return network.receiving(item, push=False)

    try:
        place = (await hub.take(body.process_id if item is None else item.target or item.id, put)).assignment
    except AoError as error:
        raise refused(error) from None
    assert place is not None
    return answer({"id": place.id if item is None else item.id, "timestamp": place.timestamp})


async def messages(hub: Hub, given: Given[NodesQuery]) -> Response:
    """A range of a process's messages; or one message, where another id names the process."""
    id, query = given.ids["id"], given.query
    if query.process_id not in (None, id):
        return await _one(hub, given, query.process_id)

    def read() -> tuple[Any, bool, str]:
        known(hub, id)
        first = _moment(hub, id, query.from_, -1)
        last = _moment(hub, id, query.to, 10**16)
        chosen = [one for one in hub.network.scheduler.schedule(id).assignments if first < one.timestamp <= last]
        found, more = chosen[: query.limit], len(chosen) > query.limit
        cursor = str(found[-1].timestamp) if found else ""
        if wants(given.request, PAGE):
            return page(found, more, hub, False), more, cursor
        return [{**node(one, hub), "cursor": str(one.timestamp)} for one in found], more, cursor

    told, more, cursor = await hub.call(read)
    as_page = wants(given.request, PAGE)
    response = answer(told)
    response.headers["content-type"] = PAGE if as_page else JSON
    if more:
        asked = {"from": cursor, "limit": str(query.limit)} | ({} if query.to is None else {"to": query.to})
        response.headers["link"] = f'<{given.request.url.path}?{urlencode(asked)}>; rel="next"'
    return response


ENDPOINTS = (
    Endpoint(
        "POST", "/scheduler", "submit", "scheduler", "Submit data to the scheduler", submit,
        {200: {JSON: Scheduled}}, (404, 409, 410, 422), None, AssignBody, True,
    ),
    Endpoint(
        "GET", "/scheduler/{id}", "getMessages", "scheduler", "Get process messages, or one message", messages,
        {200: {JSON: list[Node] | Node, PAGE: Nodes, BINARY: None}}, (404,), NodesQuery,
    ),
)  # fmt: skip


# ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _one(hub: Hub, given: Given[NodesQuery], process: str) -> Response:
    if any(name in given.request.query_params for name in ("from", "to", "limit")):
        raise Refusal(400, "from, to and limit are of a range: one message is asked for")
    raw = wants(given.request, BINARY)

    def read() -> Any:
        place = place_of(hub, given.ids["id"], process)
        if not raw:
            return node(place, hub)
        if place.item.raw is None or header_of(place.item) is not None:
            raise Refusal(404, "the message was never a signed item")
        return place.item.raw

    told = await hub.call(read)
    return Response(told, media_type=BINARY) if raw else answer(told)


def _moment(hub: Hub, process: str, text: str | None, default: int) -> int:
    """A time in milliseconds, or that of a message."""
    if text is None:
        return default
    if len(text) < 43:
        return int(text)
    return place_of(hub, text, process).timestamp
