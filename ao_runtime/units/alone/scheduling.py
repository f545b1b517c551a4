"""`AloneScheduling`: gives places without a network around it, and uploads what it took and gave."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import Response

from ...errors import AoError, HttpError, JournalError, RefusedError
from ...items import DataItem, Wallet
from ...network import Assignment, RealClock, check_item, check_process, is_id, item_of_signed, short
from ..access import Access
from ..answers import Refusal, answer
from ..scheduling import Places
from ..worker import LOG
from .database import Database
from .gateway import Gateway
from .others import Others
from .places import KeptPlaces, is_message, process_number
from .placing import Placing
from .tip import Tip
from .uploading import Upload, Uploading
from .writer import Writer

if TYPE_CHECKING:
    import sqlite3

__all__ = ["GATEWAY_SECONDS", "AloneScheduling"]

_T = TypeVar("_T")
#: Seconds for an answer of the gateway's: somebody waits for it.
GATEWAY_SECONDS = 10.0
#: Places that are uploaded together, and the bytes after which there are no more.
_WAVE, _WAVE_BYTES = 512, 32 << 20
#: Milliseconds for which clients may remember where a scheduler is.
_TIME_TO_LIVE = 3_600_000


class AloneScheduling:
    """As `Scheduling`, over a database. A place is on the disk before it is told.

    urls
        Of gateway and uploader.
    height
        That of the gateway's last block.
    """

    def __init__(self, database: Database, wallet: Wallet, urls: dict[str, str], height: int, access: Access) -> None:
        self.access = access
        self._database = database
        self._wallet = wallet
        self._clock = RealClock()
        self._urls = urls
        self._placing = Placing(wallet, lambda: (self.now, self.height))
        self._writer = Writer(database, self._placing.forget)
        self._gateway: Gateway | None = None
        self._uploading: Uploading | None = None
        counts = database.read(_counts)
        self._tip = Tip(max(height, counts[3]))
        #: How many processes and places there are, and places that wait for the uploader.
        self.processes, self.places, self.waiting = counts[:3]

    def close(self) -> None:
        """Write what waits to be written."""
        self._writer.close()

    async def run(self, url: str) -> None:
        """Follow the gateway's height, and upload, until it is cancelled; `url` is where the unit is."""
        async with Others(self._urls, retries=1) as others:
            self._gateway = Gateway(others, GATEWAY_SECONDS)
            self._uploading = Uploading(others, self._wallet, self._next_uploads, self._uploaded)
            try:
                self.waiting += await self._writer.do(lambda connection: _locate(connection, url, self._wallet))
            except AoError as error:
                LOG.error("where the scheduler is cannot be told: %s", error)
            await asyncio.gather(self._tip.follow(self._gateway), self._uploading.run())

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return self._wallet.ao_address

    @property
    def now(self) -> int:
        """The machine's time."""
        return self._clock.now

    @property
    def height(self) -> int:
        """The height of the gateway's last block, as it was a moment ago."""
        return self._tip.height

    def key(self, address: str) -> str:
        """Its own public key."""
        return self._wallet.owner if address == self._wallet.ao_address else ""

    async def take(self, item: DataItem) -> Assignment:
        """The place of an item, which is on the disk."""
        one = item_of_signed(item)
        check_item(one)
        if one.is_process:
            await self._check_process(one.id, one.tag(b"On-Boot"), lambda: check_process(one))
        placed = await self._kept(self._writer.do(lambda connection: self._placing.place(connection, one)))
        self._count(placed)
        return placed

    async def assign(self, process: str, message: str, exclude: tuple[str, ...]) -> Assignment:
        """The new place of a message that was taken here, or that the gateway knows."""

        def known(connection: sqlite3.Connection) -> tuple[bool, bool]:
            return process_number(connection, process) is not None, is_message(connection, message)

        has_process, has_message = await self._read(known)
        if not has_process:
            raise RefusedError("Message or Process not found")
        if not has_message and not await self._asked(lambda gateway: gateway.knows(message)):
            raise RefusedError(f"there is no message {short(message)} to assign", process=short(process))
        placed = await self._kept(
            self._writer.do(lambda connection: self._placing.assign(connection, process, message, exclude))
        )
        self._count(placed)
        return placed

    async def answer(self, read: Callable[[Places], Any]) -> Response:
        """Read, and write JSON, in a thread beside the event loop: a page may be long."""
        return await self._read(lambda connection: answer(read(KeptPlaces(connection, self.address))))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _check_process(self, id: str, boot: bytes | None, check: Callable[[], None]) -> None:
        """In the order in which schedulers look: is it there, are its tags, is there what it boots from."""
        if boot in (None, b"Data"):
            check()
            return
        if await self._read(lambda connection: is_message(connection, id)):
            raise RefusedError("Message already exists", message=short(id))
        check()
        data = (boot or b"").decode("utf-8", "replace")
        if not is_id(data) or not await self._asked(lambda gateway: gateway.has_data(data)):
            raise RefusedError("Invalid tx id for On-Boot tag")

    async def _asked(self, ask: Callable[[Gateway], Awaitable[bool]]) -> bool:
        """What the gateway says. A `RefusedError` where it says nothing that can be understood."""
        try:
            if self._gateway is None:
                raise HttpError("is not asked yet")
            return await ask(self._gateway)
        except HttpError as error:
            LOG.warning("%s", error)
            raise RefusedError(f"the gateway cannot be asked: {error.problem}") from None

    async def _read(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        loop = asyncio.get_running_loop()
        return await self._kept(loop.run_in_executor(self._database.threads, self._database.read, job))

    async def _kept(self, done: Awaitable[_T]) -> _T:
        """What comes of something. Where the folder fails the client is told so, but not which one it is."""
        try:
            return await done
        except JournalError as error:
            LOG.error("%s", error)
            raise Refusal(400, "what this scheduler keeps cannot be read or written now") from None

    def _count(self, placed: Assignment) -> None:
        self.places += 1
        self.waiting += 1
        self.processes += not placed.nonce
        if self._uploading is not None:
            self._uploading.wake()

    async def _next_uploads(self, after: int) -> list[Upload]:
        loop = asyncio.get_running_loop()
        job = partial(_next_uploads, after=after)
        return await loop.run_in_executor(self._database.threads, self._database.read, job)

    async def _uploaded(self, numbers: list[int]) -> None:
        def forget(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM uploads WHERE number = ?", [(number,) for number in numbers])

        await self._writer.do(forget)
        self.waiting -= len(numbers)


def _counts(connection: sqlite3.Connection) -> tuple[int, int, int, int]:
    """How many processes, places and uploads there are, and the last block height; all of it soon said."""
    (processes,) = connection.execute("SELECT count(*) FROM processes").fetchone()
    places, height = connection.execute(
        "SELECT number, height FROM places ORDER BY number DESC LIMIT 1"
    ).fetchone() or (0, 0)
    (uploads,) = connection.execute("SELECT count(*) FROM uploads").fetchone()
    return processes, places, uploads, height


def _locate(connection: sqlite3.Connection, url: str, wallet: Wallet) -> int:
    """Have it uploaded where the scheduler is, at each start: a new item where it is another URL; 1 if that is new."""
    row = connection.execute("SELECT url FROM location").fetchone()
    if row is None or row[0].decode() != url:
        tags = {"Data-Protocol": "ao", "Type": "Scheduler-Location", "Variant": "ao.TN.1", "Url": url}
        tags["Time-To-Live"] = str(_TIME_TO_LIVE)
        # With an anchor: the same URL again, after another one, must be a later item.
        item = DataItem.create(tags=tags, anchor=os.urandom(32), wallet=wallet)
        connection.execute("INSERT OR REPLACE INTO location VALUES (0, ?, ?)", (url, bytes(item)))
    return connection.execute("INSERT OR IGNORE INTO uploads VALUES (0)").rowcount


def _next_uploads(connection: sqlite3.Connection, after: int) -> list[Upload]:
    sql = (
        "SELECT uploads.number, coalesce(places.raw, location.raw), sealed FROM uploads"
        " LEFT JOIN places ON places.number = uploads.number LEFT JOIN location ON location.id = uploads.number"
        " WHERE uploads.number > ? ORDER BY uploads.number LIMIT ?"
    )
    found: list[Upload] = []
    size = 0
    for number, *items in connection.execute(sql, (after, _WAVE)):
        present = tuple(one for one in items if one is not None)
        found.append(Upload(number, present))
        size += sum(map(len, present))
        if size > _WAVE_BYTES:
            break
    return found
