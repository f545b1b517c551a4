"""A copy of a network's folder, made while somebody writes there."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..errors import InputError, JournalError
from .folder import Folder
from .gate import Gate

__all__ = ["backup"]

__tracebackhide__ = True


def backup(
    folder: str | os.PathLike[str],
    target: str | os.PathLike[str],
    progress: Callable[[int, int], object] | None = None,
) -> int:
    """Copy a network's folder to `target`, which must not be there; the number of processes in it.

    All journals are copied at one moment: a writer waits meanwhile. `progress` is told how many of how many were.

    Raises `InputError` where `folder` holds no network or `target` is there already, `JournalError` where one of them
    cannot be read or written; nothing is left of `target` then.
    """
    source = Folder(folder, write=False)
    into = Path(target).absolute()
    if into.exists():
        raise InputError(f"{target} is there already", field="target", advice="give a new folder")
    try:
        for part in ("processes", "stored"):
            (into / part).mkdir(parents=True)
        gate = Gate(source.path / "network-gate")
        try:
            with gate.passed():
                ids = source.journals()
                for number, id in enumerate(ids):
                    _copy(source.journal(id), into / "processes" / f"{id}.ao")
                    if progress is not None:
                        progress(number + 1, len(ids))
                for item in (source.path / "stored").glob("*.json"):
                    shutil.copyfile(item, into / "stored" / item.name)
                for key in (source.path / "keys").glob("*.json"):
                    (into / "keys").mkdir(0o700, exist_ok=True)
                    _copy_secret(key, into / "keys" / key.name)
                _copy_secret(source.path / "network.json", into / "network.json")
        finally:
            gate.close()
    except (OSError, sqlite3.Error, JournalError) as error:
        shutil.rmtree(into, ignore_errors=True)
        if isinstance(error, JournalError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise JournalError(f"could not be copied: {reason}", file=str(into)) from None
    return len(ids)


def _copy_secret(source: Path, target: Path) -> None:
    """A file that only its owner may read, from the first byte on."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(source, "rb") as known, os.fdopen(descriptor, "wb") as copy:
        shutil.copyfileobj(known, copy)


def _copy(source: Path, target: Path) -> None:
    """A journal with what is in its write-ahead log, as SQLite copies it."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as known,
        closing(sqlite3.connect(target)) as copy,
    ):
        known.backup(copy)
        copy.execute("PRAGMA journal_mode = WAL")
