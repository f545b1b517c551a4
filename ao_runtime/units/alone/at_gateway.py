"""`AtGateway`: what a scheduler that is alone asks its gateway, which may be slow, gone, or hostile."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ...client import Ask, Reply
from ...errors import HttpError
from ..worker import LOG
from .others import Others

__all__ = ["AtGateway", "Tip"]

#: Seconds for an answer with all of its body, and for a request that is sent again.
_SECONDS = 10.0
#: Bytes of an answer.
_MOST = 1 << 20
#: Seconds between two looks at the chain's height.
_POLL = 5.0
#: A height has no more digits than its tag.
_HIGHEST = 10**12
_QUERY = "query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id } } } }"


class AtGateway:
    """Asks it. Every answer has its deadline and its length; whatever is wrong with one is an `HttpError`."""

    def __init__(self, others: Others) -> None:
        self._others = others

    async def height(self) -> int:
        """The height of the chain's last block."""
        reply = await self._ask(Ask("gateway", "GET", "/info"))
        height = reply.object().get("height")
        if isinstance(height, bool) or not isinstance(height, int) or not 0 <= height < _HIGHEST:
            raise reply.error("says no height")
        return height

    async def knows(self, id: str) -> bool:
        """Whether there is a transaction of that id."""
        body = json.dumps({"query": _QUERY, "variables": {"ids": [id]}}).encode()
        reply = await self._ask(Ask("gateway", "POST", "/graphql", content=body, kind="application/json"))
        told: Any = reply.object()
        try:
            return any(edge["node"]["id"] == id for edge in told["data"]["transactions"]["edges"])
        except (KeyError, TypeError):
            raise reply.error("is no answer to a query of transactions") from None

    async def has_data(self, id: str) -> bool:
        """Whether there is data of that id."""
        try:
            reply = await self._ask(Ask("gateway", "HEAD", f"/{id}", accept="*/*"))
        except HttpError as error:
            if error.status is None or not 300 <= error.status < 400:
                raise
            # Large gateways send whoever asks so to a host of each item's own, which nobody has named; not from here.
            reply = await self._ask(Ask("gateway", "HEAD", f"/raw/{id}", accept="*/*"))
        return reply.status == 200

    async def _ask(self, ask: Ask) -> Reply:
        ask.most = _MOST
        try:
            return await asyncio.wait_for(self._others.ask(ask), _SECONDS)
        except asyncio.TimeoutError:
            raise HttpError(f"did not answer within {_SECONDS:g} seconds", unit=ask.unit) from None


class Tip:
    """The height of the chain as the gateway last said it. It never falls, whatever the gateway says."""

    def __init__(self, height: int) -> None:
        self.height = height

    async def follow(self, gateway: AtGateway) -> None:
        """Ask for it now and then, without end. That the gateway is gone is said once."""
        gone = False
        while True:
            await asyncio.sleep(_POLL)
            try:
                self.height = max(self.height, await gateway.height())
            except HttpError as error:
                if not gone:
                    LOG.warning("the block height stays %d for now: %s", self.height, error)
                gone = True
            else:
                if gone:
                    LOG.warning("the gateway is there again, at block %d", self.height)
                gone = False
