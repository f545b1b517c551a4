"""One writer at a time: a file beside the journal, locked by the system for as long as its process lives.

The file also says how far the writer had come: what was acknowledged must be in the journal when it is opened again. So
a journal whose write-ahead log was lost, or an older copy put in its place, is not mistaken for the whole one.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import JournalError

__all__ = ["Lock", "Mark", "lock_file", "read_mark"]

__tracebackhide__ = True

#: Where a lock stands that keeps others from reading (Windows): far behind the mark.
_FAR = 1 << 30
_BUSY_ADVICE = "one process writes at a time: wait until it has closed the journal"


class Mark(NamedTuple):
    """How far a journal had come: the number of its entries, and the digest of the last."""

    entries: int
    digest: bytes


def lock_file(journal: Path) -> Path:
    """The file whose lock the writer of `journal` holds."""
    return journal.with_name(journal.name + "-lock")


def read_mark(journal: Path) -> Mark | None:
    """What the writer of `journal` has acknowledged; None where it ended in order, or that is not known."""
    try:
        # A pipe is not waited for, and a link not followed.
        descriptor = os.open(lock_file(journal), os.O_RDONLY | _flag("O_NONBLOCK") | _flag("O_NOFOLLOW"))
    except OSError:
        return None
    try:
        count, digest = os.read(descriptor, 64).decode("ascii").split("\n", 1)[0].split(" ")
        return Mark(int(count), bytes.fromhex(digest))
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)


class Lock:
    """The lock of one writer. Raises `JournalError` at once where another one holds it."""

    def __init__(self, journal: Path) -> None:
        self._path = lock_file(journal)
        self._journal = journal
        self._descriptor = self._take()

    def mark(self, mark: Mark) -> None:
        """Write down how far the journal has come. It outlives this process, not the machine: it is no promise."""
        text = f"{mark.entries} {mark.digest.hex()}\n".encode()
        with contextlib.suppress(OSError):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, text)

    def release(self, *, whole: bool) -> None:
        """Give the lock back; where the journal is `whole` in its one file, nothing is left beside it."""
        if whole:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.forget()

    def forget(self) -> None:
        """Close the file: a lock that another process has inherited stays that one's."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _take(self) -> int:
        while True:
            descriptor = self._open()
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise JournalError("is no file", advice="it belongs beside the journal", file=str(self._path))
                _lock(descriptor)
                # Whoever held the lock may have removed the file since it was opened: then it is nobody's lock.
                if _same(descriptor, self._path):
                    return descriptor
            except BlockingIOError:
                os.close(descriptor)
                raise JournalError(
                    "another writer has it open", advice=_BUSY_ADVICE, file=str(self._journal), busy=True
                ) from None
            except OSError as error:
                os.close(descriptor)
                raise JournalError(
                    f"cannot be locked: {error.strerror or error}",
                    advice="put the journal on a file system that has locks",
                    file=str(self._path),
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | _flag("O_NONBLOCK") | _flag("O_NOFOLLOW") | _flag("O_BINARY")
        try:
            return os.open(self._path, flags, 0o666)
        except OSError as error:
            raise JournalError(
                f"cannot be opened: {error.strerror or error}",
                advice="a writer needs this file beside the journal",
                file=str(self._path),
            ) from None


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


def _flag(name: str) -> int:
    return getattr(os, name, 0)


def _locker() -> Callable[[int], None]:
    try:
        import fcntl
    except ImportError:
        return _lock_windows
    return lambda descriptor: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_windows(descriptor: int) -> None:  # pragma: no cover
    import msvcrt

    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError as error:
        raise BlockingIOError(*error.args) from None


_lock = _locker()
