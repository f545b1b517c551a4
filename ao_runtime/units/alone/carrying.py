"""`Carrying`: brings what is on its way to the scheduler, asks for its result, and carries on what that sends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from ...errors import HttpError, JournalError
from ...models import legible
from ..worker import LOG
from .asking import Asking, PlaceError, may_pass
from .carried import Carried, Route, forget, insert, move, read, routes
from .database import Database
from .effects import Effects, outboxes
from .more import DamagedError, boot_of, item_of, read_boot, read_parent
from .queues import Key, Queues
from .writer import Writer

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Carrying"]

_T = TypeVar("_T")
#: Attempts, where somebody answers and refuses in a way that may pass; where nobody answers there is no end of them,
#: nor where somebody says that others behind it do not.
_ATTEMPTS = 10
_BEHIND = {502, 503, 504}
#: Seconds before the next attempt: doubled up to the second one.
_SOON, _LATE = 1.0, 60.0
#: Characters of what somebody says, in a line of the log.
_WORDS = 500


class Carrying:
    """Carries, each step kept before the next: after a kill at any moment it goes on, and nothing is carried twice.

    What a process sends is placed in its order; results of one process are asked for one after the other. So what a
    process sends arrives in the order in which it was sent, and no process delays another. Mail to wallets has an order
    of its own: processes hear of each other while no gateway is there.

    Takes up what is on its way in the database. Raises `JournalError` where that cannot be read.
    """

    def __init__(self, database: Database, writer: Writer, asking: Asking, effects: Effects) -> None:
        self._database = database
        self._writer = writer
        self._asking = asking
        self._effects = effects
        self._queues = Queues(self._step)
        #: Numbers of what the scheduler may have had before.
        self._doubtful: set[int] = set()
        #: Units that do not answer, which is said once.
        self._gone: set[str] = set()
        #: What is on its way; what has arrived, and what was given up, since the start.
        self.waiting = self.delivered = self.lost = 0
        database.read(lambda connection: self._add_all(routes(connection), again=True))

    def begin(self) -> None:
        """Carry it from now on."""
        self._queues.begin()

    async def close(self) -> None:
        """Stop; all is kept."""
        await self._queues.close()

    def unplaced(self, process: str) -> int:
        """How much of what a process has sent to others has no place yet."""
        return self._queues.length(Key("place", process))

    def add(self, rows: Iterable[Carried]) -> None:
        """Carry what was kept."""
        self._add_all(row.route for row in rows)

    async def take(self, row: Carried) -> Carried:
        """Bring what a wallet sends to the scheduler, once; it is carried on then.

        Raises `PlaceError` where the scheduler refuses it, and `HttpError` where it does not answer: it is tried again
        then, if it may have arrived.
        """
        (kept,) = await self.kept(lambda connection: insert(connection, [row])) or (None,)
        if kept is None:
            raise PlaceError("Message already exists")
        self.waiting += 1
        try:
            placed = await self._asking.place(kept, doubtful=False)
        except HttpError as error:
            if not error.uncertain and error.status is None:
                await self._end(kept)
            else:
                self._try_again(kept)
            raise
        except PlaceError:
            await self._end(kept)
            raise
        try:
            if placed.kind == "assignment":
                await self.kept(lambda connection: move(connection, placed))
        except JournalError:
            self._try_again(kept)
            return placed
        # That a message has its place need not be written: after a kill the scheduler says that it is there.
        if self._queues.length(_place_key(placed.route)):
            # The result of what came before is asked for before.
            self._try_again(placed)
        else:
            self._queues.add(Key("result", placed.process), placed.number)
        return placed

    async def kept(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Something written, on the disk when this returns."""
        return await self._writer.do(job)

    # ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _add_all(self, found: Iterable[Route], *, again: bool = False) -> None:
        """Have it placed, where it is not, or ask for its result.

        `again` is after a start, where nobody knows what the scheduler has had of it.
        """
        for route in found:
            self.waiting += 1
            if again:
                self._doubtful.add(route.number)
            key = _place_key(route)
            if route.placed and not self._queues.length(key):
                key = Key("result", route.process)
            self._queues.add(key, route.number)

    def _try_again(self, row: Carried) -> None:
        """Have something placed that has its place perhaps."""
        self._doubtful.add(row.number)
        self._queues.add(_place_key(row.route), row.number)

    async def _step(self, key: Key, number: int) -> None:
        while True:
            try:
                row = await self._read(number)
                if row is None:
                    return
                if key.what == "result":
                    await self._result(row)
                elif row.placed:
                    self._queues.add(Key("result", row.process), number)
                else:
                    await self._place(row)
            except JournalError as error:
                LOG.error("what is on its way cannot be read or kept now: %s", error)
                # It was carried out perhaps, and that could not be written.
                self._doubtful.add(number)
                await asyncio.sleep(_LATE)
            else:
                return

    async def _read(self, number: int) -> Carried | None:
        job: Callable[[sqlite3.Connection], Carried | None] = lambda connection: read(connection, number)  # noqa: E731
        return await asyncio.get_running_loop().run_in_executor(self._database.threads, self._database.read, job)

    async def _place(self, row: Carried) -> None:
        number, unit = row.number, "gateway" if row.kind == "mail" else "su"
        try:
            placed = await self._attempts(row, unit, lambda: self._asking.place(row, doubtful=number in self._doubtful))
        except (PlaceError, HttpError) as error:
            await self._lose(row, str(error))
            return
        if placed.kind in ("mail", "quiet"):
            await self._end(row)
            self.delivered += 1
            return
        await self.kept(lambda connection: move(connection, placed))
        self._doubtful.discard(number)
        self._queues.add(Key("result", row.process), number)

    async def _result(self, row: Carried) -> None:
        """Ask for the result, and put what it sends in the place of what has brought it about."""
        try:
            found = await self._attempts(row, "cu", lambda: self._found(row))
        except (HttpError, DamagedError) as error:
            await self._lose(row, str(error))
            return

        def replace(connection: sqlite3.Connection) -> list[Carried]:
            forget(connection, row.number)
            return insert(connection, found)

        new = await self.kept(replace)
        self._doubtful.discard(row.number)
        self.waiting -= 1
        self.delivered += 1
        self.add(new)

    async def _found(self, row: Carried) -> list[Carried]:
        """What follows of the result of something."""
        result = await self._asking.result(row.process, row.message)
        sent, whole = await self._effects.of(row.process, result, row.pushed_for)
        if row.kind == "spawned":
            # What the child sent at its boot comes first (spec: units, correction 1).
            child, boot = read_boot(row)
            first, _ = await self._effects.of(child, boot, row.pushed_for)
            return [*first, *sent]
        if row.kind != "process":
            return sent
        if not row.more:
            return [*sent, *await self._assigned(row)]
        parent, spawned = read_parent(row)
        if not whole:
            # The parent never hears of a child whose result cannot be carried (correction 2).
            return []
        more = boot_of(row.process, outboxes(result))
        return [Carried("spawned", parent, parent, spawned.id, row.pushed_for, bytes(spawned), more)]

    async def _assigned(self, row: Carried) -> list[Carried]:
        """A process with a Target is also assigned to that one (correction 13)."""
        target = item_of(row).target
        if not target or target == row.process or not await self._effects.is_process(target):
            return []
        return [Carried("assignment", "", target, row.process, row.pushed_for)]

    async def _attempts(self, row: Carried, unit: str, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Try, and try again where that may help."""
        wait, refused = _SOON, 0
        while True:
            try:
                found = await attempt()
            except HttpError as error:
                refused += error.status is not None and error.status not in _BEHIND
                if refused == _ATTEMPTS or not may_pass(error):
                    raise
                self._warn(row, error)
            else:
                self._gone.discard(unit)
                return found
            self._doubtful.add(row.number)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LATE)

    def _warn(self, row: Carried, error: HttpError) -> None:
        """Say that something is tried again; of a unit that is gone once for all that waits for it."""
        if error.status is None:
            if error.unit in self._gone:
                return
            self._gone.add(error.unit)
        LOG.warning("%s is tried again: %s", row.message, legible(str(error), _WORDS))

    async def _lose(self, row: Carried, problem: str) -> None:
        await self._end(row)
        LOG.error("a %s for %s is lost: %s", row.kind, row.process or "a wallet", legible(problem, _WORDS))
        self.lost += 1

    async def _end(self, row: Carried) -> None:
        await self.kept(lambda connection: forget(connection, row.number))
        self._doubtful.discard(row.number)
        self.waiting -= 1


def _place_key(route: Route) -> Key:
    """Where something waits for its place: behind what the same process has sent, or wallets to the same process."""
    if route.kind == "mail":
        return Key("mail", route.sender)
    return Key("place", route.sender) if route.sender else Key("wallets", route.process)
