"""`Reply`: what another thread tells the event loop; much lighter than a future of `concurrent.futures`."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

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


class Reply(Generic[_T]):
    """Is awaited in the event loop that has made it, and told by any thread, once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[_T] = self._loop.create_future()

    def __await__(self) -> Generator[Any, None, _T]:
        return self._future.__await__()

    def set_running_or_notify_cancel(self) -> bool:
        """Whether anybody waits still."""
        return not self._future.cancelled()

    def set_result(self, result: _T) -> None:
        """It gave this."""
        self._tell(result, None)

    def set_exception(self, exception: BaseException | None) -> None:
        """It raised this."""
        self._tell(None, exception)

    def _tell(self, result: Any, exception: BaseException | None) -> None:
        # A loop that has ended has nobody who waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._set, result, exception)

    def _set(self, result: Any, exception: BaseException | None) -> None:
        if self._future.done():
            return
        if exception is None:
            self._future.set_result(result)
        else:
            self._future.set_exception(exception)
