"""`Compute`: evaluates what the scheduler has put in order; a `Process` for each id (spec: units, cu)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from threading import Lock
from typing import Any, Protocol

from ..errors import InputError, JournalError, RefusedError, TerminatedError
from ..models import Limits, Moment, Result, Tick, pack, read_crons, ticks_between
from ..process import Place, Process
from ..state import GivenOptions
from .clock import Clock
from .evaluation import Evaluation
from .ids import short
from .incoming import packed_of
from .item import Assignment, Item
from .limiting import own_limits
from .modules import Modules
from .scheduler import Scheduler
from .storage import Storage

__all__ = ["Compute", "Unit"]

__tracebackhide__ = True

#: What a compute unit answers for a message that was there already.
_SKIPPED: dict[str, Any] = {"Output": "", "Messages": [], "Spawns": [], "Assignments": []}


class Ledger(Protocol):
    """What is kept of a message's place, where a network is in a folder."""

    def place(self, one: Assignment, *, skipped: bool = False) -> Place:
        """Of a message."""

    def place_of_tick(self, process: str, tick: Tick, nonce: int, push: bool | None = None) -> Place:
        """Of a tick after message `nonce`; `push` is given where it came out of turn."""

    def writing(self, waits: bool = True) -> AbstractContextManager[None]:
        """In here something is written: no copy is made meanwhile. It is on the disk then, unless nobody `waits`."""

    def then(self, call: Callable[[JournalError | None], None]) -> None:
        """Call that, with an error or none, when what this thread has written is on the disk."""


class Unit:
    """One process, and what it has answered.

    make
        Makes the process, when somebody needs it.
    item
        The process's own item.
    """

    __slots__ = ("_make", "crons", "evaluations", "known", "last_tick", "left", "nonces", "process", "reopens")

    #: The process: made when somebody needs it (`__getattr__`).
    process: Process

    def __init__(self, make: Callable[[], Process], item: Item) -> None:
        self._make = make
        #: Messages and ticks, in the order in which they were evaluated.
        self.evaluations: list[Evaluation] = []
        #: For each nonce the number of its evaluation.
        self.nonces: list[int] = []
        #: What was pushed to it already: the same is not evaluated twice.
        self.known: set[Hashable] = set()
        self.crons = read_crons(item.tags.to_list()) if b"Cron-Interval" in item.names else ()
        #: When the last message came, by the clock: a standing clock gives later timestamps to many messages, and no
        #: tick is due for that.
        self.left = Moment(0, 0)
        #: The timestamp of the last tick: what was due in its second is not due again after a message of that second.
        self.last_tick: int | None = None
        #: Whether it can be closed, and made again.
        self.reopens = False

    def __getattr__(self, name: str) -> Any:
        """The process, where it is not there yet: an attribute that is there is not asked for here."""
        if name != "process":
            raise AttributeError(name)
        self.process = self._make()
        return self.process

    @property
    def reached(self) -> Moment:
        """Up to when its ticks were evaluated: the last one since the last message, or that message.

        Blocks are spread evenly over the time since then: from the message on, one would lie elsewhere each time.
        """
        for one in reversed(self.evaluations):
            if one.tick is None:
                break
            if not one.out_of_turn:
                return max(self.left, one.tick.moment)
        return self.left

    @property
    def made(self) -> Process | None:
        """The process, if somebody has needed it."""
        try:
            return object.__getattribute__(self, "process")  # type: ignore[no-any-return]
        except AttributeError:
            return None

    def rest(self) -> None:
        """Put the process to rest: as its bytes, or in its journal."""
        process = self.made
        if process is None:
            return
        if self.reopens:
            process.close()
            del self.process
        else:
            process.rest()

    def add(self, one: Evaluation) -> None:
        """Note an evaluation."""
        if one.assignment is not None:
            self.nonces.append(len(self.evaluations))
            if not one.assignment.elsewhere and not one.skipped and b"From-Process" in one.assignment.item.names:
                self.known.add(_key(one.assignment.item))
        self.evaluations.append(one)

    def copy(self, make: Callable[[], Process]) -> Unit:
        """The same, with a process of its own."""
        other = copy(self)
        other._make, other.process = make, make()
        other.evaluations, other.nonces, other.known = [*self.evaluations], [*self.nonces], {*self.known}
        return other


