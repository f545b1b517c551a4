"""Tells pages that something is new, by server-sent events: so many listeners, each for a while, none of them slow."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from ..hub import Hub

__all__ = ["Events"]

#: Who listens at a time: browsers, one for each page that is open.
LISTENERS = 100
#: Seconds: between two looks at the network, between two signs of life, for one piece to be taken, for one listener.
POLL, ALIVE, PATIENCE, LIFE = 0.5, 15.0, 10.0, 600.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class Events:
    """Whoever listens, and what looks whether something has changed as long as anybody does.

    An event says only that something is new, and how many messages there are: `event: change`, `data: 123`. A listener
    that misses some gets the last; nothing is kept for anybody.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        #: What was seen last: the message that came last, and how much there is of everything.
        self._seen: tuple[object, ...] = ()
        self._number = 0

    @property
    def full(self) -> bool:
        """Whether nobody else can listen."""
        return self._listeners >= LISTENERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell one listener, until it goes, is too slow, or has listened for long enough; it comes again then."""
        self._listeners += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        gone = asyncio.create_task(_gone(receive))
        ending = asyncio.create_task(self._hub.ending.wait())
        try:
            await self._send(send, {"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._put(send, "retry: 2000\n\n")
            loop = asyncio.get_running_loop()
            end = loop.time() + LIFE
            while not (gone.done() or ending.done()) and loop.time() < end:
                before = self._number
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait((changed, gone, ending), timeout=ALIVE, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                if gone.done() or ending.done():
                    break
                told = f"event: change\ndata: {self._number}\n\n" if self._number != before else ": alive\n\n"
                await self._put(send, told)
            with suppress(asyncio.TimeoutError, OSError):
                await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})
        except (asyncio.TimeoutError, OSError):
            # Too slow, or gone. The server closes the connection of an answer that has no end.
            pass
        finally:
            gone.cancel()
            ending.cancel()
            self._listeners -= 1
            if not self._listeners and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _put(self, send: Send, text: str) -> None:
        await self._send(send, {"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _send(self, send: Send, message: dict[str, object]) -> None:
        await asyncio.wait_for(send(message), PATIENCE)

    async def _look(self) -> None:
        """Look at the network now and then."""
        while True:
            try:
                seen = await self._hub.call(self._state)
            except RuntimeError:  # the server is closing
                return
            if seen != self._seen:
                first = not self._seen
                self._seen = seen
                if not first:
                    self._number += 1
                    self._changed.set()
                    self._changed = asyncio.Event()
            await asyncio.sleep(POLL)

    def _state(self) -> tuple[object, ...]:
        """What is another one after each change, at the same cost however much there is."""
        network, worker = self._hub.network, self._hub.worker
        last = next(network.scheduler.latest(), None)
        return (
            None if last is None else last.item.id,
            network.scheduler.count,
            len(network.messenger.pending),
            len(network.storage.mail),
            worker.delivered,
        )


async def _gone(receive: Receive) -> None:
    """Return when whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
