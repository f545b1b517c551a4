"""cu, the compute unit: results, dry runs and states (spec: units, cu)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import AoError, InputError
from ..models import Limits
from ..network import Evaluation, Network, unit_result
from .answers import Refusal, answer
from .border import Unit
from .cursors import Place, cursor, in_order, place_of, read_cursor
from .hub import Hub
from .requests import id_in, json_of, number_in

__all__ = [
    "DRY_RUN",
    "ComputeUnit",
    "Source",
    "compute_routes",
    "compute_unit",
    "result_of",
    "state_at",
]

_T = TypeVar("_T")
#: What a dry run may use: it is anybody's.
DRY_RUN = Limits(instructions=1_000_000_000, seconds=10.0)
_START: Place = (-1, -1, "")
#: What is said where no process is named: status and text.
_MISSING = 500, "'processId': Required."


class Source(Protocol):
    """How the unit comes by what it is asked for. All of it may end in a `Refusal`."""

    async def follow(self, process: str, message: str | None = None) -> None:
        """Have what the scheduler has put in order for a process; with `message`, only if that one is not there yet.

        Nothing is waited for but that it has its place.
        """

    async def tick(self, process: str) -> None:
        """Evaluate the ticks that are due by now."""

    async def beside(self, process: str, job: Callable[[], _T]) -> _T:
        """Do something with a process between its messages."""


class _Own:
    """The scheduler is that of the same network: all is there at once."""

    def __init__(self, hub: Hub) -> None:
        self.tick = hub.tick
        self.beside = hub.beside

    async def follow(self, process: str, message: str | None = None) -> None:
        """Nothing is to be done."""


def compute_unit(hub: Hub, source: Source | None = None) -> Unit:
    """The unit's app. Errors that have no status of their own are 500."""
    routes = compute_routes(hub, source=source)
    return Unit("cu", [Route("/", ComputeUnit(hub).root, methods=["GET"]), *routes], 500)


def compute_routes(hub: Hub, missing: tuple[int, str] = _MISSING, source: Source | None = None) -> list[Route]:
    """The routes that a router has too; `missing` is its answer where no process is named."""
    unit = ComputeUnit(hub, missing, source)
    return [
        Route("/result/{id}", unit.result, methods=["GET"]),
        Route("/results/{id}", unit.results, methods=["GET"]),
        Route("/cron/{id}", unit.crons, methods=["GET"]),
        Route("/state/{id}", unit.state, methods=["GET"]),
        Route("/dry-run", unit.dry_run, methods=["POST"]),
    ]


