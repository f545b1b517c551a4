"""`connect_async` and `AsyncClient`: the client for asyncio; the same calls, awaited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..models import Message, Result
from . import calls
from .async_transport import AsyncTransport
from .exchange import Page
from .session import Session

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["AsyncClient", "connect_async"]

__tracebackhide__ = True


def connect_async(
    url: str | None = None,
    *,
    mu: str | None = None,
    cu: str | None = None,
    gateway: str | None = None,
    wallet: Wallet | None = None,
    timeout: float = 60.0,
    retries: int = 4,
) -> AsyncClient:
    """A client of a network, for asyncio: the options are those of `connect`.

    Nothing is asked before the first call. Raises `InputError` for what makes no sense.
    """
    return AsyncClient(Session.of(url, {"mu": mu, "cu": cu, "gateway": gateway}, wallet, timeout, retries))


class AsyncClient(AsyncTransport):
    """A client of a network, for asyncio. `connect_async` makes one; close it, or use it as a context manager.

    All calls raise `HttpError` for what a unit refuses and where none answers, `InputError` for what makes no sense.
    Processes and messages are given by their ids.
    """

    async def spawn(
        self,
        data: str | bytes | None = None,
        *,
        module: str | None = None,
        scheduler: str | None = None,
        authority: str | None = None,
        tags: Any = None,
        wallet: Wallet | None = None,
    ) -> str:
        """Start a process; its id.

        `module` is aos 2.0.6 if it is not given; `scheduler`, and `authority`, whose messages the process trusts, are
        what the gateway says of the network, or legacynet's. Code in `data` runs at the start with the tag
        `On-Boot=Data`.
        """
        signer = self._session.signer(wallet)
        return await self._run(calls.spawn(signer, module, scheduler, authority, data, tags))

    async def message(
        self,
        process: str,
        message: Mapping[str, Any] | Message | None = None,
        *,
        wallet: Wallet | None = None,
        **fields: Any,
    ) -> str:
        """Send a message to a process, in any shape that `Process.handle` takes; its id."""
        return await self._run(calls.message(self._session.signer(wallet), process, message, fields))

    async def result(self, process: str, message: str) -> Result:
        """The result of a message, by its id or its assignment's; of a process's own id that of its boot."""
        return await self._run(calls.result(process, message))

    async def results(
        self,
        process: str,
        *,
        from_: str | None = None,
        to: str | None = None,
        sort: str = "ASC",
        limit: int = 25,
    ) -> Page:
        """A page of a process's results, without errors. `from_` and `to` are cursors; the first is left out."""
        return await self._run(calls.results(process, from_, to, sort, limit))

    async def dryrun(
        self,
        process: str,
        message: Mapping[str, Any] | Message | None = None,
        *,
        wallet: Wallet | None = None,
        **fields: Any,
    ) -> Result:
        """Evaluate a message of which nothing stays. Its `Owner` is the wallet's address if none is given."""
        return await self._run(calls.dry_run(wallet or self._session.wallet, process, message, fields))

    async def assign(self, process: str, message: str, *, base_layer: bool = False, exclude: Iterable[str] = ()) -> str:
        """Have a known message evaluated by another process too; the assignment's id."""
        return await self._run(calls.assign(process, message, base_layer, tuple(exclude)))

    async def monitor(self, process: str, *, wallet: Wallet | None = None) -> str:
        """From now on deliver what a process's cron ticks send; the id of the item that says so."""
        return await self._run(calls.monitor(self._session.signer(wallet), process, True))

    async def unmonitor(self, process: str, *, wallet: Wallet | None = None) -> str:
        """No longer deliver it."""
        return await self._run(calls.monitor(self._session.signer(wallet), process, False))
