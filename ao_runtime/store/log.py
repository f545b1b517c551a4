"""`Log`: what the journals of a folder write, made durable together: one wait for the disk for all that came meanwhile.

A journal by itself waits for the disk with each message. Of many journals in one folder each would, in a file of its
own. With a log they do not: SQLite is told not to wait, what is written goes into the log as well, and that is waited
for. After a kill all is in the journals, since the system has it; after a power failure what is missing at their ends
is in the log (`read_log`, and `Store.open(…, logged=…)`). When it is full, the journals are waited for, and it begins
anew.

The file: its mark, and 16 bytes that are others each time it begins; then records: length, a digest over those 16 bytes
and the record, and the record (`Record`). The first that is none is the end.
"""

from __future__ import annotations

import os
import secrets
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import JournalError
from .connection import sync
from .entry import (
    DIGEST,
    Damaged,
    Entry,
    Read,
    check_row,
    from_row,
    pack_row,
    read_from_row,
    read_to_row,
    unpack_row,
)

__all__ = ["Log", "Record", "read_log"]

__tracebackhide__ = True

_MARK = b"ao log 1"
_SALT = 16
_HEAD = len(_MARK) + _SALT
_RECORD = struct.Struct(f"<I{DIGEST}s")
#: Bytes of a log before it begins anew.
SIZE = 16 << 20
_sync_file = getattr(os, "fdatasync", os.fsync)


class Record(NamedTuple):
    """A message of a journal, as the log has it: the journal's name, the message, and the digest that it has there."""

    journal: str
    entry: Entry
    digest: bytes


