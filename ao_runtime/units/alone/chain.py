"""`Chain`: what a unit on its own asks a gateway for: messages, data and blocks (spec: units, gateway)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...client import Ask
from ...errors import HttpError, InputError
from ...models import Moment
from ...network import Item
from ..answers import Refusal
from .nodes import read_item
from .others import Others

__all__ = ["Chain"]

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
_PAGE, _MOST = 100, 150_000


class Chain:
    """A gateway. What it does not say in time, or says wrongly, is an `HttpError`."""

    def __init__(self, others: Others) -> None:
        self._others = others
        #: By height: a block stays as it is.
        self._blocks: dict[int, Moment] = {}

    async def item(self, id: str, *, with_data: bool) -> Item:
        """A message or a process. Raises a `Refusal` (404) for one that it does not know."""
        edges = await self._ask(_MESSAGE, {"ids": [id]}, "transactions")
        if not edges:
            raise Refusal(404, f"TransactionNotFound: Message {id} was not found on gateway")
        try:
            found = read_item(edges[0])
        except InputError as error:
            raise HttpError(str(error), unit="gateway") from None
        if found.id != id:
            raise HttpError(f"gives {found.id} for {id}", unit="gateway")
        if with_data:
            found.data = await self.data(id) or b""
        return found

    async def data(self, id: str) -> bytes | None:
        """The data of an id; None where there is none, and for more than 100 MB: no process holds so much."""
        try:
            reply = await self._others.get("gateway", f"/raw/{id}")
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
        if len(heights) > _MOST:
            raise HttpError(f"{len(heights)} blocks lie between two messages", unit="gateway")
        if len(self._blocks) > 2 * _MOST:
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
        found = []
        for node in await self._ask(_BLOCKS, {"min": first, "limit": _PAGE}, "blocks"):
            height, seconds = node.get("height"), node.get("timestamp")
            if not isinstance(height, int) or not isinstance(seconds, int) or not 0 <= seconds < 10**12:
                raise HttpError("gives a block without a height or a time", unit="gateway")
            found.append(Moment(seconds * 1000, height))
        return found

    async def _ask(self, query: str, variables: dict[str, Any], name: str) -> list[Mapping[str, Any]]:
        """The nodes that a query of GraphQL finds."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        reply = await self._others.ask(Ask("gateway", "POST", "/graphql", {}, body, "application/json"))
        try:
            nodes = [edge["node"] for edge in reply.object()["data"][name]["edges"]]
        except (KeyError, TypeError):
            raise reply.error("is no answer of GraphQL") from None
        if not all(isinstance(node, Mapping) for node in nodes):
            raise reply.error("is no answer of GraphQL")
        return nodes
