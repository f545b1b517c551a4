"""ao_runtime.store: what is appended is there again, exactly, and nothing else is taken for it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import InternalError, JournalError
from ao_runtime.models.packing import pack
from ao_runtime.store import Entry, Store, reader
from ao_runtime.store.entry import LARGEST

from .journals import BIRTH, entries, entry, held, written


def test_what_is_appended_is_there_again(tmp_path: Path) -> None:
    """Genesis and entries, one by one and in batches, are the same after the journal was closed and opened."""
    with Store.open(tmp_path / "a.ao") as store:
        assert (store.genesis, store.count, list(store.entries())) == (None, 0, [])
        store.begin(BIRTH)
        store.append([])
        store.append([entry(0)])
        store.append(entries(300, 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ao"]
    with Store.open(tmp_path / "a.ao") as store:
        assert (store.genesis, store.count) == (BIRTH, 301)
        assert list(store.entries()) == entries(301)
        store.append([entry(301)])
        assert list(store.entries(300)) == entries(2, 300)


@pytest.mark.parametrize(
    ("first", "stop"), [(0, None), (0, 7), (3, 9), (5, 6), (99, None), (10, 10), (-5, 2), (50, 500)]
)
def test_a_part_of_the_entries(tmp_path: Path, first: int, stop: int | None) -> None:
    """`entries(first, stop)` are those of a slice, with what they read."""
    with Store.open(written(tmp_path / "a.ao", 100)) as store:
        assert list(store.entries(first, stop)) == entries(100)[max(0, first) : stop]


def test_what_was_read_from_outside(tmp_path: Path) -> None:
    """`reads` are those of all messages before a moment, without the messages."""
    with Store.open(written(tmp_path / "a.ao", 100)) as store:
        every = [(item.nonce, read) for item in entries(100) for read in item.reads]
        assert list(store.reads()) == every
        assert list(store.reads(11)) == [pair for pair in every if pair[0] < 11]


NAMES = st.text(max_size=8) | st.sampled_from(["Action", "\ud800", "", "a\0b"])
VALUES = st.binary(max_size=20) | st.text(max_size=8)
ROOTS = VALUES | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.booleans() | st.none() | st.lists(NAMES)
MESSAGES = st.dictionaries(NAMES.filter(lambda name: name != "Tags"), ROOTS, max_size=6)
TAGS = st.lists(st.fixed_dictionaries({"name": NAMES, "value": VALUES}), max_size=5)
NUMBERS = st.none() | st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=30)
@given(st.lists(st.tuples(MESSAGES, TAGS, NUMBERS, NUMBERS, st.binary(max_size=50), st.booleans()), min_size=1))
def test_any_message_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, given: list[Any]) -> None:
    """Names and their order, bytes, integers, floats, booleans: the very same, of the same types."""
    expected = [
        Entry(nonce, pack({**root, "Tags": tags}), first, second, result, nonce, failed, [("file", "ü", result)])
        for nonce, (root, tags, first, second, result, failed) in enumerate(given)
    ]
    file = tmp_path_factory.mktemp("any") / "a.ao"
    with Store.open(file) as store:
        store.begin({})
        store.append(expected)
    assert repr(held(file)) == repr(expected)


def test_numbers_that_need_more_than_64_bits(tmp_path: Path) -> None:
    """A limit or a timestamp that no row can hold is kept as None."""
    with Store.open(tmp_path / "a.ao") as store:
        store.begin({})
        store.append([Entry(0, b"x", 2**63, -(2**64), b"{}", 0, False)])
        assert [(item.instructions, item.timestamp) for item in store.entries()] == [(None, None)]


def test_snapshots_of_moments(tmp_path: Path) -> None:
    """`snapshot(most)` is the newest that is not newer; without any it is None."""
    with Store.open(written(tmp_path / "a.ao", 10)) as store:
        every, half = (10, b"all of it " * 1000), (5, b"half of it")
        assert [store.snapshot(), store.snapshot(10), store.snapshot(9), store.snapshot(4)] == [
            every,
            every,
            half,
            None,
        ]
        store.put_snapshot(10, os.urandom(100_000))
        store.put_snapshot(0, b"")
        assert store.snapshot(4) == (0, b"")
        store.drop_snapshots()
        assert store.snapshot() is None
        assert list(store.entries()) == entries(10)


def test_old_snapshots_make_room(tmp_path: Path) -> None:
    """A snapshot after every message leaves few of them, more of the newest than of those far back."""
    with Store.open(tmp_path / "a.ao") as store:
        store.begin(BIRTH)
        for nonce in range(200):
            store.append([entry(nonce)])
            store.put_snapshot(nonce + 1, b"%d" % nonce)
        found = [store.snapshot(most) for most in range(201)]
    counts = sorted({item[0] for item in found if item})
    assert len(counts) < 12
    assert counts[-2:] == [199, 200]
    assert all(200 - below <= 4 * (200 - above + 1) for below, above in pairwise(counts))


def test_a_damaged_snapshot_is_passed_over(tmp_path: Path) -> None:
    """Snapshots are only an economy: one that is not whole is as if it were not there."""
    file = written(tmp_path / "a.ao", 10)
    change(file, "UPDATE snapshots SET state = x'00' WHERE count = 10")
    with Store.open(file) as store:
        assert store.snapshot() == (5, b"half of it")


def change(file: Path, *commands: str) -> None:
    """Change a journal in a way that none of ours changes it."""
    connection = sqlite3.connect(file, isolation_level=None)
    for command in commands:
        connection.execute(command)
    connection.close()


ZEROS = "zeroblob(16)"


@pytest.mark.parametrize(
    ("command", "row"),
    [
        ("UPDATE entries SET message = x'00' WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET result = result || 'x' WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET gas = gas + 1 WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET failed = 1 - failed WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET failed = 7 WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET instructions = 0 WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET timestamp = NULL WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET timestamp = 'noon' WHERE nonce = 4", "entries, row 4"),
        (f"UPDATE entries SET digest = {ZEROS} WHERE nonce = 4", "entries, row 4"),
        ("UPDATE entries SET nonce = -1 WHERE nonce = 4", "entries, row 4"),
        ("DELETE FROM entries WHERE nonce = 4", "entries, row 4"),
        ("DELETE FROM entries WHERE nonce = 0", "entries, row 0"),
        ("DELETE FROM entries WHERE nonce = 9", "head, row 9"),
        (
            "INSERT INTO entries SELECT 10, message, 0, 0, result, 0, 0, digest, NULL, NULL FROM entries LIMIT 1",
            "head, row 11",
        ),
        ("DELETE FROM entries", "head, row 0"),
        ("DELETE FROM head", "birth"),
        ("UPDATE head SET reads_digest = 1", "head, row 10"),
        ("UPDATE head SET entries = 9223372036854775807", "head, row 10"),
        ("UPDATE head SET reads = 3", "head, row 10"),
        (f"UPDATE head SET reads_digest = {ZEROS}", "reads, row 4"),
        (f"UPDATE head SET digest = {ZEROS}", "head, row 10"),
        ("DELETE FROM birth", "birth"),
        ("UPDATE birth SET process = '{}'", "birth"),
        ("UPDATE birth SET process = x'7b7d'", "birth"),
        ("UPDATE reads SET content = x'00' WHERE position = 2", "reads, row 2"),
        ("UPDATE reads SET content = x'' WHERE position = 3", "reads, row 3"),
        ("UPDATE reads SET name = x'80' WHERE position = 2", "reads, row 2"),
        ("UPDATE reads SET nonce = 6 WHERE position = 2", "reads, row 2"),
        ("DELETE FROM reads WHERE position = 0", "reads, row 0"),
        ("DELETE FROM reads WHERE position = 3", "head, row 10"),
        ("UPDATE reads SET position = 9 WHERE position = 2", "head, row 10"),
    ],
)
def test_a_row_that_is_not_what_was_written(tmp_path: Path, command: str, row: str) -> None:
    """Every change of every column is found out; the error names the file, the table and the row."""
    file = written(tmp_path / "a.ao", 10)
    change(file, command)
    with pytest.raises(JournalError) as caught:
        held(file)
    assert str(caught.value) == f"{file}: is damaged at {row} (restore the file from a copy)"


def test_a_journal_that_is_put_into_a_row_of_another(tmp_path: Path) -> None:
    """A snapshot of another history is none of this one."""
    file = written(tmp_path / "a.ao", 10)
    with Store.open(tmp_path / "b.ao") as store:
        store.begin({})
        store.append(entries(10))
        store.put_snapshot(10, b"other")
    change(file, f"ATTACH '{tmp_path / 'b.ao'}' AS b", "REPLACE INTO snapshots SELECT * FROM b.snapshots")
    with Store.open(file) as store:
        assert store.snapshot() == (5, b"half of it")


@pytest.mark.parametrize(
    ("commands", "complaint"),
    [
        (["PRAGMA application_id = 1"], "is no journal of ao-runtime"),
        (["PRAGMA user_version = 4"], "is a journal of version 4, and this ao-runtime knows 3"),
        (["PRAGMA user_version = 0"], "is damaged: its tables are not those of a journal"),
        (["CREATE VIEW v AS SELECT 1"], "is damaged: its tables are not those of a journal"),
        (["CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM birth; END"], "its tables are not those"),
        (["CREATE INDEX i ON entries (abs(gas))"], "is damaged: its tables are not those of a journal"),
        (["ALTER TABLE entries ADD COLUMN x AS (zeroblob(1000000000))"], "its tables are not those"),
        (["DROP TABLE reads"], "is damaged: its tables are not those of a journal"),
        (["DROP TABLE reads", "CREATE VIRTUAL TABLE reads USING fts5(a)"], "is damaged: its tables are not those"),
        (["DROP TABLE head", "CREATE VIEW head AS SELECT * FROM birth"], "its tables are not those of a journal"),
    ],
)
def test_a_file_of_something_else(tmp_path: Path, commands: list[str], complaint: str) -> None:
    """Other applications, other versions, other tables, and whatever could run by itself, are refused by both."""
    file = written(tmp_path / "a.ao", 3)
    change(file, *commands)
    for write in (True, False):
        with pytest.raises(JournalError) as caught:
            Store.open(file, write=write)
        assert complaint in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ao"]


def test_what_is_no_journal_at_all(tmp_path: Path) -> None:
    """A text, a folder, a pipe, nothing: each is refused with its reason, and left as it is."""
    (tmp_path / "text").write_text("Hello " * 1000)
    (tmp_path / "short").write_text("Hello")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("link")
    connection = sqlite3.connect(tmp_path / "other")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = {path.name: path.lstat().st_size for path in tmp_path.iterdir()}
    for name, complaint in [
        ("text", "is no journal: it is no SQLite file, or its beginning is damaged (give another file)"),
        ("short", "is no journal: it is no SQLite file, or its beginning is damaged (give another file)"),
        ("folder", "is a folder, not a journal (give a file in it)"),
        ("pipe", "is no file (give another file)"),
        ("other", "is no journal of ao-runtime (give another file)"),
        ("no/folder", f"its folder does not exist (make {tmp_path / 'no'} first)"),
        ("a\0b", "is no name of a file (give another file)"),
    ]:
        for write in (True, False):
            with pytest.raises(JournalError) as caught:
                Store.open(tmp_path / name, write=write)
            assert str(caught.value).endswith(complaint)
    for options in ({"write": False}, {"create": False}):
        with pytest.raises(JournalError, match="there is no such journal"):
            Store.open(tmp_path / "nothing", **options)
    with pytest.raises(JournalError):
        Store.open(tmp_path / "link")
    assert {path.name: path.lstat().st_size for path in tmp_path.iterdir()} == before


def test_a_rollback_journal_beside_it(tmp_path: Path) -> None:
    """SQLite would believe what such a file says, also of other files: it is none of ours."""
    file = written(tmp_path / "a.ao", 3)
    (tmp_path / "a.ao-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0" * 504)
    with pytest.raises(JournalError, match=r"a\.ao-journal beside it, which is none of ours"):
        Store.open(file)


def test_a_second_name(tmp_path: Path) -> None:
    """A symbolic link is the file itself; a hard link, which has a write-ahead log of its own, is refused."""
    file = written(tmp_path / "a.ao", 3)
    (tmp_path / "soft").symlink_to(file)
    with Store.open(tmp_path / "soft"), pytest.raises(JournalError, match="another writer"):
        Store.open(file)
    os.link(file, tmp_path / "hard")
    with pytest.raises(JournalError, match="a second name"):
        Store.open(tmp_path / "hard")


def test_names_that_mean_something_elsewhere(tmp_path: Path) -> None:
    """The name of a journal is a name, whatever is in it."""
    for name in ["a?mode=memory", "file:a#b", "ü %41", b"\xff".decode(errors="surrogateescape"), "'; --"]:
        written(tmp_path / name, 3)
        assert held(tmp_path / name) == entries(3)
    assert len(list(tmp_path.iterdir())) == 5


def test_the_order_of_things(tmp_path: Path) -> None:
    """A journal begins once, before its first message, and takes messages in their order."""
    with Store.open(tmp_path / "a.ao") as store:
        with pytest.raises(InternalError):
            store.append([entry(0)])
        store.begin(BIRTH)
        with pytest.raises(InternalError):
            store.begin(BIRTH)
        with pytest.raises(InternalError):
            store.append([entry(0), entry(2)])
        with pytest.raises(InternalError):
            store.put_snapshot(1, b"")
        assert store.count == 0


def test_after_it_was_closed(tmp_path: Path) -> None:
    """Nothing works on a closed journal, but to close it again."""
    with Store.open(tmp_path / "a.ao") as store:
        store.begin(BIRTH)
        store.append(entries(2))
    store.close()
    for use in (
        lambda: store.append(entries(1, 2)),
        lambda: list(store.entries()),
        lambda: list(store.reads()),
        lambda: store.put_snapshot(2, b""),
        lambda: store.snapshot(),
        lambda: store.drop_snapshots(),
    ):
        with pytest.raises(JournalError, match=r"has been closed \(open it again\)"):
            use()


def test_what_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read again is not written."""
    monkeypatch.setattr("ao_runtime.store.store.LARGEST", 1000)
    with Store.open(tmp_path / "a.ao") as store:
        store.begin(BIRTH)
        for large in (
            Entry(0, b"x" * 1000, None, None, b"", 0, False),
            Entry(0, b"", None, None, b"x" * 1001, 0, False),
            Entry(0, b"", None, None, b"", 0, False, [("file", "a", b"x" * 1001)]),
        ):
            with pytest.raises(JournalError, match="is larger than"):
                store.append([large])
        store.append([entry(0)])
    assert held(tmp_path / "a.ao") == [entry(0)]


