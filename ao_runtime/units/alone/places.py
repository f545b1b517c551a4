"""`KeptPlaces`: the order of each process, as it is read from the database: nothing of it stays in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import AoError, JournalError
from ...items import DataItem
from ...network import Assignment, Item, from_id, item_of_signed, to_id
from .database import Schema

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SCHEMA", "KeptPlaces", "is_message", "process_number", "stub"]

# `raw` is the signed item, and null where a message that was sent to somebody else is assigned; `sealed` is the
# assignment, an item as well. Ids are their 32 bytes.
SCHEMA = Schema(
    b"aosu",
    "places",
    (
        "CREATE TABLE processes (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE)",
        """CREATE TABLE places (
  number INTEGER PRIMARY KEY,
  process INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  height INTEGER NOT NULL,
  chain BLOB NOT NULL,
  message BLOB NOT NULL,
  digest BLOB NOT NULL,
  exclude TEXT NOT NULL,
  sealed BLOB NOT NULL,
  raw BLOB
)""",
        "CREATE UNIQUE INDEX nonces ON places (process, nonce)",
        "CREATE INDEX times ON places (process, timestamp)",
        "CREATE UNIQUE INDEX messages ON places (message) WHERE raw IS NOT NULL",
        "CREATE INDEX assigned ON places (message, process) WHERE raw IS NULL",
        "CREATE UNIQUE INDEX digests ON places (digest)",
        # What the uploader does not have yet, by the number of its place; 0 is the scheduler's location.
        "CREATE TABLE uploads (number INTEGER PRIMARY KEY)",
        "CREATE TABLE location (id INTEGER PRIMARY KEY CHECK (id = 0), url TEXT NOT NULL, raw BLOB NOT NULL)",
    ),
)

#: Bytes of the messages of a page, with which it ends early: whoever asks goes on from its last cursor.
_PAGE_BYTES = 16 << 20
_COLUMNS = "nonce, timestamp, height, chain, message, digest, exclude, sealed, raw"


class KeptPlaces:
    """As `Places`, for one connection; `address` is the scheduler's. Raises `JournalError` for what is damaged."""

    def __init__(self, connection: sqlite3.Connection, address: str) -> None:
        self._connection = connection
        self._address = address

    def first(self, process: str) -> Assignment | None:
        """The place of the process's own item."""
        return self._one(process, "nonce = 0")

    def last(self, process: str) -> Assignment | None:
        """The place that was given last."""
        return self._one(process, "1 ORDER BY nonce DESC LIMIT 1")

    def find(self, process: str, id: str) -> Assignment | None:
        """By the id of a message, its own place before one of an assignment, or by that of an assignment."""
        digest = from_id(id)
        for where in (
            "message = ? AND raw IS NOT NULL",
            "message = ? AND raw IS NULL ORDER BY nonce LIMIT 1",
            "digest = ?",
        ):
            found = self._one(process, where, digest)
            if found is not None:
                return found
        return None

    def page(
        self, process: str, after: int, last: int, limit: int, *, by_nonce: bool
    ) -> tuple[list[Assignment], bool] | None:
        """Some of them, and whether there are more."""
        number = process_number(self._connection, process)
        if number is None:
            return None
        rank = "nonce" if by_nonce else "timestamp"
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM places WHERE process = ? AND {rank} > ? AND {rank} <= ? ORDER BY {rank} LIMIT ?",
            (number, after, last, limit + 1),
        )
        found: list[Assignment] = []
        size = 0
        for row in rows:
            if len(found) == limit or size > _PAGE_BYTES:
                return found, True
            size += len(row[-1] or b"")
            found.append(self._read(process, row))
        return found, False

    def _one(self, process: str, where: str, *values: Any) -> Assignment | None:
        number = process_number(self._connection, process)
        if number is None:
            return None
        sql = f"SELECT {_COLUMNS} FROM places WHERE process = ? AND {where}"
        row = self._connection.execute(sql, (number, *values)).fetchone()
        return None if row is None else self._read(process, row)

    def _read(self, process: str, row: Any) -> Assignment:
        nonce, timestamp, height, chain, message, digest, exclude, sealed, raw = row
        try:
            item = stub(to_id(message)) if raw is None else item_of_signed(DataItem.parse(raw))
            signature = DataItem.parse(sealed).signature
        except AoError:
            raise JournalError(f"is damaged: message {nonce} of {process}") from None
        one = Assignment(process, nonce, timestamp, height, to_id(chain), item, self._address)
        one.digest, one.signature = digest, signature
        one.elsewhere, one.exclude = raw is None, tuple(filter(None, exclude.decode().split(",")))
        return one


def process_number(connection: sqlite3.Connection, process: str) -> int | None:
    """The number of a process; None where there is none of that id."""
    row = connection.execute("SELECT number FROM processes WHERE id = ?", (from_id(process),)).fetchone()
    return None if row is None else int(row[0])


def is_message(connection: sqlite3.Connection, id: str) -> bool:
    """Whether a message or a process of that id was taken."""
    sql = "SELECT 1 FROM places WHERE message = ? AND raw IS NOT NULL"
    return connection.execute(sql, (from_id(id),)).fetchone() is not None


def stub(id: str) -> Item:
    """A message of which nothing but its id is known, and needed: it is assigned."""
    return Item(id, "", "", b"", (), (), b"")
