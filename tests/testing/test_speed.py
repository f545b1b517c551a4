"""What isolation costs: tests of a process with 10 000 entries, each with a state of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ao_runtime import Network
from ao_runtime.testing.lua import LuaOptions, LuaSuite

from .running import run_pytest

BIG = """\
Balances = Balances or {}
for n = 1, 10000 do Balances["holder-" .. n] = tostring(n) end
Balances.alice = 1000
Handlers.add("move", "Move", function(msg)
  Balances.alice, Balances.bob = Balances.alice - 1, (Balances.bob or 0) + 1
  msg.reply({ Action = "Moved" })
end)
"""
PYTHON = """\
import pytest
pytestmark = pytest.mark.ao(process="big.lua", owner="alice")

@pytest.mark.parametrize("number", range(COUNT))
def test_move(process, number):
    assert process.handle(Action="Move").ok
    assert (process.get("Balances.alice"), process.get("Balances.bob")) == (999, 1)
"""
LUA = """\
for n = 1, COUNT do
  it("moves " .. n, function()
    assert.is_true(send({ From = "bob", Action = "Move" }).ok)
    assert.same({ 999, 1 }, { Balances.alice, Balances.bob })
  end)
end
"""


def write(folder: Path, count: int) -> None:
    """The process, and so many tests in both languages."""
    (folder / "big.lua").write_text(BIG)
    (folder / "test_big.py").write_text(PYTHON.replace("COUNT", str(count)))
    (folder / "big_test.lua").write_text(LUA.replace("COUNT", str(count)))


def seconds(folder: Path, count: int) -> tuple[float, float]:
    """Seconds that pytest took, its start too, and that the Lua tests took."""
    write(folder, count)
    began = time.perf_counter()
    ran = run_pytest(folder, "--no-ao-lua")
    python = time.perf_counter() - began
    assert ran.summary == f"{count} passed in Ts", ran.out
    suite = LuaSuite([folder / "big_test.lua"], LuaOptions())
    tests, bad = suite.load()
    assert (len(tests), bad) == (count, [])
    suite.run_one(*tests[0])
    began = time.perf_counter()
    assert {one.status for one in suite.run(tests)} == {"passed"}
    lua = time.perf_counter() - began
    suite.close()
    return python, lua


def test_a_look_costs_nothing(tmp_path: Path) -> None:
    """A test that only looks at a large process puts nothing back: it costs a fraction of one that sends something."""
    (tmp_path / "big.lua").write_text(BIG)
    net = Network()
    process = net.spawn(tmp_path / "big.lua", owner="alice")
    for _ in range(3):
        with net.anchor():
            process.handle(Action="Move")

    def touching() -> None:
        with net.anchor():
            process.handle(Action="Move")

    def looking() -> None:
        with net.anchor():
            assert process.get("Balances.alice") == 1000

    assert best(looking, 20) < best(touching, 20) / 20


def best(action: Callable[[], object], rounds: int) -> float:
    """The seconds of the quickest of some rounds: other programs are at work, too."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        found.append(time.perf_counter() - began)
    return min(found)


@pytest.mark.long
def test_thousand(tmp_path: Path) -> None:
    """1 000 tests of a process with 10 000 entries take at most 10 ms each, with isolation, in both languages."""
    # The best of three: other programs are at work, too.
    python, lua = map(min, zip(*(seconds(tmp_path, 1000) for _ in range(3)), strict=True))
    print(f"{python:.2f} ms a test in Python, {lua:.2f} ms in Lua")
    assert python <= 10.0
    assert lua <= 10.0
