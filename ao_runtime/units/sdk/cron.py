"""Cron: what ticks gave, and a tick out of turn."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ...errors import RefusedError
from ...network import Evaluation
from ..answers import Refusal, answer
from ..compute_unit import ComputeUnit, result_of
from ..cursors import Place, cursor, place_of, read_cursor
from ..hub import Hub
from .bodies import CronQuery, CronTickBody
from .endpoint import JSON, PAGE, Endpoint, Given, wants
from .places import known, open_process, refused
from .shapes import CronTick, CronTicked, Ticks

__all__ = ["ENDPOINTS"]


async def outbox(hub: Hub, given: Given[CronQuery]) -> Response:
    """The ticks of a range, and what each gave; those that are due by now are evaluated."""
    id, query = given.ids["process_id"], given.query
    first: Place = (-1, -1, "") if query.from_ is None else read_cursor(query.from_, "from")[0]
    last = None if query.to is None else read_cursor(query.to, "to")[0]
    as_page = wants(given.request, PAGE)

    def read() -> Any:
        if as_page:
            return ComputeUnit(hub).page(id, first, last, "ASC", query.limit, lambda one: one.tick is not None)
        found = []
        # Without those that are at work, and may not be kept.
        for one in hub.network.compute.unit(id).evaluations[: hub.worker.lanes.kept(id)]:
            if one.tick is None or not first < place_of(one) or (last is not None and place_of(one) > last):
                continue
            found.append(_told(one))
            if len(found) == query.limit:
                break
        return found

    await hub.call(lambda: known(hub, id))
    await hub.tick(id)
    response = answer(await hub.call(read))
    response.headers["content-type"] = PAGE if as_page else JSON
    return response


async def tick(hub: Hub, given: Given[CronTickBody]) -> Response:
    """Evaluate a tick now."""
    id, body = given.ids["process_id"], given.body

    def look() -> None:
        open_process(hub, id)
        if body.index >= len(hub.network.compute.unit(id).crons):
            raise Refusal(400, f"the process {id} has no Cron-Interval {body.index}")

    await hub.call(look)
    try:
        one = await hub.tick_now(id, body.index, body.push)
    except RefusedError as error:
        raise refused(error) from None
    assert one.tick is not None
    return answer({"result": result_of(one), "timestamp": one.timestamp, "cron": one.tick.cron.name})


def _told(one: Evaluation) -> dict[str, Any]:
    assert one.tick is not None
    return {
        "timestamp": one.timestamp,
        "block_height": one.tick.moment.height,
        "ordinate": str(one.nonce),
        "cron": one.tick.cron.name,
        "cursor": cursor(one, "ASC"),
        "result": result_of(one),
    }


ENDPOINTS = (
    Endpoint(
        "GET", "/cron/{process_id}", "getCron", "cron", "Get cron outbox", outbox,
        {200: {JSON: list[CronTick], PAGE: Ticks}}, (404,), CronQuery,
    ),
    Endpoint(
        "POST", "/cron/{process_id}", "evaluateCron", "cron", "Evaluate cron job", tick,
        {200: {JSON: CronTicked}}, (404, 410), None, CronTickBody,
    ),
)  # fmt: skip
