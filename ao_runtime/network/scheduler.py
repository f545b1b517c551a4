"""`Scheduler`: puts the messages of each process in an order, and says so in assignments (spec: units, su)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256

from ..errors import RefusedError, TerminatedError
from .clock import Clock
from .ids import from_id, is_id, short, to_id
from .item import Assignment, Item, check_process
from .signing import Maker
from .storage import Storage

__all__ = ["Schedule", "Scheduler"]

__tracebackhide__ = True


class Schedule:
    """The order of one process's messages. The first is the process itself."""

    __slots__ = ("assigned", "assignments", "chain", "item", "order")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.assignments: list[Assignment] = []
        #: The last link of the hash chain, 32 bytes.
        self.chain = b""
        #: Places of messages that were sent to somebody else, by message id: the first of each.
        self.assigned: dict[str, int] = {}
        #: How many processes there were before it.
        self.order = 0


class Scheduler:
    """The scheduler of a network.

    For each process nonces go from 0, its own item, without a hole; timestamps rise strictly: the clock's, or one
    millisecond after the last. The first link of the hash chain is SHA-256 of the process's id, each other that of the
    assignment before, its id and its link (32 bytes each).
    """

    def __init__(self, address: str, clock: Clock, maker: Maker, storage: Storage) -> None:
        self.address = address
        self._clock = clock
        self._maker = maker
        self._storage = storage
        self._schedules: dict[str, Schedule] = {}
        #: The first place of every message, by its id.
        self._places: dict[str, Assignment] = {}
        #: Processes that are known and were not read yet, in a folder; and what reads one.
        self.unread: dict[str, None] = {}
        #: The processes of a folder in the order in which they came, where it is known before they are read.
        self.listed: dict[str, None] = {}
        self.read: Callable[[str], None] | None = None
        #: Processes that were ended: they keep their order, and nothing is added to it.
        self.terminated: set[str] = set()
        #: Where each place that is given is noted, if somebody wants to know.
        self.placed: deque[Assignment] | None = None
        #: The URL of the scheduler unit whose orders these are; then no place is given here (`follow`).
        self.follows: str | None = None

    @property
    def processes(self) -> list[str]:
        """The ids of all processes, in the order in which they came."""
        if self.listed:
            known = [id for id in self.listed if id in self]
            return [*known, *(id for id in self._schedules if id not in self.listed)]
        return [*self.unread, *self._schedules] if self.unread else [*self._schedules]

    @property
    def count(self) -> int:
        """How many processes there are."""
        return len(self.unread) + len(self._schedules)

    def __contains__(self, process: object) -> bool:
        """Whether there is a process of that id."""
        return process in self._schedules or process in self.unread

    def schedule(self, process: str) -> Schedule:
        """The order of a process. Raises `RefusedError` where there is no such process."""
        found = self._schedule(process)
        if found is None:
            raise RefusedError(f"there is no process {short(process)}")
        return found

    def accept(self, item: Item) -> Assignment:
        """Give a message its place in the order of the process that it is for.

        Raises `RefusedError` for a message that was there already, and for one to no process; `TerminatedError` for one
        to a process that was ended.
        """
        self._check_own()
        schedule = self._schedules.get(item.target) or self._schedule(item.target)
        if item.id in self._places:
            raise RefusedError("Message already exists", message=short(item.id))
        if schedule is None:
            raise RefusedError(f"there is no process {short(item.target) or 'without an id'}", message=item.action)
        self._check_open(item.target, item.id)
        assignment = self._places[item.id] = self._placed(schedule, item)
        return assignment

    def begin(self, item: Item) -> Assignment:
        """Give a process its first place, in an order of its own.

        Raises `RefusedError` for a process that was there already, that lacks a Module or a Scheduler, or whose
        `On-Boot` is not known.
        """
        self._check_own()
        if item.id in self._places or item.id in self.unread:
            raise RefusedError("Message already exists", message=short(item.id))
        check_process(item)
        boot = item.tag(b"On-Boot")
        if boot not in (None, b"Data") and self._storage.find(boot.decode("utf-8", "replace")) is None:
            raise RefusedError("Invalid tx id for On-Boot tag", advice="net.store(…) gives the id of what it keeps")
        schedule = Schedule(item)
        schedule.order = self.count
        self._schedules[item.id] = schedule
        assignment = self._places[item.id] = self._placed(schedule, item)
        return assignment

    def assign(self, process: str, message: str, exclude: tuple[str, ...] = ()) -> Assignment:
        """Give a message that is known to the network a place in another process's order, or another one in its own.

        `exclude` names fields of it that the process shall not get. Raises `RefusedError` where message or process are
        not known, `TerminatedError` where the process was ended.
        """
        self._check_own()
        schedule = self.schedule(process)
        self._check_open(process, message)
        item = self.message(message)
        if item is None:
            raise RefusedError(f"there is no message {short(message)} to assign", process=short(process))
        assignment = self._placed(schedule, item, True, exclude)
        schedule.assigned.setdefault(item.id, assignment.nonce)
        return assignment

    def follow(self, one: Assignment) -> None:
        """Take the next place of a process, as the scheduler that is followed gave it."""
        count = self.count
        self.put(one)
        if not one.nonce:
            self._schedules[one.process].order = count
        if self.placed is not None:
            self.placed.append(one)

    def message(self, id: str) -> Item | None:
        """A message, process or stored item, by its id."""
        place = self._places.get(id)
        found = self._storage.item(id) if place is None else place.item
        if found is None and self.unread:
            self.read_all()
            place = self._places.get(id)
            found = None if place is None else place.item
        return found

    def read_all(self) -> None:
        """Read all processes that were not read yet."""
        for process in [*self.unread]:
            self._schedule(process)

    def find(self, process: str, id: str) -> Assignment | None:
        """The place of a message in a process's order, by the id of the message or of the assignment."""
        schedule = self._schedule(process)
        place = self._places.get(id)
        if place is not None and place.process == process:
            return place
        if schedule is None:
            return None
        if id in schedule.assigned:
            return schedule.assignments[schedule.assigned[id]]
        digest = from_id(id) if is_id(id) else None
        return next((one for one in schedule.assignments if one.digest == digest), None)

    def has(self, assignment: Assignment) -> bool:
        """Whether an assignment has its place still."""
        schedule = self._schedules.get(assignment.process)
        places = () if schedule is None else schedule.assignments
        return assignment.nonce < len(places) and places[assignment.nonce] is assignment

    def first_place(self, assignment: Assignment) -> int:
        """The nonce at which the process had the message of an assignment for the first time."""
        id = assignment.item.id
        place = self._places.get(id)
        if place is not None and place.process == assignment.process:
            return place.nonce
        return self._schedules[assignment.process].assigned.get(id, assignment.nonce)

    def place(self, id: str) -> Assignment | None:
        """The first place of a message, in whichever process's order, among those that were read; or None."""
        return self._places.get(id)

    def latest(self) -> Iterator[Assignment]:
        """The first places of all messages that were read, backwards: the one that came last is the first."""
        return reversed(self._places.values())

    def assignments(self) -> Iterator[Assignment]:
        """All assignments, process by process."""
        self.read_all()
        for schedule in self._schedules.values():
            yield from schedule.assignments

    # ── going back ─────────────────────────────────────────────────────────────────────────────────────────────

    def cut(self, process: str, count: int) -> None:
        """Forget a process's places from `count` on; without any it is gone."""
        schedule = self._schedules[process]
        for one in schedule.assignments[count:]:
            if schedule.assigned.get(one.item.id) == one.nonce:
                del schedule.assigned[one.item.id]
            if self._places.get(one.item.id) is one:
                del self._places[one.item.id]
        del schedule.assignments[count:]
        if count:
            schedule.chain = from_id(schedule.assignments[-1].hash_chain)
        else:
            del self._schedules[process]

    def put(self, assignment: Assignment) -> None:
        """Take a place as it was written down. They come in their order, process by process."""
        item = assignment.item
        schedule = self._schedules.get(assignment.process)
        if schedule is None:
            schedule = self._schedules[assignment.process] = Schedule(item)
        schedule.assignments.append(assignment)
        schedule.chain = from_id(assignment.hash_chain)
        if assignment.elsewhere:
            schedule.assigned.setdefault(item.id, assignment.nonce)
        else:
            self._places[item.id] = assignment

    def sort(self) -> None:
        """Bring the processes into the order in which they began."""
        schedules = sorted(self._schedules.items(), key=lambda pair: (pair[1].order, pair[0]))
        self._schedules = dict(schedules)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _check_own(self) -> None:
        """Raises `RefusedError` where another scheduler gives the places."""
        if self.follows is not None:
            raise RefusedError(f"the order of messages is made by {self.follows}", advice="send it there")

    def _check_open(self, process: str, message: str) -> None:
        """Raises `TerminatedError` for a process that was ended."""
        if process in self.terminated:
            raise TerminatedError(f"the process {short(process)} was terminated", message=short(message))

    def _schedule(self, process: str) -> Schedule | None:
        """The order of a process, read if it has not been; None where there is no such process."""
        found = self._schedules.get(process)
        if found is None and process in self.unread:
            assert self.read is not None
            self.read(process)
            found = self._schedules.get(process)
        return found

    def _placed(
        self, schedule: Schedule, item: Item, elsewhere: bool = False, exclude: tuple[str, ...] = ()
    ) -> Assignment:
        assignments = schedule.assignments
        timestamp = self._clock.now
        if assignments:
            last = assignments[-1]
            if timestamp <= last.timestamp:
                timestamp = last.timestamp + 1
            chain = schedule.chain = sha256(last.digest + schedule.chain).digest()
        else:
            chain = schedule.chain = sha256(from_id(item.id)).digest()
        one = Assignment(
            schedule.item.id,
            len(assignments),
            timestamp,
            self._clock.height,
            to_id(chain),
            item,
            self.address,
        )
        if elsewhere:
            one.elsewhere, one.exclude = True, exclude
        self._maker.seal(one)
        assignments.append(one)
        if self.placed is not None:
            self.placed.append(one)
        return one
