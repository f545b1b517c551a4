"""`Ticks`: looks at the ticks of monitored processes now and then, and has what they send carried (spec: units, mu)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...client import Ask
from ...errors import AoError, HttpError
from ...models import legible
from ..worker import LOG
from .carried import Carried, insert
from .carrying import Carrying
from .effects import Effects
from .others import Others

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Ticks", "monitored"]

#: Seconds between two looks at a process, and how many pages are asked for together.
_POLL, _TOGETHER = 2.0, 16
#: Results of a page, and pages of one look.
_PAGE, _PAGES = 50, 20
#: How much of what a process has sent may wait for its place while its ticks are looked at.
_MOST = 10_000
#: Characters of a cursor.
_CURSOR = 1000
#: Characters of what somebody says, in a line of the log.
_WORDS = 500


class Ticks:
    """The processes that are monitored, each with the cursor of its last result that was looked at."""

    def __init__(self, known: dict[str, str | None], carrying: Carrying, others: Others, effects: Effects) -> None:
        self._known = known
        self._carrying = carrying
        self._others = others
        self._effects = effects
        self._free = asyncio.Semaphore(_TOGETHER)
        #: By process, as long as it is looked at.
        self._looks: dict[str, asyncio.Task[None]] = {}
        #: Processes of which it was said that they cannot be looked at.
        self._silent: set[str] = set()

    def __contains__(self, process: str) -> bool:
        return process in self._known

    def __len__(self) -> int:
        return len(self._known)

    async def begin(self, process: str) -> None:
        """From now on have carried what its ticks send. Raises `HttpError` where the compute unit does not answer."""
        edges, _ = await self._edges(f"/results/{process}", {"sort": "DESC", "limit": "1"})
        cursor = edges[0][0] if edges else None
        sql = "INSERT OR REPLACE INTO monitored VALUES (?, ?)"
        await self._carrying.kept(lambda connection: connection.execute(sql, (process, cursor)))
        self._known[process] = cursor

    async def end(self, process: str) -> None:
        """No longer."""
        await self._carrying.kept(
            lambda connection: connection.execute("DELETE FROM monitored WHERE process = ?", (process,))
        )
        self._known.pop(process, None)

    async def run(self) -> None:
        """Look at them until it is cancelled. One that takes long delays no other."""
        try:
            while True:
                await asyncio.sleep(_POLL)
                for process in self._known.keys() - self._looks.keys():
                    self._looks[process] = asyncio.get_running_loop().create_task(self._look(process))
        finally:
            looks = [*self._looks.values()]
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _look(self, process: str) -> None:
        try:
            for _ in range(_PAGES):
                if process not in self._known or self._carrying.unplaced(process) > _MOST:
                    break
                async with self._free:
                    more = await self._page(process)
                if not more:
                    break
        except AoError as error:
            if process not in self._silent:
                LOG.warning("the ticks of %s cannot be asked for: %s", process, legible(str(error), _WORDS))
            self._silent.add(process)
        except Exception:
            LOG.exception("the ticks of %s cannot be looked at", process)
        else:
            self._silent.discard(process)
        finally:
            del self._looks[process]

    async def _page(self, process: str) -> bool:
        """Take the next ticks; whether there are more."""
        query = {"limit": str(_PAGE)}
        if process not in self._known:
            return False
        after = self._known[process]
        if after is not None:
            query["from"] = after
        edges, more = await self._edges(f"/cron/{process}", query)
        if not edges:
            return False
        found: list[Carried] = []
        for _, node in edges:
            found += (await self._effects.of(process, node, None))[0]
        last = edges[-1][0]
        if last == after:
            raise HttpError("gives the same tick again", unit="cu")

        def keep(connection: sqlite3.Connection) -> list[Carried]:
            # Not where it was ended meanwhile, or ended and begun anew.
            sql = "UPDATE monitored SET cursor = ? WHERE process = ? AND cursor IS ?"
            return insert(connection, found) if connection.execute(sql, (last, process, after)).rowcount else []

        new = await self._carrying.kept(keep)
        if self._known.get(process, last) == after:
            self._known[process] = last
        self._carrying.add(new)
        return more

    async def _edges(self, path: str, query: dict[str, str]) -> tuple[list[tuple[str, Any]], bool]:
        """Cursors and results of a page, and whether there are more."""
        reply = await self._others.ask(Ask("cu", "GET", path, query))
        told = reply.object()
        try:
            edges = [(edge["cursor"], edge["node"]) for edge in told["edges"]]
            more = told["pageInfo"]["hasNextPage"] is True
        except (KeyError, TypeError):
            raise reply.error("is no page of results") from None
        for cursor, _ in edges:
            if not isinstance(cursor, str) or not cursor.isascii() or len(cursor) > _CURSOR:
                raise reply.error("has a cursor that is none")
        return edges, more


def monitored(connection: sqlite3.Connection) -> dict[str, str | None]:
    """The processes that are monitored, and their cursors."""
    rows = connection.execute("SELECT process, cursor FROM monitored")
    return {process.decode(): None if cursor is None else cursor.decode() for process, cursor in rows}
