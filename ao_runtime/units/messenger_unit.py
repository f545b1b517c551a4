"""mu, the messenger unit: takes what wallets send, and what they want monitored (spec: units, mu)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..errors import InputError, ItemError, RefusedError
from ..network import Evaluation, Steps
from .answers import Refusal, answer, refusal_of
from .border import Unit, guard
from .hub import Hub
from .requests import body_of, id_in, item_of

__all__ = ["messenger_routes", "messenger_unit"]


def messenger_unit(hub: Hub) -> Unit:
    """The unit's app."""
    unit = MessengerUnit(hub)
    return Unit("mu", [Route("/", unit.root, methods=["GET"]), *messenger_routes(hub)], 500)


def messenger_routes(hub: Hub, bad_item: int = 400) -> list[Route]:
    """The routes that a router has too; `bad_item` is its status for a body that is no signed item."""
    unit = MessengerUnit(hub, bad_item)
    return [
        Route("/", unit.take, methods=["POST"]),
        Route("/monitor/{id}", unit.monitor, methods=["POST"]),
        Route("/monitor/{id}", unit.unmonitor, methods=["DELETE"]),
    ]


class MessengerUnit:
    """The routes of the unit."""

    def __init__(self, hub: Hub, bad_item: int = 400) -> None:
        self._hub = hub
        self._bad_item = bad_item

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
        process, message = query.get("process-id"), query.get("assign")
        if process is None and message is None:
            return await self._send(request)
        if process is None or message is None:
            raise Refusal(400, "You must set both process-id and assign to send an assignment, not just one")
        process, message = id_in(process, "process-id"), id_in(message, "assign")
        self._hub.access.check(request, unless_local=True)
        if query.get("exclude"):
            # Nor can the network's messenger read a list there (spec: units, correction 4).
            raise Refusal(500, "'exclude': Expected boolean, received string")

        def assigning() -> Steps[Evaluation]:
            network = self._hub.network
            if process not in network.scheduler:
                raise Refusal(500, f"Error: Process not found: {process}")
            return network.messenger.assigning(process, message)

        try:
            found = (await self._hub.take(process, assigning)).assignment
        except (RefusedError, InputError) as error:
            raise refusal_of(error) from None
        assert found is not None
        return answer({"message": "Processing Assignment", "id": found.id}, 202)

    async def monitor(self, request: Request) -> Response:
        """From now on deliver what the ticks of a process send."""
        process = await self._monitored(request)

        def begin() -> None:
            network = self._hub.network
            if process in network.messenger.monitored:
                raise Refusal(500, "Process already being monitored")
            if process in network.scheduler.terminated:
                raise Refusal(410, f"the process {process} was terminated")
            self._hub.network.monitor(process, True)

        await self._do(begin)
        return PlainTextResponse("Monitoring process")

    async def unmonitor(self, request: Request) -> Response:
        """No longer deliver them."""
        process = await self._monitored(request)

        def end() -> None:
            if process not in self._hub.network.messenger.monitored:
                raise Refusal(500, "Process monitor not found")
            self._hub.network.monitor(process, False)

        await self._do(end)
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
        try:
            await self._hub.receive(item)
        except (RefusedError, InputError) as error:
            raise refusal_of(error) from None
        return answer({"message": "Processing DataItem", "id": item.id}, 202)

    async def _monitored(self, request: Request) -> str:
        """The process that a signed item names, or without one the path, where the user of this machine asks."""
        named = id_in(request.path_params["id"], "id")
        body = await body_of(request)
        if not body:
            raise Refusal(400, "Signed data item is required")
        if request.headers.get("content-type", "").startswith("application/json"):
            guard(self._hub, request)
            return named
        try:
            item = await item_of(body)
        except ItemError as error:
            raise Refusal(400, f"Signed data item is required ({error})") from None
        return item.target or named

    async def _do(self, job: Callable[[], Any]) -> Any:
        try:
            return await self._hub.call(job)
        except (RefusedError, InputError) as error:
            raise refusal_of(error) from None
