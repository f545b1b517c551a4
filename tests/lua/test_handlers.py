"""`Handlers`, beside the recorded scenarios."""

from __future__ import annotations

import pytest

from .processes import Subject, cause, printed

NAMES = "local t = {} for _, h in ipairs(Handlers.list) do t[#t + 1] = tostring(h.name) end return table.concat(t, ' ')"


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def test_one_table(subject: Subject) -> None:
    """`require('.handlers')` is the global `Handlers`."""
    assert subject.eval("return tostring(require('.handlers') == Handlers)") == "true"


def test_name_alone_is_the_pattern(subject: Subject) -> None:
    """`add(name, handle)`: the name is the pattern too."""
    subject.eval("Handlers.add('Ping', function() print('pong') end)")
    assert printed(subject.act("Ping")) == ["pong"]


def test_update_where_it_stands(subject: Subject) -> None:
    """Whichever of the three is called, a name that exists is updated where it stands, maxRuns too."""
    subject.eval("Handlers.add('a', 'A', print, 5) Handlers.add('b', 'B', print)")
    subject.eval("Handlers.prepend('a', 'A2', print) Handlers.append('a', 'A3', print)")
    assert subject.eval(NAMES) == "_eval _default a b"
    assert subject.eval("local h = Handlers.list[3] return h.pattern .. tostring(h.maxRuns)") == "A3nil"


def test_add_alone_returns(subject: Subject) -> None:
    """`add` returns the number of handlers; `append`, `prepend` and `once` return nothing."""
    assert subject.eval("return Handlers.add('a', print)") == "3"
    code = "return select('#', Handlers.{}('x', 'x', print))"
    assert [subject.eval(code.format(f)) for f in ("append", "prepend", "once")] == ["0", "0", "0"]


def test_resolvers_always_pick_the_same(subject: Subject) -> None:
    """Among several resolvers that match, it is always the same one."""
    subject.eval(
        "Handlers.add('r', 'R', {b = print, [function() return true end] = function() print('f') end, "
        "R = function() print('R') end, [{Action = 'R'}] = function() print('t') end})"
    )
    assert {tuple(printed(subject.act("R"))) for _ in range(5)} == {("R",)}


def test_resolvers_in_another_vm() -> None:
    """In every process the same resolver runs."""
    code = "Handlers.add('r', 'R', {[{A = '1'}] = function() print('a') end, [{B = '1'}] = function() print('b') end})"
    answers = set()
    for _ in range(5):
        subject = Subject()
        subject.eval(code)
        answers.add(tuple(printed(subject.tell({"Action": "R", "A": "1", "B": "1"}))))
    assert answers == {("a",)}


def test_once_counts(subject: Subject) -> None:
    """Without a name `once` calls its handlers `_once_<n>`, from 0; they stand in front."""
    subject.eval("Handlers.once('A', print) Handlers.once('B', print)")
    assert subject.eval(NAMES) == "_once_1 _once_0 _eval _default"
    assert subject.eval("return Handlers.onceNonce") == "2"


def test_max_runs_of_zero_and_below(subject: Subject) -> None:
    """A handler is removed when the count of its runs reaches 0, not below."""
    subject.eval("Handlers.add('z', 'Z', function() print('z') end, 0)")
    assert [printed(subject.act("Z")) for _ in range(3)] == [["z"]] * 3
    assert subject.eval("return Handlers.list[3].maxRuns") == "-3"


def test_max_runs_is_still_there_while_it_runs(subject: Subject) -> None:
    """The last run still sees its handler in the list."""
    subject.eval("Handlers.add('m', 'M', function() print(Handlers.list[3].name) end, 1)")
    assert printed(subject.act("M")) == ["m"]
    assert subject.eval(NAMES) == "_eval _default"


def test_before_and_after_insert(subject: Subject) -> None:
    """`before` and `after` insert next to a handler, with maxRuns; a name that exists is not looked for."""
    subject.eval(
        "Handlers.add('m', print) Handlers.before('m').add('x', 'X', print, 2) Handlers.after('m').add('x', print)"
    )
    assert subject.eval(NAMES) == "_eval _default x m x"
    assert subject.eval("return Handlers.list[3].maxRuns") == "2"


@pytest.mark.parametrize("where", ["before", "after"])
def test_before_and_after_of_no_string(subject: Subject, where: str) -> None:
    """`before` and `after` take names."""
    assert subject.error(f"Handlers.{where}(5)") == "Handler name MUST be a string"


@pytest.mark.parametrize("call", ["add()", "append('a')", "prepend(5, 'a', print)", "once()", "before('m').add(5)"])
def test_usage(subject: Subject, call: str) -> None:
    """Wrong arguments are told with the forms of the right ones."""
    assert subject.error(f"Handlers.{call}").startswith("Invalid arguments given. Expected: \n\tname : string")


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ("true", ["run"]),
        ("-2", ["run"]),
        ("'break'", ["run"]),
        ("1.5", ["run", "next"]),
        ("'continue'", ["run", "next"]),
        ("false", ["next"]),
        ("0", ["next"]),
        ("'skip'", ["next"]),
        ("'whatever'", ["next"]),
    ],
)
def test_answers_of_patterns(subject: Subject, answer: str, lines: list[str]) -> None:
    """What the answers of a pattern mean."""
    subject.eval(f"Handlers.add('a', function(m) return m.Action == 'A' and {answer} end, function() print('run') end)")
    subject.eval("Handlers.add('b', 'A', function() print('next') end)")
    assert printed(subject.act("A")) == lines


