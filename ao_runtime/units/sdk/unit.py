"""The app of ao-sdk's endpoints, and which paths are its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from ...models import harmless
from ..about import about
from ..answers import answer
from ..border import Unit
from ..hub import Hub
from . import compute, cron, messages, messenger, processes, scheduler
from .endpoint import JSON, Endpoint, Given
from .openapi import document
from .shapes import Info

__all__ = ["ENDPOINTS", "is_own", "sdk_unit"]


async def info(hub: Hub, given: Given[Any]) -> Response:
    """What the network says of itself."""
    return answer(about(hub))


#: All endpoints.
ENDPOINTS: tuple[Endpoint, ...] = (
    *processes.ENDPOINTS,
    *messages.ENDPOINTS,
    *scheduler.ENDPOINTS,
    *compute.ENDPOINTS,
    *messenger.ENDPOINTS,
    *cron.ENDPOINTS,
    Endpoint("GET", "/info", "getInfo", "network", "What the network says of itself", info, {200: {JSON: Info}}),
)
_FIRST = {"process", "message", "scheduler", "compute", "messenger", "cron", "openapi.json", "api"}
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    409: "conflict",
    410: "terminated",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "busy",
    504: "timeout",
}


def is_own(path: str) -> bool:
    """Whether a path on the gateway's port is one of ao-sdk's."""
    return path[1:].partition("/")[0] in _FIRST


def sdk_unit(hub: Hub) -> Unit:
    """The unit's app; its paths are also under `/api`."""

    async def described(request: Request) -> Response:
        return answer(_document())

    routes = [one.route(hub) for one in ENDPOINTS]
    return _Sdk("sdk", [*routes, Route("/openapi.json", described, methods=["GET"])])


@cache
def _document() -> dict[str, Any]:
    return document(ENDPOINTS)


class _Sdk(Unit):
    """Its errors have a code beside their text."""

    def _told(self, status: int, text: str) -> Response:
        return answer({"error": text, "code": _CODES.get(status, "internal" if status >= 500 else "refused")}, status)

    def _unknown(self, scope: Scope, status: int) -> Response:
        if status != 405:
            return self._told(404, f"there is no {scope['method']} {harmless(scope['path'][:200])}")
        return super()._unknown(scope, status)
