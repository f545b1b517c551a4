"""The gateway: data by its id, transactions by GraphQL, and the chain that there is none of (spec: units, gateway)."""

from __future__ import annotations

import asyncio
import re
from base64 import urlsafe_b64encode
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .about import about
from .answers import Refusal, answer
from .border import Unit
from .chain import block_id
from .graphql_schema import answer_query
from .hub import Hub
from .nodes import owner_of
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
        Route("/tx_anchor", one.anchor, methods=["GET"]),
        Route("/price/{size}", one.price, methods=["GET"]),
        Route("/price/{size}/{target}", one.price, methods=["GET"]),
        Route("/wallet/{address}/balance", one.price, methods=["GET"]),
        Route("/block/current", one.block, methods=["GET"]),
        Route("/block/height/{height}", one.block, methods=["GET"]),
        Route("/raw/{id}", one.data, methods=["GET"]),
        Route("/data/{id}", one.data, methods=["GET"]),
        Route("/tx/{id}/data", one.data, methods=["GET"]),
        Route("/tx/{id}/offset", one.offset, methods=["GET"]),
        Route("/tx/{id}/status", one.status, methods=["GET"]),
        Route("/tx/{id}", one.transaction, methods=["GET"]),
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

    async def transaction(self, request: Request) -> Response:
        """A transaction as a node of the chain writes it."""
        one = await self._find(request)
        owner = "" if one.item is None else owner_of(one.item, self._hub)["key"]
        tags = [{name: _encoded(str(tag[name])) for name in ("name", "value")} for tag in one.tags]
        return answer(
            {
                "format": 2,
                "id": one.id,
                "last_tx": "",
                "owner": owner,
                "tags": tags,
                "target": one.recipient,
                "quantity": "0",
                "data": "",
                "data_size": str(len(one.data)),
                "data_root": "",
                "reward": "0",
                "signature": one.signature,
            }
        )

    async def status(self, request: Request) -> Response:
        """In which block it is."""
        one = await self._find(request)
        told = {
            "block_height": one.height,
            "block_indep_hash": block_id(one.height),
            "number_of_confirmations": self._hub.chain.height - one.height + 1,
        }
        return answer(told)

    async def offset(self, request: Request) -> Response:
        """How large its data is, and where it ends: each lies alone here."""
        size = str(len((await self._find(request)).data))
        return answer({"size": size, "offset": size})

    async def block(self, request: Request) -> Response:
        """A block, by its height; the last one without."""
        chain = self._hub.chain
        text = request.path_params.get("height", str(chain.height))
        if not (text.isascii() and text.isdecimal() and len(text) < 13 and 0 < int(text) <= chain.height):
            raise Refusal(404, "there is no such block")
        one = chain.block(int(text))
        return answer({**one, "indep_hash": one["id"], "previous_block": one["previous"], "txs": []})

    async def anchor(self, request: Request) -> Response:
        """What a new transaction of the chain names: its last block."""
        return PlainTextResponse(block_id(self._hub.chain.height))

    async def price(self, request: Request) -> Response:
        """Nothing costs anything here."""
        return PlainTextResponse("0")

    async def _find(self, request: Request) -> Transaction:
        id = id_in(request.path_params["id"], "id")
        found = await self._hub.call(lambda: self._hub.chain.find(id))
        if found is None:
            raise Refusal(404, f"there is nothing of the id {id}")
        return found


def _encoded(text: str) -> Any:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")