class ComputeUnit:
    """The routes of the unit. Without a `source` the scheduler is that of the hub's own network."""

    def __init__(self, hub: Hub, missing: tuple[int, str] = _MISSING, source: Source | None = None) -> None:
        self._hub = hub
        self._missing = missing
        self._source: Source = source or _Own(hub)

    async def root(self, request: Request) -> Response:
        """Who it is, and what time."""
        return answer({"address": self._hub.compute, "timestamp": self._hub.network.clock.now})

    async def result(self, request: Request) -> Response:
        """The result of a message, by its id or its assignment's; by a process's own id that of its boot."""
        id, process = id_in(request.path_params["id"], "id"), self._process(request)

        def read() -> dict[str, Any]:
            return result_of(self._evaluation(process, id))

        await self._source.follow(process, id)
        await self._hub.evaluated(process, id)
        return answer(await self._hub.call(read))

    async def results(self, request: Request) -> Response:
        """A page of what was evaluated, without errors; nothing is evaluated for it."""
        id = id_in(request.path_params["id"], "id")
        limit = max(number_in(request, "limit", 25, 1000), 1)
        first, last, sort = _range(request)
        return answer(await self._hub.call(lambda: self.page(id, first, last, sort, limit, lambda one: True)))

    async def crons(self, request: Request) -> Response:
        """A page of ticks; those that are due are evaluated."""
        id = id_in(request.path_params["id"], "id")
        limit = max(number_in(request, "limit", 500, 1000), 1)
        first, last, _ = _range(request)

        def read() -> dict[str, Any]:
            return self.page(id, first, last, "ASC", limit, lambda one: one.tick is not None)

        await self._source.follow(id)
        await self._hub.call(lambda: self._known(id))
        await self._source.tick(id)
        return answer(await self._hub.call(read))

    async def state(self, request: Request) -> Response:
        """The state of a process, now or at the time `to`: what `Process.restore` takes."""
        id = id_in(request.path_params["id"], "id")

        until = request.query_params.get("to")
        last = None if not until else number_in(request, "to", 0, 10**16)
        await self._source.follow(id)
        await self._hub.call(lambda: self._known(id))
        data, told = await self._source.beside(id, lambda: state_at(self._hub.network, id, last))
        return Response(data, headers=told, media_type="application/octet-stream")

    async def dry_run(self, request: Request) -> Response:
        """Evaluate a message of which nothing stays."""
        process = self._process(request)
        message = await json_of(request)
        if not isinstance(message, dict):
            raise Refusal(400, "the body must be a message: a JSON object")
        until = request.query_params.get("to")
        until = None if not until else id_in(until, "to")

        def run() -> dict[str, Any]:
            compute = self._hub.network.compute
            try:
                if until is None:
                    result = compute.dry_run(process, _sent(message), DRY_RUN)
                else:
                    past = compute.process(process).at(self._evaluation(process, until).number)
                    limits = compute.capped(process, DRY_RUN)
                    with past:
                        result = past.dry_run({"Cron": False, "Target": process, **_sent(message)}, limits=limits)
            except InputError as error:
                raise Refusal(400, str(error)) from None
            return unit_result(result)

        await self._source.follow(process, until)
        await self._hub.call(lambda: self._known(process))
        return answer(await self._source.beside(process, run))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _process(self, request: Request) -> str:
        process = request.query_params.get("process-id")
        if not process:
            raise Refusal(*self._missing)
        return id_in(process, "process-id")

    def _known(self, process: str) -> None:
        if process not in self._hub.network.scheduler:
            raise Refusal(500, f"TransactionNotFound: Process {process} was not found on gateway")

    def _evaluation(self, process: str, message: str) -> Evaluation:
        self._known(process)
        try:
            return self._hub.network.compute.result(process, message)
        except AoError:
            raise Refusal(
                500,
                "Error Encountered when loading message from Scheduler Unit: "
                '400: {"error":"Message or Process not found"}',
            ) from None

    def page(
        self, id: str, first: Place, last: Place | None, sort: str, limit: int, wanted: Callable[[Evaluation], bool]
    ) -> dict[str, Any]:
        """A page of results without errors, of the evaluations that are wanted; in the network's own thread."""
        network = self._hub.network
        found: list[Evaluation] = []
        more = False
        if id in network.scheduler and id in network.compute:
            evaluations = network.compute.unit(id).evaluations
            kept = self._hub.worker.lanes.kept(id)
            if kept is not None:
                evaluations = evaluations[:kept]
            for one in in_order(evaluations, sort):
                if one.result is None or not one.result.ok or not wanted(one):
                    continue
                place = place_of(one)
                if place <= first or (last is not None and place > last):
                    continue
                if len(found) == limit:
                    more = True
                    break
                found.append(one)
        edges = []
        for one in found:
            told = result_of(one)
            picked = {name: told[name] for name in ("Messages", "Assignments", "Spawns", "Output")}
            edges.append({"node": picked, "cursor": cursor(one, sort)})
        return {"pageInfo": {"hasNextPage": more}, "edges": edges}


def result_of(one: Evaluation) -> dict[str, Any]:
    """The result of an evaluation, as the unit answers it."""
    assert one.result is not None
    told = unit_result(one.result)
    if one.skipped:
        # A compute unit that has had the message before knows nothing of what it cost.
        del told["GasUsed"]
    return told


def state_at(network: Network, id: str, last: int | None) -> tuple[bytes, dict[str, str]]:
    """A process's state after all that came until `last` (milliseconds, with it; None is now), and headers of when.

    Raises a `Refusal` (400) for a time before it was there.
    """
    process, evaluations = network.compute.process(id), network.compute.unit(id).evaluations
    count = len(evaluations)
    while count and last is not None and evaluations[count - 1].timestamp > last:
        count -= 1
    if not count:
        raise Refusal(400, f"to is before the process was spawned, at {evaluations[0].timestamp}")
    one = evaluations[count - 1]
    if count == len(evaluations):
        data = process.snapshot()
    else:
        with process.at(one.number) as past:
            data = past.snapshot()
    height = one.tick.moment.height if one.tick is not None else None
    if one.assignment is not None:
        height = one.assignment.block_height
    told = {
        "Last-Timestamp": f"{one.timestamp}",
        "Last-Ordinate": f"{one.nonce}",
        "Last-Block-Height": f"{height}",
    }
    return data, told


def _range(request: Request) -> tuple[Place, Place | None, str]:
    """From which place (not with it) to which (with it), and in which order; a cursor's own order wins."""
    query = request.query_params
    sort = query.get("sort") or "ASC"
    if sort not in ("ASC", "DESC"):
        raise Refusal(400, "sort must be ASC or DESC")
    first, last = _START, None
    if query.get("from"):
        first, own = read_cursor(query["from"], "from")
        sort = own or sort
    if query.get("to"):
        last, own = read_cursor(query["to"], "to")
        sort = own or sort
    return first, last, sort


def _sent(message: dict[str, Any]) -> dict[str, Any]:
    """The message of a dry run: from whom its tag From-Process names, else from its owner, whatever its From is."""
    told = {name: value for name, value in message.items() if name != "From"}
    tags = told.get("Tags")
    named = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    sender = next((tag.get("value") for tag in named if tag.get("name") == "From-Process"), told.get("Owner"))
    return told if sender is None else {**told, "From": sender}
