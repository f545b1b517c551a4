"""Runs Lua tests here, on a process that is a few lines of Lua."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ao_runtime import Network
from ao_runtime.testing.lua import Outcome
from ao_runtime.testing.lua.running import LuaTests

PROCESS = """\
Balances = Balances or { alice = 100 }
function double(n)
  assert(type(n) == "number", "no number")
  return 2 * n
end
Handlers.add("ping", "Ping", function(msg) msg.reply({ Action = "Pong", Data = msg.Data }) end)
Handlers.add("fail", "Fail", function(msg) error("as you wished") end)
"""


def loaded(folder: Path, code: str, *, process: str = PROCESS, **options: Any) -> LuaTests:
    """The tests of a file."""
    net = Network(**options)
    own = folder / "process.lua"
    own.write_text(process)
    file = folder / "process_test.lua"
    file.write_text(code)
    made = net.spawn(own, owner="alice", name="process")
    return LuaTests(net, made, file, "process_test.lua", folder, own)


def outcomes(folder: Path, code: str, seconds: float = 60.0, **options: Any) -> list[Outcome]:
    """What comes of all tests of a file, in its order."""
    found = loaded(folder, code, **options)
    return [found.run(number, seconds=seconds) for number in range(len(found.tests))]


def outcome(folder: Path, body: str, **options: Any) -> Outcome:
    """What comes of a test with that body."""
    (found,) = outcomes(folder, f"it('is tested', function()\n{body}\nend)", **options)
    return found


def says(found: Outcome) -> tuple[str, str | None, int | None]:
    """Whether it passed; what it says, and its line in the body."""
    problem = found.problem
    if problem is None:
        return found.status, None, None
    return found.status, problem.message, None if problem.line is None else problem.line - 1
