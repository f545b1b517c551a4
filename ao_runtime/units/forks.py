"""Copies of a server that evaluate dry runs (`fork`): they must not hold its connections and ports open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["without_sockets"]

#: How many servers this program is; and whether the system has been asked to tell of copies.
_serving = 0
_told = False


@contextmanager
def without_sockets() -> Iterator[None]:
    """In here a copy of this program has no sockets.

    Else a connection that the server closes would stay open for the client, and after a kill the ports would be taken,
    for as long as the copy is at work.
    """
    global _serving, _told
    if not _told and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_close)
        _told = True
    _serving += 1
    try:
        yield
    finally:
        _serving -= 1


def _close() -> None:
    if not _serving:
        return
    with suppress(OSError):
        for name in os.listdir("/dev/fd"):
            with suppress(OSError, ValueError):
                if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                    os.close(int(name))
