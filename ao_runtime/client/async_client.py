"""`connect_async` and `AsyncClient`: the client for asyncio; the same calls, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..models import Message, Result
from . import calls
from .exchange import Ask, Call, Page, Reply
from .session import MOST_BYTES, Attempts, Session, advance, failure, library

if TYPE_CHECKING:
    import httpx

    from ..items import Wallet

__all__ = ["AsyncClient", "connect_async"]

__tracebackhide__ = True

_T = TypeVar("_T")


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


class AsyncClient:
    """A client of a network, for asyncio. `connect_async` makes one; close it, or use it as a context manager.

    All calls raise `HttpError` for what a unit refuses and where none answers, `InputError` for what makes no sense.
    Processes and messages are given by their ids.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: httpx.AsyncClient | None = None

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

    async def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the gateway knows, asked for in GraphQL (`transactions`, `blocks`, …): the answer's `data`."""
        return await self._run(calls.graphql(query, variables))

    async def close(self) -> None:
        """Close all connections."""
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _run(self, call: Call[_T]) -> _T:
        ask, found = advance(call, None)
        while ask is not None:
            ask, found = advance(call, await self._ask(ask))
        return found  # type: ignore[no-any-return]

    async def _ask(self, ask: Ask) -> Reply:
        url = self._session.url(ask)
        attempts = Attempts(ask, self._session.retries)
        while True:
            attempts.sent += 1
            try:
                reply = await self._once(ask, url)
            except (library().HTTPError, library().InvalidURL) as error:
                problem, arrived = failure(error, ask, url, self._session.timeout)
                wait = attempts.after_failure(arrived=arrived)
                if wait is None:
                    raise problem from None
            else:
                wait = attempts.after_reply(reply.status)
                if wait is None:
                    reply.again = attempts.sent > 1
                    return reply
            await asyncio.sleep(wait)

    async def _once(self, ask: Ask, url: str) -> Reply:
        for _ in range(5):
            headers = {"Accept": "application/json"} | ({} if ask.kind is None else {"Content-Type": ask.kind})
            request = self._http().build_request(ask.method, url, content=ask.content or None, headers=headers)
            response = await self._http().send(request, stream=True)
            try:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise Reply(ask.unit, url, response.status_code, b"").error("the answer is too long")
            finally:
                await response.aclose()
            reply = Reply(ask.unit, url, response.status_code, body)
            if response.next_request is None:
                return reply
            url = str(response.next_request.url)
            if not self._session.is_known(url):
                raise reply.error(f"leads to a host that was not given: {url}")
        raise reply.error("leads round in circles")

    def _http(self) -> httpx.AsyncClient:
        if self._made is None:
            self._made = library().AsyncClient(timeout=self._session.timeout, trust_env=False, follow_redirects=False)
        return self._made
