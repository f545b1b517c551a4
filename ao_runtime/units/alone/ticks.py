"""`Ticks`: looks at the ticks of monitored processes now and then, and has what they send carried (spec: units, mu)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...client import Ask
from ...errors import AoError, HttpError
from ...models import harmless
from ..worker import LOG
from .carried import Carried, insert
from .carrying import Carrying
from .effects import Effects
from .others import Others

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Ticks", "monitored"]

#: Seconds between two looks at a process, and how many of them are looked at together.
_POLL, _TOGETHER = 2.0, 16
#: Results of a page.
_PAGE = 50


class Ticks:
    """The processes that are monitored, each with the cursor of its last result that was looked at."""

    def __init__(self, known: dict[str, str | None], carrying: Carrying, others: Others, effects: Effects) -> None:
        self._known = known
        self._carrying = carrying
        self._others = others
        self._effects = effects
        self._free = asyncio.Semaphore(_TOGETHER)
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
        await self._carrying.kept(lambda connection: _keep(connection, process, cursor))
        self._known[process] = cursor

    async def end(self, process: str) -> None:
        """No longer."""
        await self._carrying.kept(
            lambda connection: connection.execute("DELETE FROM monitored WHERE process = ?", (process,))
        )
        self._known.pop(process, None)

    async def run(self) -> None:
        """Look at them until it is cancelled."""
        while True:
            await asyncio.sleep(_POLL)
            await asyncio.gather(*(self._look(process) for process in [*self._known]))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _look(self, process: str) -> None:
        async with self._free:
            try:
                more = True
                while more and process in self._known:
                    more = await self._page(process)
            except AoError as error:
                if process not in self._silent:
                    LOG.warning("the ticks of %s cannot be asked for: %s", process, harmless(str(error)))
                self._silent.add(process)
            else:
                self._silent.discard(process)

    async def _page(self, process: str) -> bool:
        """Take the next ticks; whether there are more."""
        query = {"limit": str(_PAGE)}
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
            if connection.execute("SELECT 1 FROM monitored WHERE process = ?", (process,)).fetchone() is None:
                return []
            _keep(connection, process, last)
            return insert(connection, found)

        new = await self._carrying.kept(keep)
        if process in self._known:
            self._known[process] = last
        self._carrying.begin(new)
        return more

    async def _edges(self, path: str, query: dict[str, str]) -> tuple[list[tuple[str, Any]], bool]:
        """Cursors and results of a page, and whether there are more."""
        reply = await self._others.ask(Ask("cu", "GET", path, query))
        told = reply.object()
        try:
            edges = [(str(edge["cursor"]), edge["node"]) for edge in told["edges"]]
            return edges, told["pageInfo"]["hasNextPage"] is True
        except (KeyError, TypeError):
            raise reply.error("is no page of results") from None


def monitored(connection: sqlite3.Connection) -> dict[str, str | None]:
    """The processes that are monitored, and their cursors."""
    rows = connection.execute("SELECT process, cursor FROM monitored")
    return {process.decode(): None if cursor is None else cursor.decode() for process, cursor in rows}


def _keep(connection: sqlite3.Connection, process: str, cursor: str | None) -> None:
    connection.execute("INSERT OR REPLACE INTO monitored VALUES (?, ?)", (process, cursor))
