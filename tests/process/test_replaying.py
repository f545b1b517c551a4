"""A replay evaluates all messages again; each result stands beside the recorded one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime import JournalError, Process
from ao_runtime.models import Limits
from ao_runtime.process.replaying import Ends, replay
from ao_runtime.state import kept_digest
from ao_runtime.store import Entry, Store
from tests.state.engines import ACTIONS, CODE, playing

LIMITS = {"instructions": 10**8, "seconds": 0.2, "memory": "16MB"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of all kinds of messages."""
    path = tmp_path / "points.ao"
    with Process.spawn(code=CODE, owner="alice", files={"a": "A"}, state=path, limits=LIMITS) as process:
        for action in ACTIONS:
            process.handle(From="bob", Action=action, Name="a")
        process.handle(process.eval_message("local t = {} while true do t[#t + 1] = #t .. 'x' end"))
        process.handle(process.eval_message("string.rep('x', 1e8):find('y')"))
        process.handle(process.eval_message("while true do end"), limits={"instructions": 5000})
        process.handle(process.eval_message("return Count"))
    return path


@pytest.mark.parametrize("engine", ["lua", "logging", "never"])
def test_all_the_same(path: Path, engine: str) -> None:
    """Every result is the recorded one; of a limit on memory or time nothing can be said."""
    with playing(engine):
        found = list(replay(path))
    assert [one.entry.nonce for one in found] == list(range(12))
    assert [one.same for one in found] == [True] * 12
    assert [one.entry.nonce for one in found if one.result is None] == [8, 9]
    assert [one.recorded.ok for one in found] == [not one.entry.failed for one in found]
    assert found[-1].result is not None
    assert found[-1].result.text == "1"


def test_of_an_open_process(path: Path) -> None:
    """A process that is open, or its journal, can be looked through, in part too."""
    with Process.open(path, files={}) as process:
        assert [one.entry.nonce for one in replay(process, 3, 6)] == [3, 4, 5]
        assert all(one.same for one in replay(process, 3, 6))
    with Store.open(path, write=False) as store:
        assert [one.entry.nonce for one in replay(store, 10, 99)] == [10, 11]
        assert list(replay(store, 50)) == []


def test_what_differs(path: Path, tmp_path: Path) -> None:
    """A result that is not the recorded one shows, and what comes after it is told as well."""
    other = tmp_path / "other.ao"
    with Store.open(path, write=False) as old, Store.open(other) as new:
        assert old.genesis is not None
        new.begin(old.genesis)
        for entry in old.entries():
            if entry.nonce == 2:
                entry = Entry(2, entry.packed, entry.instructions, 5, b"{}", 1, False, entry.reads)
            if entry.nonce == 3:
                entry = Entry(3, entry.packed, entry.instructions, 5, entry.result, entry.gas + 1, False, entry.reads)
            new.append([entry])
    assert [one.entry.nonce for one in replay(other) if not one.same] == [2, 3]


def test_progress(path: Path) -> None:
    """Whoever waits is told how far it is."""
    told: list[tuple[int, int]] = []
    for _ in replay(path, progress=lambda done, total: told.append((done, total))):
        pass
    assert told == [(0, 12), (12, 12)]


def test_nothing_to_replay(tmp_path: Path) -> None:
    """What has no journal on disk, or one that has not begun, is refused."""
    with pytest.raises(JournalError, match="has no journal on disk"):
        next(replay(Process()))
    Store.open(tmp_path / "new.ao").close()
    with pytest.raises(JournalError, match="has not begun"):
        next(replay(tmp_path / "new.ao"))
    with pytest.raises(JournalError, match="no such journal"):
        next(replay(tmp_path / "none.ao"))


def test_gas_of_an_older_rule(tmp_path: Path) -> None:
    """A journal says by which rule its gas was counted; of an older one only results are compared, and that is said."""
    old = tmp_path / "old.ao"
    path = tmp_path / "new.ao"
    with Process.spawn(code="N = 0", owner="alice", state=path) as process:
        process.eval("N = N + 1 return N")
        process.eval("while true do end", limits={"instructions": 5000})
    with Store.open(path, write=False) as new, Store.open(old) as store:
        assert new.genesis is not None
        assert new.genesis["gas"] == 2
        store.begin({name: value for name, value in new.genesis.items() if name != "gas"})
        for entry in new.entries():
            store.append(
                [Entry(entry.nonce, entry.packed, entry.instructions, entry.timestamp, entry.result, 7, entry.failed)]
            )
    assert [(one.gas, one.same) for one in replay(path)] == [(True, True)] * 3
    assert [(one.gas, one.same, one.result is None) for one in replay(old)] == [
        (False, True, False),
        (False, True, False),
        (False, True, True),
    ]
    with Process.open(old) as process:
        assert process._state.genesis.described(process._state.inputs)["gas"] == 1
        assert Process.restore(process.snapshot())._state.genesis.gas_rule == 1
    done = subprocess.run([sys.executable, "-m", "ao_runtime.cli", "verify", str(old)], capture_output=True, text=True)
    assert "their gas is not compared: it was counted by an older rule" in done.stdout
    assert done.returncode == 0


def test_the_ends_of_a_part(path: Path) -> None:
    """A part that begins from a kept state ends in the very state that all messages from the first on lead to."""
    with Process.open(path, files={}) as process:
        process.handle_many([{"From": "bob", "Action": action} for action in ("Count", "Extra", "Break", "More") * 40])
        assert process._state.disk is not None
        process._state.disk._put(process._state.settled())
    whole, first, second = Ends(), Ends(), Ends()
    with Store.open(path, write=False) as store:
        middle = store.count - 30
        count = store.count
        assert all(one.same for one in replay(store, ends=whole))
        assert all(one.same for one in replay(store, 0, middle, ends=first))
        assert all(one.same for one in replay(store, middle, isolated=True, ends=second))
        assert whole == Ends(first.first, second.last)
        assert first.last == second.first is not None
        assert kept_digest(store, count, Limits()) == whole.last
        assert kept_digest(store, middle, Limits()) is None
    assert len({first.first, first.last, second.last}) == 3
