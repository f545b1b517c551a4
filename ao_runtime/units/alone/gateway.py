"""`Gateway`: what a unit on its own asks a gateway, which may be slow, gone, or hostile (spec: units, gateway)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from ...client import Ask, Reply
from ...errors import HttpError, InputError
from ...models import Moment
from ...network import Item
from ..answers import Refusal
from .nodes import read_item
from .others import Others

__all__ = ["Gateway"]

#: Bytes of an answer that is no data: a page of blocks, or a message without its data, whose tags have up to 512 KiB,
#: and in JSON six times as many.
_MOST = 4 << 20
#: A height has no more digits than its tag, and a time is in seconds.
_HIGHEST = 10**12
_KNOWN = "query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id } } } }"
_MESSAGE = """query ($ids: [ID!]!) {
  transactions(ids: $ids) {
    edges { node { id signature anchor owner { address key } tags { name value } recipient } }
  }
}"""
_BLOCKS = """query ($min: Int, $limit: Int) {
  blocks(height: {min: $min}, first: $limit, sort: HEIGHT_ASC) {
    pageInfo { hasNextPage }
    edges { node { timestamp height } }
  }
}"""
#: Blocks of a page, and how many lie between two messages at most: more than half a year of them.
_PAGE, _BLOCKS_MOST = 100, 150_000


class Gateway:
    """A gateway. Every answer has its deadline and its length; whatever is wrong with one is an `HttpError`.

    seconds
        For an answer with all of its body, and for a request that is sent again.
    """

    def __init__(self, others: Others, seconds: float) -> None:
        self._others = others
        self._seconds = seconds
        #: By height: a block stays as it is.
        self._blocks: dict[int, Moment] = {}

    async def height(self) -> int:
        """The height of the chain's last block."""
        reply = await self._ask(Ask("gateway", "GET", "/info", most=_MOST))
        height = reply.object().get("height")
        if not _is_number(height):
            raise reply.error("says no height")
        return height

    async def knows(self, id: str) -> bool:
        """Whether there is a transaction of that id."""
        return any(node.get("id") == id for node in await self._query(_KNOWN, {"ids": [id]}, "transactions"))

    async def item(self, id: str, *, with_data: bool) -> Item:
        """A message or a process. Raises a `Refusal` (404) for one that it does not know."""
        nodes = await self._query(_MESSAGE, {"ids": [id]}, "transactions")
        if not nodes:
            raise Refusal(404, f"TransactionNotFound: Message {id} was not found on gateway")
        try:
            found = read_item(nodes[0])
        except InputError as error:
            raise HttpError(str(error), unit="gateway") from None
        if found.id != id:
            raise HttpError(f"gives {found.id} for {id}", unit="gateway")
        if with_data:
            found.data = await self.data(id) or b""
        return found

    async def has_data(self, id: str) -> bool:
        """Whether there is data of that id."""
        try:
            reply = await self._ask(Ask("gateway", "HEAD", f"/{id}", accept="*/*", most=_MOST))
        except HttpError as error:
            if error.status is None or not 300 <= error.status < 400:
                raise
            # Large gateways send whoever asks so to a host of each item's own, which nobody has named; not from here.
            reply = await self._ask(Ask("gateway", "HEAD", f"/raw/{id}", accept="*/*", most=_MOST))
        return reply.status == 200

    async def data(self, id: str) -> bytes | None:
        """The data of an id; None where there is none, and for more than 100 MB: no process holds so much."""
        try:
            reply = await self._ask(Ask("gateway", "GET", f"/raw/{id}"))
        except HttpError as error:
            if error.status == 200:
                return None
            raise
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise reply.error()
        return reply.body

    async def blocks(self, after: Moment, until: Moment) -> list[Moment]:
        """The blocks after one moment's and up to another one's, by height."""
        heights = range(after.height + 1, until.height + 1)
        if len(heights) > _BLOCKS_MOST:
            raise HttpError(f"{len(heights)} blocks lie between two messages", unit="gateway")
        if len(self._blocks) > 2 * _BLOCKS_MOST:
            self._blocks.clear()
        at = next((height for height in heights if height not in self._blocks), None)
        while at is not None:
            for block in await self._page(at):
                self._blocks[block.height] = block
            if at not in self._blocks:
                raise HttpError(f"does not know block {at}", unit="gateway")
            at = next((height for height in range(at, until.height + 1) if height not in self._blocks), None)
        return [self._blocks[height] for height in heights]

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _page(self, first: int) -> list[Moment]:
        """The blocks from a height on."""
        found = []
        for node in await self._query(_BLOCKS, {"min": first, "limit": _PAGE}, "blocks"):
            height, seconds = node.get("height"), node.get("timestamp")
            if not _is_number(height) or not _is_number(seconds):
                raise HttpError("gives a block without a height or a time", unit="gateway")
            found.append(Moment(seconds * 1000, height))
        return found

    async def _query(self, query: str, variables: dict[str, Any], name: str) -> list[Mapping[str, Any]]:
        """The nodes that a query of GraphQL finds."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        reply = await self._ask(Ask("gateway", "POST", "/graphql", {}, body, "application/json", most=_MOST))
        try:
            nodes = [edge["node"] for edge in reply.object()["data"][name]["edges"]]
        except (KeyError, TypeError):
            raise reply.error("is no answer of GraphQL") from None
        if not all(isinstance(node, Mapping) for node in nodes):
            raise reply.error("is no answer of GraphQL")
        return nodes

    async def _ask(self, ask: Ask) -> Reply:
        return await self._others.ask(ask, self._seconds)


def _is_number(told: Any) -> TypeGuard[int]:
    """Whether something is a height, or a time in seconds."""
    return isinstance(told, int) and not isinstance(told, bool) and 0 <= told < _HIGHEST
