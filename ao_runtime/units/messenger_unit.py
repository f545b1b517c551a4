"""mu, the messenger unit: takes what wallets send, and what they want monitored (spec: units, mu)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..errors import InputError, ItemError, RefusedError
from ..items import DataItem
from .answers import Refusal, answer, refusal_of
from .border import Unit, guard
from .messaging import Messaging
from .requests import body_of, id_in, item_of

__all__ = ["messenger_routes", "messenger_unit"]

_T = TypeVar("_T")


def messenger_unit(messaging: Messaging) -> Unit:
    """The unit's app."""
    unit = MessengerUnit(messaging)
    return Unit("mu", [Route("/", unit.root, methods=["GET"]), *messenger_routes(messaging)], 500)


def messenger_routes(messaging: Messaging, bad_item: int = 400, missing: tuple[int, str] | None = None) -> list[Route]:
    """The routes that a router has too.

    `bad_item` is its status for a body that is no signed item, `missing` its answer where a request names no process.
    """
    unit = MessengerUnit(messaging, bad_item, missing)
    return [
        Route("/", unit.take, methods=["POST"]),
        Route("/monitor/{id}", unit.monitor, methods=["POST"]),
        Route("/monitor/{id}", unit.unmonitor, methods=["DELETE"]),
    ]


class MessengerUnit:
    """The routes of the unit."""

    def __init__(self, messaging: Messaging, bad_item: int = 400, missing: tuple[int, str] | None = None) -> None:
        self._at = messaging
        self._bad_item = bad_item
        self._missing = missing

    async def root(self, request: Request) -> Response:
        """What it is."""
        return PlainTextResponse("ao messenger unit")

    async def take(self, request: Request) -> Response:
        """A signed message or process, or an assignment: 202 as soon as it has its place, and is kept.

        What is refused is 400 with the reason.
        """
        if not request.scope["query_string"]:
            return await self._send(request)
        query = request.query_params
        # What is empty is not there.
        process, message = query.get("process-id") or None, query.get("assign") or None
        if process is None and message is None:
            return await self._send(request)
        if process is None and self._missing is not None:
            raise Refusal(*self._missing)
        if process is None or message is None:
            raise Refusal(400, "You must set both process-id and assign to send an assignment, not just one")
        process, message = id_in(process, "process-id"), id_in(message, "assign")
        self._at.access.check(request, unless_local=True)
        if query.get("exclude"):
            # Nor can the network's messenger read a list there (spec: units, correction 4).
            raise Refusal(500, "'exclude': Expected boolean, received string")
        id = await _refusing(self._at.assign(process, message))
        return answer({"message": "Processing Assignment", "id": id}, 202)

    async def monitor(self, request: Request) -> Response:
        """From now on deliver what the ticks of a process send."""
        await _refusing(self._at.monitor(await self._monitored(request)))
        return PlainTextResponse("Monitoring process")

    async def unmonitor(self, request: Request) -> Response:
        """No longer deliver them."""
        await _refusing(self._at.unmonitor(await self._monitored(request)))
        return PlainTextResponse("Process deleted")

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _send(self, request: Request) -> Response:
        body = await body_of(request)
        try:
            item = await item_of(body)
        except ItemError as error:
            raise Refusal(
                self._bad_item, f"'body': A valid and signed data item must be provided as the body. ({error})"
            ) from None
        kind = next((tag.value for tag in item.tags if tag.name == "Type"), None)
        if not item.target and kind != "Process" and self._missing is not None:
            raise Refusal(*self._missing)
        if kind == "Process":
            _check_process(item)
        await _refusing(self._at.take(item))
        return answer({"message": "Processing DataItem", "id": item.id}, 202)

    async def _monitored(self, request: Request) -> str:
        """The process that a signed item names, or without one the path, where the user of this machine asks."""
        named = id_in(request.path_params["id"], "id")
        body = await body_of(request)
        if not body:
            raise Refusal(400, "Signed data item is required")
        if request.headers.get("content-type", "").startswith("application/json"):
            guard(self._at, request)
            return named
        try:
            item = await item_of(body)
        except ItemError as error:
            raise Refusal(400, f"Signed data item is required ({error})") from None
        return item.target or named


async def _refusing(done: Awaitable[_T]) -> _T:
    """What is refused has the status 400."""
    try:
        return await done
    except (RefusedError, InputError) as error:
        raise refusal_of(error) from None


def _check_process(item: DataItem) -> None:
    """The messenger looks for the scheduler of a process itself: what its scheduler would say comes after that."""
    tags = [(tag.name, tag.value) for tag in item.tags]
    if ("Data-Protocol", "ao") in tags and all(name != "Scheduler" for name, _ in tags):
        raise Refusal(400, "No Scheduler tag found on 'Process' DataItem")
