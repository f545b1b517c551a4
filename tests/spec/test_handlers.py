"""`Handlers` (handlers.md), sentence by sentence."""

from __future__ import annotations

import pytest

from ..lua.processes import Subject, cause, printed, tags_of

NAMES = "local t = {} for _, h in ipairs(Handlers.list) do t[#t + 1] = tostring(h.name) end return table.concat(t, ' ')"
USAGE = (
    "Invalid arguments given. Expected: \n\tname : string, \tpattern : Action : string | MsgMatch : table,\n"
    "\t\tfunction(msg: Message) : {-1 = break, 0 = skip, 1 = continue},\n\thandle(msg : Message) : void) | Resolver,\n"
    '\tMaxRuns? : number | "inf" | nil'
)
PASSED = "New Message From USE...SER: Action = {}"


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


# Adding


def test_a_handler_is_a_table(subject: Subject) -> None:
    """A handler is {name, pattern, handle, maxRuns}, and the lists of handlers are public."""
    subject.eval("Handlers.add('a', 'A', print, 3)")
    code = "local h = Handlers.list[3] return h.name .. h.pattern .. tostring(h.handle == print) .. h.maxRuns"
    assert subject.eval(code) == "aAtrue3"
    code = (
        "return type(Handlers.list) .. type(Handlers.coroutines) .. Handlers.onceNonce .. "
        "tostring(Handlers.utils == require('.handlers-utils'))"
    )
    assert subject.eval(code) == "tabletable0true"


def test_edited_by_hand(subject: Subject) -> None:
    """What a process puts into the list by itself is a handler like any other."""
    subject.eval(
        "table.insert(Handlers.list, 1, {name = 'h', pattern = {Action = 'H'}, handle = function() print('h') end})"
    )
    assert printed(subject.act("H")) == ["h"]


@pytest.mark.parametrize("function", ["add", "append", "prepend"])
@pytest.mark.parametrize(
    "arguments", ["", "'a'", "5, print", "5, 'A', print", "'a', 5, print", "'a', nil, print", "'a', true, print"]
)
def test_wrong_arguments(subject: Subject, function: str, arguments: str) -> None:
    """The name is a string and the pattern a function, a table or a string; else the error lists the forms."""
    assert subject.error(f"Handlers.{function}({arguments})") == USAGE


@pytest.mark.parametrize(
    ("function", "names"),
    [("add", "_eval _default a b"), ("append", "_eval _default a b"), ("prepend", "b a _eval _default")],
)
def test_where_a_new_one_goes(subject: Subject, function: str, names: str) -> None:
    """A new handler goes to the end, or with `prepend` to the front."""
    subject.eval(f"Handlers.{function}('a', 'A', print) Handlers.{function}('b', 'B', print)")
    assert subject.eval(NAMES) == names


@pytest.mark.parametrize(
    "pattern",
    ["'P'", "{Action = 'P'}", "{Action = '^p$'}", "{Action = {'X', 'p'}}", "function(m) return m.Action == 'P' end"],
)
def test_kinds_of_patterns(subject: Subject, pattern: str) -> None:
    """A pattern is a string, a table or a function; what does not match goes on."""
    subject.eval(f"Handlers.add('p', {pattern}, function(m) print('p ' .. m.Action) end)")
    assert printed(subject.act("P")) == ["p P"]
    assert printed(subject.act("Q")) == [PASSED.format("Q")]


def test_a_string_is_exact_and_a_table_is_not(subject: Subject) -> None:
    """`ping` does not match the string `Ping`, but does match `{Action = 'Ping'}`."""
    subject.eval("Handlers.add('a', 'Ping', function() print('string') end)")
    subject.eval("Handlers.add('b', {Action = 'Ping'}, function() print('table') end)")
    assert [printed(subject.act(action)) for action in ("Ping", "ping", "PING")] == [["string"], ["table"], ["table"]]


def test_resolvers(subject: Subject) -> None:
    """With resolvers the one whose pattern matches runs; where none does, nothing runs and the walk ends there."""
    subject.eval("""
      Handlers.add('r', 'R', {
        [{Kind = 'one'}] = function(m) print('one ' .. m.Kind) end,
        [{Kind = 'two'}] = function() print('two') end,
      })
      Handlers.add('after', 'R', function() print('after') end)
    """)
    kinds = ("one", "two", "three")
    assert [printed(subject.tell({"Action": "R", "Kind": kind})) for kind in kinds] == [["one one"], ["two"], []]


