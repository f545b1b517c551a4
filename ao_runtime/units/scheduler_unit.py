"""su, the scheduler unit: takes what is signed, and shows the order of each process (spec: units, su)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import AoError, RefusedError, TerminatedError
from ..network import Assignment, Evaluation, Steps
from .answers import Refusal, answer, refusal_of
from .border import Unit
from .hub import Hub
from .nodes import node, page, process_node
from .requests import body_of, id_in, item_of, number_in

__all__ = ["scheduler_unit"]

_T = TypeVar("_T")
_UNKNOWN = "Message or Process not found"
_FIELDS = {"Anchor", "Data", "Id", "Owner", "Signature", "Tags", "Target"}
#: Messages of a page.
_PAGE, _MOST = 100, 1000


def scheduler_unit(hub: Hub) -> Unit:
    """The unit's app. All its errors have status 400."""
    unit = _SchedulerUnit(hub)
    return Unit(
        "su",
        [
            Route("/", unit.root, methods=["GET"]),
            Route("/", unit.take, methods=["POST"]),
            Route("/health", unit.health, methods=["GET"]),
            Route("/timestamp", unit.timestamp, methods=["GET"]),
            Route("/processes/{id}", unit.process, methods=["GET"]),
            Route("/{id}/latest", unit.latest, methods=["GET"]),
            Route("/{id}", unit.messages, methods=["GET"]),
        ],
    )


class _SchedulerUnit:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._scheduler = hub.network.scheduler

    async def root(self, request: Request) -> Response:
        """Who it is, and what time."""
        return answer({"timestamp": str(self._hub.network.clock.now), "address": self._hub.scheduler})

    async def health(self, request: Request) -> Response:
        """It is there."""
        return Response()

    async def timestamp(self, request: Request) -> Response:
        """The time, and the height of the last block: both text."""
        clock = self._hub.network.clock
        return answer({"timestamp": str(clock.now), "block_height": f"{clock.height:012}"})

    async def take(self, request: Request) -> Response:
        """A signed message or process, or an assignment.

        As the network has one compute unit and one messenger, it is evaluated, and what it sends is delivered.
        """
        query = request.query_params
        process, message = query.get("process-id"), query.get("assign")
        if process is not None or message is not None:
            if process is None or message is None:
                raise Refusal(400, "If sending assign or process-id, you must send both.")
            process, message = id_in(process, "process-id"), id_in(message, "assign")
            exclude = _excluded(query.get("exclude", ""))
            taken = self._hub.take(process, lambda: self._assigning(process, message, exclude))
        else:
            taken = self._hub.receive(await item_of(await body_of(request)))
        found = (await _refusing(taken)).assignment
        assert found is not None
        id = found.id if found.elsewhere or message is not None else found.item.id
        return answer({"timestamp": found.timestamp, "id": id})

    async def messages(self, request: Request) -> Response:
        """A page of a process's messages, or one of them by the id of the message or of its assignment."""
        id, query = id_in(request.path_params["id"], "id"), request.query_params
        process = id_in(query.get("process-id", id), "process-id")
        if process != id:
            return answer(await self._do(lambda: node(self._find(process, id), self._hub)))
        by_nonce = "from-nonce" in query or "to-nonce" in query
        names = ("from-nonce", "to-nonce") if by_nonce else ("from", "to")
        after = number_in(request, names[0], -1, 10**16)
        last = number_in(request, names[1], 10**16, 10**16)
        limit = max(number_in(request, "limit", _PAGE, _MOST), 1)

        def read() -> dict[str, Any]:
            if process not in self._scheduler:
                raise Refusal(400, _UNKNOWN)
            places = self._scheduler.schedule(process).assignments
            rank: Callable[[Assignment], int] = lambda one: one.nonce if by_nonce else one.timestamp  # noqa: E731
            start = _after(places, after, rank)
            end = _after(places, last, rank)
            chosen = places[start : min(end, start + limit)]
            return page(chosen, start + limit < end, self._hub, by_nonce)

        return answer(await self._do(read))

    async def latest(self, request: Request) -> Response:
        """The last message of a process."""
        id = id_in(request.path_params["id"], "id")

        def read() -> dict[str, Any]:
            if id not in self._scheduler:
                raise Refusal(400, "Latest message not available")
            return node(self._scheduler.schedule(id).assignments[-1], self._hub)

        return answer(await self._do(read))

    async def process(self, request: Request) -> Response:
        """A process's own item."""
        id = id_in(request.path_params["id"], "id")

        def read() -> dict[str, Any]:
            if id not in self._scheduler:
                raise Refusal(400, f"Not Found: {id}")
            return process_node(self._scheduler.schedule(id).assignments[0], self._hub)

        return answer(await self._do(read))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, process: str, message: str) -> Assignment:
        found = self._scheduler.find(process, message)
        if found is None:
            raise Refusal(400, _UNKNOWN)
        return found

    def _assigning(self, process: str, message: str, exclude: tuple[str, ...]) -> Steps[Evaluation]:
        """Unlike the messenger, the scheduler knows what to leave out."""
        if process not in self._scheduler:
            raise Refusal(400, _UNKNOWN)
        return self._hub.network.messenger.assigning(process, message, exclude)

    async def _do(self, job: Callable[[], _T]) -> _T:
        return await _refusing(self._hub.call(job))


async def _refusing(done: Awaitable[_T]) -> _T:
    """What comes of something; what the network refuses is 400."""
    try:
        return await done
    except TerminatedError as error:
        raise refusal_of(error) from None
    except RefusedError as error:
        raise Refusal(400, error.problem) from None
    except AoError as error:
        raise refusal_of(error) from None


def _excluded(text: str) -> tuple[str, ...]:
    """The fields that an assignment leaves out. Raises a `Refusal` (400) for what is no field of a message."""
    names = tuple(filter(None, text.split(",")))
    if not set(names) <= _FIELDS:
        raise Refusal(400, f"exclude must name fields of a message: {', '.join(sorted(_FIELDS))}")
    return names


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
