"""Writing a file in one go: it is the old one or the new one, and whoever has put a link there has it replaced."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ..errors import InputError

__all__ = ["write_file"]

__tracebackhide__ = True


def write_file(path: Path, data: bytes, *, advice: str | None = None) -> None:
    """Write a file, and the folders above it where there are none.

    A link in its place is replaced, and not followed. Raises `InputError`, with the advice, where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".ao-run-", delete=False) as file:
            file.write(data)
        try:
            os.chmod(file.name, 0o666 & ~_umask())
            os.replace(file.name, path)
        except OSError:
            with suppress(OSError):
                os.unlink(file.name)
            raise
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=str(path), advice=advice) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
