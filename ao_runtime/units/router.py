"""ur on its own: sends each request to the host of its process, by 307 or as a proxy (spec: units, ur)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ..errors import AoError
from ..items import DataItem
from .answers import Refusal
from .border import Unit
from .requests import body_of, id_in
from .router_unit import NO_PROCESS
from .routing import Routing, Told
from .worker import LOG

__all__ = ["Router"]

#: Seconds to connect to a host, and to wait for its answer: an evaluation may take a minute.
_CONNECT, _ANSWER = 5.0, 120.0
#: Processes that are remembered, and for how many seconds: nothing of one changes, but it may not be there yet.
_KNOWN, _SECONDS = 10_000, 3600.0
#: Bytes of what the scheduler unit says of a process.
_MOST = 20 << 20
#: What belongs to one connection, or to us: neither the hosts nor the clients are told it.
_OURS = {
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "date",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "server",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "accept-encoding",
    "expect",
}


class Router:
    """A router to compute units or to messengers. Nobody but the hosts that are listed is ever asked.

    unit
        Whose routes it has: "cu" or "mu".
    redirect
        Whether clients are sent to the host (307), or asked for (a proxy).
    su
        The URL of the scheduler unit that knows the owners of processes, and what has spawned them.
    """

    def __init__(self, unit: str, routing: Routing, *, redirect: bool = False, su: str | None = None) -> None:
        self._unit = unit
        self._routing = routing
        self._redirect = redirect
        self._su = su
        self._known: OrderedDict[str, tuple[float, Told]] = OrderedDict()
        self._made: httpx.AsyncClient | None = None

    def app(self) -> Unit:
        """The router's app."""

        def route(path: str, methods: list[str], process: Callable[[Request, bytes], str | None]) -> Route:
            async def answer(request: Request) -> Response:
                body = b"" if request.method in ("GET", "HEAD") else await body_of(request)
                return await self._send(request, process(request, body), body)

            return Route(path, answer, methods=methods)

        if self._unit == "cu":
            routes = [
                route("/result/{id}", ["GET"], _in_query),
                route("/results/{id}", ["GET"], _in_path),
                route("/state/{id}", ["GET"], _in_path),
                route("/cron/{id}", ["GET"], _in_path),
                route("/dry-run", ["POST"], _in_query),
            ]
        else:
            routes = [
                route("/", ["POST"], _in_item),
                route("/monitor/{id}", ["POST", "DELETE"], _in_monitor),
            ]
        return Unit("ur", [Route("/", self._root, methods=["GET"]), *routes])

    async def _root(self, request: Request) -> Response:
        return PlainTextResponse(f"ao router unit: {self._unit}")

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _send(self, request: Request, process: str | None, body: bytes) -> Response:
        if not process:
            raise Refusal(404, NO_PROCESS)
        id_in(process, "process-id")
        told = await self._told(process) if self._routing.asks(process) else None
        rest = request.scope["raw_path"].decode("ascii")
        if request.scope["query_string"]:
            rest += "?" + request.scope["query_string"].decode("ascii", "replace")
        for host in self._routing.ordered(process, told):
            if self._redirect:
                return Response(status_code=307, headers={"Location": host + rest})
            try:
                return await self._ask(request, host + rest, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                LOG.warning("ur: %s cannot be reached (%s)", host, type(error).__name__)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                # It may have been carried out there: nobody else is asked.
                raise Refusal(502, f"the host of this process did not answer: {type(error).__name__}") from None
        raise Refusal(502, "none of the hosts of this process can be reached")

    async def _ask(self, request: Request, url: str, body: bytes) -> Response:
        headers = [(name, value) for name, value in request.headers.items() if name not in _OURS]
        http = self._http()
        asked = http.build_request(
            request.method,
            url,
            content=body or None,
            headers=[*headers, ("accept-encoding", "identity")],
        )
        found = await http.send(asked, stream=True)

        async def parts() -> AsyncIterator[bytes]:
            try:
                async for part in found.aiter_raw():
                    yield part
            finally:
                await found.aclose()

        told = {
            name: value
            for name, value in found.headers.items()
            if name not in _OURS - {"content-encoding"} and not name.startswith("access-control-")
        }
        return StreamingResponse(parts(), found.status_code, told)

    async def _told(self, process: str) -> Told | None:
        """What the scheduler unit says of a process; None where it does not know it."""
        known = self._known.get(process)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        try:
            told = await asyncio.wait_for(self._ask_scheduler(process), _CONNECT + 5)
        except (httpx.HTTPError, httpx.InvalidURL, asyncio.TimeoutError) as error:
            raise Refusal(502, f"the scheduler unit did not answer: {type(error).__name__}") from None
        found = _read(told)
        if found is not None:
            self._known[process] = (time.monotonic() + _SECONDS, found)
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)
        return found

    async def _ask_scheduler(self, process: str) -> httpx.Response:
        async with self._http().stream("GET", f"{self._su}/processes/{process}") as found:
            body = b""
            async for part in found.aiter_bytes():
                body += part
                if len(body) > _MOST:
                    raise Refusal(502, "the scheduler unit says too much of this process")
            return httpx.Response(found.status_code, content=body)

    def _http(self) -> httpx.AsyncClient:
        if self._made is None:
            timeout = httpx.Timeout(_ANSWER, connect=_CONNECT)
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
            self._made = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False, follow_redirects=False)
        return self._made


def _read(told: httpx.Response) -> Told | None:
    try:
        node = told.json() if told.status_code == 200 else {}
        owner = node["owner"]["address"]
        modules = [tag["value"] for tag in node.get("tags") or () if tag["name"] == "From-Module"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    module = modules[0] if modules and isinstance(modules[0], str) else None
    return Told(owner, module) if isinstance(owner, str) else None


def _in_query(request: Request, body: bytes) -> str | None:
    return request.query_params.get("process-id")


def _in_path(request: Request, body: bytes) -> str | None:
    return str(request.path_params["id"])


def _in_item(request: Request, body: bytes) -> str | None:
    """Of an assignment it is in the query; else the target of a message, or the id of a process."""
    if request.query_params.get("assign"):
        return _in_query(request, body)
    try:
        item = DataItem.parse(body)
    except AoError as error:
        raise Refusal(422, f"'body': A valid and signed data item must be provided as the body. ({error})") from None
    kind = next((tag.value for tag in item.tags if tag.name == "Type"), None)
    return item.id if kind == "Process" else item.target


def _in_monitor(request: Request, body: bytes) -> str | None:
    if request.headers.get("content-type", "").startswith("application/json"):
        # A messenger takes it from the user of its own machine alone: a router would speak for strangers.
        raise Refusal(403, "only what is signed is routed: send a signed data item")
    return _in_path(request, body)
