"""The scheduler of a whole network, as its scheduler unit asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from ..errors import RefusedError
from ..items import DataItem
from ..network import Assignment, Evaluation, Scheduler, Steps
from .access import Access
from .answers import answer
from .hub import Hub
from .scheduling import Places

__all__ = ["NetworkScheduling"]


class NetworkScheduling:
    """The network has one compute unit and one messenger: what is taken is evaluated, and what it sends delivered."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._places = _Places(hub.network.scheduler)

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return self._hub.scheduler

    @property
    def access(self) -> Access:
        """The server's."""
        return self._hub.access

    @property
    def now(self) -> int:
        """Milliseconds since 1970, by the network's clock."""
        return self._hub.network.clock.now

    @property
    def height(self) -> int:
        """The height of the network's last block."""
        return self._hub.network.clock.height

    def key(self, address: str) -> str:
        """The public key of one of the network's units."""
        return self._hub.key(address)

    async def take(self, item: DataItem) -> Assignment:
        """The place of an item, after its evaluation."""
        return _placed(await self._hub.receive(item))

    async def assign(self, process: str, message: str, exclude: tuple[str, ...]) -> Assignment:
        """The new place of a message, after its evaluation there. Unlike the messenger it can leave out fields."""

        def steps() -> Steps[Evaluation]:
            if process not in self._hub.network.scheduler:
                raise RefusedError("Message or Process not found")
            return self._hub.network.messenger.assigning(process, message, exclude)

        return _placed(await self._hub.take(process, steps))

    async def answer(self, read: Callable[[Places], Any]) -> Response:
        """Read in the network's own thread."""
        return answer(await self._hub.call(lambda: read(self._places)))


class _Places:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def first(self, process: str) -> Assignment | None:
        """The process's own."""
        return self._scheduler.schedule(process).assignments[0] if process in self._scheduler else None

    def last(self, process: str) -> Assignment | None:
        """The last one."""
        return self._scheduler.schedule(process).assignments[-1] if process in self._scheduler else None

    def find(self, process: str, id: str) -> Assignment | None:
        """By the id of a message or of an assignment."""
        return self._scheduler.find(process, id)

    def page(
        self, process: str, after: int, last: int, limit: int, *, by_nonce: bool
    ) -> tuple[list[Assignment], bool] | None:
        """Some of them, and whether there are more."""
        if process not in self._scheduler:
            return None
        places = self._scheduler.schedule(process).assignments
        rank: Callable[[Assignment], int] = lambda one: one.nonce if by_nonce else one.timestamp  # noqa: E731
        start, end = _after(places, after, rank), _after(places, last, rank)
        return places[start : min(end, start + limit)], start + limit < end


def _placed(evaluation: Evaluation) -> Assignment:
    assert evaluation.assignment is not None
    return evaluation.assignment


def _after(places: list[Assignment], last: int, rank: Callable[[Assignment], int]) -> int:
    """How many of the places stand at `last` or before: they rise strictly."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if rank(places[middle]) <= last:
            low = middle + 1
        else:
            high = middle
    return low
