"""Files of Lua tests: how tests are written, what they may ask for, and that each begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime.testing.lua.running import CannotLoadError

from .running import loaded, outcome, outcomes, says


def test_names(tmp_path: Path) -> None:
    """Blocks give names; global functions `test_*` and `*_test` are tests, too; helpers are none."""
    code = """
describe("outer", function()
  describe("inner", function() it("one", function() end) end)
  it("two", function() end)
  pending("three")
  pending("four", function() error("is not run") end)
end)
function test_a() end
function b_test() end
function helper() end
local function test_local() end
"""
    found = loaded(tmp_path, code)
    assert [(one.name, one.pending) for one in found.tests] == [
        ("outer > inner > one", False),
        ("outer > two", False),
        ("outer > three", True),
        ("outer > four", True),
        ("b_test", False),
        ("test_a", False),
    ]


def test_order_of_what_surrounds(tmp_path: Path) -> None:
    """Setup and before_each from the outside in, after_each and teardown from the inside out, also after a failure."""
    code = """
local function note(text) return function() print(text) end end
setup(note("setup")) teardown(note("teardown")) before_each(note("before")) after_each(note("after"))
describe("in", function()
  setup(note(" setup")) teardown(note(" teardown")) before_each(note(" before")) after_each(note(" after"))
  it("passes", note("  test"))
  it("fails", function() print("  test") error("oh") end)
end)
describe("broken", function()
  before_each(function() error("not ready") end)
  it("is not run", note("  test"))
end)
describe("broken afterwards", function()
  after_each(function() error("not tidy") end)
  it("is run", note("  test"))
end)
"""
    found = outcomes(tmp_path, code)
    whole = ["setup", " setup", "before", " before", "  test", " after", "after", " teardown", "teardown"]
    assert [one.printed.split("\n")[:-1] for one in found] == [
        whole,
        whole,
        ["setup", "before", "after", "teardown"],
        ["setup", "before", "  test", "after", "teardown"],
    ]
    assert [says(one)[:2] for one in found] == [
        ("passed", None),
        ("failed", "oh"),
        ("failed", "not ready"),
        ("failed", "not tidy"),
    ]


def test_each_begins_anew(tmp_path: Path) -> None:
    """What a test does to the process, to its own file's variables and to the network is not there in the next one."""
    body = """
  assert.equal(100, Balances.alice)
  assert.is_nil(Seen)
  assert.equal(1, count)
  assert.is_nil(rawget(_G, "count"))
  assert.same({}, inbox("bob"))
  Balances.alice, Seen, count = 0, true, 2
  assert.equal(true, process.get("Seen"))
  assert.is_nil(process.get("count"))
  send({ From = "bob", Action = "Ping" })
  send({ From = "bob", Action = "Fail" })
  spawn({ code = "x = 1", name = "another" })
  clock.advance("1h")
  Handlers.list = {}
  assert = nil
"""
    code = f"count = 1\nfor n = 1, 3 do it('n' .. n, function() {body} end) end\n"
    assert [says(one) for one in outcomes(tmp_path, code)] == [("passed", None, None)] * 3


def test_send(tmp_path: Path) -> None:
    """What a message gives: its error, its messages, and all that followed, with names for addresses."""
    body = """
local pong = send({ From = "bob", Action = "Ping", Data = "d\\0\\255", Tags = { Extra = 5 }, Quantity = 1.5 })
assert.is_true(pong.ok)
assert.equal(1, #pong.messages)
assert.same({ "bob", "Pong" }, { pong.messages[1].To, pong.messages[1].Action })
assert.equal(wallet("bob"), pong.messages[1].Target)
assert.equal(process.id, pong.messages[1].From)
assert.equal("Pong", inbox("bob")[1].Action)
assert.is_number(pong.gas)
local bad = send({ From = "bob", Action = "Fail" })
assert.is_false(bad.ok)
assert.equal("as you wished", bad.error)
assert.same({ "fail", 7 }, { bad.failure.handler, bad.failure.line })
assert.equal(4, tonumber(process.eval("return 2 + 2").data))
local relay = spawn({ owner = "carol", name = "relay", tags = { To = process },
  code = "Handlers.add('r', 'Relay', function(m) ao.send({ Target = ao.env.Process.Tags.To, Action = 'Ping' }) end)" })
local relayed = relay.send({ From = "bob", Action = "Relay" })
assert.same({ 1, 2 }, { #relayed.messages, #relayed.all })
assert.equal(wallet("carol"), relay.owner)
assert.equal("relay", relay.name)
assert.equal(0, #relay.waiting())
assert.equal(1, relay.eval("Receive('x')").ok and #relay.waiting())
"""
    assert says(outcome(tmp_path, body)) == ("passed", None, None)


