"""ao_runtime.store.schema: a journal of every older version is brought to this one, whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ao_runtime.errors import JournalError
from ao_runtime.models.json_text import to_json
from ao_runtime.store import Store
from ao_runtime.store.entry import entry_digest, read_to_row, to_row
from ao_runtime.store.reader import root_of
from ao_runtime.store.schema import VERSION

from .journals import BIRTH, entries, held, written

#: The tables of version 1, as they were.
VERSION_1 = """
CREATE TABLE birth (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  process BLOB NOT NULL,
  digest BLOB NOT NULL
);
CREATE TABLE entries (
  nonce INTEGER PRIMARY KEY,
  message BLOB NOT NULL,
  instructions INTEGER,
  timestamp INTEGER,
  result BLOB NOT NULL,
  gas INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  digest BLOB NOT NULL
);
CREATE TABLE reads (
  position INTEGER PRIMARY KEY,
  nonce INTEGER NOT NULL,
  kind BLOB NOT NULL,
  name BLOB NOT NULL,
  content BLOB
);
CREATE TABLE snapshots (
  count INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  packed INTEGER NOT NULL,
  state BLOB NOT NULL,
  digest BLOB NOT NULL
);
PRAGMA application_id = 1634693749;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""


def version_1(file: Path, count: int) -> Path:
    """A journal as version 1 wrote it, with so many entries."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript(VERSION_1)
    birth = to_json(BIRTH).encode()
    digest = root_of(birth)
    connection.execute("BEGIN")
    if count:
        connection.execute("INSERT INTO birth VALUES (1, ?, ?)", (birth, digest))
    for item in entries(count):
        digest = entry_digest(digest, to_row(item), item.reads)
        connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*to_row(item), digest))
        for read in item.reads:
            row = (item.nonce, *read_to_row(read))
            connection.execute("INSERT INTO reads (nonce, kind, name, content) VALUES (?, ?, ?, ?)", row)
    connection.execute("COMMIT")
    connection.close()
    return file


@pytest.mark.parametrize("count", [0, 1, 500])
def test_from_version_1(tmp_path: Path, count: int) -> None:
    """Genesis and entries are the same after it; a second opening finds nothing left to do."""
    file = version_1(tmp_path / "a.ao", count)
    for _ in range(2):
        with Store.open(file) as store:
            assert store.genesis == (BIRTH if count else None)
            assert list(store.entries()) == entries(count)
            assert len(list(store.reads())) == sum(len(item.reads) for item in entries(count))
    with Store.open(file) as store:
        if not count:
            store.begin(BIRTH)
        store.append(entries(5, count))
    assert held(file) == entries(count + 5)


def test_it_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    """A file that was brought to this version is like one that was made by it."""
    files = [version_1(tmp_path / "old.ao", 20), written(tmp_path / "new.ao", 20)]
    Store.open(files[0]).close()
    found = []
    for file in files:
        connection = sqlite3.connect(file)
        tables = sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall())
        rows = [connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in ("head", "reads")]
        found.append((tables, rows, connection.execute("PRAGMA user_version").fetchall()))
        connection.close()
    assert found[0] == found[1]
    assert found[0][2] == [(VERSION,)]


def test_a_reader_asks_for_a_writer(tmp_path: Path) -> None:
    """Who only reads does not change the file."""
    file = version_1(tmp_path / "a.ao", 3)
    with pytest.raises(JournalError) as caught:
        held(file)
    assert str(caught.value) == (
        f"{file}: is a journal of version 1 (open it for writing once, which brings it up to date)"
    )


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE entries SET gas = 7 WHERE nonce = 2",
        "DELETE FROM entries WHERE nonce = 2",
        "UPDATE entries SET message = 'text' WHERE nonce = 2",
        "DELETE FROM reads WHERE nonce = 5",
        "UPDATE reads SET name = x'ff' WHERE nonce = 5",
        "UPDATE birth SET digest = zeroblob(16)",
    ],
)
def test_damaged_rows_get_no_new_digests(tmp_path: Path, command: str) -> None:
    """A damaged journal is refused, and is of version 1 still."""
    file = version_1(tmp_path / "a.ao", 10)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(command)
    connection.close()
    before = file.read_bytes()
    with pytest.raises(JournalError, match="is damaged"):
        Store.open(file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.ao"]


def test_from_version_2(tmp_path: Path) -> None:
    """A journal that knows nothing of networks gets the columns for that; its digests stay as they were."""
    file = written(tmp_path / "a.ao", 20)
    connection = sqlite3.connect(file, isolation_level=None)
    digests = connection.execute("SELECT digest FROM entries ORDER BY nonce").fetchall()
    connection.execute("DROP INDEX origins")
    connection.execute("ALTER TABLE entries DROP COLUMN origin")
    connection.execute("ALTER TABLE entries DROP COLUMN place")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with Store.open(file) as store:
        assert list(store.entries()) == entries(20)
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT digest FROM entries ORDER BY nonce").fetchall() == digests
    connection.close()
    assert held(file) == entries(20)
