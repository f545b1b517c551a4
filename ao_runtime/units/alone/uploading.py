"""`Uploading`: what the scheduler took and gave goes on to the uploader, so that the gateway finds it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from ...client import Ask
from ...errors import AoError, HttpError
from ...items import Bundle, DataItem, Wallet
from ..worker import LOG
from .others import Others

__all__ = ["Upload", "Uploading"]

#: Requests at a time: the others' uploader has more to do than this, and so has this program.
_TOGETHER = 8
#: Bytes of items in a bundle of several places: with what is around them it is no longer than what uploaders take from
#: everybody for nothing, 100 KiB.
_BUNDLE = 90_000
#: Bytes of an uploader's answer, and the seconds for it.
_MOST, _SECONDS = 64 << 10, 20.0
#: Statuses of an uploader that may take it later.
_BUSY = {408, 425, 429, 502, 503, 504}
#: Seconds until it is tried again where the uploader does not answer; doubled up to the second.
_SOON, _LATE = 1.0, 60.0
#: The same where it answers and refuses.
_REFUSED_SOON, _REFUSED_LATE = 30.0, 3600.0


class Upload(NamedTuple):
    """A place, by its number, and the items that go up for it."""

    number: int
    items: tuple[bytes, ...]


class Uploading:
    """Uploads what waits, the oldest first, for as long as it is run; what is done is forgotten, nothing else.

    Several items go up as a bundle, as those of the network's schedulers do: the gateway unpacks it.

    others
        Where `uploader` is asked.
    wallet
        Who signs the bundles.
    waiting
        Some of what waits, in order: those after a number.
    done
        Called with the numbers of what the uploader has.
    """

    def __init__(
        self,
        others: Others,
        wallet: Wallet,
        waiting: Callable[[int], Awaitable[list[Upload]]],
        done: Callable[[list[int]], Awaitable[None]],
    ) -> None:
        self._others = others
        self._wallet = wallet
        self._waiting = waiting
        self._done = done
        self._more = asyncio.Event()
        self._free = asyncio.Semaphore(_TOGETHER)
        #: The number of the last that was tried, and when it begins again with the oldest.
        self._after = -1
        self._again: float | None = None

    def wake(self) -> None:
        """There is more."""
        self._more.set()

    async def run(self) -> None:
        """Upload without end. That the uploader is gone, or refuses, is said once, until it is otherwise.

        Nothing that fails keeps back what is behind it: that is tried first, and then all again from the oldest on.
        """
        wait, refused_wait = _SOON, _REFUSED_SOON
        gone = False
        while True:
            self._more.clear()
            if self._again is not None and time.monotonic() >= self._again:
                self._after, self._again = -1, None
            try:
                found = await self._waiting(self._after)
                if not found:
                    if self._again is None:
                        refused_wait = _REFUSED_SOON
                    await self._idle()
                    continue
                outcomes = [*chain(*await asyncio.gather(*map(self._upload, _bundles(found))))]
                done = [one.number for one, outcome in zip(found, outcomes, strict=True) if outcome is None]
                if done:
                    await self._done(done)
            except AoError as error:
                # The folder cannot be read or written: what waits stays there.
                LOG.error("uploads wait: %s", error)
                await asyncio.sleep(_LATE)
                continue
            self._after = found[-1].number
            failed = [one for one in outcomes if one is not None]
            if failed and not done and all(map(_is_gone, failed)):
                if not gone:
                    LOG.warning("uploads wait: %s", failed[0])
                gone = True
                self._try_again(2 * wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LATE)
                continue
            if gone:
                LOG.warning("the uploader is there again")
            gone, wait = False, _SOON
            if failed and self._again is None:
                LOG.warning("an upload was refused, and is tried again in %g seconds: %s", refused_wait, failed[0])
                self._try_again(refused_wait)
                refused_wait = min(refused_wait * 2, _REFUSED_LATE)

    def _try_again(self, seconds: float) -> None:
        """Begin again with the oldest after so many seconds, if not before."""
        moment = time.monotonic() + seconds
        self._again = moment if self._again is None else min(self._again, moment)

    async def _idle(self) -> None:
        """Wait for more, or until something is tried again."""
        seconds = None if self._again is None else max(self._again - time.monotonic(), 0.0)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._more.wait(), seconds)

    async def _upload(self, places: list[Upload]) -> list[AoError | None]:
        """Upload some together. What went wrong with each, if something did; it goes up once more then."""
        outcome = await self._send(places)
        if outcome is None or len(places) == 1 or _is_busy(outcome):
            return [outcome] * len(places)
        # It may be one of them that is not wanted.
        return await asyncio.gather(*(self._send([one]) for one in places))

    async def _send(self, places: list[Upload]) -> AoError | None:
        async with self._free:
            try:
                body = await asyncio.to_thread(_body, places, self._wallet)
                kind = "application/octet-stream"
                reply = await self._others.ask(Ask("uploader", "POST", "/tx", {}, body, kind, most=_MOST), _SECONDS)
            except AoError as error:
                return error
        return None if 200 <= reply.status < 300 else reply.error()


def _bundles(places: list[Upload]) -> list[list[Upload]]:
    """Which of them go up together, in their order: a place is never divided, and a large one goes alone."""
    found: list[list[Upload]] = []
    room = 0
    for one in places:
        size = sum(map(len, one.items))
        if size > room:
            found.append([])
            room = _BUNDLE
        found[-1].append(one)
        room -= size
    return found


def _body(places: list[Upload], wallet: Wallet) -> bytes:
    """An item as it is, or several as a bundle, which is the same item each time."""
    items = [item for one in places for item in one.items]
    return items[0] if len(items) == 1 else bytes(Bundle.create(map(DataItem.parse, items)).item(wallet))


def _is_busy(error: AoError) -> bool:
    """Whether the uploader cannot take anything now, whatever it is."""
    return isinstance(error, HttpError) and (error.status is None or error.status in _BUSY)


def _is_gone(error: AoError) -> bool:
    """Whether it may be so; if it is not this that it cannot take."""
    return isinstance(error, HttpError) and (_is_busy(error) or (error.status or 0) >= 500)
