"""`Others`: how a unit on its own asks others' units."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...client import Ask, AsyncTransport, Reply, Session
from ...errors import HttpError

if TYPE_CHECKING:
    import httpx

__all__ = ["Others"]

#: Seconds for an answer: an evaluation may take a minute.
_TIMEOUT = 120.0
#: How often a request is sent again, where that is safe.
_RETRIES = 3
#: Requests to one unit that wait for an answer at a time: one that is slow keeps nobody from asking another.
_TOGETHER = 64


class Others(AsyncTransport):
    """Asks the units that are given, and nobody else: a redirect leads to one of them, or is an error.

    urls
        By the names of units (`su`, `cu`, `gateway`, …), without a slash at the end.
    """

    def __init__(self, urls: dict[str, str], timeout: float = _TIMEOUT, retries: int = _RETRIES) -> None:
        super().__init__(Session(urls, None, timeout, retries))
        self._free = {unit: asyncio.Semaphore(_TOGETHER) for unit in urls}

    async def ask(self, ask: Ask, within: float | None = None) -> Reply:
        """The answer to a request, whatever its status.

        Raises `HttpError` where none comes in time, and for one that is longer than the request wants it (100 MB).
        `within` is how many seconds all of it may take, with what waits before it and what is sent again.
        """
        try:
            return await asyncio.wait_for(self._when_free(ask), within)
        except asyncio.TimeoutError:
            raise HttpError(f"did not answer within {within} seconds", unit=ask.unit) from None

    async def get(self, unit: str, path: str, **query: object) -> Reply:
        """The answer to a GET; `_` in a query's name stands for `-`, and what is None is left out."""
        given = {name.rstrip("_").replace("_", "-"): str(value) for name, value in query.items() if value is not None}
        return await self.ask(Ask(unit, "GET", path, given))

    async def send(self, unit: str, item: bytes, path: str = "", **query: object) -> Reply:
        """The answer to a POST of an item, which has one id however often it comes."""
        given = {name.replace("_", "-"): str(value) for name, value in query.items() if value is not None}
        return await self.ask(Ask(unit, "POST", path, given, item, "application/octet-stream"))

    async def _when_free(self, ask: Ask) -> Reply:
        async with self._free[ask.unit]:
            return await self._ask(ask)

    async def _once(self, ask: Ask, url: str) -> Reply:
        import httpx

        # The client's own deadline is that of each piece: an answer that trickles would have none.
        try:
            return await asyncio.wait_for(super()._once(ask, url), self._session.timeout)
        except asyncio.TimeoutError:
            raise httpx.ReadTimeout("") from None

    def _http(self) -> httpx.AsyncClient:
        import httpx

        if self._made is None:
            # How many there are is ours to say; each may stay open.
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=_TOGETHER * len(self._free))
            self._made = httpx.AsyncClient(
                timeout=self._session.timeout, trust_env=False, follow_redirects=False, limits=limits
            )
        return self._made
