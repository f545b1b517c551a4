"""`Reply`: what another thread tells the event loop; much lighter than a future of `concurrent.futures`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["Reply", "Told"]

_T = TypeVar("_T")


class Told(Protocol):
    """Whoever waits for what something gives, or raises."""

    def set_running_or_notify_cancel(self) -> bool:
        """Whether anybody waits still."""

    def set_result(self, result: Any) -> None:
        """It gave this."""

    def set_exception(self, exception: BaseException | None) -> None:
        """It raised this."""


class _Mailbox:
    """What an event loop is told by other threads. However much that is, the loop is woken once, until it has looked:
    to wake it is a call of the system.
    """

    def __init__(self) -> None:
        #: No lock: appending and taking are whole by themselves.
        self._told: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._woken = False

    def put(self, future: asyncio.Future[Any], result: Any, exception: BaseException | None) -> None:
        """Have a future told, by any thread."""
        self._told.append((future, result, exception))
        # Looked at in this order, here and in `_open`: one of the two sees what the other has done.
        if not self._woken:
            self._woken = True
            # A loop that has ended has nobody who waits.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(self._open)

    def _open(self) -> None:
        self._woken = False
        while self._told:
            future, result, exception = self._told.popleft()
            if future.done():
                continue
            if exception is None:
                future.set_result(result)
            else:
                future.set_exception(exception)


#: One for each event loop.
_mailboxes: WeakKeyDictionary[asyncio.AbstractEventLoop, _Mailbox] = WeakKeyDictionary()


class Reply(Generic[_T]):
    """Is awaited in the event loop that has made it, and told by any thread, once."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._future: asyncio.Future[_T] = loop.create_future()
        mailbox = _mailboxes.get(loop)
        if mailbox is None:
            mailbox = _mailboxes[loop] = _Mailbox()
        self._mailbox = mailbox

    def __await__(self) -> Generator[Any, None, _T]:
        return self._future.__await__()

    def set_running_or_notify_cancel(self) -> bool:
        """Whether anybody waits still."""
        return not self._future.cancelled()

    def set_result(self, result: _T) -> None:
        """It gave this."""
        self._mailbox.put(self._future, result, None)

    def set_exception(self, exception: BaseException | None) -> None:
        """It raised this."""
        self._mailbox.put(self._future, None, exception)
