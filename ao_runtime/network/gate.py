"""A moment at which nobody writes: the writer of a folder goes through a gate, which a copy can hold shut."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import JournalError

__all__ = ["Gate"]


class Gate:
    """A file that is locked by the system while something is written, or while a copy is made.

    Several threads of one writer may be inside at a time. Raises `JournalError` where the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise JournalError(f"cannot be opened: {error.strerror or error}", file=str(path)) from None
        self._lock = threading.Lock()
        self._inside = 0

    @contextmanager
    def passed(self) -> Iterator[None]:
        """In here nobody else is."""
        with self._lock:
            if not self._inside:
                _lock(self._descriptor, True)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    _lock(self._descriptor, False)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


try:
    import fcntl

    def _lock(descriptor: int, taken: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX if taken else fcntl.LOCK_UN)

except ImportError:  # pragma: no cover

    def _lock(descriptor: int, taken: bool) -> None:
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if taken else msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
