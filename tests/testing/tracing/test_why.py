"""`why`: which handler would take a message; why the others would not; and what is nearly right."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime import InputError, Process
from ao_runtime.testing import trace, why, why_text
from ao_runtime.testing.tracing import Asked

CODE = """
Handlers.add("exact", "Transfer", print)
Handlers.add("spec", { Action = "Mint", Quantity = "^%d+$", Owner = Owner }, print)
Handlers.add("any", { Action = { "Stake", "Unstake" }, Token = "_" }, print)
Handlers.add("tag", Handlers.utils.hasMatchingTag("Action", "Burn"), print)
Handlers.add("one of", Handlers.utils.hasMatchingTagOf("Mode", { "fast", "slow" }), print)
Handlers.add("data", Handlers.utils.hasMatchingData("ping"), print)
Handlers.add("goes on", Handlers.utils.continue({ Log = "yes" }), print)
Handlers.add("function", function(msg) return msg.Action == "Special" end, print)
Handlers.add("field", { Action = "Price", Of = function(value) return #value == 3 end }, print)
"""


@pytest.fixture(scope="module")
def process() -> Process:
    """A process with a handler of each kind."""
    return Process.spawn(code=CODE, owner="alice")


def test_whole(process: Process) -> None:
    """All handlers are told, in their order, each with what its pattern says."""
    assert str(why(process, From="bob", Action="Mint", Quantity="12x", Mode="fast")) == (
        """\
Mint from bob: one of takes it
  ✗ _eval: Action = "Eval": no, it is "Mint"
  ✗ exact: Action = "Transfer": no, it is "Mint"
  ✗ spec: Owner = "alice": no, it is "bob"; Quantity = "^%d+$" (a Lua pattern): no, it is "12x"
    hint: Owner is not the owner of the process, "alice"
  ✗ any: Action = "Stake" or "Unstake": no, it is "Mint"; Token = "_" (anything): no, there is no Token
  ✗ tag: Action = "Burn": no, it is "Mint"
  ✓ one of: Mode = "fast" or "slow": yes, it is "fast"
  ✗ data: Data = "ping": no, there is no Data
  ✗ goes on: Log = "yes": no, there is no Log
  ✗ function: function (aos:9) says no
  ✗ field: Action = "Price": no, it is "Mint"; Of = function (aos:10): no, there is no Of"""
    )


def test_the_top_of_the_ladder(process: Process) -> None:
    """With -vvvv each field has its line, and functions their code."""
    lines = why_text(why(process, From="bob", Action="Price", Of="four"), 4).splitlines()
    at = lines.index("  ✗ field")
    assert lines[at:] == [
        "  ✗ field",
        '    Action = "Price": yes',
        '    Of = function (aos:10): no, it is "four"',
        '    aos:10: Handlers.add("field", { Action = "Price", Of = function(value) return #value == 3 end }, print)',
        "  · _default: nothing has stopped the message",
    ]


def of(process: Process, name: str, **message: Any) -> Asked:
    """What became of one handler."""
    return next(one for one in why(process, **{"From": "bob", **message}).handlers if one.name == name)


@pytest.mark.parametrize(
    ("name", "message", "hints"),
    [
        ("exact", {"Action": "transfer"}, ("letter case counts here",)),
        ("exact", {"Action": "Transfer "}, ("there is a blank more, or less",)),
        ("exact", {"Action": "Tranfser"}, ('"Tranfser" is nearly "Transfer"',)),
        ("exact", {"Action": "Burn"}, ()),
        ("spec", {"Action": "Mint", "Quantiy": "1", "From": "alice"}, ('there is "Quantiy": is "Quantity" meant?',)),
        ("any", {"Action": "stake", "Tokens": "x"}, ('there is "Tokens": is "Token" meant?',)),
        ("one of", {"Mode": "FAST"}, ("letter case counts here",)),
        ("_eval", {"Action": "Eval"}, ('From is not the owner of the process, "alice"',)),
        ("_eval", {"Action": "eval"}, ("letter case counts here",)),
    ],
)
def test_near_misses(process: Process, name: str, message: dict[str, str], hints: tuple[str, ...]) -> None:
    """What is nearly right is told, and nothing else."""
    found = of(process, name, **message)
    assert (found.outcome, found.hints) == ("no", hints)


FUNCTIONS = """
Handlers.add("a", function(msg) return msg.Action == "Transfer" and msg.Tags.Quantity ~= nil end, function() print("x") end)
Handlers.add("b", function(m)
  return m["X-Key"] == 'k'
end, print)
Handlers.add("c", function(msg) return msg.From == Owner and "x" == msg.Action end, print)
"""


def test_near_misses_of_functions() -> None:
    """Of a pattern that is a function it is told what its own code asks for that is not there, or nearly."""
    process = Process.spawn(code=FUNCTIONS, owner="alice")
    told = why(process, From="bob", Action="transfer", Quantiy="1").handlers
    assert {one.name: one.hints for one in told if one.name in "abc"} == {
        "a": ("letter case counts here", 'there is "Quantiy": is "Quantity" meant?'),
        "b": ("its code asks for X-Key, which is not there",),
        "c": ('its code asks for the owner, "alice", and From is "bob"',),
    }
    told = why(process, From="alice", Action="Transfer", Quantity="1").handlers
    assert [one.hints for one in told if one.name == "a"] == [()]


def test_where_letter_case_does_not_count(process: Process) -> None:
    """A table's texts mind no letter case in the newest generation, and `why` says so; in older ones they do."""
    assert of(process, "any", Action="STAKE", Token="x").outcome == "takes"
    old = Process.spawn(code='Handlers.add("any", { Action = "Stake" }, print)', owner="alice", dialect="2.0.1")
    assert of(old, "any", Action="STAKE").reasons == ('Action = "Stake": no, it is "STAKE"',)


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.3", "2.0.1", "1", "0.2.0"])
def test_each_generation(dialect: str) -> None:
    """Handlers of each generation are asked as that one does it."""
    code = """
    Handlers.add("a", Handlers.utils.hasMatchingTag("Action", "A"), function() end)
    Handlers.add("b", function(msg) return msg.Action == "B" and "break" or 0 end, function() end)
    """
    process = Process.spawn(code=code, owner="alice", dialect=dialect)
    assert [why(process, From="alice", Action=action).taken for action in "ABC"] == ["a", "b", "_default"]
    assert of(process, "a", From="alice", Action="a").hints == ("letter case counts here",)


def test_who_comes_too_late(process: Process) -> None:
    """Whoever would take what another one has taken before is told to be late; who lets it go on shares it."""
    outcomes = {one.name: one.outcome for one in why(process, From="b", Action="Burn", Log="yes", Mode="slow").handlers}
    assert {name: outcomes[name] for name in ("exact", "tag", "one of", "goes on")} == {
        "exact": "no",
        "tag": "takes",
        "one of": "late",
        "goes on": "late",
    }
    assert of(process, "goes on", Log="yes").outcome == "shares"


def test_messages_that_get_to_no_handler(process: Process) -> None:
    """A message for somebody else that comes from no authority is refused before; why that is so is told."""
    answer = why(process, From="shop", Owner="bob", Action="Transfer")
    assert str(answer) == (
        """\
Transfer from shop: gets to no handler
  Message is not trusted! From: shop - Owner: bob
  hint: From is "shop" and Owner is "bob": who sends for another must be an Authority of the process
  hint: the process has no Authority: it trusts nobody"""
    )
    trusting = Process.spawn(code=CODE, owner="alice", tags={"Authority": "messenger"})
    assert why(trusting, From="shop", Owner="bob", Action="Transfer").hints[1] == 'its authorities are "messenger"'
    assert why(trusting, From="shop", Owner="messenger", Action="Transfer").taken == "exact"


def test_no_handler_runs(process: Process) -> None:
    """What handlers would print or change is not there; what functions of patterns change is thrown away."""
    counting = Process.spawn(code="N = 0 Handlers.add('h', function() N = N + 1 return N end, function() N = 100 end)")
    before = counting.snapshot()
    assert [why(counting, Action="x").handlers[-2].answer for _ in range(2)] == [1, 1]
    assert (counting.get("N"), counting.snapshot()) == (0, before)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("function() while true do end end", "function (aos:1) does not end"),
        ("function() local s = 'x' while true do s = s .. s end end", "needs more memory"),
        ("function() error('broken') end", "fails: aos:1: broken"),
        ("function() error({}) end", "fails: an error that is no text"),
        ("function() return nil end", "answers nil, which is no answer: handlers stop there"),
        ("function() return {} end", "answers a table, which is no answer: handlers stop there"),
        ("function() Receive('x') end", "waits for another message"),
        ("function() coroutine.yield() end", "waits for another message"),
        ("function() os.exit() end", "ends the process"),
        ("{ Action = function() while true do end end }", "does not end"),
        ("{ Action = function() error('broken') end }", "fails: aos:1: broken"),
    ],
)
def test_patterns_that_are_broken(pattern: str, reason: str) -> None:
    """A pattern that does not answer is told with what it does; the message would fail there, and goes no further."""
    code = f"Handlers.add('before', 'x', print) Handlers.add('bad', {pattern}, print) Handlers.add('after', 'T', print)"
    answer = why(Process.spawn(code=code, limits={"memory": "64MB"}), Action="T")
    outcomes = {one.name: one.outcome for one in answer.handlers}
    assert (answer.broken, answer.taken, outcomes) == (
        "bad",
        None,
        {"_eval": "no", "before": "no", "bad": "bad", "after": "late"},
    )
    assert reason.replace("aos:1: broken", "") in " ".join(next(o for o in answer.handlers if o.name == "bad").reasons)
    assert "it would fail at the pattern of bad" in str(answer)


