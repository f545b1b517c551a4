"""`Tip`: the height of the chain, as a scheduler on its own follows it."""

from __future__ import annotations

import asyncio

from ...errors import HttpError
from ..worker import LOG
from .gateway import Gateway

__all__ = ["Tip"]

#: Seconds between two looks at the chain's height.
_POLL = 5.0


class Tip:
    """The height of the chain as the gateway last said it. It never falls, whatever the gateway says."""

    def __init__(self, height: int) -> None:
        self.height = height

    async def follow(self, gateway: Gateway) -> None:
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
