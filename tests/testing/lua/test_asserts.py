"""The asserts, spies and stubs of Lua tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import outcome, outcomes, says

PASSING = """\
assert(true, "not shown") assert(1)
assert.equal(1, 1) assert.equals("a", "a") assert.are.equal(nil, nil) assert.is.equal(1, 1.0) assert.are_equal(2, 2)
assert.same({ 1, { a = "b" } }, { 1, { a = "b" } }) assert.are.same("x", "x")
local one, other = {}, {} one.self, other.self = one, other
assert.same(one, other) assert.is_not.same(one, { self = 1 })
assert.is_true(true) assert.is_false(false) assert.is_nil(nil) assert.is_not_nil(false) assert.is_not.is_nil(1)
assert.truthy(0) assert.is_truthy("") assert.falsy(nil) assert.is_falsy(false) assert.is_not_truthy(nil)
assert.has_error(function() error("x") end) assert.has_error(function() error("x") end, "x") assert.has.errors(error)
assert.has_error(function() error({ code = 1 }) end, { code = 1 })
assert.has_no.errors(function() end) assert.has_no_error(function() end) assert.is_not.error(function() end)
assert.matches("^a.c$", "abc") assert.is_not.matches("x", "abc") assert.does_not.match("x", "abc")
assert.is_string("") assert.is_number(1) assert.is_table({}) assert.is_function(print) assert.is_not_string(1)
assert.are_not.equal(1, 2) assert.not_equal(1, "1") assert.no.has.errors(function() end)
local value, second = assert.equal(1, 1) assert.equal(value, second)
"""

FAILING = [
    ("assert(false)", "assertion failed!"),
    ("assert(nil, 'why')", "why"),
    ("assert.equal(1, 2)", "expected 1, found 2"),
    ("assert.equal('1', 1)", 'expected "1", found 1'),
    ("assert.equal(1, 2, 'the sum')", "the sum\nexpected 1, found 2"),
    ("assert.are_not.equal(1, 1)", "did not expect 1"),
    ("assert.same({ 1, b = { 'x' } }, { 1, b = {} })", 'expected { 1, b = { "x" } }, found { 1, b = {} }'),
    ("assert.is_true(1)", "expected true, found 1"),
    ("assert.is_not_nil(nil)", "did not expect nil: found nil"),
    ("assert.truthy(nil)", "expected something truthy, found nil"),
    ("assert.falsy({})", "expected nil or false, found {}"),
    ("assert.has_error(function() end)", "expected an error, there was none"),
    ("assert.has_error(function() error('a') end, 'b')", 'expected the error "b", found "a"'),
    ("assert.has_no.errors(function() error('a') end)", 'did not expect an error, found "a"'),
    ("assert.matches('%d', 'abc')", 'expected text like "%d", found "abc"'),
    ("assert.is_string(1)", "expected a string, found 1"),
    ("local t = {} t.t = t assert.is_nil(t)", "expected nil, found { t = (itself) }"),
    ("assert.is_nil('a\\n\\27[2J')", 'expected nil, found "a\\n\\27[2J"'),
    ("local s = spy.new() assert.spy(s).was.called()", "expected a call, found 0"),
    ("local s = spy.new() s() assert.spy(s).was_not.called()", "did not expect a call, found 1"),
    ("local s = spy.new() s() assert.spy(s).was.called(2)", "expected 2 calls, found 1"),
    ("local s = spy.new() assert.spy(s).was.called_with(1)", "expected a call with { 1 }, there was none"),
    (
        "local s = spy.new() s('a') s({ 1 }) assert.spy(s).was.called_with('b')",
        'expected a call with { "b" }\ncall 1: { "a" }\ncall 2: { { 1 } }',
    ),
    (
        "assert.near(1, 2, 3)",
        "there is no assert.near here (busted may have it); there are equal, same, is_true, is_false, "
        "is_nil, truthy, falsy, has_error, matches, is_string and other types, spy, stub",
    ),
    ("assert.spy(print).was.called()", "assert.spy needs a spy or a stub, found function"),
    (
        "assert.spy(spy.new()).returned_with(1)",
        "there is no assert.spy(…).returned_with here; there are was.called, was.called_with, was_not.called",
    ),
    ("mock({})", "mock is of busted, and there is none here: docs/testing.md has what there is"),
    ("match.is_table()", "match is of busted, and there is none here: docs/testing.md has what there is"),
    ("finally(function() end)", "finally is of busted, and there is none here: docs/testing.md has what there is"),
    ("stub(ao, 'nothing')", "stub needs a table and the name of a function in it"),
    ("error({ code = 5 })", "an error that is { code = 5 }"),
    ("error()", "an error that is nil"),
]


def test_passing(tmp_path: Path) -> None:
    """All that holds, in the words of busted."""
    assert says(outcome(tmp_path, PASSING)) == ("passed", None, None)


def test_failing(tmp_path: Path) -> None:
    """What is said of what does not hold, and its line: that of the test, never one of ours."""
    code = "".join(f"it('{number}', function()\n{body}\nend)\n" for number, (body, _) in enumerate(FAILING))
    found = [says(one)[:2] for one in outcomes(tmp_path, code)]
    assert found == [("failed", words) for _, words in FAILING]
    lines = [one.problem.line for one in outcomes(tmp_path, code) if one.problem is not None]
    # A table as an error has no place; the others fail in the middle line of their three.
    assert lines == [3 * number + 2 for number in range(len(FAILING))]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("local x = nil\nreturn x.y", 2),
        ("double('x')", 1),
        ("send({ Action = 'Ping', Quantity = {} })", 1),
        ("local function helper()\n  assert.equal(1, 2)\nend\nhelper()", 2),
    ],
)
def test_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, line: int) -> None:
    """The line of an error is where it was raised; who called stands below."""
    monkeypatch.chdir(tmp_path)
    problem = outcome(tmp_path, body).problem
    assert problem is not None
    if "double" in body:
        assert (problem.message, problem.file, problem.line) == ("no number", "process.lua", 3)
        assert problem.callers == ("process_test.lua:2",)
        assert [one.text for one in problem.excerpt if one.number == problem.line] == [
            '  assert(type(n) == "number", "no number")'
        ]
    else:
        assert (problem.file, problem.line) == ("process_test.lua", line + 1)


def test_spies_and_stubs(tmp_path: Path) -> None:
    """A spy calls what it watches, a stub gives what it was told; what failed is put back before the next test."""
    code = """
it("spies", function()
  local seen = spy.on(_G, "double")
  assert.equal(6, double(3))
  assert.spy(seen).was.called_with(3)
  assert.spy(seen).was_called(1)
  seen:clear()
  assert.spy(seen).was_not_called()
  seen:revert()
  assert.is_function(double)
end)
it("stubs", function()
  local sent = stub(ao, "send")
  send({ From = "alice", Action = "Ping" })
  assert.stub(sent).was.called()
  stub(_G, "double", "what", "you like")
  assert.same({ "what", "you like" }, { double(1) })
  stub(_G, "double", function(n) return n end)
  assert.equal(7, double(7))
end)
it("finds all as it was", function()
  assert.equal(2, double(1))
  assert.equal("Pong", send({ From = "alice", Action = "Ping" }).messages[1].Action)
end)
"""
    assert [says(one) for one in outcomes(tmp_path, code)] == [("passed", None, None)] * 3
