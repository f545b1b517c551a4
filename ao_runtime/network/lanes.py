"""A lane for each process: what waits for one process is evaluated while others go on.

One thread keeps the network: it gives messages their places and takes over what they send. It never waits for an
evaluation. What a process has waiting is evaluated in a thread of its own, in its order, and what that gave comes back
to the one thread. So a process that takes long delays nobody but those who ask for it.

Processes are evaluated in children, so that the threads do nothing but wait (`isolation`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import InputError, JournalError, RefusedError
from .compute import Unit
from .evaluation import Delivery, Evaluation
from .item import Assignment
from .messenger import Steps
from .threads import Threads

if TYPE_CHECKING:
    from .core import Core

__all__ = ["Lanes"]

__tracebackhide__ = True

_T = TypeVar("_T")
#: Messages of one process that are evaluated, and in a folder written, together.
_TOGETHER = 64
#: Seconds that they may take together: they keep a child busy, in which other processes live.
_SHARE = 0.03
#: Seconds after which one that is evaluated is no hindrance to others any more.
PATIENCE = 0.05
#: Told what came of something, or the error that it ended with.
_Done = Callable[[Any, "BaseException | None"], None]


class _Place:
    """A message that has its place, and waits to be evaluated."""

    __slots__ = ("done", "place")

    def __init__(self, place: Assignment, done: _Done) -> None:
        self.place = place
        self.done = done


class _Job:
    """Something else that is done with a process, while none of its messages is evaluated."""

    __slots__ = ("call", "done", "wakes")

    def __init__(self, call: Callable[[], Any], done: _Done, wakes: bool) -> None:
        self.call = call
        self.done = done
        self.wakes = wakes


class _Lane:
    """What waits for one process. There is one only while something does."""

    def __init__(self) -> None:
        self.waits: deque[_Place | _Job] = deque()
        #: What was evaluated, and kept, before that which is being evaluated now: evaluations, and messages among them.
        self.evaluations = 0
        self.messages = 0
        #: Whether it is messages that are at work, and no job.
        self.evaluates = False
        #: Called when what is at work is done.
        self.after: list[Callable[[], None]] = []


class Lanes:
    """The lanes of a network.

    post
        Has something done in the thread that keeps the network; may be called by any thread. Everything here is to be
        called in that thread.
    most
        So many processes are evaluated at a time where all of them take long.
    """

    def __init__(self, network: Core, post: Callable[[Callable[[], None]], None], most: int) -> None:
        self._compute = network.compute
        self._messenger = network.messenger
        self._post = post
        # While one waits for its child or for the disk another one goes on.
        usual = 1 if network.pool is None else 2 * network.pool.size
        self._threads = Threads(min(usual, most), most, PATIENCE, "ao-lane")
        self._lanes: dict[str, _Lane] = {}
        #: How many are evaluated together, of processes whose messages take long.
        self._most: dict[str, int] = {}
        self._closing = False
        #: Deliveries that have arrived.
        self.delivered = 0
        #: Told of what a delivery ended with, where that is no refusal.
        self.failed: Callable[[BaseException], None] = lambda error: None
        self._compute.resting = lambda id, unit: post(partial(self._rest, id, unit))

    @property
    def busy(self) -> bool:
        """Whether anything waits or is at work."""
        return bool(self._lanes)

    def waiting(self, process: str) -> int:
        """How much waits for a process."""
        lane = self._lanes.get(process)
        return 0 if lane is None else len(lane.waits)

    def is_idle(self, process: str) -> bool:
        """Whether nothing waits for a process, and nothing is done with it."""
        return process not in self._lanes

    def kept(self, process: str) -> int | None:
        """How many evaluations of a process are kept for good, while more are at work; None is all there are."""
        lane = self._lanes.get(process)
        return lane.evaluations if lane is not None and lane.evaluates else None

    def is_evaluated(self, place: Assignment) -> bool:
        """Whether a message was evaluated, and what it gave is kept."""
        lane = self._lanes.get(place.process)
        if lane is None:
            return True
        if lane.evaluates:
            return place.nonce < lane.messages
        return place.process in self._compute and place.nonce < len(self._compute.unit(place.process).nonces)

    def after(self, process: str, call: Callable[[], None]) -> None:
        """Call something when what is done with a process now is done."""
        self._lanes[process].after.append(call)

    # ── what is to be done ─────────────────────────────────────────────────────────────────────────────────────

    def take(self, steps: Steps[_T], done: Callable[[_T | None, BaseException | None], None]) -> None:
        """Take the steps of something, each when its process has time for it."""
        self._go_on(steps, done, partial(next, steps))

    def deliver(self, delivery: Delivery) -> None:
        """Deliver what was on its way. After an error that is no refusal it is on its way again."""
        delivery.problem = None
        self.take(self._messenger.delivering(delivery), partial(self._delivered, delivery))

    def job(self, process: str, call: Callable[[], _T], wakes: bool = True) -> Future[_T]:
        """Do something with a process between its messages. `wakes` says that the process is to be ready for it."""
        future: Future[_T] = Future()

        def done(value: Any, error: BaseException | None) -> None:
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

        self._add(process, _Job(call, done, wakes))
        return future

    def close(self) -> None:
        """Begin nothing any more. What waits loses its place; if it is a delivery, that is on its way again."""
        self._closing = True

    def end(self) -> None:
        """End the threads, when nothing is at work any more."""
        self._compute.resting = None
        self._threads.close()

    def look(self) -> None:
        """See to it that what takes long keeps nobody else waiting. To be called while something is at work."""
        self._threads.look()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _go_on(self, steps: Steps[Any], done: _Done, move: Callable[[], Assignment]) -> None:
        try:
            place = move()
        except StopIteration as end:
            done(end.value, None)
        except BaseException as error:
            done(None, error)
        else:
            self._add(place.process, _Place(place, partial(self._stepped, steps, done)))

    def _stepped(self, steps: Steps[Any], done: _Done, evaluation: Any, error: BaseException | None) -> None:
        self._go_on(steps, done, partial(steps.send, evaluation) if error is None else partial(steps.throw, error))

    def _delivered(self, delivery: Delivery, _: None, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, RefusedError):
            self._messenger.pending.appendleft(delivery)
            self.failed(error)
            return
        if error is not None:
            delivery.lose(error.problem)
        delivery.copies += 1
        self.delivered += 1

    def _rest(self, id: str, unit: Unit) -> None:
        def rest() -> None:
            if not self._compute.is_awake(id):
                unit.rest()

        self.job(id, rest, wakes=False)

    def _add(self, process: str, one: _Place | _Job) -> None:
        lane = self._lanes.get(process)
        if lane is None:
            lane = self._lanes[process] = _Lane()
            lane.waits.append(one)
            self._begin(process, lane)
        else:
            lane.waits.append(one)

    def _begin(self, process: str, lane: _Lane) -> None:
        """Begin with what stands next, or end the lane."""
        while lane.waits:
            if self._closing:
                self._fail(process, lane, [], InputError("the server is closing"))
                continue
            first = lane.waits.popleft()
            together = [first]
            new = process not in self._compute
            lane.evaluates = isinstance(first, _Place)
            try:
                if isinstance(first, _Place) and not new:
                    most = self._most.get(process, _TOGETHER)
                    while lane.waits and len(together) < most and isinstance(lane.waits[0], _Place):
                        together.append(lane.waits.popleft())
                if not new and (isinstance(first, _Place) or first.wakes):
                    self._compute.get_ready([process])
                    unit = self._compute.unit(process)
                    lane.evaluations, lane.messages = len(unit.evaluations), len(unit.nonces)
                self._threads.submit(partial(self._work, process, lane, together, new))
                return
            except BaseException as error:
                self._fail(process, lane, together, error)
        del self._lanes[process]
        self._tell(lane)

    def _work(self, process: str, lane: _Lane, together: list[_Place | _Job], new: bool) -> None:
        """In a thread of its own: evaluate, or do, what stands next."""
        found: list[Any] = []
        problem: BaseException | None = None
        began = perf_counter()
        try:
            first = together[0]
            if isinstance(first, _Job):
                found = [first.call()]
            elif new:
                found = [self._compute.evaluate(first.place)]
            else:
                places = [one.place for one in together if isinstance(one, _Place)]
                found = self._compute.evaluate_ready(places, waits=False)
        except BaseException as error:
            problem = error
        self._pace(process, together, perf_counter() - began)

        def kept(error: JournalError | None) -> None:
            self._post(partial(self._worked, process, lane, together, found, problem or error))

        # This thread goes on meanwhile: what others have evaluated by then is brought to the disk together.
        self._compute.then(kept)

    def _pace(self, process: str, together: list[_Place | _Job], seconds: float) -> None:
        if isinstance(together[0], _Place):
            most = int(_SHARE * len(together) / max(seconds, 1e-9))
            if most < _TOGETHER:
                self._most[process] = max(most, 1)
            elif process in self._most:
                del self._most[process]

    def _worked(
        self, process: str, lane: _Lane, together: list[_Place | _Job], found: list[Evaluation], error: Any
    ) -> None:
        if error is None:
            for one, value in zip(together, found, strict=True):
                one.done(value, None)
        else:
            if found and isinstance(found[0], Evaluation) and lane.evaluates:
                self._compute.take_back(found)
            self._fail(process, lane, together, error)
        lane.evaluates = False
        self._tell(lane)
        self._begin(process, lane)

    def _tell(self, lane: _Lane) -> None:
        after, lane.after = lane.after, []
        for call in after:
            call()

    def _fail(self, process: str, lane: _Lane, together: list[_Place | _Job], error: BaseException) -> None:
        """What was to be done together has failed. With messages, those behind them have lost their places too."""
        failed, left = list(together), list(lane.waits)
        if self._closing:
            failed, left = [*failed, *left], []
        elif lane.evaluates:
            failed, left = [*failed, *_places(left)], [one for one in left if isinstance(one, _Job)]
        lane.waits = deque(left)
        places = _places(failed)
        self._messenger.give_up(one.place for one in places)
        # The last first: what was on its way is so again in its order.
        for one in reversed(failed):
            one.done(None, error)


def _places(waits: list[_Place | _Job]) -> list[_Place]:
    return [one for one in waits if isinstance(one, _Place)]
