"""Hostile code where the limits inside of the child are switched off: those that are kept from outside hold alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ao_runtime import Limits, Pool, Process, Result
from ao_runtime.isolation import IsolatedEngine, machine, missing

ATTACKS = dict(json.loads((Path(__file__).parent / "attacks.json").read_text()))
LIMITS = Limits(instructions=50_000_000, memory="128MB", seconds=1, hard=True) if missing() is None else Limits()
#: Switched off inside of the child.
OFF = {
    "none": (),
    "instructions": ("instructions",),
    "time": ("seconds",),
    "memory": ("memory",),
    "all": ("instructions", "seconds", "memory"),
}
pytestmark = pytest.mark.skipif(missing() is not None, reason="there are no hard limits here")

#: Memory is what ends it, also where the machine is busy.
LARGE = Limits(instructions=None, memory="64MB", seconds=30)
GREEDY = "local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end"

NAMES = ("instructions", "seconds", "memory")


@contextmanager
def without(off: tuple[str, ...]) -> Iterator[None]:
    """In here children do not hear of these limits."""

    class Deaf(IsolatedEngine):
        def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
            super().limit(instructions, seconds, memory)
            assert self._limit is not None
            heard = zip(NAMES, self._limit[2:], strict=True)
            self._limit = (*self._limit[:2], *(None if name in off else value for name, value in heard))

    with mock.patch("ao_runtime.isolation.pool.IsolatedEngine", Deaf):
        yield


class Most:
    """The most memory that the children of a pool have in use, in bytes."""

    def __init__(self, pool: Pool) -> None:
        self.bytes = 0
        self._pool, self._over = pool, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._over.wait(0.005):
            self.bytes = max([self.bytes, *(machine.resident(pid) or 0 for pid in self._pool.pids)])

    def __enter__(self) -> Most:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()


def attack(pool: Pool, code: str) -> Result:
    """The result of hostile code; it ends in time and memory, and harms neither its process nor a neighbour."""
    neighbour = Process.spawn(code="N = 0", isolated=pool, limits=LIMITS)
    assert neighbour.eval("N = N + 1").ok
    process = Process.spawn(code="X = 1", isolated=pool, limits=LIMITS)
    assert process.eval("X = 2").ok
    base = sum(machine.resident(pid) or 0 for pid in pool.pids)
    began = time.monotonic()
    with Most(pool) as most:
        result = process.eval(code)
    took = time.monotonic() - began
    # Half a second of grace; and on a busy machine somebody must come to look.
    assert took < 1 + 0.5 + 4, took
    assert most.bytes - base < (128 + 200) << 20, (most.bytes - base) >> 20
    answer = process.handle(From="stranger", Action="Nothing")
    assert answer.ok
    assert process.get("X") == 2 or result.ok
    assert neighbour.get("N") == 1
    return result


SHORT = [
    "gc_stop_bomb",
    "tonumber_base",
    "sql_recursive_cte_mem",
    "sql_mem_named_dbs",
    "swallow_in_close",
    "mathmax_many",
]


@pytest.mark.parametrize("name", SHORT)
def test_with_no_limit_inside(name: str, pool: Pool) -> None:
    """Where nothing is limited inside of a child, an attack is ended from outside, as the limit that it has passed."""
    with without(OFF["all"]):
        result = attack(pool, ATTACKS[name])
    assert result.failure is not None
    assert result.failure.limit in ("time", "memory")


@pytest.mark.long
@pytest.mark.parametrize("off", sorted(OFF))
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_with_each_limit_off(name: str, off: str, pool: Pool) -> None:
    """Whichever limit is switched off inside of a child, the attack ends in time and memory."""
    with without(OFF[off]):
        attack(pool, ATTACKS[name])


def test_the_limits_own_errors(pool: Pool) -> None:
    """What is ended from outside fails as it would have failed inside: with the limit's own error and words."""
    with without(OFF["all"]):
        late = attack(pool, "while true do end")
        process = Process.spawn(code="", isolated=pool, limits=LARGE)
        large = process.eval(GREEDY)
    inside = Process.spawn(code="", limits={"seconds": 0.05}).eval("while true do end")
    assert late.failure is not None
    assert inside.failure is not None
    assert (late.failure.limit, late.error) == ("time", "time limit of 1.0 seconds reached")
    assert inside.failure.limit == "time"
    assert large.failure is not None
    assert (large.failure.limit, large.failure.message) == ("memory", "memory limit reached")


def test_memory_in_many_steps(pool: Pool) -> None:
    """Messages that each take a little more than the last may not take more together than the process may have."""
    code = "T = T or {} for i = 1, 40 do T[#T + 1] = ('x'):rep(1000000) .. #T end"
    with without(("memory",)):
        process = Process.spawn(code="", isolated=pool, limits=LIMITS)
        with Most(pool) as most:
            results = [process.eval(code, limits=Limits(memory="128MB", seconds=10)) for _ in range(12)]
    failed = [result.failure for result in results if result.failure is not None]
    assert {failure.limit for failure in failed} == {"memory"}
    # Its state is larger than it may be, and is loaded each time: there RLIMIT_DATA holds.
    assert most.bytes < (3 * 128 + 512 + 200) << 20


def test_a_dry_run_that_does_not_end(pool: Pool) -> None:
    """A dry run is ended too, in the copy of the child in which it runs, and its memory is looked at there."""
    with without(OFF["all"]):
        process = Process.spawn(code="X = 1", isolated=pool, limits=LIMITS)
        eval_ = {"From": process.owner, "Action": "Eval"}
        late = process.dry_run(eval_, Data="X = 2 while true do end", limits={"seconds": 0.3})
        large = process.dry_run(eval_, Data=GREEDY, limits=LARGE)
    assert late.failure is not None
    assert large.failure is not None
    assert (late.failure.limit, large.failure.limit) == ("time", "memory")
    assert process.get("X") == 1
    assert process.count == 1
