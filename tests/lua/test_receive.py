"""Handlers that wait."""

from __future__ import annotations

import pytest

from .processes import Subject, cause, printed

WAITS_TWICE = """
Handlers.add('w', 'W', function(m)
  local a = Receive({Action = 'R'}) print('a ' .. a.Data)
  local b = Receive({Action = 'R'}) print('b ' .. b.Data .. ' ' .. m.Data)
  m.reply({Data = 'done'})
end)
"""


@pytest.fixture
def subject() -> Subject:
    """A process with a handler that waits twice."""
    subject = Subject()
    subject.eval(WAITS_TWICE)
    return subject


def test_twice_in_one_handler(subject: Subject) -> None:
    """A handler may wait several times; what it sends belongs to the result of the message that woke it."""
    assert printed(subject.act("W", Data="w")) == []
    assert printed(subject.act("R", Data="1")) == ["a 1"]
    result = subject.act("R", Data="2")
    assert printed(result) == ["b 2 w"]
    assert [(m["Target"], m["Data"]) for m in result["Messages"]] == [("USER", "done")]
    assert printed(subject.act("R"))[0].startswith("New Message From")


def test_sent_before_waiting(subject: Subject) -> None:
    """What was sent and printed before waiting belongs to the first message."""
    subject.eval("Handlers.add('s', 'S', function() print('p') ao.send({Target = 'T'}) Receive('Go') print('q') end)")
    result = subject.act("S")
    assert (printed(result), len(result["Messages"])) == (["p"], 1)
    result = subject.act("Go")
    assert (printed(result), result["Messages"]) == (["q"], [])


def test_many_wait(subject: Subject) -> None:
    """Many may wait at the same time; the one that began last is woken first."""
    for data in "123":
        subject.act("W", Data=data)
    assert subject.eval("return #Handlers.coroutines") == "3"
    lines = [line for data in "abcdef" for line in printed(subject.act("R", Data=data))]
    assert lines == ["a a", "b b 3", "a c", "b d 2", "a e", "b f 1"]


def test_dead_coroutines_are_dropped(subject: Subject) -> None:
    """Dead coroutines do not pile up in `Handlers.coroutines`, which holds those that wait."""
    for _ in range(5):
        subject.act("W")
        subject.act("R")
        subject.act("R")
    subject.act("W")
    code = (
        "local t = {} for _, c in ipairs(Handlers.coroutines) do t[#t + 1] = "
        "coroutine.status(c) end return table.concat(t, ' ')"
    )
    assert subject.eval(code) == "suspended"


def test_error_after_waking(subject: Subject) -> None:
    """An error after waking is the later message's error, and the handler still waits."""
    subject.eval(
        "Handlers.add('e', 'E', function() local m = Receive('Go') if m.Data "
        "== 'bad' then error('after') end print('ok') end)"
    )
    subject.act("E")
    assert cause(subject.act("Go", Data="bad")) == '[string "aos"]:1: after'
    assert printed(subject.act("Go", Data="good")) == ["ok"]


def test_eval_waits(subject: Subject) -> None:
    """An Eval may wait; its value is printed by the message that wakes it."""
    result = subject.eval_result("local m = Receive('Go') return 'got ' .. m.Data")
    assert sorted(result["Output"]) == ["data", "prompt", "test"]
    assert printed(subject.act("Go", Data="x")) == ["got x"]


def test_boot_waits() -> None:
    """The code of the process's own message may wait."""
    subject = Subject(boot="local m = Receive('Go') print('booted with ' .. m.Data)")
    assert printed(subject.act("Go", Data="x")) == ["booted with x"]


def test_on_reply_from_another(subject: Subject) -> None:
    """`onReply(from, handler)` takes the answer from another than the target, once."""
    subject.eval("ao.send({Target = 'T'}).onReply('OTHER', function(m) print('got ' .. m.Data) end)")
    assert printed(subject.tell({"X-Reference": "1"}, From="T"))[0].startswith("New Message")
    assert printed(subject.tell({"X-Reference": "1"}, From="OTHER", Data="x")) == ["got x"]
    assert printed(subject.tell({"X-Reference": "1"}, From="OTHER", Data="x"))[0].startswith("New Message")


def test_receive_from_another(subject: Subject) -> None:
    """`receive(from)` waits for another than the target."""
    subject.eval("print(ao.send({Target = 'T'}).receive('OTHER').Data)")
    assert printed(subject.tell({"X-Reference": "1"}, From="OTHER", Data="x")) == ["x"]


def test_spawned(subject: Subject) -> None:
    """`spawn(…).receive()` waits for the network's Spawned message."""
    subject.eval("local m = ao.spawn('M', {}).receive() print('child ' .. m.Process)")
    result = subject.tell(
        {"Action": "Spawned", "Reference": "1", "Process": "CHILD"}, From="PROCESS", Owner="AUTHORITY"
    )
    assert printed(result) == ["child CHILD"]


def test_walk_goes_on_after_waking(subject: Subject) -> None:
    """The rest of the old message's walk runs when its handler is woken, with what stands in the list by then.

    What waits stands in front, so that the handler that waited has moved on by one: as on the network, it comes again.
    """
    subject.eval("""
      Handlers.add('c', function(m) return m.Action == 'C' and 'continue' or 'skip' end, function(m)
        if not Woken then Woken = true Receive('Go') end
        print('c ' .. m.Data)
      end)
      Handlers.add('d', 'C', function(m) print('d ' .. m.Data) end)
    """)
    assert printed(subject.act("C", Data="old")) == []
    result = subject.act("Go", Data="new")
    assert printed(result) == ["c old", "c old", "d old"]


def test_pattern_that_goes_on(subject: Subject) -> None:
    """A waiting handler's pattern that answers "continue" lets others have the message too."""
    subject.eval("Handlers.add('g', 'Go', function() print('handler') end)")
    wait = "Receive(function(m) return m.Action == 'Go' and 'continue' or 'skip' end) print('woken')"
    subject.eval(f"Handlers.add('w', 'Wait', function() {wait} end)")
    subject.act("Wait")
    assert printed(subject.act("Go")) == ["woken", "handler"]


def test_an_eval_without_a_value_that_goes_on(subject: Subject) -> None:
    """An Eval that is woken and returns nothing leaves an output that nobody can print after, as on the network."""
    subject.eval("local m = Receive(function(m) return m.Action == 'Go' and 'continue' or 'skip' end)")
    assert cause(subject.act("Go")) == "attempt to concatenate a table value (field 'data')"


def test_receive_in_a_coroutine_of_its_own(subject: Subject) -> None:
    """What a coroutine of the process's own returns, once woken, is taken for whether all went well."""
    for name, returned in (("Good", "true"), ("Bad", "false, 'said no'")):
        subject.eval(f"coroutine.wrap(function() Receive({{Action = '{name}'}}) return {returned} end)() return 1")
    assert printed(subject.act("Good")) == []
    assert cause(subject.act("Bad")) == "said no"


def test_yield_is_the_end(subject: Subject) -> None:
    """A handler that yields without Receive ends the message's evaluation, with its result."""
    subject.eval("Handlers.add('y', 'Y', function() print('before') coroutine.yield() print('after') end)")
    assert printed(subject.act("Y")) == ["before"]
    assert subject.eval("return 'alive'") == "alive"