@pytest.mark.parametrize(("runs", "lines"), [("3", 3), ("1", 1), ("nil", 5), ("'inf'", 5)])
def test_max_runs(subject: Subject, runs: str, lines: int) -> None:
    """After `maxRuns` runs the handler is removed; `"inf"` and nil are for ever."""
    subject.eval(f"Handlers.add('m', 'M', function() print('run') end, {runs})")
    answers = [printed(subject.act("M")) for _ in range(5)]
    assert answers == [["run"]] * lines + [[PASSED.format("M")]] * (5 - lines)


def test_an_error_is_no_run(subject: Subject) -> None:
    """A run that fails does not count: it left no trace."""
    subject.eval("Handlers.once('o', 'O', function(m) if m.Data == 'bad' then error('no') end print('done') end)")
    assert cause(subject.act("O", Data="bad")) == '[string "aos"]:1: no'
    assert [printed(subject.act("O")) for _ in range(2)] == [["done"], [PASSED.format("O")]]


def test_once(subject: Subject) -> None:
    """`once` stands in front and runs once, with a name or without."""
    subject.eval("Handlers.add('a', 'A', function() print('always') end)")
    subject.eval(
        "Handlers.once('A', function() print('unnamed') end) Handlers.once('n', 'A', function() print('named') end)"
    )
    assert subject.eval(NAMES) == "n _once_0 _eval _default a"
    assert [printed(subject.act("A")) for _ in range(4)] == [["named"], ["unnamed"], ["always"], ["always"]]


def test_before_and_after(subject: Subject) -> None:
    """`before` and `after` insert next to a handler; next to an unknown one nothing is inserted."""
    subject.eval("""
      Handlers.add('a', 'A', print)
      Handlers.before('a').add('b', 'B', print)
      Handlers.after('_eval').add('c', 'C', print, 2)
      Handlers.before('nobody').add('d', 'D', print)
      Handlers.after('nobody').add('e', 'E', print)
    """)
    assert subject.eval(NAMES) == "_eval c _default b a"
    assert subject.eval("return Handlers.list[2].maxRuns") == "2"


@pytest.mark.parametrize(
    "code", ["Handlers.before({})", "Handlers.before()", "Handlers.after(5)", "Handlers.after(nil)"]
)
def test_beside_what_has_no_name(subject: Subject, code: str) -> None:
    """`before` and `after` take a name."""
    assert subject.error(code) == "Handler name MUST be a string"


def test_remove(subject: Subject) -> None:
    """`remove` takes a handler away; unknown names do nothing, and what is no name is an error."""
    subject.eval("Handlers.add('a', 'A', print) Handlers.remove('a') Handlers.remove('nobody')")
    assert subject.eval(NAMES) == "_eval _default"
    assert [subject.error(f"Handlers.remove({value})") for value in ("5", "{}", "")] == ["name MUST be string"] * 3


# Evaluating


def test_an_error_stops_the_evaluation(subject: Subject) -> None:
    """An error in a handle ends the walk, and with it all that was sent so far is gone."""
    subject.eval("""
      Handlers.add('a', function(m) return m.Action == 'A' and 'continue' end, function() ao.send({Target = 'T'}) end)
      Handlers.add('b', 'A', function() error('stop') end)
      Handlers.prepend('last', function(m) return m.Action == 'A' and 'continue' end, function() Count = 1 end)
    """)
    result = subject.act("A")
    assert (list(result), cause(result)) == (["Error"], '[string "aos"]:3: stop')
    assert (subject.process.get("Count"), subject.process.get("ao.reference")) == (None, 0)


def test_middleware(subject: Subject) -> None:
    """Handlers that answer "continue" all run, in the order of the list, before the one that stops."""
    subject.eval("""
      for _, name in ipairs({'a', 'b'}) do
        Handlers.add(name, function() return 'continue' end, function(m) m.Seen = (m.Seen or '') .. name end)
      end
      Handlers.add('c', 'C', function(m) print(m.Seen) end)
      Handlers.add('d', 'C', function() print('never') end)
    """)
    assert printed(subject.act("C")) == ["ab"]


def test_default_may_be_replaced_by_the_walk(subject: Subject) -> None:
    """`_default` is not asked while the list is walked: its pattern does not count."""
    subject.eval(
        "table.insert(Handlers.list, 1, table.remove(Handlers.list, 2)) "
        "Handlers.add('a', 'A', function() print('a') end)"
    )
    assert [printed(subject.act(action)) for action in "AB"] == [["a"], [PASSED.format("B")]]


# reply and forward


