"""The files of transactions that wait for their data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ao_runtime.errors import JournalError
from ao_runtime.network import Item, Waiting

ROOT = bytes(range(32))
KEY = ROOT, 70


def item(number: int) -> Item:
    """A transaction without data."""
    return Item(f"{number:043}", "o" * 43, "", b"", (b"a\xff",), (b"b",), b"", "sig", b'{"owner": "o"}')


def fields(one: Item) -> tuple[object, ...]:
    """All that it is."""
    return one.id, one.owner, one.target, one.anchor, one.names, one.values, one.data, one.signature, one.raw


def test_what_was_kept_is_there(tmp_path: Path) -> None:
    """Transactions and chunks in the order of their coming, the bytes as they were; nothing else."""
    waiting = Waiting(tmp_path / "waiting")
    assert waiting.load() == []
    waiting.add(item(1))
    waiting.put(KEY, 30, b"\0" * 40)
    waiting.put(KEY, 0, b"x" * 30)
    waiting.add(item(2))
    for number, name in enumerate((f"{1:043}.json", "*.30", "*.0", f"{2:043}.json")):
        [path] = (tmp_path / "waiting").glob(name)
        os.utime(path, ns=(number, number))
    first, *chunks, last = Waiting(tmp_path / "waiting").load()
    assert isinstance(first, Item)
    assert isinstance(last, Item)
    assert ([fields(first), fields(last)], chunks) == (
        [fields(item(1)), fields(item(2))],
        [(KEY, 30, 40), (KEY, 0, 30)],
    )
    assert waiting.read(KEY, [0, 30]) == b"x" * 30 + b"\0" * 40
    waiting.drop([item(1).id, item(2).id, "n" * 43])
    waiting.drop_chunks(KEY, [0, 30, 60])
    assert [*(tmp_path / "waiting").iterdir()] == []


def test_what_somebody_has_taken_away_is_told(tmp_path: Path) -> None:
    """A chunk that is not there any more, or a folder that is a file: a `JournalError`, nothing of the system's."""
    waiting = Waiting(tmp_path / "waiting")
    waiting.put(KEY, 0, b"x")
    with pytest.raises(JournalError, match="could not be read"):
        waiting.read(KEY, [0, 1])
    other = Waiting(tmp_path / "file")
    (tmp_path / "file").write_text("")
    for call in (lambda: other.add(item(1)), lambda: other.put(KEY, 0, b"x"), lambda: other.drop(["n" * 43])):
        with pytest.raises(JournalError, match="could not be"):
            call()


@pytest.mark.parametrize(
    "name", ["a.json", f"{'a' * 43}.json.json", f"{'r' * 43}.0.0", f"{'r' * 43}.07.1", "../x", ".1.1"]
)
def test_other_files_are_nobodys(tmp_path: Path, name: str) -> None:
    """They are neither read nor deleted."""
    path = tmp_path / "waiting" / name
    (tmp_path / "waiting").mkdir()
    path.write_text("mine")
    assert Waiting(tmp_path / "waiting").load() == []
    assert path.read_text() == "mine"
