"""The gateway: data by its id, and transactions by GraphQL, and as a node has them (spec: units, gateway)."""

from __future__ import annotations

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .about import about
from .answers import Refusal, answer
from .arweave_routes import arweave_routes
from .border import Unit
from .graphql_schema import answer_query
from .hub import Hub
from .requests import id_in, json_of
from .transactions import Transaction
from .uploader import uploader_routes

__all__ = ["gateway"]

_KIND = re.compile(r"([a-z]+/[a-z0-9.+_-]{1,80})(\s*;\s*charset=[a-z0-9_-]{1,20})?\Z", re.IGNORECASE)
#: What a browser shows without running anything of it.
_SHOWN = re.compile(
    r"(image/(?!svg)|audio/|video/|font/|text/(plain|css|csv|markdown)|application/(json|octet-stream|wasm))"
)
_PLAIN = re.compile(r"[A-Za-z0-9_.,-]{1,200}\Z")
_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=31536000, immutable",
}
#: Characters of a body of the gateway's queries.
_QUERY = 256 << 10


def gateway(hub: Hub) -> Unit:
    """The gateway's app, with the uploader's routes."""
    one = _Gateway(hub)
    routes = [
        Route("/", one.info, methods=["GET"]),
        Route("/info", one.info, methods=["GET"]),
        Route("/graphql", one.graphql, methods=["POST"]),
        *uploader_routes(hub),
        Route("/raw/{id}", one.data, methods=["GET"]),
        Route("/data/{id}", one.data, methods=["GET"]),
        Route("/tx/{id}/data", one.data, methods=["GET"]),
        *arweave_routes(hub),
        Route("/{id}", one.data, methods=["GET"]),
    ]
    return Unit("gateway", routes)


class _Gateway:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def info(self, request: Request) -> Response:
        """The network: its height, and what its units are called."""
        return answer(about(self._hub))

    async def graphql(self, request: Request) -> Response:
        """Transactions and blocks."""
        body = await json_of(request, _QUERY)
        try:
            return answer(await asyncio.to_thread(answer_query, self._hub, body))
        except Refusal as refusal:
            # As a server of GraphQL says it.
            return answer({"errors": [{"message": refusal.text}]}, refusal.status)

    async def data(self, request: Request) -> Response:
        """The data of an id, with the type that its tag says; what a browser would run is a download."""
        id = id_in(request.path_params["id"], "id")

        def read() -> tuple[Transaction, bytes] | None:
            one = self._hub.chain.find(id)
            if one is None:
                data = self._hub.network.storage.find(id)
                return None if data is None else (Transaction(id, None, None, 0, 0), data)
            file = self._hub.chain.file(id)
            return one, one.data if file is None else file.read_bytes()

        found = await self._hub.call(read)
        if found is None:
            raise Refusal(404, f"there is nothing of the id {id}")
        one, data = found
        tags = {str(tag["name"]): str(tag["value"]) for tag in reversed(one.tags)}
        told = _KIND.match(tags.get("Content-Type", ""))
        kind = "application/octet-stream" if told is None else told[0].lower()
        headers = dict(_HEADERS)
        if not _SHOWN.match(kind):
            headers["Content-Disposition"] = f'attachment; filename="{id}"'
        for name in ("Type", "Scheduler", "Module", "Data-Protocol", "Variant"):
            # Messengers that look for a process ask for its tags so.
            if _PLAIN.match(tags.get(name, "")):
                headers[name.lower()] = tags[name]
        return Response(data, headers={**headers, "content-type": kind})