class Compute:
    """The compute unit of a network: one evaluation at a time for each process.

    limits, options
        Those of every process.
    live
        So many processes are kept ready; those that were not needed for longest are put to rest (`Process.rest`).
    deduplicate
        Whether what was pushed twice is evaluated once, as on the network.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        clock: Clock,
        modules: Modules,
        storage: Storage,
        options: GivenOptions,
        *,
        live: int,
        deduplicate: bool,
    ) -> None:
        self._scheduler = scheduler
        self._clock = clock
        self._modules = modules
        self._storage = storage
        self._options = options
        self._live = live
        self.deduplicate = deduplicate
        self._units: dict[str, Unit] = {}
        self._awake: OrderedDict[str, Unit] = OrderedDict()
        self._waking = Lock()
        #: Puts a process to rest that was not needed for long, where that is not done on the spot.
        self.resting: Callable[[str, Unit], None] | None = None
        self._prepared: dict[str, GivenOptions] = {}
        #: Says what a journal on disk keeps beside each message.
        self.ledger: Ledger | None = None
        #: Makes a process in a folder.
        self.begin: Callable[[str, dict[str, Any], GivenOptions], Process] | None = None
        #: The blocks that began between two moments of a process; where nobody knows them they are spread evenly.
        self.blocks: Callable[[str, Moment, Moment], Iterable[Moment]] | None = None
        #: Told of a process before it changes.
        self.touched: list[dict[str, Any]] = []

    def __contains__(self, process: object) -> bool:
        return process in self._units or process in self._scheduler.unread

    def prepare(self, process: str, options: GivenOptions) -> None:
        """The options of a process that is going to be evaluated for the first time: its folder, its limits."""
        self._prepared[process] = options

    def unit(self, process: str) -> Unit:
        """What there is of a process. Raises `RefusedError` where nothing was evaluated of it."""
        found = self._unit(process)
        if found is None:
            raise RefusedError(f"there is no process {short(process)}")
        return found

    def process(self, id: str) -> Process:
        """The process of that id, ready for a look."""
        unit = self.unit(id)
        self._wake(id, unit)
        return unit.process

    def evaluate(self, one: Assignment) -> Evaluation:
        """Evaluate the message of an assignment, and before it the ticks that are due.

        Raises `RefusedError` where the process's module is not known.
        """
        id = one.process
        unit = self._units.get(id) or self._unit(id)
        if unit is None:
            unit = self._start(one)
        else:
            if self.touched:
                self.touch(id, unit)
            if unit.crons:
                # What falls due at this very moment comes before; but not where that is for another scheduler to say.
                edge = self._scheduler.follows is None
                self.tick(id, Moment(self._past(one.timestamp) + edge, one.block_height))
        if self.resting is None and id in self._awake:
            # One thread alone is here.
            self._awake.move_to_end(id)
        else:
            self._wake(id, unit)
        process = unit.process
        item = one.item
        key = None
        was_there = False
        if self.deduplicate:
            if one.elsewhere:
                was_there = self._was_assigned(one)
            elif b"From-Process" in item.names:
                key, known = _key(item), unit.known
                before = len(known)
                known.add(key)
                was_there = len(known) == before
        if was_there:
            evaluation = self._skipped(unit, one)
        else:
            try:
                if self.ledger is None:
                    result = process.handle_packed(packed_of(one), one.timestamp, one.block_height)
                else:
                    place = self.ledger.place(one)
                    with self.ledger.writing():
                        result = process.handle_packed(packed_of(one), one.timestamp, one.block_height, place)
            except BaseException:
                unit.known.discard(key)
                raise
            evaluation = Evaluation(id, one.nonce, len(unit.evaluations), result, item, one)
        if unit.crons:
            unit.left = Moment(self._past(one.timestamp), one.block_height)
        # In this order: another thread may look for it by its nonce.
        unit.evaluations.append(evaluation)
        unit.nonces.append(evaluation.number)
        return evaluation

    def get_ready(self, processes: Collection[str]) -> None:
        """Before `evaluate_ready` is used in several threads: wake these processes, and note how they are."""
        self._live = max(self._live, len(processes))
        for id in processes:
            unit = self.unit(id)
            if self.touched:
                self.touch(id, unit)
            self._wake(id, unit)

    def evaluate_ready(self, places: Sequence[Assignment], waits: bool = True) -> list[Evaluation]:
        """Evaluate messages of one process that is ready, in their order, and keep them together.

        Who does not wait for the disk asks `then` when they are there, and tells nobody of them before.
        """
        unit = self.unit(places[0].process)
        before = len(unit.evaluations), len(unit.nonces), unit.left, unit.last_tick
        try:
            writing = nullcontext() if self.ledger is None else self.ledger.writing(waits)
            with writing, unit.process.together():
                return [self.evaluate(one) for one in places]
        except BaseException:
            self._cut(unit, *before)
            raise

    def then(self, call: Callable[[JournalError | None], None]) -> None:
        """Call that, with an error or none, when what this thread has evaluated is kept for good."""
        if self.ledger is None:
            call(None)
        else:
            self.ledger.then(call)

    def take_back(self, evaluations: Sequence[Evaluation]) -> None:
        """Forget the last evaluations of a process: they could not be kept."""
        first = evaluations[0]
        unit = self.unit(first.process)
        self._cut(unit, first.number, first.nonce, unit.left, unit.last_tick)

    def tick(self, id: str, until: Moment | None = None) -> None:
        """Evaluate the ticks that are due before a moment; without one, by now, by the clock."""
        unit = self._unit(id)
        if unit is None or not unit.crons or not unit.nonces or id in self._scheduler.terminated:
            return
        first = self._scheduler.schedule(id).assignments[0]
        origin = Moment(first.timestamp, first.block_height)
        if until is None:
            # What falls due at this very moment is due.
            until = Moment(self._clock.now + 1, self._clock.height)
        reached = unit.reached
        # Known blocks lie where they lie; others are spread over the time that nobody has looked at.
        left, blocks = (reached, None) if self.blocks is None else (unit.left, self.blocks(id, unit.left, until))
        for tick in ticks_between(unit.crons, origin, left, until, last=unit.last_tick, blocks=blocks):
            if tick.cron.blocks and tick.moment.height <= reached.height:
                continue
            if self.touched:
                self.touch(id, unit)
            self._wake(id, unit)
            self._ticked(unit, tick, len(unit.nonces) - 1, unit.process.owner)

    def tick_now(self, id: str, index: int, push: bool) -> Evaluation:
        """Evaluate a tick of the interval of that number now, after those that are due; later ones keep their times.

        `push` is whether what it sends will be delivered. Raises `RefusedError` for a process that there is not, that
        has no such interval, or that was ended.
        """
        unit = self.unit(id)
        if id in self._scheduler.terminated:
            raise TerminatedError(f"the process {short(id)} was terminated")
        if not 0 <= index < len(unit.crons):
            raise RefusedError(f"there is no Cron-Interval {index}", process=short(id))
        self.tick(id)
        if self.touched:
            self.touch(id, unit)
        self._wake(id, unit)
        # No two results stand at the same place.
        now = max(self._clock.now, unit.evaluations[-1].timestamp + 1)
        tick = Tick(unit.crons[index], Moment(now, self._clock.height))
        return self._ticked(unit, tick, len(unit.nonces) - 1, unit.process.owner, push)

    def result(self, process: str, message: str) -> Evaluation:
        """The evaluation of a message, by its id or that of its assignment.

        Raises `RefusedError` for one that is not known.
        """
        unit = self.unit(process)
        one = self._scheduler.find(process, message)
        if one is None or one.nonce >= len(unit.nonces):
            raise RefusedError(f"there is no message {short(message)}", process=short(process))
        return unit.evaluations[unit.nonces[one.nonce]]

    def dry_run(self, process: str, message: Mapping[str, Any], limits: Limits | None = None) -> Result:
        """Evaluate a message of which nothing is to stay, with the time of the last message."""
        unit = self.unit(process)
        last = unit.evaluations[unit.nonces[-1]].assignment
        assert last is not None
        self._wake(process, unit)
        limits = self.capped(process, limits)
        given = {"Timestamp": last.timestamp, "Block-Height": last.block_height, "Cron": False, "Target": process}
        return unit.process.dry_run({**given, **message}, limits=limits)

    def capped(self, process: str, limits: Limits | None) -> Limits | None:
        """The same limits, or what the process's own tags leave of them."""
        return limits and (own_limits(self._scheduler.schedule(process).item, limits, None) or limits)

    def crash(self, process: str) -> None:
        """Lose the process's memory: its state is made again from what was saved and the messages since."""
        self.unit(process).rest()
        self._awake.pop(process, None)

    # ── going back ─────────────────────────────────────────────────────────────────────────────────────────────

    def touch(self, id: str, unit: Unit) -> None:
        """Note how a process is, before it changes, for whoever wants to go back."""
        missing = [marks for marks in self.touched if id not in marks]
        if missing:
            mark = (unit.process.mark(), len(unit.evaluations), len(unit.nonces), unit.left, unit.last_tick)
            for marks in missing:
                marks[id] = mark

    def back_to(self, marks: Mapping[str, Any]) -> None:
        """Make every process that has changed as it was; None is one that was not there."""
        for id, mark in marks.items():
            if mark is None:
                self.forget(id)
                continue
            unit = self._units[id]
            moment, *rest = mark
            unit.process.back_to(moment)
            self._awake.pop(id, None)
            self._cut(unit, *rest)

    def forget(self, id: str) -> None:
        """Forget a process."""
        unit = self._units.pop(id, None)
        self._awake.pop(id, None)
        self._prepared.pop(id, None)
        if unit is not None and unit.made is not None:
            unit.made.close()

    def units(self) -> list[Unit]:
        """All that were read."""
        return [*self._units.values()]

    def put(self, id: str, unit: Unit) -> None:
        """Take a process as it was kept."""
        self._units[id] = unit

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _unit(self, id: str) -> Unit | None:
        """What there is of a process, read if it has not been."""
        found = self._units.get(id)
        if found is None and id in self._scheduler.unread:
            self._scheduler.schedule(id)
            found = self._units.get(id)
        return found

    def _start(self, one: Assignment) -> Unit:
        item = one.item
        id = item.id
        tags = item.tags.to_list()
        module = self._modules[item.tag(b"Module").decode("utf-8", "replace")]  # type: ignore[union-attr]
        environment = {
            "Process": {"Id": id, "Owner": item.owner, "Tags": tags},
            "Module": module.environment(one.scheduler),
        }
        options: GivenOptions = {**self._options, **module.options, **self._prepared.get(id, {})}
        options.setdefault("files", self._storage.source(id))
        own = own_limits(item, options.get("limits"), module)
        if own is not None:
            options["limits"] = own
        try:
            made = Process(environment, **options) if self.begin is None else self.begin(id, environment, options)
            unit = Unit(lambda: made, item)
        except InputError as error:
            raise RefusedError(str(error), process=short(id)) from None
        self._units[id] = unit
        for marks in self.touched:
            marks[id] = None
        return unit

    def _past(self, timestamp: int) -> int:
        """When a message came, by the clock: one that stands still gives later timestamps to many messages."""
        return timestamp if self._scheduler.follows is not None else min(timestamp, self._clock.now)

    def _was_assigned(self, one: Assignment) -> bool:
        """Whether the process has had the message of an assignment before."""
        return self._scheduler.first_place(one) < one.nonce

    def _skipped(self, unit: Unit, one: Assignment) -> Evaluation:
        result = Result.of_wire(dict(_SKIPPED))
        message = packed_of(one), one.timestamp, one.block_height, result
        if self.ledger is None:
            unit.process.skip(*message)
        else:
            with self.ledger.writing():
                unit.process.skip(*message, self.ledger.place(one, skipped=True))
        evaluation = Evaluation(one.process, one.nonce, len(unit.evaluations), result, one.item, one)
        evaluation.skipped = True
        return evaluation

    def _cut(self, unit: Unit, evaluations: int, nonces: int, left: Moment, last_tick: int | None) -> None:
        """Forget what was evaluated since."""
        unit.left, unit.last_tick = left, last_tick
        for gone in unit.evaluations[evaluations:]:
            if gone.item is not None and not gone.skipped:
                unit.known.discard(_key(gone.item))
        del unit.evaluations[evaluations:]
        del unit.nonces[nonces:]

    def _ticked(self, unit: Unit, tick: Tick, nonce: int, owner: str, push: bool | None = None) -> Evaluation:
        process = unit.process
        packed = pack(tick.message(process.id, owner))
        when = tick.moment.timestamp, tick.moment.height
        if self.ledger is None:
            result = process.handle_packed(packed, *when)
        else:
            with self.ledger.writing():
                result = process.handle_packed(packed, *when, self.ledger.place_of_tick(process.id, tick, nonce, push))
        evaluation = Evaluation(process.id, nonce, len(unit.evaluations), result)
        evaluation.tick = tick
        if push is None:
            unit.last_tick = tick.moment.timestamp
        else:
            evaluation.out_of_turn = True
        unit.evaluations.append(evaluation)
        return evaluation

    def _wake(self, id: str, unit: Unit) -> None:
        awake = self._awake
        with self._waking:
            if id in awake:
                awake.move_to_end(id)
                return
            awake[id] = unit
            tired: list[tuple[str, Unit]] = []
            # Several at a time: processes that take turns are not put to rest one for the other each time.
            if len(awake) > self._live + self._live // 8:
                while len(awake) > self._live:
                    tired.append(awake.popitem(last=False))
        for other, one in tired:
            if self.resting is None:
                one.rest()
            else:
                self.resting(other, one)

    def is_awake(self, id: str) -> bool:
        """Whether a process is one of those that are kept ready."""
        return id in self._awake


def _key(item: Item) -> tuple[Any, ...]:
    """What makes two pushed messages the same."""
    return item.anchor, item.data, item.names, item.values
