"""SQLite, asked to trust nothing that stands in the file. What goes wrong in it is a `JournalError`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import JournalError
from . import schema
from .entry import Damaged

if TYPE_CHECKING:
    import sqlite3

__all__ = ["COPY", "connect", "make", "open_file", "reading", "resolve", "sync", "trouble"]

__tracebackhide__ = True

COPY = "restore the file from a copy"
_OTHER = "give another file"
_DISK = "see to the disk and to its quota"
#: Seconds that another program (not a writer of ours) is waited for.
_PATIENCE = 5.0


def resolve(path: str | os.PathLike[str]) -> Path:
    """The file itself, links followed: it has one lock and one write-ahead log.

    Raises `JournalError` for what no journal can be.
    """
    try:
        file = Path(os.path.realpath(path))
    except FileNotFoundError:
        raise JournalError("is in a folder that is gone", advice=_OTHER, file=os.fspath(path)) from None
    except ValueError:
        raise JournalError("is no name of a file", advice=_OTHER, file=ascii(str(path))[1:-1]) from None
    try:
        found = file.stat()
    except FileNotFoundError:
        return file
    except ValueError:
        raise JournalError("is no name of a file", advice=_OTHER, file=ascii(str(path))[1:-1]) from None
    except OSError as error:
        raise JournalError(f"cannot be opened: {error.strerror or error}", file=str(path)) from None
    if stat.S_ISDIR(found.st_mode):
        raise JournalError("is a folder, not a journal", advice="give a file in it", file=str(file))
    if not stat.S_ISREG(found.st_mode):
        raise JournalError("is no file", advice=_OTHER, file=str(file))
    if found.st_nlink > 1:
        raise JournalError(
            "has a second name (a hard link), and what is written by one is not seen by the other",
            advice="make a copy, and give that",
            file=str(file),
        )
    rollback = file.with_name(file.name + "-journal")
    if os.path.lexists(rollback):
        # SQLite would take it for its own, and believe what it says of this file and of others.
        raise JournalError(
            f"has {rollback.name} beside it, which is none of ours", advice="move that away", file=str(file)
        )
    return file


def make(file: Path) -> None:
    """A new and empty journal at `file`, all of it at once: it is made under another name."""
    new = file.with_name(file.name + "-new")
    parts = [new, *(new.with_name(new.name + end) for end in ("-journal", "-wal", "-shm"))]
    with reading(file):
        for part in parts:
            part.unlink(missing_ok=True)
        try:
            connection = open_file(new, "rwc")
            try:
                connection.execute("PRAGMA synchronous = FULL")
                schema.create(connection)
                # Only now: the write-ahead log is empty then, and no part of the journal.
                connection.execute("PRAGMA journal_mode = WAL")
            finally:
                connection.close()
            if any(part.exists() for part in parts[1:]):
                raise JournalError("could not be made: the disk refuses", advice=_DISK, file=str(file))
            new.replace(file)
        except BaseException:
            for part in parts:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
            raise
        _sync_folder(file.parent)


def connect(file: Path, *, write: bool, waits: bool = True) -> sqlite3.Connection:
    """A connection to a journal that exists, of this version: an older one is brought to it, if we may write.

    `waits` says whether what is written is on the disk then; else somebody else sees to that (`log`).

    Raises `JournalError` for a file that is none, is damaged, or is of a later version.
    """
    with reading(file):
        if not write:
            return _reader(file)
        connection = open_file(file, "rw")
        try:
            version = _version(connection, file)
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != b"wal":
                raise JournalError(
                    "cannot be written: SQLite's write-ahead log does not work there",
                    advice="put the journal on a local disk, in a folder that can be written",
                    file=str(file),
                )
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 16777216")
            if version < schema.VERSION:
                schema.migrate(connection, version)
            if not waits:
                connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection


def _reader(file: Path) -> sqlite3.Connection:
    """A connection that changes nothing; but as every one that is the last to go, it brings in a write-ahead log."""
    unwritable = not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))
    connection = open_file(file, "ro" if unwritable else "rw")
    try:
        connection.execute("PRAGMA query_only = ON")
        try:
            version = _version(connection, file)
        except JournalError:
            if not unwritable or _is_logged(file):
                raise
            # SQLite cannot make the files that readers and a writer talk by. There is no writer, then.
            connection.close()
            connection = open_file(file, "ro&immutable=1")
            version = _version(connection, file)
        if version < schema.VERSION:
            raise JournalError(
                f"is a journal of version {version}",
                advice="open it for writing once, which brings it up to date",
                file=str(file),
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _is_logged(file: Path) -> bool:
    """Whether there is a write-ahead log beside it, which must be read with it."""
    try:
        return file.with_name(file.name + "-wal").stat().st_size > 0
    except OSError:
        return False


def open_file(file: Path, mode: str) -> sqlite3.Connection:
    """A connection to a file of SQLite that nobody has looked at: it is trusted in nothing, and its texts are bytes.

    `mode` is SQLite's: ro, rw, rwc, or memory for one that is in memory alone. Raises what SQLite raises (`reading`).
    """
    import sqlite3

    uri = f"{file.as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = bytes
        # No function is called that a schema names, no page is believed to be what its header says, no file is mapped.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA recursive_triggers = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection, file: Path) -> int:
    """The version of a journal whose tables are those of that version, exactly."""
    with reading(file):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != schema.APPLICATION:
            raise JournalError("is no journal of ao-runtime", advice=_OTHER, file=str(file))
        if version > schema.VERSION:
            raise JournalError(
                f"is a journal of version {version}, and this ao-runtime knows {schema.VERSION}",
                advice="use the newer ao-runtime that wrote it",
                file=str(file),
            )
        tables = schema.TABLES.get(version)
        found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT 16").fetchall()
        expected = [] if tables is None else [(b"table", name, name, sql) for name, sql in _encoded(tables)]
        for name, (table, sql) in schema.INDICES.get(version, {}).items():
            expected.append((b"index", name.encode(), table.encode(), sql.encode()))
        if tables is None or sorted(found, key=repr) != sorted(expected, key=repr):
            raise JournalError("is damaged: its tables are not those of a journal", advice=COPY, file=str(file))
        return version  # type: ignore[no-any-return]


def _encoded(tables: dict[str, str]) -> Iterator[tuple[bytes, bytes]]:
    for name, sql in tables.items():
        yield name.encode(), sql.encode()


def sync(file: Path) -> None:
    """See to it that a journal is on the disk as it is now, its write-ahead log and both names too.

    Raises `OSError`.
    """
    log = file.with_name(f"{file.name}-wal")
    for part in (log, file):
        try:
            descriptor = os.open(part, os.O_RDWR)
        except FileNotFoundError:
            if part is file:
                raise
            continue  # SQLite has brought it into the file, and waited for that.
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """See to it that a file's name is on the disk, where the system lets us."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """In here, what SQLite or the system complains of is a `JournalError`."""
    import sqlite3

    try:
        yield
    except Damaged as error:
        where = f" ({error})" if error.args else ""
        raise JournalError(f"is damaged{where}", advice=COPY, file=str(file)) from None
    except (sqlite3.Error, sqlite3.Warning, OSError, OverflowError, MemoryError, UnicodeError) as error:
        raise trouble(error, file) from None


