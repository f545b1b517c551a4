"""`Store`: the journal of one process on disk. What `append` has taken is there, whatever happens next."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InternalError, JournalError
from ..models import to_json
from . import snapshots
from .connection import connect, make, reading, resolve, sync, trouble
from .entry import LARGEST, Entry, entry_digest, read_digest, read_to_row, to_row
from .lock import Lock, Mark, lock_file, read_mark
from .reader import Head, Reader, root_of
from .schema import VERSION

if TYPE_CHECKING:
    import sqlite3

    from .log import Log, Record

__all__ = ["Store"]

__tracebackhide__ = True

_INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_READ = "INSERT INTO reads VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = "UPDATE head SET entries = ?, digest = ?, reads = ?, reads_digest = ?"


class Store(Reader):
    """The journal of one process: how it was started (`genesis`), its messages and results, and states beside them.

    `Store.open` opens it. One writer has it at a time; readers (`write=False`) may look at any time, and see it as it
    was when they opened it. Also a context manager.

    Every method raises `JournalError` where the file is damaged, cannot be written, or has been closed.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        """Use `Store.open`."""
        self._lock: Lock | None = None
        #: The write-ahead log as we left it.
        self._log: tuple[int, int] | None = None
        #: What sees to it that this journal and others are on the disk.
        self._shared: Log | None = None
        super().__init__(file, connection)
        _open_stores.add(self)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        write: bool = True,
        create: bool = True,
        log: Log | None = None,
        logged: Sequence[Record] = (),
    ) -> Store:
        """The journal at `path`; a new one where there is none, if it may be written and made.

        With a `log` what is added is on the disk when that says so. `logged` is what a log holds of this journal: what
        is missing of it at the journal's end is added.

        It takes the same time however many messages it holds; a journal of an older version is brought to this one.

        Raises `JournalError` for another writer, for a file that is no journal or is damaged, and where less is in it
        than has been acknowledged.
        """
        file = resolve(path)
        if not file.parent.is_dir():
            raise JournalError("its folder does not exist", advice=f"make {file.parent} first", file=str(file))
        if not write:
            return cls._open(file, None)
        lock = Lock(file)
        try:
            if not _is_there(file) and create:
                _only_if_new(file)
                make(file)
            return cls._open(file, lock, log, logged)
        except BaseException:
            lock.release(whole=read_mark(file) is None)
            raise

    @classmethod
    def _open(cls, file: Path, lock: Lock | None, log: Log | None = None, logged: Sequence[Record] = ()) -> Store:
        if not _is_there(file):
            raise JournalError("there is no such journal", advice="see to its name", file=str(file))
        mark = read_mark(file)
        connection = connect(file, write=lock is not None, waits=log is None)
        try:
            store = cls(file, connection)
            store._shared = log
            if logged:
                store._catch_up(logged)
            if mark is not None:
                store._check(mark)
        except BaseException:
            connection.close()
            raise
        store._lock = lock
        store._acknowledge()
        return store

    # ── what is added to it ────────────────────────────────────────────────────────────────────────────────────

    def _log_state(self) -> tuple[int, int] | None:
        """What the write-ahead log is: its inode and its size; None where there is none."""
        try:
            found = os.stat(f"{self.path}-wal")
        except OSError:
            return None
        return found.st_ino, found.st_size

    def _check_log(self) -> None:
        """Raises `JournalError` where the log is not what we left: what SQLite takes for written may be gone.

        Nothing is written any more then, not even by closing: the files are kept beside as they are.
        """
        if self._log is None or self._log_state() == self._log:
            return
        lock, self._lock = self._lock, None
        connection, self._connection = self._connection, None
        if lock is not None:
            lock.forget()
        self._closed = "has been closed: its write-ahead log was changed by another program"
        if connection is not None:
            keep_for_ever(connection)
        aside = self.path.with_name(f"{self.path.name}-aside")
        for end in ("", "-wal"):
            with suppress(OSError):
                os.replace(f"{self.path}{end}", f"{aside}{end}")
        raise JournalError(
            "its write-ahead log (-wal) was changed by another program; what is left is kept as it is",
            advice=f"restore it from a copy; what is left is in {aside.name}",
            file=str(self.path),
        )

    def begin(self, genesis: dict[str, Any]) -> None:
        """Say how the process was started: once, and before its first message."""
        if self._genesis is not None:
            raise InternalError("the journal has begun already")
        data = to_json(genesis).encode()
        digest = root_of(data)
        connection = self._writer()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO birth VALUES (1, ?, ?)", (data, digest))
            connection.execute("INSERT INTO head VALUES (1, 0, ?, 0, ?)", (digest, digest))
            connection.execute("COMMIT")
            if self._shared is not None:
                # What the log holds goes after this.
                sync(self.path)
        except BaseException as error:
            self._undo(error)
        self._log = self._log_state()
        with reading(self.path):
            self._load()
        self._acknowledge()

    def append(self, entries: Sequence[Entry]) -> None:
        """Add messages, all or none; when it returns they are on the disk, or, with a log, on their way there.

        After an error the journal is as it was, and goes on working if it can; else it has been closed. After any other
        exception (Ctrl-C) `count` says whether they were added.
        """
        if not entries:
            return
        if self._genesis is None:
            raise InternalError("the journal has not begun")
        self._insert(self._writer(), entries)
        self._acknowledge()

    def _insert(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        nonce, digest, position, reads_digest = self._head
        rows = []
        reads = []
        for entry in entries:
            row = to_row(entry)
            if row[0] != nonce:
                raise InternalError(f"message {row[0]} was to be added as message {nonce}")
            place, origin = entry.place, entry.origin
            if len(row[1]) > LARGEST or len(row[4]) > LARGEST or (place is not None and len(place) > LARGEST):
                self._too_large("a message or a result")
            for read in entry.reads:
                columns = read_to_row(read)
                if any(column is not None and len(column) > LARGEST for column in columns):
                    self._too_large("a file")
                reads_digest = read_digest(reads_digest, nonce, read)
                reads.append((position, nonce, *columns, reads_digest))
                position += 1
            digest = entry_digest(digest, row, entry.reads, place, origin)
            rows.append((*row, digest, place, origin))
            nonce += 1
        head = Head(nonce, digest, position, reads_digest)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, rows)
            if reads:
                connection.executemany(_INSERT_READ, reads)
            connection.execute(_UPDATE, head)
            connection.execute("COMMIT")
            self._head = head
        except BaseException as error:
            self._undo(error)
        self._log = self._log_state()
        if self._shared is not None:
            self._shared.put(self.path.name, rows, [entry.reads for entry in entries])

    def _catch_up(self, logged: Sequence[Record]) -> None:
        """Add what a log has of this journal, and the journal has not."""
        count, digest = self._head.entries, self._head.digest
        missing = []
        for one in logged:
            entry = one.entry
            # What belongs to another history was logged for a journal that is gone: there was no such process.
            after = entry_digest(digest, to_row(entry), entry.reads, entry.place, entry.origin)
            if entry.nonce == count and after == one.digest:
                missing.append(entry)
                count, digest = count + 1, after
        if missing:
            self._insert(self._use(), missing)

    def put_snapshot(self, count: int, state: bytes) -> None:
        """Keep the state after `count` messages. Some older ones may go: of those far back there are fewer."""
        if not 0 <= count <= self.count:
            raise InternalError(f"a state after {count} of {self.count} messages")
        connection = self._writer()
        data, packed = snapshots.pack(state)
        if len(data) > snapshots.LARGEST:
            self._too_large("a state")
        digest = snapshots.digest(self._digest_of(count), count, len(state), packed, data)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)", (count, len(state), packed, data, digest)
            )
            counts = [row[0] for row in connection.execute("SELECT count FROM snapshots ORDER BY count DESC LIMIT 999")]
            connection.executemany("DELETE FROM snapshots WHERE count = ?", [(n,) for n in snapshots.thin(counts)])
            connection.execute("COMMIT")
        except BaseException as error:
            self._undo(error)
        self._log = self._log_state()

    def drop_snapshots(self) -> None:
        """Delete all snapshots. Nothing is lost by it but time."""
        connection = self._writer()
        try:
            connection.execute("DELETE FROM snapshots")
        except BaseException as error:
            self._undo(error)
        self._log = self._log_state()

    def close(self) -> None:
        """Close the file, and let others write. It can be done more than once.

        Raises `JournalError` where another program has changed its write-ahead log meanwhile.
        """
        if self._connection is not None and self._lock is not None:
            self._check_log()
        connection, self._connection = self._connection, None
        lock, self._lock = self._lock, None
        if connection is None:
            return
        try:
            with reading(self.path):
                connection.close()
        finally:
            if lock is not None:
                # A write-ahead log that could not be brought into the file (it is being read, the disk is full) stays.
                lock.release(whole=not os.path.exists(f"{self.path}-wal"))

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:
            return

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _writer(self) -> sqlite3.Connection:
        connection = self._use()
        if self._lock is None:
            raise JournalError("is open for reading only", advice="open it for writing", file=str(self.path))
        self._check_log()
        return connection

    def _acknowledge(self) -> None:
        if self._lock is not None:
            self._lock.mark(Mark(self._head.entries, self._head.digest))

    def _undo(self, error: BaseException) -> NoReturn:
        """After an error: make the journal what it was, or close it; and raise what it means."""
        import sqlite3

        connection = self._use()
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" not in str(error):
                # A commit that failed when the disk was to be waited for may be in the write-ahead log, whole.
                # Whatever is written next takes its place.
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"PRAGMA user_version = {VERSION}")
                connection.execute("COMMIT")
            self._load()
            self._log = self._log_state()
        except (sqlite3.Error, JournalError):
            self._closed = "has been closed, because it could not be written"
            lock, self._lock = self._lock, None
            self._connection = None
            connection.close()
            if lock is not None:
                lock.forget()
        if isinstance(error, (sqlite3.Error, sqlite3.Warning, OSError, OverflowError, MemoryError, UnicodeError)):
            raise trouble(error, self.path) from None
        raise error

    def _too_large(self, what: str) -> NoReturn:
        raise JournalError(
            f"could not be written: {what} is larger than {LARGEST >> 20} MB", advice=None, file=str(self.path)
        )

    def _leave(self) -> None:
        """In a process that was forked from the one that has it open: this one has nothing to do with it any more."""
        if self._connection is not None:
            # To close it would take locks away, or write.
            _abandoned.append(self._connection)
            self._connection = None
            self._closed = "belongs to the process that this one was forked from"
        if self._lock is not None:
            self._lock.forget()
            self._lock = None


def keep_for_ever(connection: sqlite3.Connection) -> None:
    """See to it that a connection is never closed, not at the program's end either: to close it would be to write."""
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def _is_there(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def _only_if_new(file: Path) -> None:
    """Raises `JournalError` where a journal is missing, and parts of it are not: a new one would be taken for it."""
    mark = read_mark(file)
    log = file.with_name(file.name + "-wal")
    left = [log.name] if _is_there(log) else []
    left += [lock_file(file).name] if mark is not None and mark.entries else []
    if left:
        raise JournalError(
            f"is missing or empty, and there was a journal: {' and '.join(left)} is left of it",
            advice="put the file back, or delete what is left of it",
            file=str(file),
        )


#: The stores that are open here, and connections that were open in the process that this one was forked from.
_open_stores: weakref.WeakSet[Store] = weakref.WeakSet()
_abandoned: list[Any] = []


def _in_child() -> None:
    for store in list(_open_stores):
        store._leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