def test_a_blob_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of what stands in a file is looked at before its bytes."""
    for table, column, most in [("entries", "message", 100), ("entries", "result", 5), ("reads", "content", 7)]:
        file = written(tmp_path / f"{column}.ao", 3)
        name = "_SELECT" if table == "entries" else "_SELECT_READS"
        with monkeypatch.context() as patch:
            patch.setattr(reader, name, getattr(reader, name).replace(str(LARGEST), str(most)))
            with pytest.raises(JournalError, match=f"is damaged at {table}, row 0"):
                held(file)


def test_a_bomb_in_a_snapshot(tmp_path: Path) -> None:
    """A state that says it is small and is not, or the other way round, is none."""
    import zlib

    from ao_runtime.store import snapshots

    bomb = zlib.compress(bytes(10_000_000))
    file = written(tmp_path / "a.ao", 3)
    with Store.open(file) as store:
        history = store._digest_of(3)
    for size, packed in [(10, 1), (10_000_001, 1), (-1, 1), (2**62, 1), (10_000_000, 0)]:
        digest = snapshots.digest(history, 3, size, bool(packed), bomb).hex()
        row = f"(3, {size}, {packed}, x'{bomb.hex()}', x'{digest}')"
        change(file, f"REPLACE INTO snapshots VALUES {row}")
        with Store.open(file) as store:
            assert store.snapshot(3) == (1, b"half of it")


def test_opening_takes_no_longer_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What opening a journal asks of SQLite does not grow with the messages in it."""
    taken: list[int] = []
    steps: list[int] = []
    connect = sqlite3.connect

    def counted(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.set_progress_handler(lambda: steps.append(count), 1)
        return connection

    monkeypatch.setattr(sqlite3, "connect", counted)
    for count in (10, 5000):
        file = written(tmp_path / f"{count}.ao", count)
        steps.clear()
        Store.open(file).close()
        taken.append(len(steps))
    assert taken[0] > 100
    assert taken[1] == taken[0]


def test_sqlite_is_not_imported_before_it_is_needed() -> None:
    """The package without a journal costs nothing."""
    code = "import sys, ao_runtime.store; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
