"""What holds for every request, whatever unit it is for: who may ask, and what is said in every answer."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import AoError
from ..models import harmless
from .access import Access
from .answers import Refusal, answer, refusal_of
from .metrics import Metrics
from .worker import LOG

__all__ = ["Border", "Guarded", "Unit", "guard"]

#: A status for errors of ours that nobody has expected.
_BUG = 500
_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE"
_KNOWN = frozenset(_METHODS.split(","))
#: What is said in every answer; and what in those that any page may read.
_HIDDEN = {b"x-content-type-options": b"nosniff"}
_SHOWN = {**_HIDDEN, b"access-control-allow-origin": b"*", b"access-control-expose-headers": b"*"}
_HEADERS = re.compile(r"[A-Za-z0-9_\-, ]{1,1000}\Z")


class Guarded(Protocol):
    """What `guard` knows of a server."""

    @property
    def access(self) -> Access:
        """Who may do what nobody has signed for."""

    @property
    def hosts(self) -> frozenset[str]:
        """What a `Host` may say where something is done that nobody has signed for."""


def guard(server: Guarded, request: Request, *, body: bool = True) -> None:
    """Let through only what the user of this machine asks for: for routes that change what nobody has signed for.

    `Host` must be one of the server's own names, or a name that somebody has pointed at this machine would do; an
    `Origin`, which browsers send for pages, must be the server's own; and the body must be `application/json`, which
    no form can send. Where a request has no `body`, a page could ask by a picture or a link, for which browsers send no
    `Origin`, but say in `Sec-Fetch-Site` whose page it is. No CORS header is in the answer. Where other machines reach
    the server all of it is off, unless it has a token, which the request must have then. Raises a `Refusal`: 401, 403,
    or 415 for the body.
    """
    request.scope["ao.guarded"] = True
    server.access.check(request)
    host = request.headers.get("host", "").lower()
    if host not in server.hosts:
        raise Refusal(403, f"Host is none of this server's: {harmless(host[:100])}")
    origin = request.headers.get("origin")
    if origin is not None:
        parts = urlsplit(origin)
        if parts.scheme != "http" or parts.netloc.lower() not in server.hosts:
            raise Refusal(403, "pages of other origins cannot ask for this")
    if not body:
        if origin is None and request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise Refusal(403, "pages of other origins cannot ask for this")
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "Content-Type must be application/json")


class Unit:
    """An ASGI app of one unit: its routes, and its errors as JSON.

    refused
        The status of errors that have none of their own.
    """

    def __init__(self, name: str, routes: Iterable[Route], refused: int = 400) -> None:
        self.name = name
        self.routes = [*routes]
        self._refused = refused
        #: The routes of paths without parameters, by method and path: no pattern is looked at for these.
        self._fixed: dict[tuple[str, str], Route] = {}
        for one in self.routes:
            if not one.param_convertors:
                self._fixed |= {
                    (method, one.path): self._matching(_asked(method, one.path)) for method in one.methods or ()
                }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        # Without it starlette answers a wrong method by itself, in plain text.
        scope["app"] = self
        scope["ao.unit"] = self.name
        try:
            await self._dispatch(scope, receive, send)
            return
        except Refusal as refusal:
            response = self._told(refusal.status, refusal.text)
            if refusal.close:
                response.headers["connection"] = "close"
            if refusal.status == 401:
                response.headers["www-authenticate"] = "Bearer"
        except HTTPException as error:
            response = self._unknown(scope, error.status_code)
        except AoError as error:
            refused = refusal_of(error, self._refused)
            response = self._told(refused.status, refused.text)
        except Exception as error:
            if scope.get("ao.started"):
                raise
            LOG.exception("%s: a request failed", self.name)
            response = self._told(_BUG, f"{type(error).__name__}: this is a bug of ao-run")
        await response(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._fixed.get((scope["method"], scope["path"]))
        if route is None:
            route = self._matching(scope)
        scope["ao.route"] = route.path
        # Not by `route.handle`, which wraps the answer again, to handle errors that are handled here.
        response = await route.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    def _matching(self, scope: Scope) -> Route:
        """The route of a request, whose parameters are in its scope then. Raises an `HTTPException`: 404 or 405."""
        partial = False
        for route in self.routes:
            match, inner = route.matches(scope)
            if match is Match.NONE:
                continue
            scope["ao.route"] = route.path
            if match is Match.FULL:
                scope.update(inner)
                return route
            partial = True
        raise HTTPException(405 if partial else 404)

    def _told(self, status: int, text: str) -> Response:
        """An error."""
        return answer({"error": text}, status)

    def _unknown(self, scope: Scope, status: int) -> Response:
        if status == 405:
            refused = self._told(405, f"{scope['method']} is not for this path")
            routes = (one for one in self.routes if one.path_regex.match(scope["path"]))
            refused.headers["allow"] = ", ".join(sorted({name for one in routes for name in one.methods or ()}))
            return refused
        told = f"Route {scope['method']}:{harmless(scope['path'][:200])} not found"
        return answer({"message": told, "error": "Not Found", "statusCode": 404}, 404)


class Border:
    """An ASGI app around all units: CORS, preflights, what is refused of every request, log and metrics."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        begun = time.monotonic()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                scope["ao.started"] = True
                # Headers are bytes here, and their names in small letters (ASGI): every answer passes.
                own = _HIDDEN if scope.get("ao.guarded") else _SHOWN
                told = [one for one in message.get("headers", ()) if one[0] not in own]
                message["headers"] = [*told, *own.items()]
            await send(message)

        encoding = next((value for name, value in scope["headers"] if name == b"content-encoding"), b"")
        if scope["method"] == "OPTIONS":
            await _preflight(Headers(scope=scope))(scope, receive, sending)
        elif encoding.strip().lower() not in (b"", b"identity"):
            # A body that unpacks to a thousand times its size is nothing that anybody here needs.
            refused = answer({"error": "Content-Encoding is not taken: send the body as it is"}, 415)
            await refused(scope, receive, sending)
        else:
            await self._app(scope, receive, sending)
        seconds = time.monotonic() - begun
        unit, route = scope.get("ao.unit", "-"), scope.get("ao.route", "-")
        method = scope["method"] if scope["method"] in _KNOWN else "other"
        self._metrics.count(unit, route, method, status, seconds)
        if LOG.isEnabledFor(logging.INFO):
            path = scope["raw_path"].decode("ascii", "replace")[:200]
            LOG.info("%s %s %s %d %.1f ms", unit, method, path, status, seconds * 1000)


def _asked(method: str, path: str) -> Scope:
    """A request for a path, as far as routes look at it."""
    return {"type": "http", "method": method, "path": path}


def _preflight(headers: Headers) -> Response:
    """What a browser asks before it lets a page ask."""
    told = {"Access-Control-Allow-Methods": _METHODS, "Vary": "Access-Control-Request-Headers"}
    asked = headers.get("access-control-request-headers", "")
    if _HEADERS.match(asked):
        told["Access-Control-Allow-Headers"] = asked
    return Response(status_code=204, headers=told)
