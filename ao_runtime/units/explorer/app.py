"""The routes of the explorer, and what is said where something is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...errors import AoError
from ...network import is_id
from ..answers import Refusal
from ..border import Unit
from ..hub import Hub
from ..requests import number_in
from .events import Events
from .looks import Looks
from .messages import evaluation, item, place_of
from .overview import PAGE, handlers_of, messages, overview, processes, recent, waiting
from .pages import STATIC, forbid, redirect, rendered, static
from .processes import head, process, state
from .search import LONGEST, search, wallet
from .states import keys_of
from .timeline import Timeline

__all__ = ["explorer"]

#: Seconds that the network has to answer: it may be evaluating.
SECONDS = 15.0
#: Seconds that a process has to say what waits in it.
PATIENCE = 1.0
_MOST = 10**9
_LONGEST_ADDRESS = 1000

_T = TypeVar("_T")
_Handler = Callable[[Request], Awaitable[Response]]


def explorer(hub: Hub) -> Unit:
    """The explorer's app."""
    one = _Explorer(hub)
    pages: dict[str, _Handler] = {
        "/": one.overview,
        "/processes": one.processes,
        "/messages": one.messages,
        "/waiting": one.waiting,
        "/search": one.search,
        "/wallet": one.wallet,
        "/process/{id}": one.process,
        "/process/{id}/state": one.state,
        "/process/{id}/{number}": one.evaluation,
        "/message/{id}": one.message,
        "/item/{id}": one.item,
        "/static/{name}": one.static,
        "/events": one.events,
        "/{path:path}": one.nothing,
    }
    return Unit("explorer", [Route(path, _page(handler), methods=["GET"]) for path, handler in pages.items()])


def _page(handler: _Handler) -> _Handler:
    """What goes wrong is a page, too; and no other page's script may read any."""

    async def run(request: Request) -> Response:
        request.scope["ao.guarded"] = True
        try:
            return await handler(request)
        except Refusal as refusal:
            return _problem(request, refusal.status, refusal.text)
        except AoError as error:
            return _problem(request, 400, str(error))
        except asyncio.TimeoutError:
            response = _problem(request, 503, f"The network is at work, and had no answer within {SECONDS:g} seconds.")
            response.headers["retry-after"] = "5"
            return response

    return run


