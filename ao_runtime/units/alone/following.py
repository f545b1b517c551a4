"""`Following`: where a compute unit on its own has its messages from: a scheduler unit, and a gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError as Cancelled
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from ...client import Reply
from ...errors import AoError, HttpError, InputError, NetworkError
from ...models import Moment, harmless, nodes_in
from ...network import Assignment, Evaluation, Item, Steps
from ..answers import Refusal
from ..hub import Hub
from ..worker import LOG
from .gateway import Gateway
from .nodes import read_place
from .others import Others

__all__ = ["Following"]

_T = TypeVar("_T")
#: Messages of a page, and how many of them are evaluated before more are begun: fewer than may wait for a process.
_PAGE, _TOGETHER = 500, 100
#: Seconds for an answer of the gateway's.
_SECONDS = 120.0
#: Seconds that an evaluation waits for one thing that only a gateway knows, and for all of them: its own time goes on.
_PATIENCE, _ALL = 20.0, 30.0
_FAILED = "Error Encountered when loading message from Scheduler Unit: "


class Following:
    """Brings the orders of processes into a network that follows them: a `Source` of the compute unit.

    Messages are evaluated in their order as they are read. What was read once is kept: only what came since is asked
    for. Nothing is evaluated in place of what is not known: where the gateway fails while a process reads from it, all
    that was evaluated of that process is thrown away, and made again from the scheduler's order.
    """

    def __init__(self, hub: Hub, others: Others) -> None:
        self._hub = hub
        self._network = hub.network
        self._others = others
        self._gateway = Gateway(others, _SECONDS)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._loop: asyncio.AbstractEventLoop | None = None
        #: With what the gateway has failed in the evaluation of a process.
        self._failures: dict[str, HttpError] = {}
        #: How many seconds a process has waited for it since it was looked at.
        self._waited: dict[str, float] = {}

    # ── a source ───────────────────────────────────────────────────────────────────────────────────────────────

    async def follow(self, process: str, message: str | None = None) -> None:
        """Read what the scheduler has of a process; with `message`, only if that one is not there yet."""
        self._loop = asyncio.get_running_loop()
        if message is not None and await self._has(process, message):
            return
        async with self._lock(process):
            # Whoever was before has perhaps brought it.
            if message is None or not await self._has(process, message):
                await self._read(process)

    async def tick(self, process: str) -> None:
        """Evaluate the ticks that are due by the scheduler's clock."""
        self._loop = asyncio.get_running_loop()
        async with self._lock(process):
            try:
                now = _moment(await self._ask("/timestamp", process))
            except HttpError as error:
                raise _failed(error) from None
            # What came until then is before it.
            await self._read(process)
            await self._guarded(process, lambda: self._network.compute.tick(process, now))

    async def beside(self, process: str, job: Callable[[], _T]) -> _T:
        """Do something with a process between its messages."""
        self._loop = asyncio.get_running_loop()
        async with self._lock(process):
            return await self._guarded(process, job)

    # ── what evaluations ask for, in other threads ─────────────────────────────────────────────────────────────

    def data(self, id: str, process: str | None) -> bytes | None:
        """What a process reads as `/data/<id>`."""
        found: bytes | None = self._wait(process, self._gateway.data(id))
        return found

    def blocks(self, process: str, after: Moment, until: Moment) -> list[Moment]:
        """The blocks between two moments."""
        return self._wait(process, self._gateway.blocks(after, until)) or []

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _lock(self, process: str) -> asyncio.Lock:
        return self._locks.setdefault(process, asyncio.Lock())

    async def _has(self, process: str, message: str) -> bool:
        return await self._hub.call(lambda: self._network.scheduler.find(process, message) is not None)

    async def _last(self, process: str) -> Assignment | None:
        def last() -> Assignment | None:
            scheduler = self._network.scheduler
            return scheduler.schedule(process).assignments[-1] if process in scheduler else None

        return await self._hub.call(last)

    async def _read(self, process: str) -> None:
        """Read on until the scheduler has nothing more, and evaluate it."""
        last, limit, more = await self._last(process), _PAGE, True
        while more:
            after = None if last is None else last.timestamp
            try:
                reply = await self._ask(f"/{process}", process, from_=after, limit=limit)
            except HttpError as error:
                if error.status == 200 and limit > 1:
                    # The page was too long.
                    limit //= 8
                    continue
                raise _failed(error) from None
            if reply.status != 200:
                if last is None and reply.status in (400, 404):
                    # It does not know the process, and nor do we: that is said by whoever looks for it.
                    return
                raise Refusal(500, f"{_FAILED}{reply.status}: {harmless(reply.text[:500])}")
            places, more = self._page(reply, process, last)
            for at in range(0, len(places), _TOGETHER):
                await self._evaluate(process, places[at : at + _TOGETHER])
            last = places[-1] if places else last
            more = more and bool(places)

    async def _ask(self, path: str, process: str, **query: Any) -> Reply:
        return await self._others.get("su", path, process_id=process, **query)

    def _page(self, reply: Reply, process: str, last: Assignment | None) -> tuple[list[Assignment], bool]:
        """The places on a page, and whether there are more."""
        found: list[Assignment] = []
        try:
            told = reply.object()
            nodes, info = nodes_in(told), told.get("page_info")
            if nodes is None or not isinstance(info, dict):
                raise InputError("is no page of messages", field="edges")
            for node in nodes:
                last = read_place(node, process, last)
                found.append(last)
        except (InputError, HttpError) as error:
            raise _failed(error) from None
        return found, info.get("has_next_page") is True

    async def _evaluate(self, process: str, places: list[Assignment]) -> None:
        """Evaluate messages in their order; those that are elsewhere come from the gateway."""
        for one in places:
            if one.elsewhere and not one.item.names:
                try:
                    one.item = await self._gateway.item(one.item.id, with_data="Data" not in one.exclude)
                except HttpError as error:
                    raise Refusal(502, harmless(str(error))) from None
        # They are put in order here, each before the next.
        taken = [self._hub.take(process, partial(self._placing, one)) for one in places]
        found = await asyncio.gather(*taken, return_exceptions=True)
        await self._check(process)
        problem = next((one for one in found if isinstance(one, BaseException)), None)
        if problem is not None:
            raise problem

    def _placing(self, one: Assignment) -> Steps[Evaluation]:
        scheduler = self._network.scheduler
        if one.nonce and (one.process not in scheduler or len(scheduler.schedule(one.process).assignments) < one.nonce):
            raise NetworkError("the message before it could not be evaluated")
        if not one.nonce:
            self._network.labels.add(one.process, _name(one.item))
        scheduler.follow(one)
        try:
            return (yield one)
        except BaseException:
            if not one.nonce:
                self._forget(one.process)
            raise

    async def _guarded(self, process: str, job: Callable[[], _T]) -> _T:
        try:
            return await self._hub.beside(process, job)
        finally:
            await self._check(process)

    async def _check(self, process: str) -> None:
        """Whether the gateway has answered whatever evaluations of a process asked: else they are worth nothing."""
        failure = self._failures.pop(process, None)
        if self._waited.pop(process, 0.0) > _ALL and failure is None:
            # What it came to may be the time limit.
            failure = HttpError("takes too long", unit="gateway")
        if failure is None:
            return

        def forget() -> None:
            if process in self._network.scheduler:
                self._network.scheduler.cut(process, 0)
                self._forget(process)

        await self._hub.call(forget)
        LOG.error("the gateway failed while %s was evaluated: it is evaluated anew", process)
        raise Refusal(502, f"the gateway failed in the evaluation: {harmless(str(failure))}")

    def _forget(self, process: str) -> None:
        self._network.compute.forget(process)
        self._network.labels.forget(process)
        if self._network.keeper is not None:
            self._network.keeper.forget(process)

    def _wait(self, process: str | None, asked: Any) -> Any:
        """What somebody is asked in the event loop, for an evaluation in another thread."""
        assert self._loop is not None
        whose = process or ""
        began = time.monotonic()
        try:
            return asyncio.run_coroutine_threadsafe(_soon(asked), self._loop).result()
        except (HttpError, Cancelled) as error:
            failure = error if isinstance(error, HttpError) else HttpError("does not answer", unit="gateway")
            self._failures[whose] = failure
            return None
        finally:
            self._waited[whose] = self._waited.get(whose, 0.0) + time.monotonic() - began


def _failed(error: AoError) -> Refusal:
    """What the scheduler has said is wrong; 502 where it is not there: who waits for a result goes on asking then."""
    gone = isinstance(error, HttpError) and error.status is None
    return Refusal(502 if gone else 500, _FAILED + harmless(str(error)))


async def _soon(asked: Awaitable[_T]) -> _T:
    """What comes in time."""
    try:
        return await asyncio.wait_for(asked, _PATIENCE)
    except asyncio.TimeoutError:
        raise HttpError(f"did not answer within {_PATIENCE:g} seconds", unit="gateway") from None


def _moment(reply: Reply) -> Moment:
    try:
        told = reply.object()
        timestamp, height = int(told["timestamp"]), int(told["block_height"])
        if not (0 <= timestamp < 10**16 and 0 <= height < 10**12):
            raise ValueError
    except (AoError, KeyError, TypeError, ValueError):
        raise Refusal(500, f"{_FAILED}it does not say what time it is") from None
    return Moment(timestamp, height)


def _name(item: Item) -> str:
    name = item.tag(b"Name")
    return "process" if name is None else name.decode("utf-8", "replace")
