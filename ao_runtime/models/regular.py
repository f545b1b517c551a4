"""Reading a file that somebody else may have named: a plain one of bounded size, nothing that waits or never ends."""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["read_regular"]

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
#: Bytes; no published module is as large.
_LARGEST = 1 << 28


def read_regular(path: str | os.PathLike[str], most: int = _LARGEST) -> bytes:
    """The content of a plain file of `most` bytes at most.

    Raises `OSError`, also for a device, a pipe, a folder and a larger file; `ValueError` for a name that none has.
    """
    # A pipe is not opened at all: whoever writes to it would notice.
    _check(os.stat(path), most)
    descriptor = os.open(path, _FLAGS)
    with open(descriptor, "rb") as file:
        _check(os.fstat(descriptor), most)
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, "the file is too large")
    return content


def _check(found: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no plain file")
    if found.st_size > most:
        raise OSError(errno.EFBIG, "the file is too large")