class _Explorer:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._timeline = Timeline(hub.network, hub.worker.lanes.kept)
        self._looks = Looks(hub)
        self._events = Events(hub)

    async def overview(self, request: Request) -> Response:
        """What there is, and what is new."""
        told = await self._read(lambda: overview(self._hub.network, self._timeline))
        return rendered(request, "overview.html", **told)

    async def processes(self, request: Request) -> Response:
        """All processes."""
        page = max(number_in(request, "page", 1, _MOST), 1)
        return rendered(request, "processes.html", **await self._read(lambda: processes(self._hub.network, page)))

    async def messages(self, request: Request) -> Response:
        """All messages."""
        before = _before(request)
        told = await self._read(lambda: messages(self._hub.network, self._timeline, before))
        return rendered(request, "messages.html", live=before is None, **told)

    async def waiting(self, request: Request) -> Response:
        """What waits."""
        page = max(number_in(request, "page", 1, _MOST), 1)
        told = await self._read(lambda: waiting(self._hub.network, page))
        ids = await self._read(lambda: recent(self._hub.network, self._timeline))
        return rendered(request, "waiting.html", handlers=await self._waits(ids), **told)

    async def process(self, request: Request) -> Response:
        """One process."""
        id, before = _id(request), _before(request)
        told = await self._read(lambda: process(self._hub.network, self._timeline, id, before))
        waits = await self._waits([id]) if told["awake"] and before is None else []
        return rendered(request, "process.html", live=before is None, waiting=waits, **told)

    async def state(self, request: Request) -> Response:
        """The state of a process."""
        id, keys = _id(request), keys_of(request.query_params.getlist("k"))
        first = number_in(request, "first", 0, _MOST)
        told = await self._read(lambda: head(self._hub.network, id))
        # Between the messages of the process: it may be at work.
        found = await self._looks.ask(id, lambda: state(self._hub.network, id, keys, first), SECONDS)
        return rendered(request, "state.html", state=found, **told)

    async def evaluation(self, request: Request) -> Response:
        """What a process has evaluated."""
        id, number = _id(request), request.path_params["number"]
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise Refusal(404, "there is no such page")
        told = await self._read(lambda: evaluation(self._hub.network, self._timeline, id, int(number)))
        return rendered(request, "message.html", **told)

    async def message(self, request: Request) -> Response:
        """Where the page of a message is, by its id."""
        id = _id(request)
        found = await self._read(lambda: place_of(self._hub.network, self._timeline, id))
        if found is None:
            raise Refusal(404, "there is no such message, or its process was not read yet: search for the process")
        return redirect(request, found)

    async def item(self, request: Request) -> Response:
        """An item that no process has evaluated."""
        id = _id(request)
        return rendered(request, "item.html", **await self._read(lambda: item(self._hub.network, id)))

    async def search(self, request: Request) -> Response:
        """What is searched for."""
        query, before = request.query_params.get("q", ""), _before(request)
        if len(query) > LONGEST:
            raise Refusal(400, f"what is searched for has at most {LONGEST} characters")
        found = await self._read(lambda: search(self._hub.network, self._timeline, query, before))
        return redirect(request, found) if isinstance(found, str) else rendered(request, "search.html", **found)

    async def wallet(self, request: Request) -> Response:
        """Whoever has an address."""
        address, before = request.query_params.get("address", ""), _before(request)
        if not address or len(address) > _LONGEST_ADDRESS:
            raise Refusal(400, f"an address has 1 to {_LONGEST_ADDRESS} characters")
        told = await self._read(lambda: wallet(self._hub.network, self._timeline, address, before))
        return rendered(request, "wallet.html", **told)

    async def static(self, request: Request) -> Response:
        """Style, script and icon."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise Refusal(404, "there is no such page")
        headers = {"content-type": STATIC[name], "cache-control": "public, max-age=31536000, immutable"}
        return forbid(request, Response(static(name), headers=headers))

    async def events(self, request: Request) -> Response:
        """Tells that something is new, as long as somebody listens."""
        if request.method != "GET":
            return forbid(request, PlainTextResponse(""))
        if self._events.full:
            refused = PlainTextResponse("too many listen already\n", 503, {"retry-after": "30"})
            return forbid(request, refused)
        return self._events  # type: ignore[return-value]  # what starlette needs of an answer is that it can be called

    async def nothing(self, request: Request) -> Response:
        """There is no such page."""
        raise Refusal(404, "there is no such page")

    async def _waits(self, ids: list[str]) -> list[dict[str, Any]]:
        """The handlers that wait in these processes; of those that are at work, and have no time, none."""

        async def ask(id: str) -> list[dict[str, Any]]:
            try:
                return await self._looks.ask(id, lambda: handlers_of(self._hub.network, id), PATIENCE)
            except (AoError, Refusal, asyncio.TimeoutError):
                return []

        found = await asyncio.gather(*map(ask, ids))
        return [one for some in found for one in some][:PAGE]

    async def _read(self, job: Callable[[], _T]) -> _T:
        return await asyncio.wait_for(self._hub.call(job), SECONDS)


def _problem(request: Request, code: int, text: str) -> Response:
    return rendered(request, "error.html", code, code=code, text=text)


def _id(request: Request) -> str:
    id = request.path_params["id"]
    if not is_id(id):
        raise Refusal(404, "this is no id: an id has 43 characters")
    return str(id)


def _before(request: Request) -> int | None:
    return number_in(request, "before", 0, _MOST) if request.query_params.get("before") else None
