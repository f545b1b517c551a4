"""What a node of Arweave answers: its own transactions, their data in chunks, blocks and wallets.

There is no such chain here. Each transaction stands in the last block that there was, nothing costs anything, and
wallets have what was minted for them, as arlocal has it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..network import Item
from .about import about
from .answers import Refusal, answer
from .border import guard
from .chain import block_id
from .headers import header_of, told_transaction
from .hub import Hub
from .nodes import owner_of
from .requests import id_in

__all__ = ["arweave_routes"]

#: Blocks that are mined at a time, and in all.
_MINED, _MINED_IN_ALL = 10_000, 10_000_000
#: Fields of a transaction that are asked for one by one.
_FIELDS = frozenset(
    ("id", "last_tx", "owner", "tags", "target", "quantity", "data_root", "data_size", "reward", "signature")
)
#: It changes something: nobody keeps it, to give it a second time.
_NOT_KEPT = {"Cache-Control": "no-store"}


def arweave_routes(hub: Hub) -> list[Route]:
    """The routes of a node."""
    one = _Node(hub)
    found = [
        Route("/peers", one.peers, methods=["GET"]),
        Route("/tx_anchor", one.anchor, methods=["GET"]),
        Route("/price/{size}", one.price, methods=["GET"]),
        Route("/price/{size}/{target}", one.price, methods=["GET"]),
        Route("/wallet/{address}/balance", one.balance, methods=["GET"]),
        Route("/wallet/{address}/last_tx", one.last, methods=["GET"]),
        Route("/block/current", one.block, methods=["GET"]),
        Route("/block/height/{height}", one.block, methods=["GET"]),
        Route("/block/hash/{hash}", one.block, methods=["GET"]),
        Route("/chunk/{offset}", one.chunk, methods=["GET"]),
        Route("/tx/{id}/offset", one.offset, methods=["GET"]),
        Route("/tx/{id}/status", one.status, methods=["GET"]),
        Route("/tx/{id}/{field}", one.field, methods=["GET"]),
        Route("/tx/{id}", one.transaction, methods=["GET"]),
    ]
    local = [
        Route("/mint/{address}/{amount}", one.mint, methods=["GET"]),
        Route("/mine", one.mine, methods=["GET"]),
        Route("/mine/{blocks}", one.mine, methods=["GET"]),
    ]
    for route in local:
        # Whoever asks for the head alone wants nothing changed.
        assert route.methods is not None
        route.methods.discard("HEAD")
    return [*found, *local]


class _Node:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    # ── transactions ───────────────────────────────────────────────────────────────────────────────────────────

    async def transaction(self, request: Request) -> Response:
        """A transaction without its data; also one whose data is still coming, so that its upload can go on."""
        return answer(await self._told(request))

    async def field(self, request: Request) -> Response:
        """One field of it."""
        name = request.path_params["field"]
        if name not in _FIELDS:
            raise Refusal(404, "there is no such field of a transaction")
        value = (await self._told(request))[name]
        return answer(value) if isinstance(value, list) else PlainTextResponse(value)

    async def status(self, request: Request) -> Response:
        """In which block it is; 202 as long as its data is still coming."""
        id = id_in(request.path_params["id"], "id")
        one = await self._hub.call(lambda: self._hub.chain.find(id))
        if one is None:
            if self._hub.uploads.find(id) is not None:
                return PlainTextResponse("Pending", 202)
            raise _nothing(id)
        told = {
            "block_height": one.height,
            "block_indep_hash": block_id(one.height),
            "number_of_confirmations": self._hub.chain.height - one.height + 1,
        }
        return answer(told)

    async def offset(self, request: Request) -> Response:
        """How large its data is, and where in all data of the chain it ends. Data items have no such place."""
        id = id_in(request.path_params["id"], "id")

        def read() -> dict[str, str] | None:
            item = self._hub.network.storage.item(id)
            header = None if item is None else header_of(item)
            if header is None or not header.size:
                return None
            return {"size": str(header.size), "offset": str(header.start + header.size)}

        told = await self._hub.call(read)
        if told is None:
            raise Refusal(404, f"no data of a transaction of the id {id} is in the chain")
        return answer(told)

    async def chunk(self, request: Request) -> Response:
        """The chunk of data that has a byte of the chain's, and the path that proves it."""
        offset = _number(request.path_params["offset"], "offset")
        found = await self._hub.call(lambda: self._hub.weave.at(offset))
        if found is None:
            raise Refusal(404, "chunk_not_found")
        return answer(await asyncio.to_thread(self._hub.weave.chunk, *found))

    async def _told(self, request: Request) -> dict[str, Any]:
        id = id_in(request.path_params["id"], "id")
        hub = self._hub

        def read() -> dict[str, Any] | None:
            one = hub.chain.find(id)
            if one is None:
                return None
            if one.item is not None:
                return told_transaction(one.item, header_of(one.item), owner_of(one.item, hub)["key"])
            pairs = [(tag["name"].encode(), tag["value"].encode()) for tag in one.tags]
            names, values = zip(*pairs, strict=True)
            assigned = Item(one.id, one.owner, "", b"", names, values, b"", one.signature)
            return told_transaction(assigned, None, hub.key(one.owner))

        found = await hub.call(read)
        if found is not None:
            return found
        waiting = hub.uploads.find(id)
        if waiting is None:
            raise _nothing(id)
        return told_transaction(waiting, header_of(waiting), "")

    # ── blocks ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def block(self, request: Request) -> Response:
        """A block, by its height or hash; the last one without."""
        chain = self._hub.chain
        text = request.path_params.get("height", str(chain.height))
        if "hash" in request.path_params:
            text = str(chain.height_of(request.path_params["hash"]))
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

    async def peers(self, request: Request) -> Response:
        """There are none."""
        return answer([])

    # ── wallets ────────────────────────────────────────────────────────────────────────────────────────────────

    async def balance(self, request: Request) -> Response:
        """What was minted for an address, in winston."""
        address = id_in(request.path_params["address"], "address")
        return PlainTextResponse(str(self._hub.network.balances.get(address, 0)))

    async def last(self, request: Request) -> Response:
        """The id of the last transaction that a wallet has sent; nothing if there is none."""
        address = id_in(request.path_params["address"], "address")
        return PlainTextResponse(await self._hub.call(lambda: self._hub.weave.last_of(address)))

    # ── what changes something, for the user of this machine alone ─────────────────────────────────────────────

    async def mint(self, request: Request) -> Response:
        """Give an address winston that nobody had; what it has then."""
        guard(self._hub, request, body=False)
        address = id_in(request.path_params["address"], "address")
        amount = _number(request.path_params["amount"], "amount")
        balance = await self._hub.call(lambda: self._hub.network.mint(address, amount))
        return PlainTextResponse(str(balance), headers=_NOT_KEPT)

    async def mine(self, request: Request) -> Response:
        """Add blocks to the chain, one if nothing is said; what `/info` says then."""
        guard(self._hub, request, body=False)
        blocks = _number(request.path_params.get("blocks", "1"), "blocks")
        if not 0 < blocks <= _MINED:
            raise Refusal(400, f"1 to {_MINED} blocks are mined at a time")
        clock = self._hub.network.clock

        def go() -> None:
            if clock.mined + blocks > _MINED_IN_ALL:
                raise Refusal(400, f"no more than {_MINED_IN_ALL} blocks are mined in a network")
            clock.mine(blocks)

        await self._hub.call(go)
        return answer(about(self._hub), headers=_NOT_KEPT)


def _nothing(id: str) -> Refusal:
    return Refusal(404, f"there is nothing of the id {id}")


def _number(text: str, name: str) -> int:
    """A number in a path. Raises a `Refusal` (400) for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 30):
        raise Refusal(400, f"{name} must be a number of at most 30 digits")
    return int(text)
