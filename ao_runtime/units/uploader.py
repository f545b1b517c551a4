"""The uploader: takes signed data items, and keeps them for whoever asks for their ids (spec: units, gateway)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .answers import answer
from .border import Unit
from .hub import Hub
from .requests import body_of, item_of

__all__ = ["uploader", "uploader_routes"]

#: Bytes of an upload: a module is one.
_MOST = 100 << 20
_PATHS = ("/tx", "/tx/arweave", "/tx/ethereum", "/tx/ed25519", "/v1/tx", "/v1/tx/arweave")


def uploader(hub: Hub) -> Unit:
    """The uploader's app."""

    async def root(request: Request) -> Response:
        return PlainTextResponse("ao uploader")

    return Unit("uploader", [Route("/", root, methods=["GET"]), *uploader_routes(hub)])


def uploader_routes(hub: Hub) -> list[Route]:
    """The routes that the gateway has too."""

    async def take(request: Request) -> Response:
        """A signed item. The same one again is no other one."""
        item = await item_of(await body_of(request, _MOST))
        network = hub.network
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

    return [Route(path, take, methods=["POST"]) for path in _PATHS]
