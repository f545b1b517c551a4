"""`Carrying`: brings what is on its way to the scheduler, asks for its result, and carries on what that sends."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ...client import Ask, Reply
from ...errors import HttpError, JournalError
from ...items import DataItem
from ...models import harmless
from ...network import is_id
from ..worker import LOG
from .carried import Carried, forget, insert, move
from .effects import Effects
from .others import Others
from .queues import Queues
from .writer import Writer

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Carrying", "PlaceError"]

_T = TypeVar("_T")
#: Attempts, where somebody answers and refuses in a way that may pass; where nobody answers there is no end of them.
_ATTEMPTS = 10
#: Seconds before the next attempt: doubled up to the second one.
_SOON, _LATE = 1.0, 60.0
_PASSING = {408, 425, 429, 500, 502, 503, 504}


class PlaceError(Exception):
    """The scheduler has refused something; `text` is what it said."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Carrying:
    """Carries, each step kept before the next: after a kill at any moment it goes on, and nothing is carried twice.

    What a process sends is placed in its order; results of one process are asked for one after the other. So what a
    process sends arrives in the order in which it was sent, and no process delays another.
    """

    def __init__(self, writer: Writer, others: Others, effects: Effects) -> None:
        self._writer = writer
        self._others = others
        self._effects = effects
        self._queues: Queues[tuple[str, Carried]] = Queues(self._step)
        #: Numbers of what the scheduler may have had before.
        self._doubtful: set[int] = set()
        #: What is on its way; what has arrived, and what was given up, since the start.
        self.waiting = self.delivered = self.lost = 0

    def begin(self, rows: list[Carried], *, again: bool = False) -> None:
        """Carry what is kept; `again` is after a start, where nobody knows what the scheduler has had of it."""
        self.waiting += len(rows)
        for row in rows:
            if again:
                self._doubtful.add(row.number)
            self._add(row)

    async def close(self) -> None:
        """Stop; all is kept."""
        await self._queues.close()

    def is_idle(self, process: str) -> bool:
        """Whether no result of a process is waited for."""
        return self._queues.is_idle(("result", process))

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
            placed = await self._placed(kept)
        except HttpError as error:
            if not error.uncertain and error.status is None:
                await self._end(kept)
            else:
                self._doubtful.add(kept.number)
                self._add(kept)
            raise
        except PlaceError:
            await self._end(kept)
            raise
        # The scheduler has it: what is written now is found out again after a kill.
        self._add(placed)
        return placed

    async def kept(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Something written, on the disk when this returns."""
        return await self._writer.do(job)

    # ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _add(self, row: Carried) -> None:
        """Have it placed, where it is not, and then ask for its result; after all that came before."""
        place = "place", row.sender or row.process
        if row.placed and self._queues.is_idle(place):
            self._queues.add(("result", row.process), ("result", row))
        else:
            self._queues.add(place, ("place", row))

    async def _step(self, step: tuple[str, Carried]) -> None:
        what, row = step
        while True:
            try:
                if what == "result":
                    await self._result(row)
                elif row.placed:
                    self._queues.add(("result", row.process), ("result", row))
                else:
                    await self._place(row)
            except JournalError as error:
                LOG.error("what is on its way cannot be kept now: %s", error)
                await asyncio.sleep(_LATE)
            else:
                return

    async def _place(self, row: Carried) -> None:
        try:
            placed = await self._attempts(row, lambda: self._placed(row))
        except (PlaceError, HttpError) as error:
            await self._lose(row, str(error))
            return
        if placed.kind in ("mail", "quiet"):
            await self._end(row)
            self.delivered += 1
            return
        await self.kept(lambda connection: move(connection, placed))
        self._doubtful.discard(row.number)
        self._queues.add(("result", row.process), ("result", placed))

    async def _result(self, row: Carried) -> None:
        """Ask for the result, and put what it sends in the place of what has brought it about."""
        try:
            found = await self._attempts(row, lambda: self._found(row))
        except HttpError as error:
            await self._lose(row, str(error))
            return

        def replace(connection: sqlite3.Connection) -> list[Carried]:
            forget(connection, row.number)
            return insert(connection, found)

        new = await self.kept(replace)
        self._doubtful.discard(row.number)
        self.waiting -= 1
        self.delivered += 1
        self.begin(new)

    async def _found(self, row: Carried) -> list[Carried]:
        """What follows of the result of something."""
        result = await self._ask_result(row.process, row.message)
        sent, whole = await self._effects.of(row.process, result, row.pushed_for)
        if row.kind == "spawned":
            # What the child sent at its boot comes first (spec: units, correction 1).
            told = json.loads(row.more)
            first, _ = await self._effects.of(told["child"], told["result"], row.pushed_for)
            return [*first, *sent]
        if row.kind != "process":
            return sent
        if not row.more:
            return [*sent, *await self._assigned(row)]
        if not whole:
            # The parent never hears of a child whose result cannot be carried (correction 2).
            return []
        told = json.loads(row.more)
        raw = b64decode(told["spawned"])
        more = json.dumps({"child": row.process, "result": result})
        id = DataItem.parse(raw).id
        return [Carried("spawned", told["parent"], told["parent"], id, row.pushed_for, raw, more)]

    async def _assigned(self, row: Carried) -> list[Carried]:
        """A process with a Target is also assigned to that one (correction 13)."""
        target = DataItem.parse(row.raw).target
        if not target or target == row.process or not await self._effects.is_process(target):
            return []
        return [Carried("assignment", "", target, row.process, row.pushed_for)]

    # ── what others are asked ──────────────────────────────────────────────────────────────────────────────────

    async def _placed(self, row: Carried) -> Carried:
        """Have something placed by the scheduler, or mail kept by the gateway. Raises `PlaceError`, `HttpError`."""
        if row.kind == "mail":
            _taken(await self._others.send("gateway", row.raw, "/tx"))
            return row
        if row.kind == "assignment":
            return await self._placed_assignment(row)
        reply = await self._others.send("su", row.raw)
        if reply.status == 400 and "already exists" in reply.text and (reply.again or row.number in self._doubtful):
            return row._replace(placed=True)
        _taken(reply)
        return row._replace(placed=True)

    async def _placed_assignment(self, row: Carried) -> Carried:
        id = None
        if row.number in self._doubtful:
            reply = await self._others.get("su", f"/{row.message}", process_id=row.process)
            assignment = reply.object().get("assignment") if reply.status == 200 else None
            id = assignment.get("id") if isinstance(assignment, dict) else None
        if id is None:
            query = {"process-id": row.process, "assign": row.message}
            # Each that arrives is another one: it is not sent again where no answer came.
            reply = await self._others.ask(Ask("su", "POST", "", query, safe=False))
            id = _taken(reply).object().get("id")
            if not is_id(id):
                raise reply.error("gives an assignment no id")
        # A wallet's assignment is what all is for that follows; a process's is for nothing (correction 8).
        return row._replace(placed=True, message=str(id), pushed_for=None if row.sender else str(id))

    async def _ask_result(self, process: str, message: str) -> dict[str, Any]:
        reply = await self._others.get("cu", f"/result/{message}", process_id=process)
        told = reply.object()
        if reply.status != 200 or ("error" in told and "Output" not in told):
            raise reply.error()
        return told

    async def _attempts(self, row: Carried, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Try, and try again where that may help."""
        wait, refused = _SOON, 0
        while True:
            try:
                return await attempt()
            except HttpError as error:
                refused += error.status is not None
                if refused == _ATTEMPTS or (error.status is not None and error.status not in _PASSING):
                    raise
                LOG.warning("%s is tried again: %s", row.message, harmless(str(error)))
            self._doubtful.add(row.number)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LATE)

    async def _lose(self, row: Carried, problem: str) -> None:
        LOG.error("a %s for %s is lost: %s", row.kind, row.process or "a wallet", harmless(problem))
        self.lost += 1
        await self._end(row)

    async def _end(self, row: Carried) -> None:
        await self.kept(lambda connection: forget(connection, row.number))
        self._doubtful.discard(row.number)
        self.waiting -= 1


def _taken(reply: Reply) -> Reply:
    """An answer that says yes. Raises `PlaceError` for a refusal, `HttpError` for one that may pass."""
    if 200 <= reply.status < 300:
        return reply
    if reply.status in _PASSING:
        raise reply.error()
    raise PlaceError(f"{reply.status}: {reply.text[:1000]}")