#: What SQLite says, what we say, and what is to be done about it.
_SAYINGS = (
    ("not a database", "is no journal: it is no SQLite file, or its beginning is damaged", _OTHER),
    ("malformed", "is damaged", COPY),
    ("is full", "could not be written: the disk is full", "make room, and try again"),
    ("disk i/o error", "could not be read or written: the disk refuses", _DISK),
    ("locked", "is in use by another program", "close what has it open"),
    ("readonly", "cannot be written", "it, or its folder, is read-only: see to its permissions"),
    ("unable to open", "cannot be opened", "see to the permissions of it and of its folder"),
    ("too big", "could not be written: a message, a result or a state is too large for it", None),
    ("out of memory", "cannot be read: there is not enough memory, or it is damaged", COPY),
)  # fmt: skip


def trouble(error: Exception, file: Path) -> JournalError:
    """What an error of SQLite's or of the system's means for the journal."""
    text = "out of memory" if isinstance(error, MemoryError) else str(error)
    if isinstance(error, UnicodeError):
        # SQLite tells of something in the file, and Python cannot read even that.
        text = "malformed"
    for saying, problem, advice in _SAYINGS:
        if saying in text.lower():
            return JournalError(problem, advice=advice, file=str(file))
    reason = getattr(error, "strerror", None) or text
    return JournalError(f"cannot be used: {reason}", advice=None, file=str(file))
