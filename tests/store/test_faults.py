"""Disks that are full, and writes that fail, at every point: what was acknowledged is there, and nothing else."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.errors import JournalError
from ao_runtime.store import Store

from ..cli.running import ROOT
from .journals import BIRTH, entries, entry, held, written

WRITER = [sys.executable, "-c"]
REFUSED = {"could not be read or written: the disk refuses", "has been closed, because it could not be written"}
#: Writes to a journal while no file may grow beyond a size, and says what has been acknowledged, and how it ended.
LIMITED = """
import os, resource, sys
from tests.store.journals import *
import sqlite3
from ao_runtime.errors import JournalError

for number, size in enumerate(map(int, sys.argv[2:])):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    count, ended = 0, []
    try:
        with Store.open(f"{sys.argv[1]}/{number}.ao") as store:
            store.begin(BIRTH)
            for batch in range(12):
                try:
                    store.append(entries(batch, store.count))
                    if batch % 3 == 2:
                        store.put_snapshot(store.count, os.urandom(9000))
                except JournalError as error:
                    ended.append(error.problem)
                count = store.count
    except JournalError as error:
        ended.append(error.problem)
    print(count, *sorted(set(ended)), sep="|")
"""


def test_no_file_may_grow(tmp_path: Path) -> None:
    """For every size at which writing stops: an error says so, and the journal holds what was acknowledged."""
    sizes = [*range(0, 40_000, 1500), *range(40_000, 300_000, 17_000), 10_000_000]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path, *map(str, sizes)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=True,
    )
    counts = set()
    for number, (size, line) in enumerate(zip(sizes, done.stdout.splitlines(), strict=True)):
        count, *ended = line.split("|")
        with Store.open(tmp_path / f"{number}.ao") as store:
            assert list(store.entries()) == entries(int(count)), (size, ended)
            if store.genesis is None:
                store.begin(BIRTH)
            store.append([entry(store.count)])
        assert set(ended) <= REFUSED, (size, ended)
        assert ended or count == "66"
        counts.add(count)
    assert {"0", "66"} < counts


def test_a_full_disk(tmp_path: Path) -> None:
    """Where there is no room the journal is as it was, and goes on when there is room again."""
    for pages in range(7, 40, 3):
        with Store.open(tmp_path / f"{pages}.ao") as store:
            store.begin(BIRTH)
            store.append(entries(10))
            assert store._connection is not None
            store._connection.execute(f"PRAGMA max_page_count = {pages}")
            count, problem = 10, ""
            for size in (1, 50, 3, 1, 200):
                try:
                    store.append(entries(size, count))
                    count += size
                except JournalError as error:
                    problem = str(error)
                assert store.count == count
                assert list(store.entries()) == entries(count)
            assert problem == f"{store.path}: could not be written: the disk is full (make room, and try again)"
            with pytest.raises(JournalError, match="the disk is full"):
                store.put_snapshot(count, os.urandom(pages * 4096))
            store._connection.execute("PRAGMA max_page_count = 100000")
            store.append(entries(20, count))
        assert held(store.path) == entries(count + 20)


class Failing:
    """A connection whose command number `at` fails; before it is carried out, or after."""

    def __init__(self, connection: sqlite3.Connection | None, at: int, error: BaseException, *, after: bool) -> None:
        self.connection = connection
        self.left = at
        self.error = error
        self.after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.connection, name)
        return self._counted(found) if name in ("execute", "executemany") else found

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*args: Any) -> Any:
            self.left -= 1
            done = call(*args) if self.left != 0 or self.after else None
            if self.left == 0:
                raise self.error
            return done

        return failing


ERRORS = [
    sqlite3.OperationalError("disk I/O error"),
    sqlite3.OperationalError("database or disk is full"),
    sqlite3.DatabaseError("database disk image is malformed"),
    MemoryError(),
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{type(error).__name__} {error}".strip())
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_failure_at_every_command(tmp_path: Path, error: BaseException, after: bool) -> None:
    """Whichever of SQLite's commands fails, `count` and the file say the same, and it goes on or is closed."""
    failed = 0
    for at in range(1, 26):
        with Store.open(tmp_path / f"{at}.ao") as store:
            store.begin(BIRTH)
            store.append(entries(10))
            store.put_snapshot(10, b"ten")
            failing: Any = Failing(store._connection, at, error, after=after)
            store._connection = failing
            for count in (10, 13):
                try:
                    if store.count == count:
                        store.append(entries(3, count))
                    store.put_snapshot(store.count, b"state")
                except (JournalError, KeyboardInterrupt):
                    failed += 1
            failing.left = 0
            count = store.count
            if store._connection is not None:
                assert list(store.entries()) == entries(count)
        assert held(tmp_path / f"{at}.ao") == entries(count)
    assert failed > 10


WAITING = """
import sys
from tests.store.journals import *
from ao_runtime.errors import JournalError
with Store.open(sys.argv[1]) as store:
    for _ in range(4):
        try:
            store.append(entries(3, store.count))
        except JournalError as error:
            print(error.problem)
    print(store.count)
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace here")
@pytest.mark.parametrize("which", [f"{number}{more}" for number in range(1, 8) for more in ("", "+")])
def test_a_disk_that_cannot_be_waited_for(tmp_path: Path, which: str) -> None:
    """Where fsync fails, what was written to the log all the same, and not acknowledged, is not in the journal."""
    file = written(tmp_path / "a.ao", 3)
    inject = f"inject=fsync,fdatasync:error=EIO:when={which}"
    done = subprocess.run(
        ["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject, *WRITER, WAITING, file],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    if "ptrace" in done.stderr:
        pytest.skip("strace may not be used here")
    *problems, count = done.stdout.splitlines()
    assert held(file) == entries(int(count))
    assert set(problems) <= REFUSED
    assert count == "15" or problems


def test_the_limit_is_ours_alone() -> None:
    """No test has left a limit on the size of files."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
