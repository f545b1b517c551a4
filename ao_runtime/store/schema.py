"""The tables of a journal, their versions, and the way from an older version to this one.

Version 1 had no `head` and no digests of its own for `reads`: that its last rows were missing could not be seen.
Version 2 knew processes alone: nothing of where a message stands in a network, and of what brought it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .entry import Damaged, check_row, entry_digest, read_digest, read_from_row, read_to_row

if TYPE_CHECKING:
    import sqlite3

__all__ = ["APPLICATION", "INDICES", "TABLES", "VERSION", "create", "migrate"]

__tracebackhide__ = True

#: "aoru", in the header of the file.
APPLICATION = 0x616F7275
VERSION = 3

_BIRTH = """CREATE TABLE birth (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  process BLOB NOT NULL,
  digest BLOB NOT NULL
)"""
_HEAD = """CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  entries INTEGER NOT NULL,
  digest BLOB NOT NULL,
  reads INTEGER NOT NULL,
  reads_digest BLOB NOT NULL
)"""
_ENTRIES_1 = """CREATE TABLE entries (
  nonce INTEGER PRIMARY KEY,
  message BLOB NOT NULL,
  instructions INTEGER,
  timestamp INTEGER,
  result BLOB NOT NULL,
  gas INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  digest BLOB NOT NULL
)"""
#: As SQLite writes it down when columns are added.
_ENTRIES = _ENTRIES_1[:-1] + ", place BLOB, origin BLOB)"
#: What was delivered once is not delivered again.
_ORIGINS = "CREATE UNIQUE INDEX origins ON entries (origin) WHERE origin IS NOT NULL"
_READS_1 = """CREATE TABLE reads (
  position INTEGER PRIMARY KEY,
  nonce INTEGER NOT NULL,
  kind BLOB NOT NULL,
  name BLOB NOT NULL,
  content BLOB
)"""
_READS = """CREATE TABLE reads (
  position INTEGER PRIMARY KEY,
  nonce INTEGER NOT NULL,
  kind BLOB NOT NULL,
  name BLOB NOT NULL,
  content BLOB,
  digest BLOB NOT NULL
)"""
_SNAPSHOTS = """CREATE TABLE snapshots (
  count INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  packed INTEGER NOT NULL,
  state BLOB NOT NULL,
  digest BLOB NOT NULL
)"""

_TABLES_2 = {"birth": _BIRTH, "entries": _ENTRIES_1, "head": _HEAD, "reads": _READS, "snapshots": _SNAPSHOTS}
#: The tables of each version, as SQLite keeps them, by their names.
TABLES = {
    1: {"birth": _BIRTH, "entries": _ENTRIES_1, "reads": _READS_1, "snapshots": _SNAPSHOTS},
    2: _TABLES_2,
    3: _TABLES_2 | {"entries": _ENTRIES},
}
#: The indices of each version, with the tables that they are of.
INDICES: dict[int, dict[str, tuple[str, str]]] = {1: {}, 2: {}, 3: {"origins": ("entries", _ORIGINS)}}


def create(connection: sqlite3.Connection) -> None:
    """Make the tables of this version in an empty file."""
    connection.execute("BEGIN IMMEDIATE")
    for table in TABLES[VERSION].values():
        connection.execute(table)
    for _, index in INDICES[VERSION].values():
        connection.execute(index)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of an older version to this one, in one transaction.

    Raises `Damaged` for rows that are not what they were: they must not get new digests.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version, VERSION):
            _STEPS[step](connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _from_1(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE reads RENAME TO reads_1")
    connection.execute(_READS)
    connection.execute(_HEAD)
    births = connection.execute("SELECT digest FROM birth").fetchall()
    if births:
        digest = last_read = births[0][0]
        count = position = 0
        for *columns, kept in connection.execute(
            "SELECT nonce, message, instructions, timestamp, result, gas, failed, digest FROM entries ORDER BY nonce"
        ):
            row = check_row(columns)
            reads = [
                read_from_row(*read)
                for read in connection.execute(
                    "SELECT kind, name, content FROM reads_1 WHERE nonce = ? ORDER BY position", (count,)
                )
            ]
            for read in reads:
                last_read = read_digest(last_read, count, read)
                connection.execute(
                    "INSERT INTO reads VALUES (?, ?, ?, ?, ?, ?)", (position, count, *read_to_row(read), last_read)
                )
                position += 1
            digest = entry_digest(digest, row, reads)
            if row[0] != count or digest != kept:
                raise Damaged(f"entry {count}")
            count += 1
        connection.execute("INSERT INTO head VALUES (1, ?, ?, ?, ?)", (count, digest, position, last_read))
    connection.execute("DROP TABLE reads_1")


def _from_2(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE entries ADD COLUMN place BLOB")
    connection.execute("ALTER TABLE entries ADD COLUMN origin BLOB")
    connection.execute(_ORIGINS)


_STEPS = {1: _from_1, 2: _from_2}