@pytest.mark.parametrize("answer", ["nil", "{}", "print"])
def test_answers_that_are_none(subject: Subject, answer: str) -> None:
    """Any other answer of a pattern is an error."""
    subject.eval(f"Handlers.add('a', function(m) if m.Action == 'A' then return {answer} end return 0 end, print)")
    assert cause(subject.act("A")) == "Pattern result is not valid, it MUST be string, number, or boolean"


def test_default_runs_after_continue(subject: Subject) -> None:
    """If nothing stopped the walk, `_default` runs, wherever it stands."""
    subject.eval("Handlers.add('c', function() return 'continue' end, function() print('c') end)")
    assert printed(subject.act("A")) == ["c", "New Message From USE...SER: Action = A"]


def test_handles_get_the_message_alone(subject: Subject) -> None:
    """The handle gets the message and nothing else, with resolvers too (as the reference does it)."""
    subject.eval("Handlers.add('e', 'E', function(...) print(select('#', ...)) end)")
    subject.eval("Handlers.add('r', 'R', {R = function(...) print(select('#', ...)) end})")
    assert printed(subject.act("E")) + printed(subject.act("R")) == ["1", "1"]


def test_evaluate_checks_its_arguments(subject: Subject) -> None:
    """`evaluate` takes tables."""
    assert subject.error("Handlers.evaluate(5, {})") == "msg is not valid"
    assert subject.error("Handlers.evaluate({}, nil)") == "env is not valid"


def test_list_edited_while_walked(subject: Subject) -> None:
    """The list may be edited while it is walked: what moves to the place of the present handler is passed over."""
    subject.eval("""
      local function go(m) return m.Action == 'G' and 'continue' or 'skip' end
      Handlers.add('a', go, function() print('a') Handlers.remove('a') end)
      Handlers.add('b', go, function() print('b') end)
      Handlers.add('c', go, function() print('c') Handlers.add('d', 'G', function() print('d') end) end)
    """)
    assert printed(subject.act("G")) == ["a", "c", "d"]


def test_list_replaced_while_walked(subject: Subject) -> None:
    """A walk goes on over the list with which it began."""
    subject.eval("""
      Handlers.add('a', function(m) return m.Action == 'G' and 1 or 0 end, function() Handlers.list = {} end)
      Handlers.add('b', 'G', function() print('b') end)
    """)
    assert printed(subject.act("G")) == ["b"]
    assert subject.eval(NAMES) == "_eval _default"


def test_built_in_handlers_come_back(subject: Subject) -> None:
    """`_eval` and `_default` that were removed, or changed, are put in place by the next message."""
    subject.eval("Handlers.add('a', print) Handlers.remove('_eval')")
    assert subject.eval(NAMES) == "_default a _eval"
    subject.eval("Handlers.list[1].pattern = 'never' Handlers.list[1].handle = nil")
    assert printed(subject.act("A")) == ["New Message From USE...SER: Action = A"]


def test_built_in_handlers_stay_where_they_are(subject: Subject) -> None:
    """A process may move the built-in handlers; they stay there."""
    subject.eval("table.insert(Handlers.list, 1, table.remove(Handlers.list, 2)) Handlers.add('a', print)")
    assert subject.eval(NAMES) == "_default _eval a"


def test_replaced_functions_are_used(subject: Subject) -> None:
    """A process may replace `Handlers.evaluate`, `Utils.matchesSpec` and the modules in `package.loaded`."""
    subject.eval("local old = Handlers.evaluate Handlers.evaluate = function(m, e) print('mine') return old(m, e) end")
    assert printed(subject.act("A"))[0] == "mine"
    subject.eval("package.loaded['.default'] = function() return function() print('my default') end end")
    assert printed(subject.act("A")) == ["mine", "my default"]
    subject.eval("Utils.matchesSpec = function() return false end")
    assert printed(subject.act("Eval", From="OWNER")) == ["mine", "my default"]


def test_reply_reads_the_message_when_it_replies(subject: Subject) -> None:
    """`reply` changes the table that it is given, and reads the message as it is then."""
    subject.eval(
        "Handlers.add('r', 'R', function(m) m['Reply-To'] = 'ELSE' local t "
        "= {Data = 'd'} m.reply(t) print(t.Target) end)"
    )
    result = subject.act("R")
    assert (printed(result), result["Messages"][0]["Target"]) == (["ELSE"], "ELSE")


def test_reply_and_forward_are_fields(subject: Subject) -> None:
    """`reply` and `forward` are fields of the message, which `pairs` shows."""
    subject.eval(
        "Handlers.add('k', 'K', function(m) for k, v in pairs(m) do if type(v) == 'function' then print(k) end end end)"
    )
    assert printed(subject.act("K")) == ["forward", "reply"]


def test_reply_uses_the_global_ao(subject: Subject) -> None:
    """`reply` and `forward` send with the `ao.send` of that moment."""
    subject.eval(
        "Handlers.add('r', 'R', function(m) ao.send = function(t) "
        "print(t.Target) return {} end m.reply({}) m.forward('F') end)"
    )
    assert printed(subject.act("R")) == ["USER", "F"]


def test_forward_returns_nothing(subject: Subject) -> None:
    """`forward` returns nothing; `reply` returns what `ao.send` returns."""
    subject.eval("Handlers.add('f', 'F', function(m) print(select('#', m.forward('T'))) print(m.reply({}).Target) end)")
    assert printed(subject.act("F")) == ["0", "USER"]


def test_live_upgrade(subject: Subject) -> None:
    """Loaded again, the module keeps the list, the coroutines and the count."""
    code = """
      Handlers.once('A', print)
      local old = Handlers
      package.loaded['.handlers'], package.loaded.handlers = nil, nil
      local new = require('.handlers')
      return tostring(new ~= old and new.list == old.list and new.coroutines == old.coroutines) .. new.onceNonce
    """
    assert subject.eval(code) == "true1"
