"""How a scheduler alone writes: many at once by one commit, and a disk that is full."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ao_runtime.items import DataItem, Wallet
from ao_runtime.units.access import Access
from ao_runtime.units.alone.database import Database
from ao_runtime.units.alone.places import SCHEMA, KeptPlaces
from ao_runtime.units.alone.scheduling import AloneScheduling
from ao_runtime.units.answers import Refusal

from ..serving import ALICE, message
from .schedulers import ID

UNIT = Wallet.from_ed25519(b"u" * 32)
TAGS = {"Data-Protocol": "ao", "Type": "Process", "Module": ID, "Scheduler": ID}
PROCESS = DataItem.create(" ", tags=TAGS, wallet=ALICE)


@contextmanager
def opened(file: Path | None) -> Iterator[tuple[AloneScheduling, Database]]:
    """One without a server around it."""
    database = Database(file, SCHEMA)
    scheduling = AloneScheduling(database, UNIT, {}, 7, Access())
    try:
        yield scheduling, database
    finally:
        scheduling.close()
        database.close()


def nonces(database: Database) -> list[int]:
    """The nonces of the process, as they are read."""
    page = KeptPlaces(database.writer, UNIT.ao_address).page(PROCESS.id, -1, 10**16, 1000, by_nonce=True)
    assert page is not None
    return [one.nonce for one in page[0]]


@pytest.mark.parametrize("kept", [True, False])
def test_what_comes_together_is_one_commit(tmp_path: Path, kept: bool) -> None:
    """A hundred requests at once take a few; all have their places."""
    with opened(tmp_path / "x.db" if kept else None) as (scheduling, database):
        commits: list[str] = []
        database.writer.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

        async def run() -> list[int]:
            await scheduling.take(PROCESS)
            commits.clear()
            items = [message(PROCESS.id, str(number)) for number in range(100)]
            return [one.nonce for one in await asyncio.gather(*map(scheduling.take, items))]

        assert sorted(asyncio.run(run())) == [*range(1, 101)]
        assert 1 <= len(commits) < 20
        assert nonces(database) == [*range(101)]


def test_a_disk_that_is_full(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever waits is told 400, without where the folder is; when there is room again the order goes on, whole."""
    file = tmp_path / "x.db"
    with opened(file) as (scheduling, database), caplog.at_level(logging.ERROR):

        async def take(*items: DataItem) -> list[int | str]:
            found = await asyncio.gather(*map(scheduling.take, items), return_exceptions=True)
            told: list[int | str] = []
            for one in found:
                if isinstance(one, BaseException):
                    assert isinstance(one, Refusal)
                    assert one.status == 400
                    told.append(one.text)
                else:
                    told.append(one.nonce)
            return told

        async def run() -> None:
            assert await take(PROCESS, message(PROCESS.id)) == [0, 1]
            (pages,) = database.writer.execute("PRAGMA page_count").fetchone()
            database.writer.execute(f"PRAGMA max_page_count = {pages}")
            full = "what this scheduler keeps cannot be read or written now"
            large = [message(PROCESS.id, b"x" * 100_000) for _ in range(3)]
            assert await take(*large) == [full] * 3
            database.writer.execute("PRAGMA max_page_count = 1000000")
            assert await take(*large) == [2, 3, 4]

        asyncio.run(run())
        assert nonces(database) == [0, 1, 2, 3, 4]
        assert "the disk is full" in caplog.text
        assert (scheduling.places, scheduling.waiting) == (5, 5)


def test_it_knows_what_there_is_when_it_is_opened(tmp_path: Path) -> None:
    """Processes, places, uploads, and the last block height."""
    with opened(tmp_path / "x.db") as (scheduling, _):
        asyncio.run(scheduling.take(PROCESS))
        asyncio.run(scheduling.take(message(PROCESS.id)))
    database = Database(tmp_path / "x.db", SCHEMA)
    again = AloneScheduling(database, UNIT, {}, 3, Access())
    assert (again.processes, again.places, again.waiting, again.height) == (1, 2, 2, 7)
    again.close()
    database.close()
