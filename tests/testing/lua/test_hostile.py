"""Files of tests from strangers: they are held to their limits, and reach nothing of the host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Process
from ao_runtime.testing.lua.literal import literal
from ao_runtime.testing.lua.running import CannotLoadError

from .running import loaded, outcome, outcomes, says

SMALL = {"limits": {"instructions": 5_000_000, "memory": "64MB", "seconds": 5}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("while true do end", "instruction limit of 5000000 reached"),
        ("pcall(function() while true do end end)", "instruction limit of 5000000 reached"),
        ("local t = {} while true do t[#t + 1] = ('x'):rep(1000000) end", "memory limit reached"),
        ("local function f() return f() + 1 end f()", "memory limit reached"),
        ("string.rep('x', 1 << 40)", "resulting string too large"),
    ],
)
def test_bounded(tmp_path: Path, body: str, words: str) -> None:
    """A loop, a heap, a stack without end: the test fails, and the next one runs."""
    code = f"it('bad', function() {body} end)\nit('good', function() assert.equal(100, Balances.alice) end)"
    bad, good = outcomes(tmp_path, code, **SMALL)
    assert bad.problem is not None
    assert words in bad.problem.message
    assert says(good) == ("passed", None, None)


def test_without_end_while_it_is_loaded(tmp_path: Path) -> None:
    """A file whose own code does not end cannot be loaded."""
    with pytest.raises(CannotLoadError, match="instruction limit of 5000000 reached"):
        loaded(tmp_path, "while true do end", **SMALL)


def test_time(tmp_path: Path) -> None:
    """A test that asks again and again ends when its seconds are over."""
    found = outcome(tmp_path, "while true do send({ From = 'bob', Action = 'Ping' }) end", seconds=0.3)
    assert says(found)[1] == "took more than 0.3 seconds"
    assert found.seconds < 10


def test_the_host_is_not_there(tmp_path: Path) -> None:
    """No file, no command, no Python: a test has what its process has."""
    body = """
assert.is_nil(python)
for _, read in ipairs({ dofile, loadfile, io.open, io.lines, io.popen, os.remove, os.execute, require }) do
  local ok, found = pcall(read, "/etc/passwd")
  assert.falsy(ok and found, tostring(found))
end
assert.is_nil(os.getenv and os.getenv("HOME"))
assert.is_nil(debug.getregistry and next(debug.getregistry()))
for _, value in pairs(process) do assert.is_not.equal("userdata", type(value)) end
assert.is_nil(getmetatable(process).__index)
"""
    assert says(outcome(tmp_path, body)) == ("passed", None, None)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside.lua", "link.lua", "folder.lua", "fifo.lua", "", "\0", "x" * 5000, "notes.txt"]
)
def test_spawn_reads_files_of_the_project_only(tmp_path: Path, path: str) -> None:
    """A path that leads out of the project, or to no file of Lua, is refused, and nothing of it is shown."""
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "outside.lua").write_text("secret")
    (folder / "notes.txt").write_text("secret")
    (folder / "link.lua").symlink_to(tmp_path / "outside.lua")
    (folder / "folder.lua").mkdir()
    os.mkfifo(folder / "fifo.lua")
    quoted = path.replace("\0", "\\0")
    status, message, _ = says(outcome(folder, f'spawn({{ path = "{quoted}" }})'))
    assert status == "failed"
    assert message in (
        "spawn: path: must be a file of Lua in the project",
        "spawn: path: there is no such file",
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        # What the harness yields, forged: the host answers what a test may ask anyway, or that there is no such thing.
        ("coroutine.yield('ask', 'send', '{}')", "failed"),
        ("coroutine.yield({}, 'os', '{}')", "failed"),
        ("_ao_test = function() return '{\"step\":1,\"answer\":{\"what\":\"passed\"}}' end coroutine.yield()", "failed"),
        ("_ao_test = nil send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("_G._ao_test = function() while true do end end send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("_G._ao_test = function() return ('['):rep(100000) end send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("_G._ao_test = function() return {} end send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("_G._ao_test = function(r) return '{\"step\":' .. r.step .. ',\"answer\":{\"what\":\"ask\",\"call\":[],\"arguments\":5}}' end "
         "send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("Owner = wallet('carol') send({ From = 'bob', Action = 'Ping' })", "passed"),
        ("Owner = 'somebody else' send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("Owner = nil send({ From = 'bob', Action = 'Ping' })", "failed"),
        ("string.gsub = nil string.format = nil table.concat = nil send({ From = 'bob', Action = 'Nothing' })", "passed"),
        ("setmetatable(_G, { __index = function() error('x') end }) send({ From = 'bob', Action = 'Nothing' })", "passed"),
        ("Receive('x')", "failed"),
    ],
)  # fmt: skip
def test_forged(tmp_path: Path, body: str, status: str) -> None:
    """A test that plays the harness decides about itself alone: nothing breaks, and the next one runs."""
    code = f"it('bad', function() {body} end)\nit('good', function() assert.equal(1, #send({{ From = 'bob', Action = 'Ping' }}).messages) end)"
    bad, good = outcomes(tmp_path, code, seconds=5.0, **SMALL)
    assert bad.status == status, bad
    assert says(good) == ("passed", None, None)


def test_large_answers(tmp_path: Path) -> None:
    """What is too large to be handed to a test is not."""
    body = "process.eval([[for n = 1, 40 do ao.send({ Target = 'x', Data = ('x'):rep(1 << 20) }) end]])"
    assert says(outcome(tmp_path, body))[1] == "what the test asked for is too large to be handed to it"


def test_what_it_prints_is_harmless(tmp_path: Path) -> None:
    """Escapes in names, messages and prints are made visible in reports."""
    from ao_runtime.testing.lua import lua_junit, lua_report

    code = "it('a\\27[2J', function() print('b\\27]0;t\\7') error('c\\27[2J\\0') end)"
    found = outcomes(tmp_path, code)
    text = "\n".join(lua_report(found[0]))
    assert not {"\x1b", "\x07", "\0"} & {*text}
    assert not {b"\x1b", b"\x07", b"\0"} & {*lua_junit(found, [], 0.0)}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner.filter(lambda one: one is not None), max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_literals(value: object) -> None:
    """Whatever is handed to a test is there what it was, and never code."""
    process = _process()
    assert process.eval(f"V = {{{literal(value)}}}").ok
    expected = _as_lua(value)
    assert process.get("V") == ([] if expected is None else [expected])


def _as_lua(value: object) -> object:
    """Empty tables are lists there, and nil is left out."""
    if isinstance(value, dict):
        return {name: _as_lua(one) for name, one in value.items() if one is not None} or []
    if isinstance(value, list):
        return [_as_lua(one) for one in value]
    return value


def _process() -> Process:
    if not _made:
        _made.append(Process.spawn(code=""))
    return _made[0]


_made: list[Process] = []
