"""The uploader: keeps signed data items, and Arweave's transactions, for whoever asks for their ids (spec: units)."""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .answers import answer
from .arweave import read_chunk, read_transaction
from .border import Unit
from .bundles import unpacked
from .hub import Hub
from .requests import body_of, item_of, read_json

__all__ = ["uploader", "uploader_routes"]

#: Bytes of an upload: a module is one.
_MOST = 100 << 20
#: Bytes of a chunk as JSON: 256 KiB, and the path to it.
_CHUNK = 1 << 20
_PATHS = ("/tx", "/tx/arweave", "/tx/ethereum", "/tx/ed25519", "/v1/tx", "/v1/tx/arweave")


def uploader(hub: Hub) -> Unit:
    """The uploader's app."""

    async def root(request: Request) -> Response:
        return PlainTextResponse("ao uploader")

    return Unit("uploader", [Route("/", root, methods=["GET"]), *uploader_routes(hub)])


def uploader_routes(hub: Hub) -> list[Route]:
    """The routes that the gateway has too."""

    async def take(request: Request) -> Response:
        """A signed item, and all that are in its bundle. The same one again is no other one."""
        body = await body_of(request, _MOST)
        # No data item begins so: its first two bytes are the type of its signature.
        if body.startswith(b"{"):
            return await transaction(body)
        item = await item_of(body)
        network = hub.network
        # One at a time, so that the network goes on meanwhile; the bundle last, so that it has all that is in it.
        for one in await asyncio.to_thread(unpacked, item) if item.is_bundle else ():
            await hub.call(partial(network.keep, one))
        kept = await hub.call(lambda: network.keep(item))
        told = {
            "id": kept.id,
            "owner": item.address,
            "timestamp": network.clock.now,
            "winc": "0",
            "dataCaches": [hub.urls["gateway"]],
            "fastFinalityIndexes": [hub.urls["gateway"]],
        }
        return answer(told)

    async def transaction(body: bytes) -> Response:
        """A transaction of Arweave's own; its data is in it, or comes in chunks."""
        posted = await asyncio.to_thread(lambda: read_transaction(read_json(body)))
        if await hub.call(lambda: hub.network.storage.item(posted.item.id) is not None):
            return PlainTextResponse("Transaction already processed.", 208)
        if posted.complete:
            await hub.call(lambda: hub.weave.store([posted.item]))
            # It may have waited until now.
            await hub.upload(lambda: hub.uploads.end(posted.key, [posted.item]))
        else:
            await hub.upload(lambda: hub.uploads.add(posted))
        return PlainTextResponse("OK")

    async def chunk(request: Request) -> Response:
        """A chunk of the data of a transaction that came before; the last one is acknowledged when all is stored."""
        body = await body_of(request, _CHUNK)
        one = await asyncio.to_thread(lambda: read_chunk(read_json(body)))
        items = await hub.upload(lambda: hub.uploads.put(one))
        if items:
            await hub.call(lambda: hub.weave.store(items))
            await hub.upload(lambda: hub.uploads.end(one.key, items))
        return PlainTextResponse("OK")

    return [Route("/chunk", chunk, methods=["POST"]), *(Route(path, take, methods=["POST"]) for path in _PATHS)]
