"""`Alone`: the app around one unit on its own; `started`: what it does beside requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..worker import LOG

__all__ = ["Alone", "started"]


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


def started(work: Coroutine[Any, Any, None], done: str) -> asyncio.Task[None]:
    """Begin with what goes on beside the requests, in the running loop. Keep what this gives: else it may be forgotten.

    `done` is what it does, for the log, where it ends by a bug and not because the server stops.
    """

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            LOG.error("nothing is %s any more", done, exc_info=task.exception())

    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(ended)
    return task