@pytest.mark.parametrize(
    ("fields", "given", "target", "tags"),
    [
        ({}, "{}", "USER", {}),
        ({}, "{Target = 'GIVEN'}", "GIVEN", {}),
        ({"Reply-To": "ELSE"}, "{Target = 'GIVEN'}", "ELSE", {}),
        ({"Reference": "7"}, "{}", "USER", {"X-Reference": "7"}),
        ({"Reference": "7", "X-Reference": "8"}, "{}", "USER", {"X-Reference": "8"}),
        ({"X-Origin": "FIRST"}, "{}", "USER", {"X-Origin": "FIRST"}),
        ({}, "{['X-Reference'] = '9', ['X-Origin'] = 'O'}", "USER", {}),
    ],
)
def test_reply(subject: Subject, fields: dict[str, str], given: str, target: str, tags: dict[str, str]) -> None:
    """Whom a reply goes to, and what it says of the message that it answers."""
    subject.eval(f"Handlers.add('r', 'R', function(m) m.reply({given}) end)")
    sent = subject.tell({"Action": "R", **fields})["Messages"][0]
    further = dict(tags_of(sent)[4:])
    assert (sent["Target"], further) == (target, tags)


@pytest.mark.parametrize(
    ("fields", "tags"),
    [
        ({}, {"Reply-To": "USER", "X-Origin": "USER"}),
        ({"Reply-To": "ELSE"}, {"Reply-To": "ELSE", "X-Origin": "USER"}),
        ({"Reference": "7"}, {"Reply-To": "USER", "X-Origin": "USER", "X-Reference": "7"}),
        ({"Reference": "7", "X-Reference": "8"}, {"Reply-To": "USER", "X-Origin": "USER", "X-Reference": "8"}),
        ({"X-Origin": "FIRST"}, {"Reply-To": "USER", "X-Origin": "FIRST"}),
    ],
)
def test_forward(subject: Subject, fields: dict[str, str], tags: dict[str, str]) -> None:
    """A forwarded message is the message, and says whom to answer and where it comes from."""
    subject.eval("Handlers.add('f', 'F', function(m) m.forward('NEXT') end)")
    sent = subject.tell({"Action": "F", **fields}, Data="d")["Messages"][0]
    further = dict(tags_of(sent)[4:])
    assert (sent["Target"], sent["Data"], further) == ("NEXT", "d", {"Action": "F", "Module": "MODULE", **tags})


# Handlers.utils


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("hasMatchingTag('Kind', 'a')", {"Kind": "a"}, {"Kind": "A"}),
        ("hasMatchingTagOf('Kind', {'a', 'b'})", {"Kind": "b"}, {"Kind": "c"}),
        ("continue({Kind = 'a'})", {"Kind": "a"}, {"Kind": "c"}),
        ("continue('Act')", {"Action": "Act"}, {"Action": "act"}),
    ],
)
def test_patterns_of_utils(subject: Subject, pattern: str, yes: dict[str, str], no: dict[str, str]) -> None:
    """The patterns that `Handlers.utils` makes match what they say."""
    subject.eval(f"Handlers.prepend('u', Handlers.utils.{pattern}, function() print('here') end)")
    assert ("here" in printed(subject.tell(yes)), "here" in printed(subject.tell(no))) == (True, False)


def test_matching_data(subject: Subject) -> None:
    """`hasMatchingData` matches the Data as it is."""
    subject.eval("Handlers.prepend('u', Handlers.utils.hasMatchingData('x'), function() print('here') end)")
    assert printed(subject.tell({}, Data="x")) == ["here"]
    assert printed(subject.tell({}, Data="xx")) == ["New Message From USE...SER: Data = xx"]


def test_continue_goes_on(subject: Subject) -> None:
    """`continue` makes a pattern that runs the handler and goes on."""
    subject.eval("Handlers.prepend('u', Handlers.utils.continue('A'), function() print('first') end)")
    assert printed(subject.act("A")) == ["first", PASSED.format("A")]


@pytest.mark.parametrize(
    ("given", "data", "tags"), [("'text'", "text", {}), ("{Data = 'd', Kind = 'k'}", "d", {"Kind": "k"})]
)
def test_reply_of_utils(subject: Subject, given: str, data: str, tags: dict[str, str]) -> None:
    """`reply` makes a handle that replies with a text, or with a table."""
    subject.eval(f"Handlers.add('r', 'R', Handlers.utils.reply({given}))")
    sent = subject.act("R")["Messages"][0]
    assert (sent["Target"], sent["Data"], dict(tags_of(sent)[4:])) == ("USER", data, tags)


@pytest.mark.parametrize(
    "call", ["hasMatchingTag(1, 'x')", "hasMatchingTagOf('x', 'y')", "hasMatchingData(5)", "reply(5)"]
)
def test_wrong_arguments_of_utils(subject: Subject, call: str) -> None:
    """Wrong types are errors that say so."""
    assert subject.error(f"Handlers.utils.{call}").startswith("invalid arguments:")
