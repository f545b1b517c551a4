"""`Uploading`: what the scheduler took and gave goes on to the uploader, so that the gateway finds it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from ...errors import AoError, HttpError
from ..worker import LOG
from .poster import Poster

__all__ = ["Upload", "Uploading"]

#: Requests at a time: the others' uploader has more to do than this, and so has this program.
_TOGETHER = 8
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

    waiting
        Some of what waits, in order: those after a number.
    done
        Called with the numbers of what the uploader has.
    """

    def __init__(
        self,
        poster: Poster,
        waiting: Callable[[int], Awaitable[list[Upload]]],
        done: Callable[[list[int]], Awaitable[None]],
    ) -> None:
        self._poster = poster
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
                outcomes = await asyncio.gather(*map(self._upload, found))
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

    async def _upload(self, one: Upload) -> HttpError | None:
        """Upload all of its items. What went wrong, if something did: all go up once more then, as the same items."""
        try:
            for item in one.items:
                async with self._free:
                    reply = await self._poster.post(item)
                if not 200 <= reply.status < 300:
                    return reply.error()
        except HttpError as error:
            return error
        return None


def _is_gone(error: HttpError) -> bool:
    """Whether the uploader could not take anything, rather than not this."""
    return error.status is None or error.status in (408, 425, 429) or error.status >= 500
