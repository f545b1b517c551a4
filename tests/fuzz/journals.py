"""Mutated journals: every one is refused, or holds exactly what it held; none ends or hangs the interpreter.

`python -m tests.fuzz journals 100000` runs so many; CI runs some thousands (`tests/store/test_fuzz.py`).
"""

from __future__ import annotations

import random
import sqlite3
import struct
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ao_runtime.errors import JournalError
from ao_runtime.store import Store

from ..store.journals import BIRTH, entries, written

COUNT = 40
PAGE = 4096
#: The parts of a journal whose writer was killed, as bytes, by the ends of their names.
Parts = dict[str, bytes]
_HOSTILE = [0, 1, 0x7F, 0x80, 0xFF, 0x0D, 0x05]
_SNAPSHOT = b"all of it " * 1000


def closed(folder: Path) -> Parts:
    """A journal that was closed."""
    return {"": written(folder / "closed.ao", COUNT).read_bytes()}


def killed(folder: Path) -> Parts:
    """A journal whose writer was killed: half of it is in the write-ahead log."""
    file = written(folder / "killed.ao", COUNT // 2)
    with Store.open(file) as store:
        store.append(entries(COUNT - COUNT // 2, COUNT // 2))
        store.put_snapshot(COUNT, _SNAPSHOT)
        return {end: (folder / f"killed.ao{end}").read_bytes() for end in ("", "-wal", "-lock")}


# ── what is done to them ───────────────────────────────────────────────────────────────────────────────────────


def _flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        data[rng.randrange(len(data))] = rng.choice((rng.randrange(256), rng.choice(_HOSTILE)))


def _flip_headers(data: bytearray, rng: random.Random) -> None:
    """The bytes that SQLite believes first: the file's header, and the pages'."""
    page = rng.randrange(max(1, len(data) // PAGE)) * PAGE
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = page + rng.randrange(120 if page == 0 else 24)
        if at < len(data):
            data[at] = rng.choice((rng.randrange(256), rng.choice(_HOSTILE)))


def _number(data: bytearray, rng: random.Random) -> None:
    """A number where a number may be: of a page, of bytes."""
    at = rng.randrange(len(data) - 4)
    number = rng.choice((0, 1, 2, 3, len(data) // PAGE, len(data) // PAGE + 1, 2**31 - 1, 2**32 - 1))
    struct.pack_into(">I", data, at, number)


def _swap(data: bytearray, rng: random.Random) -> None:
    """One page in the place of another."""
    pages = max(1, len(data) // PAGE)
    one, other = rng.randrange(pages) * PAGE, rng.randrange(pages) * PAGE
    data[one : one + PAGE] = data[other : other + PAGE]


def _cut(data: bytearray, rng: random.Random) -> None:
    size = rng.choice((rng.randrange(len(data)), rng.randrange(len(data)) // PAGE * PAGE))
    del data[size:]


def _clear(data: bytearray, rng: random.Random) -> None:
    """A hole, as a disk leaves it."""
    at = rng.randrange(len(data))
    size = min(rng.choice((1, 16, 512, PAGE)), len(data) - at)
    data[at : at + size] = bytes(size)


def _insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = rng.randbytes(rng.choice((1, 4, PAGE)))


def _splice(data: bytearray, rng: random.Random) -> None:
    """Bytes from elsewhere in it."""
    size = rng.choice((4, 16, 100, 1000))
    one, other = rng.randrange(len(data)), rng.randrange(len(data))
    piece = data[one : one + size]
    data[other : other + len(piece)] = piece


_MUTATIONS: list[Callable[[bytearray, random.Random], None]] = [
    _flip, _flip, _flip_headers, _flip_headers, _number, _swap, _cut, _clear, _insert, _splice,
]  # fmt: skip

_TABLES = {
    "birth": ("process", "digest"),
    "head": ("entries", "digest", "reads", "reads_digest"),
    "entries": ("nonce", "message", "instructions", "timestamp", "result", "gas", "failed", "digest"),
    "reads": ("position", "nonce", "kind", "name", "content", "digest"),
    "snapshots": ("count", "size", "packed", "state", "digest"),
}
_VALUES = ["NULL", "0", "-1", "1", "9223372036854775807", "1.5", "''", "'text'", "x''", "x'00'", "zeroblob(16)"]
_SCHEMA = [
    "CREATE TRIGGER t{0} AFTER INSERT ON entries BEGIN DELETE FROM entries; END",
    "CREATE VIEW v{0} AS SELECT * FROM entries",
    "CREATE INDEX i{0} ON entries (gas)",
    "CREATE VIRTUAL TABLE v{0} USING fts5(x)",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'BLOB', 'BLOB DEFAULT (abs(1))')",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = {0} WHERE name = 'entries'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET type = 'view' WHERE name = 'head'",
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'reads'",
    "PRAGMA user_version = {0}",
    "PRAGMA application_id = {0}",
    "PRAGMA journal_mode = DELETE",
    "DELETE FROM snapshots",
    "DELETE FROM reads WHERE position >= {0}",
    "DELETE FROM entries WHERE nonce >= {0}",
    "UPDATE OR IGNORE entries SET nonce = nonce + {0}",
]


def _by_sql(file: Path, rng: random.Random) -> None:
    """What somebody with SQLite may do to it: rows of any types, other tables."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        if rng.random() < 0.3:
            connection.executescript(rng.choice(_SCHEMA).format(rng.randrange(12)))
        else:
            table = rng.choice(list(_TABLES))
            column, where = rng.choice(_TABLES[table]), rng.randrange(COUNT)
            values = [*_VALUES, f"{column} + 1", f"{column} || 'x'", f"(SELECT {column} FROM {table} LIMIT 1)"]
            connection.execute(
                f"UPDATE OR REPLACE {table} SET {column} = {rng.choice(values)} WHERE rowid IN (1, {where}, 20, 40)"
            )
    except sqlite3.Error:
        pass
    finally:
        connection.close()


def _mutate(parts: Parts, rng: random.Random) -> Parts:
    # One of them: a log that lost something is found out by the mark in the lock file, not if that is lost as well.
    end = rng.choice(list(parts))
    data = bytearray(parts[end])
    for _ in range(rng.choice((1, 1, 1, 2))):
        if len(data) > 8:
            rng.choice(_MUTATIONS)(data, rng)
    return {**parts, end: bytes(data)}


# ── and what becomes of that ───────────────────────────────────────────────────────────────────────────────────


def _outcome(file: Path, *, write: bool) -> str:
    """How a journal was refused, or that it holds what it held. Raises `AssertionError` for anything else."""
    expected = entries(COUNT)
    try:
        with Store.open(file, write=write, create=False) as store:
            assert store.genesis == BIRTH
            assert list(store.entries()) == expected
            assert list(store.reads()) == [(item.nonce, read) for item in expected for read in item.reads]
            assert list(store.entries(COUNT - 3)) == expected[-3:]
            state = store.snapshot()
            assert state in ((COUNT, _SNAPSHOT), (COUNT // 2, b"half of it"), (COUNT // 2, _SNAPSHOT), None) or (
                state is not None and state[0] == COUNT // 4
            )
            if write:
                store.append(entries(2, COUNT))
                store.put_snapshot(COUNT, b"new")
                assert list(store.entries(COUNT)) == entries(2, COUNT)
        return "the same"
    except JournalError as error:
        return error.problem.split(":")[0].split(" at ")[0]


def run(count: int, seed: int, note: Callable[[int], None] = lambda number: None) -> Counter[str]:
    """So many mutated journals; how many were refused, and with which words. `note` is told which comes next."""
    outcomes: Counter[str] = Counter()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        wholes = [closed(folder), killed(folder)]
        file = folder / "mutated.ao"
        for number in range(count):
            note(number)
            rng = random.Random(f"{seed} {number}")
            parts = rng.choice(wholes)
            by_sql = len(parts) == 1 and rng.random() < 0.2
            if not by_sql:
                parts = _mutate(parts, rng)
            for end in ("", "-wal", "-shm", "-lock", "-journal"):
                path = folder / f"mutated.ao{end}"
                if end in parts:
                    path.write_bytes(parts[end])
                else:
                    path.unlink(missing_ok=True)
            if by_sql:
                _by_sql(file, rng)
            try:
                outcomes[_outcome(file, write=rng.random() < 0.5)] += 1
            except BaseException as error:
                raise AssertionError(f"mutated journal {number} of seed {seed}") from error
    return outcomes
