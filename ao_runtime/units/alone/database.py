"""`Database`: a file of SQLite in which a unit that is alone keeps what it took."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ...errors import JournalError
from ...store import open_file, reading

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Database", "Schema"]

_T = TypeVar("_T")
_VERSION = 1
#: Threads that read at a time.
_READERS = 4
#: KiB of pages that a connection keeps in memory: ids come in no order, so that an index of a million wants many.
_CACHE = 32 << 10


class Schema(NamedTuple):
    """What a file holds."""

    #: Four letters, in the header of the file.
    application: bytes
    #: What it is, for people.
    words: str
    tables: tuple[str, ...]


class Database:
    """A file of SQLite, or memory where there is none: one connection that writes, and several that read meanwhile.

    What is committed is on the disk: the log is synced at each commit (WAL, synchronous FULL), as what was
    acknowledged must outlive the machine's power, and not only this program. Raises `JournalError` for a file that is
    damaged, or none of ours.
    """

    def __init__(self, file: Path | None, schema: Schema) -> None:
        self._schema = schema
        self.file = file or Path("memory").absolute()
        self._in_memory = file is None
        self._opened: list[sqlite3.Connection] = []
        self._own = threading.local()
        # A database in memory has one connection, for one thread at a time.
        self._alone = threading.Lock() if self._in_memory else nullcontext()
        self._threads = ThreadPoolExecutor(1 if self._in_memory else _READERS, "ao-reader")
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
        with self._alone, reading(self.file):
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
        with self._alone, reading(self.file):
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
            elif _header(connection) != (self._application, _VERSION) or {sql.decode() for (sql,) in found} != {
                *self._schema.tables
            }:
                raise self._foreign()
            if not self._in_memory:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA journal_size_limit = 67108864")
            return connection

    def _make(self, connection: sqlite3.Connection) -> None:
        if _header(connection) != (0, 0):
            raise self._foreign()
        if not self._in_memory:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        for sql in self._schema.tables:
            connection.execute(sql)
        connection.execute(f"PRAGMA application_id = {self._application}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")

    @property
    def _application(self) -> int:
        return int.from_bytes(self._schema.application, "big")

    def _foreign(self) -> JournalError:
        words = f"holds no {self._schema.words} of this ao-runtime"
        return JournalError(words, advice="another folder", file=str(self.file))

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = open_file(self.file, mode)
        self._opened.append(connection)
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        return connection


def _header(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version
