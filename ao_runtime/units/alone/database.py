"""`Database`: where a scheduler that is alone keeps what it took, and the places that it gave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ...errors import JournalError
from ...store import open_file, reading

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Database"]

_T = TypeVar("_T")
#: "aosu", in the header of the file.
_APPLICATION = 0x616F7375
_VERSION = 1
#: Threads that read at a time.
_READERS = 4
#: KiB of pages that a connection keeps in memory: ids come in no order, so that an index of a million wants many.
_CACHE = 32 << 10

# `raw` is the signed item, and null where a message that was sent to somebody else is assigned; `sealed` is the
# assignment, an item as well. Ids are their 32 bytes.
_TABLES = (
    "CREATE TABLE processes (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE)",
    """CREATE TABLE places (
  number INTEGER PRIMARY KEY,
  process INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  height INTEGER NOT NULL,
  chain BLOB NOT NULL,
  message BLOB NOT NULL,
  digest BLOB NOT NULL,
  exclude TEXT NOT NULL,
  sealed BLOB NOT NULL,
  raw BLOB
)""",
    "CREATE UNIQUE INDEX nonces ON places (process, nonce)",
    "CREATE INDEX times ON places (process, timestamp)",
    "CREATE UNIQUE INDEX messages ON places (message) WHERE raw IS NOT NULL",
    "CREATE INDEX assigned ON places (message, process) WHERE raw IS NULL",
    "CREATE UNIQUE INDEX digests ON places (digest)",
    # What the uploader does not have yet, by the number of its place; 0 is the scheduler's location.
    "CREATE TABLE uploads (number INTEGER PRIMARY KEY)",
    "CREATE TABLE location (id INTEGER PRIMARY KEY CHECK (id = 0), url TEXT NOT NULL, raw BLOB NOT NULL)",
)


class Database:
    """A file of SQLite, or memory where there is none: one connection that writes, and several that read meanwhile.

    What is committed is on the disk: the log is synced at each commit (WAL, synchronous FULL), as an acknowledged place
    must outlive the machine's power, and not only this program. Raises `JournalError` for a file that is damaged, or
    none of ours.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file or Path("memory").absolute()
        self._in_memory = file is None
        self._opened: list[sqlite3.Connection] = []
        self._own = threading.local()
        # A database in memory has one connection, for one thread at a time.
        self._alone = threading.Lock() if self._in_memory else None
        self._threads = ThreadPoolExecutor(1 if self._in_memory else _READERS, "ao-places")
        try:
            self.writer = self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it, when all that reads is done."""
        self._threads.shutdown()
        for one in self._opened:
            one.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """In here is a transaction; it is on the disk afterwards, or nothing of it where something is raised.

        What SQLite complains of is a `JournalError`.
        """
        with self._alone or _NOTHING, reading(self.file):
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                yield self.writer
                self.writer.execute("COMMIT")
            except BaseException:
                if self.writer.in_transaction:
                    self.writer.execute("ROLLBACK")
                raise

    def read(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do something that only reads. What SQLite complains of is a `JournalError`."""
        with self._alone or _NOTHING, reading(self.file):
            if self._in_memory:
                return job(self.writer)
            if not hasattr(self._own, "connection"):
                self._own.connection = self._connect("rw")
                self._own.connection.execute("PRAGMA query_only = ON")
            return job(self._own.connection)

    @property
    def threads(self) -> ThreadPoolExecutor:
        """Where to read, so that nobody waits for it."""
        return self._threads

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self) -> sqlite3.Connection:
        with reading(self.file):
            connection = self._connect("memory" if self._in_memory else "rwc")
            found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
            if not found:
                self._make(connection)
            elif _header(connection) != (_APPLICATION, _VERSION) or {sql.decode() for (sql,) in found} != {*_TABLES}:
                raise JournalError("holds no places of this ao-runtime", advice="another folder", file=str(self.file))
            if not self._in_memory:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA journal_size_limit = 67108864")
            return connection

    def _make(self, connection: sqlite3.Connection) -> None:
        if _header(connection) != (0, 0):
            raise JournalError("holds no places of this ao-runtime", advice="another folder", file=str(self.file))
        if not self._in_memory:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        for sql in _TABLES:
            connection.execute(sql)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = open_file(self.file, mode)
        self._opened.append(connection)
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        return connection


class _Nothing:
    """In place of a lock that is not needed."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_NOTHING = _Nothing()


def _header(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version
