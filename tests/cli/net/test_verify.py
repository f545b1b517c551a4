"""`ao-run net verify` and `backup`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ..running import Ran
from ..test_verify import changed
from .town import TOKEN, net, town, transfer


def test_all_as_recorded(tmp_path: Path) -> None:
    """How many there are."""
    folder = town(tmp_path / "town")
    net("spawn", folder, TOKEN, "--name", "other")
    assert net("verify", folder) == Ran(0, "2 processes, 3 messages: all as recorded\n", "")
    told = {"processes": 2, "messages": 3, "compared": 3, "same": True, "problems": []}
    assert net("verify", folder, "--workers", "1", "--json").results == [told]


def test_another_result(tmp_path: Path) -> None:
    """It is told with its process and message, and the exit code is 1."""
    folder = town(tmp_path / "town")
    [journal] = (folder / "processes").glob("*.ao")
    changed(journal, tmp_path / "other.ao", 1, b"Debit-Notice", b"Dabit-Notice")
    (tmp_path / "other.ao").replace(journal)
    problem = "Points: message 1 gives another result"
    assert net("verify", folder) == Ran(1, f"{problem}\n1 processes, 2 messages: 1 problem\n", "")
    [told] = net("verify", folder, "--json").results
    assert told == {"processes": 1, "messages": 2, "compared": 1, "same": False, "problems": [problem]}


def test_backup(tmp_path: Path) -> None:
    """The copy is a network of its own; nothing is ever overwritten."""
    folder, copy = town(tmp_path / "town"), tmp_path / "copy"
    assert net("backup", folder, str(copy)) == Ran(0, f"{copy}: 1 process\n", "")
    assert transfer(folder, "5").code == 0
    assert [net("get", one, "Points", "Balances.bob").out for one in (folder, copy)] == ["255\n", "250\n"]
    assert transfer(copy, "1").code == 0
    assert net("verify", copy).out == "1 processes, 3 messages: all as recorded\n"
    ran = net("backup", folder, str(copy))
    assert ran == Ran(2, "", f"error: target: {copy} is there already (give a new folder)\n")
    [told] = net("backup", folder, str(tmp_path / "third"), "--json").results
    assert told == {"folder": str(folder), "target": str(tmp_path / "third"), "processes": 1}


def test_a_damaged_journal(tmp_path: Path) -> None:
    """Exit code 5, with its name."""
    folder = town(tmp_path / "town")
    [journal] = (folder / "processes").glob("*.ao")
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    journal.write_bytes(journal.read_bytes()[:5000])
    ran = net("log", folder)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith(f"error: {journal}: ")