def test_places_are_files(tmp_path: Any) -> None:
    """Functions have the file and the line that the developer wrote, in the process's file and in its modules."""
    (tmp_path / "lib.lua").write_text("return function(msg)\n  return false\nend\n")
    (tmp_path / "main.lua").write_text(
        'Handlers.add("own", function() return false end, print)\nHandlers.add("lib", require("lib"), print)\n'
    )
    process = Process.spawn(tmp_path / "main.lua", owner="alice")
    process.eval('\nHandlers.add("eval", function() return false end, print)')
    found = {one.name: one.pattern.function for one in why(process, From="alice", Action="x").handlers}
    told = {name: (one.place, one.code) for name, one in found.items() if one is not None and one.code is not None}
    assert {name: (str(place).rpartition("/")[2], code) for name, (place, code) in told.items()} == {
        "own": ("main.lua:1", 'Handlers.add("own", function() return false end, print)'),
        "lib": ("lib.lua:1", "return function(msg)"),
        "eval": ("aos:2", 'Handlers.add("eval", function() return false end, print)'),
    }


def test_what_cannot_be_asked(tmp_path: Any) -> None:
    """A process without handlers of ours says so; one with a way of its own is asked all the same, with a note."""
    own = Process.spawn(code="Handlers.evaluate = function() end", owner="alice")
    assert "in a way of its own" in why(own, From="alice", Action="x").notes[0]
    (tmp_path / "process.lua").write_text("return { handle = function() return { Output = 'x' } end }")
    none = Process({"Process": {"Id": "p", "Owner": "alice", "Tags": []}}, module=str(tmp_path))
    with pytest.raises(InputError, match="the process has no table Handlers"):
        why(none, From="alice", Action="x")
    told = trace(none, From="alice", Action="x").messages[0]
    assert (told.notes, told.printed) == (("the handlers cannot be seen: the process has no table Handlers",), "x")


def test_as_json(process: Process) -> None:
    """As plain data an answer has all that it has in Python."""
    told = why(process, From="bob", Action="transfer").to_dict()
    assert {name: told[name] for name in ("action", "sender", "taken", "refused", "broken")} == {
        "action": "transfer",
        "sender": "bob",
        "taken": "_default",
        "refused": None,
        "broken": None,
    }
    assert told["handlers"][1] == {
        "name": "exact",
        "index": 3,
        "outcome": "no",
        "pattern": {
            "kind": "action",
            "checks": [
                {
                    "key": "Action",
                    "found": "transfer",
                    "any": [{"wanted": "Transfer", "ok": False, "problem": None}],
                    "ok": False,
                    "missing": False,
                    "more": 0,
                }
            ],
            "function": None,
            "goes_on": False,
            "veiled": False,
            "more": 0,
        },
        "reasons": ['Action = "Transfer": no, it is "transfer"'],
        "hints": ["letter case counts here"],
        "answer": False,
        "instructions": None,
        "printed": [],
        "sent": [],
        "resumed": None,
        "depth": 0,
    }
