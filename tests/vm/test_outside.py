"""What runs on a process's things outside of its messages follows their size: looking, saving, reading a result."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ao_runtime import InputError, Limits, Process
from tests.vm.running import value

LIMITS = Limits(instructions=10**8, memory="64MB", seconds=1)


@contextmanager
def costing(seconds: float, megabytes: int) -> Iterator[None]:
    """What is done in here takes no more of the processor and of memory."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - began < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes << 10


def process(code: str = "X = 1") -> Process:
    """A process within the limits."""
    return Process.spawn(code=code, limits=LIMITS)


def test_shared_tables_are_looked_at_once() -> None:
    """A table that is reached in 2³⁰ ways is written once, and is one in Python too."""
    holder = process("local t = {} for i = 1, 30 do t = {t, t} end Owner, T = t, t")
    with costing(2, 100):
        assert holder.eval("return 1").ok
        found = holder.get("T")
    assert found[0] is found[1]
    for _ in range(30):
        found = found[1]
    assert found == []


def test_what_is_shared_is_as_deep_as_it_is() -> None:
    """The bound on depth holds for a table that is met again further down, and for one that holds itself."""
    holder = process("local t = {} for i = 1, 100 do t = {t} end local u = t for i = 1, 100 do u = {u} end T = {t, u}")
    holder.eval("U = {} U[1] = {U}")
    for path in ("T", "U"):
        with pytest.raises(InputError, match=r"nested more than 150 deep|holds itself"):
            holder.get(path)
    assert process("local a = {1} T = {a, {a}, {x = a}}").get("T") == [[1], [[1]], {"x": [1]}]


@pytest.mark.parametrize("depth", [150, 500, 990, 1100, 20_000])
@pytest.mark.parametrize("place", ["Messages[1] = {Target='x', Data=t}", "Error = t", "Output = t"])
def test_deep_result(depth: int, place: str) -> None:
    """A result that is nested deeper than anybody reads is an error; what can be asked of a result can be of this."""
    holder = process()
    result = holder.eval(f"local t = {{}} for i = 1, {depth} do t = {{t}} end ao.outbox.{place}")
    if depth > 200 and not place.startswith("Output"):
        assert (result.ok, result.error) == (False, "the result is nested more than 200 deep")
        assert result.failure is not None
    assert [result.to_dict(), result.messages, result.text, repr(result), result.to_json()]
    assert holder.eval("return 1 + 1").text == "2"


@pytest.mark.parametrize(
    "code",
    [
        "T = load('return {' .. ('function() return 1 end,'):rep(10000) .. '}')()",
        "T = load('return {' .. ('function() return 1 end,'):rep(10000) .. '}', '@' .. ('x'):rep(200000))()",
        "T = load('return {' .. ('function() return 1 end,'):rep(10000) .. '}', '=' .. ('x'):rep(200000))()",
    ],
    ids=["unnamed", "file", "name"],
)
def test_functions_of_one_text(code: str) -> None:
    """Functions of a text that is its own chunk's name, or has a long one, are kept in time that follows their number."""
    holder = process()
    with costing(6, 250):
        assert holder.eval(code).ok
        data = holder.snapshot()
        assert Process.restore(data, limits=LIMITS).eval("return #T + T[10000]()").text == "10001"


def test_chunk_names_in_errors() -> None:
    """A long chunk name is shown in an error, and by debug, as Lua shows any."""
    for name in (
        "x" * 2000,
        "a\n" + "x" * 2000,
        "=" + "y" * 2000,
        "@" + "z" * 1000 + "w" * 1000,
        "x" * 30 + "\n" + "x" * 2000,
    ):
        code = f"local f = load('error([[e]])', {name!r}) local _, e = pcall(f) return e .. debug.getinfo(f, 'S').short_src"
        kind, line = name[0], name.split("\n")[0]
        if kind == "=":
            short = name[1:60]
        elif kind == "@":
            short = "..." + name[-56:]
        else:
            short = f'[string "{line[:45]}..."]'
        assert value(code) == f"{short}:1: e{short}"


def test_room_to_save() -> None:
    """A process that leaves no room for what saving needs can be saved: that has room of its own."""
    holder = Process.spawn(code="X = 1", limits=Limits(memory="16MB"))
    assert holder.eval("T = {} for i = 1, 90000 do T[i] = {i} end").ok
    engine = holder._state.ready()
    assert engine.save() is not None
