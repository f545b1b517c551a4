"""The client for threads and the one for asyncio behind one face, so that each test is of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ao_runtime.client import connect, connect_async

__all__ = ["KINDS", "Connect"]

Connect = Callable[..., Any]


class Awaited:
    """An `AsyncClient` whose calls are awaited in a loop of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        try:
            self._client = connect_async(*arguments, **options)
        except BaseException:
            self._loop.close()
            raise

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda *arguments, **fields: self._loop.run_until_complete(method(*arguments, **fields))

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


KINDS: dict[str, Connect] = {"threads": connect, "asyncio": Awaited}