def test_clock(tmp_path: Path) -> None:
    """The network's clock: durations, moments and blocks."""
    body = """
local before, height = clock.now(), clock.height()
clock.advance("90s") assert.equal(before + 90000, clock.now())
clock.mine(3) assert.equal(height + 3, clock.height())
clock.set("2033-05-18T03:33:20Z") assert.equal(2000000000000, clock.now())
assert.has_error(function() clock.set(1) end, "clock.set: moment: is over: it is 2000000000000 already (a clock goes on only)")
"""
    assert says(outcome(tmp_path, body)) == ("passed", None, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("send('Ping')", 'send needs a table: send{ Action = "Info" }, found string'),
        ("send({ Action = true })", "send: Action: must be text, found true"),
        ("send({ To = 'nobody', Action = 'x' })", "send: there is no process 'nobody'"),
        ("send({ Action = function() end })", "send: the host takes plain data, and no function"),
        ("local t = {} t.t = t send(t)", "send: a table that is nested too deeply"),
        ("spawn({ code = 'x = = 1' })", "spawn: its code fails: unexpected symbol near '='"),
        ("spawn({ file = 'x' })", "spawn: file: is not known (there are path, code, owner, name and tags)"),
        ("wallet(5)", "wallet: name: must be text"),
        ("describe('x', function() end)", "describe stands outside of tests"),
    ],
)
def test_refused(tmp_path: Path, body: str, words: str) -> None:
    """What makes no sense is said, in the test's line."""
    status, message, line = says(outcome(tmp_path, body))
    assert (status, line) == ("failed", 1)
    assert (message or "").startswith(words)


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        ("it('x' function() end)", "')' expected near 'function'", 1),
        ("\nlocal x = nil\nx()", "attempt to call a nil value (local 'x')", 3),
        ("it(5, function() end)", "it needs a name that is text, found number", 1),
        ("it('x')", "it needs a function, found nil", 1),
        ("send({ Action = 'Ping' })", "send is for tests and what runs before and after them", 1),
        ("mock()", "mock is of busted, and there is none here: docs/testing.md has what there is", 1),
    ],
)
def test_unloadable(tmp_path: Path, code: str, message: str, line: int) -> None:
    """A file that cannot be loaded says why, and where."""
    with pytest.raises(CannotLoadError) as caught:
        loaded(tmp_path, code)
    problem = caught.value.problem
    assert (problem.message, problem.file, problem.line) == (message, "process_test.lua", line)


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.3", "2.0.1", "1", "0.2.0"])
def test_every_dialect(tmp_path: Path, dialect: str) -> None:
    """Tests run in every generation of aos."""
    code = """
it("passes", function() print("hello") assert.is_true(send({ From = "bob", Action = "Nothing" }).ok) end)
it("fails", function() assert.equal(1, 2) end)
"""
    found = outcomes(tmp_path, code, process="Balances = {}", dialect=dialect)
    assert [says(one)[:2] for one in found] == [("passed", None), ("failed", "expected 1, found 2")]
    if dialect.startswith("2"):  # Before that the answer of an Eval has no room for what was printed.
        assert found[0].printed == "hello\n"
