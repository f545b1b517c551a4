"""`Endpoint`: what one of them takes and answers, and how its requests are read."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...errors import ItemError
from ...items import DataItem
from ...models import harmless, plain
from ..answers import Refusal
from ..border import guard
from ..hub import Hub
from ..requests import body_of, id_in, item_of, read_json
from .bodies import SignedBody

__all__ = ["BINARY", "JSON", "PAGE", "WAIT", "Endpoint", "Given", "wants", "within"]

JSON = "application/json"
BINARY = "application/octet-stream"
#: A page as the units themselves have it.
PAGE = "application/vnd.ao.page+json"
#: Bytes of a body: a data item in base64url is a third longer than itself.
_MOST = 14 << 20
_ITEM = 10 << 20

#: Seconds that whoever waits for a result is kept waiting.
WAIT = 100.0

_Q = TypeVar("_Q", bound=BaseModel)


@dataclass
class Given(Generic[_Q]):
    """A request that was read: ids of its path, its query, and its body or the signed item in place of it."""

    request: Request
    ids: dict[str, str]
    query: Any
    body: Any
    item: DataItem | None


#: By status: by the kind of content its model, or None for bytes.
Answers = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: its method and path, what it takes, and all that it answers.

    body
        The model of its JSON; None where it takes no body.
    item
        Whether a signed item may be in place of it.
    answers
        By status and kind of content: a model, or None for bytes.
    errors
        The statuses of what it refuses, beside those that all have.
    """

    method: str
    path: str
    name: str
    group: str
    summary: str
    handler: Callable[[Hub, Given[Any]], Awaitable[Response]]
    answers: Answers
    errors: tuple[int, ...] = ()
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    item: bool = False
    headers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def route(self, hub: Hub) -> Route:
        """Where the app answers it."""

        async def answer(request: Request) -> Response:
            return await self.handler(hub, await self._read(hub, request))

        return Route(self.path, answer, methods=[self.method])

    @property
    def ids(self) -> list[str]:
        """The ids in its path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    async def _read(self, hub: Hub, request: Request) -> Given[Any]:
        found = request.path_params
        ids = {name: found[name] if _is_latest(self, found[name]) else id_in(found[name], name) for name in self.ids}
        query = self._read_query(request)
        if self.body is None:
            if self.method != "GET" and await body_of(request) not in (b"", b"{}"):
                raise Refusal(400, "the body must be empty")
            return Given(request, ids, query, None, None)
        body, item = await self._read_body(hub, request)
        return Given(request, ids, query, body, item)

    def _read_query(self, request: Request) -> BaseModel | None:
        pairs = request.query_params.multi_items()
        given = dict(pairs)
        if len(given) < len(pairs):
            raise Refusal(400, "a parameter is given twice")
        if self.query is None:
            if given:
                raise Refusal(400, f"there is no parameter {plain(harmless(next(iter(given))[:100]))}")
            return None
        return checked(self.query, given)

    async def _read_body(self, hub: Hub, request: Request) -> tuple[BaseModel | None, DataItem | None]:
        """The body, or the signed item in place of it. What nobody has signed is for the user of this machine alone."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.item and kind in (BINARY, "application/ans104"):
            return None, await signed(await body_of(request, _ITEM))
        if kind != JSON or not self.item:
            guard(hub, request)
        body = await body_of(request, _MOST)
        told = read_json(body) if body else {}
        if self.item and isinstance(told, dict) and "item" in told:
            return None, await signed(_decoded(cast("SignedBody", checked(SignedBody, told)).item))
        guard(hub, request)
        return checked(cast("type[BaseModel]", self.body), told), None


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        raise Refusal(400, "item is no base64url") from None


def _is_latest(one: Endpoint, text: str) -> bool:
    return one.group == "compute" and text == "latest"


async def signed(body: bytes) -> DataItem:
    """The signed item that a body is. Raises a `Refusal` (400) for anything else."""
    if len(body) > _ITEM:
        raise Refusal(413, f"the item has more than {_ITEM} bytes")
    try:
        return await item_of(body)
    except ItemError as error:
        raise Refusal(400, f"a valid and signed data item is wanted: {error}") from None


def checked(model: type[BaseModel], told: Any) -> BaseModel:
    """The request that JSON is. Raises a `Refusal` (400) that says what is wrong, and where."""
    if not isinstance(told, dict):
        raise Refusal(400, "the body must be a JSON object")
    try:
        return model.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal(400, plain(harmless(f"{where or 'body'}: {first['msg']}"[:300]))) from None
    except RecursionError:
        raise Refusal(400, "the body is nested too deeply") from None


def wants(request: Request, kind: str) -> bool:
    """Whether a request names a kind of content in its `Accept`."""
    accepted = request.headers.get("accept", "").lower().split(",")
    return kind in (one.partition(";")[0].strip() for one in accepted)


async def within(seconds: float, wanted: Awaitable[Any]) -> Any:
    """What is awaited; it goes on where it takes longer. Raises a `Refusal` (504) then."""
    going = asyncio.ensure_future(wanted)
    # Whatever becomes of it when nobody waits any more is no news.
    going.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        return await asyncio.wait_for(asyncio.shield(going), seconds)
    except asyncio.TimeoutError:
        raise Refusal(504, f"there is no result after {seconds:g} seconds; GET /message/ID will have it") from None
