"""ur, the router: in a network with one of each unit it answers itself what compute unit and messenger do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .border import Unit
from .compute_unit import compute_routes
from .hub import Hub
from .messenger_unit import messenger_routes
from .network_messaging import NetworkMessaging

__all__ = ["NO_PROCESS", "router_unit"]

#: What a router says of a request that names no process.
NO_PROCESS = "Process id not found on request"


def router_unit(hub: Hub) -> Unit:
    """The unit's app."""

    async def root(request: Request) -> Response:
        return PlainTextResponse("ao router unit")

    missing = 404, NO_PROCESS
    routes = [*compute_routes(hub, missing), *messenger_routes(NetworkMessaging(hub), 422, missing)]
    return Unit("ur", [Route("/", root, methods=["GET"]), *routes], 500)
