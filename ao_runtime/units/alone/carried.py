"""What a messenger that is alone carries, as it is kept: nothing is forgotten before what follows of it is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .database import Schema

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SCHEMA", "Carried", "Kind", "counts", "forget", "insert", "move", "waiting"]

#: `quiet` is a message of whose result nothing is sent on; `spawned` is what tells a parent of its child.
Kind = Literal["message", "quiet", "process", "spawned", "assignment", "mail"]

SCHEMA = Schema(
    b"aomu",
    "messages on their way",
    (
        """CREATE TABLE carried (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  process TEXT NOT NULL,
  message TEXT NOT NULL,
  pushed_for TEXT,
  placed INTEGER NOT NULL,
  raw BLOB NOT NULL,
  more TEXT NOT NULL
)""",
        "CREATE UNIQUE INDEX messages ON carried (message, process)",
        "CREATE TABLE monitored (process TEXT PRIMARY KEY, cursor TEXT)",
    ),
)


class Carried(NamedTuple):
    """Something that is on its way: first to the scheduler, and when that has placed it, its result.

    sender
        The process that has sent it; nothing where a wallet did.
    process
        Whose result is asked for; nothing of mail, which is for a wallet.
    message
        By which id: the item's, or of an assignment the message's, and its own as soon as it has one.
    pushed_for
        The id of the wallet's message that it is for.
    raw
        The signed item; nothing of an assignment.
    more
        JSON: of a process that another one has spawned the item that tells that one; of `spawned` the child and its
        boot's outbox.
    """

    kind: Kind
    sender: str
    process: str
    message: str
    pushed_for: str | None
    raw: bytes = b""
    more: str = ""
    placed: bool = False
    #: Its place in the order in which all came; 0 before it is kept.
    number: int = 0


def insert(connection: sqlite3.Connection, rows: Iterable[Carried]) -> list[Carried]:
    """Keep what is new: the same message is on its way to a process once. What was kept, with its number."""
    kept = []
    for row in rows:
        values = (row.kind, row.sender, row.process, row.message, row.pushed_for, row.placed, row.raw, row.more)
        found = connection.execute(
            "INSERT OR IGNORE INTO carried (kind, sender, process, message, pushed_for, placed, raw, more)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        if found.rowcount:
            kept.append(row._replace(number=int(found.lastrowid or 0)))
    return kept


def move(connection: sqlite3.Connection, row: Carried) -> None:
    """The scheduler has placed it; an assignment has an id of its own then."""
    connection.execute(
        "UPDATE carried SET placed = 1, message = ?, pushed_for = ? WHERE number = ?",
        (row.message, row.pushed_for, row.number),
    )


def forget(connection: sqlite3.Connection, number: int) -> None:
    """It has arrived, or never will."""
    connection.execute("DELETE FROM carried WHERE number = ?", (number,))


def waiting(connection: sqlite3.Connection) -> list[Carried]:
    """All that is on its way, in the order in which it came."""
    sql = "SELECT kind, sender, process, message, pushed_for, raw, more, placed, number FROM carried ORDER BY number"
    return [_read(row) for row in connection.execute(sql)]


def counts(connection: sqlite3.Connection) -> tuple[int, int]:
    """How much is on its way, and how many processes are monitored."""
    (carried,) = connection.execute("SELECT count(*) FROM carried").fetchone()
    (monitored,) = connection.execute("SELECT count(*) FROM monitored").fetchone()
    return carried, monitored


def _read(row: tuple[Any, ...]) -> Carried:
    # SQLite is asked for text as bytes (`store.connection`).
    kind, sender, process, message = (value.decode() for value in row[:4])
    pushed_for, raw, more, placed, number = row[4:]
    after = None if pushed_for is None else pushed_for.decode()
    return Carried(kind, sender, process, message, after, raw, more.decode(), bool(placed), number)
