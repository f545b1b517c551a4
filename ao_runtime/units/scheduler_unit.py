"""su, the scheduler unit: takes what is signed, and shows the order of each process (spec: units, su)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import AoError, RefusedError, TerminatedError
from .answers import Refusal, answer, refusal_of
from .border import Unit
from .nodes import node, page, process_node
from .requests import body_of, id_in, item_of, number_in
from .scheduling import Places, Scheduling

__all__ = ["scheduler_unit"]

_T = TypeVar("_T")
_UNKNOWN = "Message or Process not found"
_FIELDS = {"Anchor", "Data", "Id", "Owner", "Signature", "Tags", "Target"}
#: Messages of a page.
_PAGE, _MOST = 100, 1000


def scheduler_unit(scheduling: Scheduling) -> Unit:
    """The unit's app. All its errors have status 400."""
    unit = _SchedulerUnit(scheduling)
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
    def __init__(self, scheduling: Scheduling) -> None:
        self._at = scheduling

    async def root(self, request: Request) -> Response:
        """Who it is, and what time."""
        return answer({"timestamp": str(self._at.now), "address": self._at.address})

    async def health(self, request: Request) -> Response:
        """It is there."""
        return Response()

    async def timestamp(self, request: Request) -> Response:
        """The time, and the height of the last block: both text."""
        return answer({"timestamp": str(self._at.now), "block_height": f"{self._at.height:012}"})

    async def take(self, request: Request) -> Response:
        """A signed message or process, or an assignment."""
        query = request.query_params
        process, message = query.get("process-id"), query.get("assign")
        if process is not None or message is not None:
            if process is None or message is None:
                raise Refusal(400, "If sending assign or process-id, you must send both.")
            process, message = id_in(process, "process-id"), id_in(message, "assign")
            self._at.access.check(request, unless_local=True)
            taken = self._at.assign(process, message, _excluded(query.get("exclude", "")))
        else:
            taken = self._at.take(await item_of(await body_of(request)))
        found = await _refusing(taken)
        id = found.id if found.elsewhere or message is not None else found.item.id
        return answer({"timestamp": found.timestamp, "id": id})

    async def messages(self, request: Request) -> Response:
        """A page of a process's messages, or one of them by the id of the message or of its assignment."""
        id, query = id_in(request.path_params["id"], "id"), request.query_params
        process = id_in(query.get("process-id", id), "process-id")
        if process != id:
            return await self._shown(lambda places: node(_there(places.find(process, id), _UNKNOWN), self._at))
        by_nonce = "from-nonce" in query or "to-nonce" in query
        names = ("from-nonce", "to-nonce") if by_nonce else ("from", "to")
        after = number_in(request, names[0], -1, 10**16)
        last = number_in(request, names[1], 10**16, 10**16)
        limit = max(number_in(request, "limit", _PAGE, _MOST), 1)

        def read(places: Places) -> dict[str, Any]:
            chosen, more = _there(places.page(process, after, last, limit, by_nonce=by_nonce), _UNKNOWN)
            return page(chosen, more, self._at, by_nonce)

        return await self._shown(read)

    async def latest(self, request: Request) -> Response:
        """The last message of a process."""
        id = id_in(request.path_params["id"], "id")
        return await self._shown(lambda places: node(_there(places.last(id), "Latest message not available"), self._at))

    async def process(self, request: Request) -> Response:
        """A process's own item."""
        id = id_in(request.path_params["id"], "id")
        return await self._shown(lambda places: process_node(_there(places.first(id), f"Not Found: {id}"), self._at))

    async def _shown(self, read: Callable[[Places], Any]) -> Response:
        return await _refusing(self._at.answer(read))


def _there(found: _T | None, text: str) -> _T:
    """What was found; a `Refusal` where it was not."""
    if found is None:
        raise Refusal(400, text)
    return found


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
