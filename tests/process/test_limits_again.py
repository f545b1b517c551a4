"""What a stranger's snapshot or journal has evaluated again is held to the caller's limits, whatever it says itself."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ao_runtime import JournalError, Limits, Process, SnapshotError
from ao_runtime.models import pack
from ao_runtime.process.replaying import replay
from ao_runtime.state.snapshot import read_snapshot, write_snapshot
from ao_runtime.store import Entry, Store

ENDLESS = {
    "loop": "while true do end",
    "memory": "T = {} while true do T[#T + 1] = ('x'):rep(1000) .. #T end",
}
TIGHT = Limits(instructions=10**7, memory="32MB", seconds=1)
OK = b'{"Output":{"data":"","prompt":"","test":"\\"\\""},"Messages":[],"Spawns":[],"Assignments":[]}'


def packed(process: Process, code: str) -> object:
    """The owner's message with such code, as a journal has it."""
    return pack(process.fill(process.eval_message(code)))


def forged_snapshot(code: str) -> bytes:
    """A snapshot that says of a message that it has ended, without any limit."""
    process = Process.spawn(code="X = 1", id="P", owner="O", limits=Limits(None, None, None))
    moment = read_snapshot(process.snapshot(), Limits())
    return write_snapshot(replace(moment, since=[*moment.since, (packed(process, code), None, False)]))  # type: ignore[list-item]


def forged_journal(path: Path, code: str, *, failed: bool = False) -> None:
    """A journal that says so."""
    with Process.spawn(code="X = 1", id="P", owner="O", state=path, limits=Limits(None, None, None)) as process:
        number, message = process.count, packed(process, code)
    with Store.open(path) as store:
        store.append([Entry(number, message, None, 1, OK, 1, failed)])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ENDLESS)
def test_snapshot(kind: str) -> None:
    """A message in a snapshot that never ends is an error within the caller's limits, which says what to do."""
    data = forged_snapshot(ENDLESS[kind])
    began = time.process_time()
    with pytest.raises(SnapshotError, match=r"message 1 .* evaluated again: .*limit.*limits= gives more"):
        Process.restore(data, limits=TIGHT)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("kind", ENDLESS)
def test_journal(kind: str, tmp_path: Path) -> None:
    """So it is in a journal, opened or replayed."""
    path = tmp_path / "evil.ao"
    forged_journal(path, ENDLESS[kind])
    began = time.process_time()
    with pytest.raises(JournalError, match=r"message 1 .* evaluated again: .*limit.*limits= gives more"):
        Process.open(path, limits=TIGHT)
    with pytest.raises(JournalError, match=r"message 1 does not end .*limits= gives more"):
        list(replay(path, limits=TIGHT))
    assert time.process_time() - began < 6


def test_failed_message_that_is_endless(tmp_path: Path) -> None:
    """Of a message that had failed otherwise, and hits the caller's limit now, nothing is said."""
    path = tmp_path / "evil.ao"
    forged_journal(path, ENDLESS["loop"], failed=True)
    assert [(one.result is None, one.same) for one in replay(path, limits=TIGHT)] == [(False, True), (True, True)]


def test_own_limits_stand() -> None:
    """Where it was evaluated under a larger limit, the caller has to give that; then it is the same process."""
    process = Process.spawn(code="N = 0", limits=Limits(instructions=10**6))
    for _ in range(3):
        process.eval("for i = 1, 10000 do N = N + 1 end")
    assert Process.restore(process.snapshot(), limits={"instructions": 10**6}).get("N") == 30000


LARGE = {
    "tables": "T = {} for i = 1, 100000 do T[i] = {i, {}} end",
    "functions": "T = {} for i = 1, 5000 do T[i] = load('return function() return ' .. i .. ' end')() end",
    "databases": "local s = require('lsqlite3') T = {} for i = 1, 10 do T[i] = s.open_memory() T[i]:exec([[create table t(a);"
    "with recursive c(x) as (select 1 union all select x + 1 from c where x < 90000) insert into t select x from c;"
    "delete from t; drop table t]]) end",
}


@pytest.mark.parametrize("kind", LARGE)
def test_state(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that takes too long to be taken over is refused; more time is a matter of the caller's limits."""
    data = Process.spawn(code=LARGE[kind]).snapshot()
    # A second is not enough only for states that are too large for a test.
    monkeypatch.setattr("ao_runtime.vm.engine._LEAST_PATIENCE", 0.001)
    with pytest.raises(SnapshotError) as raised:
        Process.restore(data, limits={"seconds": 0.005})
    assert raised.value.problem == "the saved state takes too long to be taken over"
    assert "limits= gives more" in (raised.value.advice or "")
    assert Process.restore(data, limits={"seconds": 30}).eval("return #T").ok


def test_state_in_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a journal the messages are there all the same: the state is made by them."""
    path = tmp_path / "large.ao"
    with Process.spawn(code="T = {}", state=path) as process:
        process.eval("for i = 1, 50000 do T[i] = {i, {}} end")
        process._state.save()
        process._state.disk._put(process._state.saved)
    with Store.open(path) as store:
        assert store.snapshot(store.count) is not None
    monkeypatch.setattr("ao_runtime.vm.engine._LEAST_PATIENCE", 0.0)
    with Process.open(path, limits={"seconds": 10}) as process:
        assert process.eval("return #T").text == "50000"
    monkeypatch.setattr("ao_runtime.vm.engine._SLOWER", 0.0001)
    with Process.open(path, limits={"seconds": 10}) as process:
        assert process.eval("return #T").text == "50000"
