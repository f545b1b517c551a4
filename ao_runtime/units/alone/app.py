"""`Alone`: the app around one unit on its own."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Alone"]


class Alone:
    """An ASGI app of one unit, with `/healthcheck` and `/metrics`."""

    def __init__(self, unit: ASGIApp, metrics: Callable[[], str]) -> None:
        self._unit = unit
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or path not in ("/healthcheck", "/metrics"):
            await self._unit(scope, receive, send)
            return
        scope["ao.unit"], scope["ao.route"] = "server", path
        if path == "/healthcheck":
            response = PlainTextResponse("OK")
        else:
            response = PlainTextResponse(self._metrics(), media_type="text/plain; version=0.0.4")
        await response(scope, receive, send)
