"""Both clients behind one interface, so that a test is written once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ao_runtime.colonies import AsyncColonies, Colonies

#: name, args, kwargs of a method
Asked = tuple[str, list[Any], dict[str, Any]]


class Client:
    """Calls methods of one of the clients, one after the other or all at once."""

    name: str

    def call(self, url: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """What a method returns; what it raises is raised."""
        (outcome,) = self.calls(url, [(method, list(args), kwargs)])
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def calls(self, url: str, asked: list[Asked], *, at_once: bool = False, **options: Any) -> list[Any]:
        """What each returns or raises."""
        raise NotImplementedError


class Threads(Client):
    """`Colonies`."""

    name = "sync"

    def calls(self, url: str, asked: list[Asked], *, at_once: bool = False, **options: Any) -> list[Any]:
        """What each returns or raises."""
        with Colonies(url, **options) as colonies, ThreadPoolExecutor(len(asked) if at_once else 1) as pool:
            futures = [pool.submit(getattr(colonies, name), *args, **kwargs) for name, args, kwargs in asked]
            return [future.exception() or future.result() for future in futures]


class Tasks(Client):
    """`AsyncColonies`."""

    name = "async"

    def calls(self, url: str, asked: list[Asked], *, at_once: bool = False, **options: Any) -> list[Any]:
        """What each returns or raises."""

        async def run() -> list[Any]:
            async with AsyncColonies(url, **options) as colonies:
                tasks = [getattr(colonies, name)(*args, **kwargs) for name, args, kwargs in asked]
                if at_once:
                    return list(await asyncio.gather(*tasks, return_exceptions=True))
                return [(await asyncio.gather(task, return_exceptions=True))[0] for task in tasks]

        return asyncio.run(run())


CLIENTS = (Threads(), Tasks())
