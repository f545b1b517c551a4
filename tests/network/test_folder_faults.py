"""A network in a folder on a disk that is full, or whose writes fail at any point: what was lost is done again, once."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import AoError, Network
from ao_runtime.store import store

from ..cli.running import ROOT
from ..store.test_faults import Failing
from .passing import CODE, NAMES
from .test_kills import check

TOKENS, HOPS = 3, 8


@pytest.mark.parametrize("size", [2_000, 20_000, 70_000, 90_000, 110_000, 140_000])
def test_no_file_may_grow(tmp_path: Path, size: int) -> None:
    """Where files may not grow beyond a size the program ends with an error of ours; with room it comes to its end."""
    command = [sys.executable, "-m", "tests.network.passing", str(tmp_path / "net"), "6", "40"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    full = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert full.returncode != 0
    assert "JournalError" in full.stderr.splitlines()[-1]
    assert "done" not in full.stdout
    subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    check(tmp_path / "net", 6, 40)


class Counted(Failing):
    """A connection that shares its count of commands with others."""

    count = 0
    at = 0

    def __init__(self, connection: sqlite3.Connection, error: BaseException, *, after: bool) -> None:
        super().__init__(connection, 0, error, after=after)

    def _counted(self, call: Any) -> Any:
        def failing(*args: Any) -> Any:
            Counted.count += 1
            hit = Counted.count == Counted.at
            done = call(*args) if not hit or self.after else None
            if hit:
                raise self.error
            return done

        return failing


def go_on(folder: Path) -> None:
    """What the program does, in this one."""
    with Network.open(folder) as net:
        known = {process.name for process in net.processes}
        for name in NAMES:
            if name not in known:
                net.spawn(code=CODE, owner="owner", name=name)
        first, second, _ = processes = [net.process(name) for name in NAMES]
        if not first.get("Started"):
            ring = " ".join(process.id for process in processes)
            first.handle(Action="Start", Tokens=str(TOKENS), Hops=str(HOPS), Ring=ring, First=second)
        net.run()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("text", ["database or disk is full", "disk I/O error"])
def test_a_write_that_fails(tmp_path: Path, text: str, after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of SQLite's commands fails, before it is carried out or after: opened again, all comes to its end."""
    connect = store.connect
    error = sqlite3.OperationalError(text)

    def counted(file: Path, *, write: bool, waits: bool = True) -> Any:
        found = connect(file, write=write, waits=waits)
        return Counted(found, error, after=after) if write else found

    monkeypatch.setattr(store, "connect", counted)
    Counted.count, Counted.at = 0, -1
    go_on(tmp_path / "whole")
    commands = Counted.count
    assert commands > 100
    for at in range(1, commands, 1 + commands // 25):
        folder = tmp_path / f"net{at}"
        Counted.count, Counted.at = 0, at
        try:
            go_on(folder)
        except AoError:
            go_on(folder)
        check(folder, TOKENS, HOPS)


def test_what_messengers_stop_at_is_not_sent_after_a_kill(tmp_path: Path) -> None:
    """A messenger carries nothing of what a message with a tag Assignments gave; nor does one that starts anew."""
    sender = (
        'Handlers.add("Go", "Go", function(m) ao.send({ Target = m.Tags.To, Action = "Doc", Assignments = "x" }) end)'
    )
    reader = 'Handlers.add("Doc", "Doc", function(m) ao.send({ Target = m.From, Action = "Read" }) end)'
    with Network.open(tmp_path / "net") as net:
        to = net.spawn(code=reader, owner="owner", name="reader")
        net.spawn(code=sender, owner="owner", name="sender").handle(Action="Go", To=to)
        (problem,) = [one.problem for one in to.evaluations if one.nonce == 1]
        assert (problem, net.pending) == ("its message has a tag Assignments, at which messengers stop", [])
    (tmp_path / "net" / "network.db").unlink()
    with Network.open(tmp_path / "net") as net:
        assert net.pending == []
        assert [one.problem for one in net.process("reader").evaluations if one.nonce == 1] == [problem]
        assert net.process("sender").count == 2