class Log:
    """The log of the journals in `folder`. Raises `JournalError` where it cannot be made.

    What is in the file already is gone then: `read_log` first.
    """

    def __init__(self, path: Path, folder: Path, size: int = SIZE) -> None:
        self._path, self._folder, self._size = path, folder, size
        #: What came, and is not on the disk; the journals that it is of; and how many had come.
        self._lock = threading.Lock()
        self._came: list[bytes] = []
        self._dirty: set[str] = set()
        self._count = 0
        self._calls: list[tuple[int, Callable[[JournalError | None], None]]] = []
        #: How many are on the disk. Who has this lock brings them there, for those too who wait for it.
        self._writing = threading.Lock()
        self._kept = 0
        self._problem: str | None = None
        #: The number of the last that each thread has put.
        self._mine = threading.local()
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            self._begin()
        except OSError as error:
            raise self._error(error) from None

    def put(self, journal: str, rows: Sequence[tuple[Any, ...]], reads: Sequence[Sequence[Read]]) -> None:
        """Rows, and what each has read, have been written to a journal, which did not wait for the disk."""
        parts = []
        for row, mine in zip(rows, reads, strict=True):
            columns = [column for read in mine for column in read_to_row(read)]
            body = pack_row((journal.encode(), *row, *columns))
            parts.append(_RECORD.pack(len(body), blake2b(self._salt + body, digest_size=DIGEST).digest()) + body)
        with self._lock:
            self._came += parts
            self._dirty.add(journal)
            self._count += 1
            self._mine.last = self._count

    def wait(self) -> None:
        """Until what this thread has put is on the disk. Raises `JournalError` where that is not known."""
        last: int = getattr(self._mine, "last", 0)
        if self._kept < last:
            with self._writing:
                if self._kept < last:
                    self._write()
        if self._kept < last:
            raise self._error(None)

    def then(self, call: Callable[[JournalError | None], None]) -> None:
        """Call that, with an error or none, as soon as what this thread has put is on the disk, or at once."""
        last: int = getattr(self._mine, "last", 0)
        if self._kept >= last:
            call(None)
            return
        with self._lock:
            self._calls.append((last, call))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ao-log", daemon=True)
                self._thread.start()
        if not self._asked.is_set():
            self._asked.set()

    def close(self, whole: bool = True) -> None:
        """Bring all to the disk, in the journals: the log is not needed then, and goes. It can be done more than once.

        Without `whole` the log stays as it is, for `read_log`. Raises `JournalError` where the disk refuses.
        """
        if self._closed:
            return
        self._closed = True
        self._asked.set()
        if self._thread is not None:
            self._thread.join()
        self._tell()
        try:
            if whole and self._problem is None:
                self._sync_journals()
                self._path.unlink()
        except OSError as error:
            raise self._error(error) from None
        finally:
            os.close(self._file)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        """In a thread of its own: bring to the disk what there is, and tell those who asked."""
        while not self._closed:
            self._asked.wait()
            self._asked.clear()
            self._tell()

    def _tell(self) -> None:
        with self._writing:
            with self._lock:
                calls, self._calls = self._calls, []
            if any(last > self._kept for last, _ in calls):
                self._write()
        for last, call in calls:
            call(None if self._kept >= last else self._error(None))

    def _write(self) -> None:
        """Bring what came to the disk. Nothing is known after an error, and nothing more is written."""
        if self._problem is not None:
            return
        with self._lock:
            data, count, self._came = b"".join(self._came), self._count, []
        try:
            if self._at + len(data) > self._size:
                self._sync_journals()
                self._begin()
            else:
                self._append(data)
        except OSError as error:
            self._problem = error.strerror or str(error)
        except BaseException:
            self._problem = "it was interrupted"
            raise
        else:
            self._kept = count

    def _append(self, data: bytes) -> None:
        os.lseek(self._file, self._at, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        _sync_file(self._file)
        self._at += len(data)

    def _begin(self) -> None:
        """Nothing that is in the file is of this log any more."""
        self._at = 0
        salt = secrets.token_bytes(_SALT)
        with self._lock:
            self._salt = salt
        self._append(_MARK + salt)

    def _sync_journals(self) -> None:
        with self._lock:
            dirty, self._dirty = self._dirty, set()
        for name in dirty:
            # One that is gone was no process after all.
            with suppress(FileNotFoundError):
                sync(self._folder / name)

    def _error(self, error: OSError | None) -> JournalError:
        reason = self._problem if error is None else error.strerror or error
        return JournalError(f"could not be written: {reason}", file=str(self._path))


def read_log(path: Path) -> dict[str, list[Record]]:
    """What a log holds, in its order, by the names of the journals; nothing where there is none.

    Raises `JournalError` where it cannot be read, or is none.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise JournalError(f"cannot be read: {error.strerror or error}", file=str(path)) from None
    # One that was killed before it had begun has no mark.
    if data and data[: len(_MARK)] != _MARK[: len(data)]:
        raise JournalError("is no log of ao-runtime", advice="move it away", file=str(path))
    salt, at = data[len(_MARK) : _HEAD], _HEAD
    found: dict[str, list[Record]] = {}
    while at + _RECORD.size <= len(data):
        length, digest = _RECORD.unpack_from(data, at)
        body = data[at + _RECORD.size : at + _RECORD.size + length]
        if len(body) < length or blake2b(salt + body, digest_size=DIGEST).digest() != digest:
            break
        try:
            one = _record(body)
        except (Damaged, struct.error, ValueError):
            raise JournalError("is damaged", file=str(path)) from None
        found.setdefault(one.journal, []).append(one)
        at += _RECORD.size + length
    return found


def _record(body: bytes) -> Record:
    name, *columns = unpack_row(body)
    digest, place, origin, *reads = columns[7:]
    if not isinstance(name, bytes) or not isinstance(digest, bytes) or len(reads) % 3:
        raise Damaged
    if not isinstance(place, (bytes, type(None))) or not isinstance(origin, (bytes, type(None))):
        raise Damaged
    entry = from_row(check_row(columns[:7]), [read_from_row(*reads[at : at + 3]) for at in range(0, len(reads), 3)])
    entry.place, entry.origin = place, origin
    return Record(name.decode(), entry, digest)
