"""`network.db`: what a network's journals hold, as far as it must be known to open it soon. It can be deleted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import JournalError
from ..models import from_json, to_json

__all__ = ["Index"]

__tracebackhide__ = True


class Index:
    """The index of a network in a folder: it is there where the network was closed in order, and nowhere else."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any] | None:
        """All of it; None where there is none, or none that can be read: the journals know."""
        if not self._path.exists():
            return None
        import sqlite3

        try:
            connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)
            try:
                connection.execute("PRAGMA trusted_schema = OFF")
                told = {name: from_json(value) for name, value in connection.execute("SELECT name, value FROM parts")}
            finally:
                connection.close()
        except Exception:
            return None
        return told or None

    def write(self, told: dict[str, Any]) -> None:
        """Write all of it, in the place of what there was. Raises `JournalError` where that cannot be done."""
        import sqlite3

        new = self._path.with_name(self._path.name + "-new")
        try:
            new.unlink(missing_ok=True)
            connection = sqlite3.connect(new, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("BEGIN")
                connection.execute("CREATE TABLE parts (name TEXT PRIMARY KEY, value BLOB NOT NULL)")
                rows = [(name, to_json(value).encode()) for name, value in told.items()]
                connection.executemany("INSERT INTO parts VALUES (?, ?)", rows)
                connection.execute("COMMIT")
            finally:
                connection.close()
            new.replace(self._path)
        except (sqlite3.Error, OSError) as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise JournalError(f"could not be written: {error}", file=str(self._path)) from None

    def forget(self) -> None:
        """From now on the network changes, and only the journals know. Raises `JournalError` where it stays."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise JournalError(f"cannot be deleted: {error.strerror or error}", file=str(self._path)) from None
