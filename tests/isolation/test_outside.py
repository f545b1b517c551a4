"""What is no evaluation, looking, saving and loading, has limits that are kept from outside: none can wait for ever."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from ao_runtime import InputError, Limits, Pool, Process, SnapshotError
from ao_runtime.isolation import IsolatedEngine, engine, missing

from .test_attacks import OFF, without

pytestmark = pytest.mark.skipif(missing() is not None, reason="there are no hard limits here")
LIMITS = Limits(memory="128MB", seconds=0.3)
#: Seconds in which any of it has ended: two for the engine's own time, what is set below, and somebody comes to look.
ENOUGH = 10


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can wait for."""
    monkeypatch.setattr(engine, "_PATIENCE", 0.2)
    monkeypatch.setattr(engine, "_LOADING", 1.0)


def started(pool: Pool, **options: Any) -> Process:
    """A process with something in it."""
    return Process.spawn(code="X = 5", isolated=pool, limits=LIMITS, **options)


def look(process: Process) -> bytes:
    """All of its state."""
    return process._state.ask(lambda engine: engine.look())


@pytest.mark.parametrize("question", [lambda process: process.get("X"), look], ids=["get", "look"])
def test_a_look_that_does_not_end(question: Callable[[Process], Any], pool: Pool) -> None:
    """It is an error of ours; the process goes on in another child, and so does its neighbour."""
    process, neighbour = started(pool), started(pool)
    (pid,) = pool.pids
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(InputError, match="be looked at: it takes too long"):
        question(process)
    assert time.monotonic() - began < ENOUGH
    assert pool.pids != (pid,)
    assert question(process)
    assert (process.eval("return X").text, neighbour.get("X")) == ("5", 5)


def test_a_save_that_does_not_end(pool: Pool) -> None:
    """A snapshot is made of the state that was saved last, and the messages since."""
    process = started(pool)
    assert process.eval("X = X + 1").ok
    os.kill(pool.pids[0], signal.SIGSTOP)
    began = time.monotonic()
    snapshot = process.snapshot()
    assert time.monotonic() - began < ENOUGH
    assert (Process.restore(snapshot).get("X"), process.get("X")) == (6, 6)


def test_a_state_that_is_never_taken_over(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot is refused; a process whose own state it is goes on by its messages."""
    process = started(pool)
    snapshot = process.snapshot()
    usual = IsolatedEngine.load

    def stopped(self: IsolatedEngine, state: bytes) -> None:
        os.kill(self.child.pid, signal.SIGSTOP)
        usual(self, state)

    process._state.save()
    monkeypatch.setattr(IsolatedEngine, "load", stopped)
    began = time.monotonic()
    with pytest.raises(SnapshotError, match="the state cannot be taken over: it takes too long"):
        Process.restore(snapshot, isolated=pool, limits=LIMITS)
    assert time.monotonic() - began < ENOUGH
    assert not process.eval("error('no')").ok
    assert process.eval("return X").text == "5"


def test_a_look_that_takes_all_memory(pool: Pool) -> None:
    """What is small in the process, and large when it is written down, is ended at the memory limit."""
    with without(OFF["all"]):
        process, neighbour = started(pool), started(pool)
        assert process.eval("T = {} local s = ('x'):rep(1 << 20) for i = 1, 3000 do T[i] = s .. '' end").ok
        for question in (lambda: process.get("T"), lambda: look(process)):
            with pytest.raises(InputError, match="takes too much memory"):
                question()
        assert (process.eval("return #T").text, neighbour.get("X")) == ("3000", 5)
