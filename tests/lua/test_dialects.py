"""The dialects: what each generation of the network's module does in its own way."""

from __future__ import annotations

import pytest

from .processes import COLOUR, Subject, printed, tags_of

NAMES = "local t = {} for _, h in ipairs(Handlers.list) do t[#t + 1] = h.name end return table.concat(t, ' ')"
DIALECTS = ["2.0.6", "2.0.3", "2.0.1", "1", "0.2.0"]


def said(result: dict) -> object:  # type: ignore[type-arg]
    """What an Eval of the oldest dialect answers."""
    return result["Output"]["data"].get("output")


@pytest.mark.parametrize(
    ("dialect", "name"), [("2.0.6", "Reference"), ("2.0.1", "Reference"), ("1", "Ref_"), ("0.2.0", "Ref_")]
)
def test_reference(dialect: str, name: str) -> None:
    """The reference is `Reference`, in the oldest dialect `Ref_`; there messages say whom they are from."""
    subject = Subject(dialect)
    result = subject.eval_result("ao.send({Target = 'T'}) ao.spawn('M', {})")
    own = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]
    if dialect in ("1", "0.2.0"):
        own += [("From-Process", "PROCESS"), ("From-Module", "MODULE")]
    assert tags_of(result["Messages"][0]) == [*own, (name, "1")]
    assert tags_of(result["Spawns"][0])[-1] == (name, "2")


@pytest.mark.parametrize("dialect", DIALECTS[:-1])
def test_ref_in_every_dialect(dialect: str) -> None:
    """What `send` and `spawn` return answers to `Ref_` in every dialect but 0.2.0, where it is what was sent and no more."""
    subject = Subject(dialect)
    subject.eval_result("A, B = ao.send({Target = 'T'}).Ref_, ao.spawn('M', {}).Ref_")
    assert (subject.process.get("A"), subject.process.get("B")) == ("1", "2")


@pytest.mark.parametrize(
    ("dialect", "key"), [("2.0.6", "Fqdn"), ("2.0.3", "FQDN"), ("2.0.1", "FQDN"), ("1", "FQDN"), ("0.2.0", "FQDN")]
)
def test_names_of_tags(dialect: str, key: str) -> None:
    """Names become Title-Case in the newest dialect only."""
    subject = Subject(dialect)
    subject.tell({"Action": "A", "FQDN": "x"})
    assert subject.process.get("Inbox[2]")[key] == "x"


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        ("2.0.6", "_eval _default"),
        ("2.0.3", "_eval _default"),
        ("2.0.1", "_boot _eval _default"),
        ("1", "_eval _default"),
        ("0.2.0", "_eval _default"),
    ],
)
def test_handlers_at_the_start(dialect: str, names: str) -> None:
    """Which handlers there are at the start."""
    subject = Subject(dialect)
    subject.eval_result(f"NAMES = (function() {NAMES} end)()")
    assert subject.process.get("NAMES") == names


@pytest.mark.parametrize(
    ("dialect", "version", "shown"),
    [
        ("2.0.6", "0.0.6", "2.0.4"),
        ("2.0.3", "0.0.6", "2.0.3"),
        ("2.0.1", "0.0.6", "2.0.1"),
        ("1", "0.0.4", "0.2.1"),
        ("0.2.0", "0.0.5", "0.2.0"),
    ],
)
def test_versions(dialect: str, version: str, shown: str) -> None:
    """Each says which version it is."""
    subject = Subject(dialect)
    subject.eval_result("V = ao._version .. ' ' .. require('.process')._version")
    assert subject.process.get("V") == f"{version} {shown}"


@pytest.mark.parametrize("dialect", ["2.0.3", "2.0.1", "1"])
def test_untrusted_messages_are_answered(dialect: str) -> None:
    """Before 2.0.6 the sender of an untrusted message is told."""
    result = Subject(dialect).act("A", Owner="STRANGER")
    assert [m["Data"] for m in result["Messages"]] == ["Message is not trusted by this process!"]
    assert Subject("2.0.6").act("A", Owner="STRANGER")["Messages"] == []


@pytest.mark.parametrize("dialect", ["2.0.3", "2.0.1", "1", "0.2.0"])
def test_authorities_are_taken_once(dialect: str) -> None:
    """Before 2.0.6 the process's tags are its authorities while it has none."""
    subject = Subject(dialect)
    subject.eval_result("ao.authorities = {'MINE'}")
    subject.act("A")
    assert subject.process.get("ao.authorities") == ["MINE"]


@pytest.mark.parametrize("dialect", ["2.0.1", "1", "0.2.0"])
def test_lost_owner(dialect: str) -> None:
    """Before 2.0.3 a lost owner is replaced by whoever sends the next message."""
    subject = Subject(dialect)
    subject.eval_result("Owner = nil")
    subject.act("A")
    assert subject.process.get("Owner") == "USER"


def test_output_of_eval_in_the_oldest() -> None:
    """An Eval of the oldest dialect answers {json, output, prompt}; the value keeps its type."""
    subject = Subject("1")
    result = subject.eval_result("return 1.5")
    assert (result["Output"]["data"]["json"], said(result)) == ("undefined", 1.5)
    assert said(subject.eval_result("return true")) is True
    assert said(subject.eval_result("return {}")) == "{  }"
    assert said(subject.eval_result("print('x')")) == "x"
    assert said(subject.eval_result("print('x') return 'y'")) == "y"


def test_errors_in_the_oldest() -> None:
    """In the oldest dialect an Eval's error is the bare error; a handler's error is printed, and what it did stays."""
    subject = Subject("1")
    assert subject.eval_result("error('bad')") == {"Error": '[string "aos"]:1: bad'}
    subject.eval_result(
        "Handlers.add('e', Handlers.utils.hasMatchingTag('Action', 'E'), "
        "function() Count = 1 ao.send({Target = 'T'}) error('bad') end)"
    )
    result = subject.act("E")
    assert printed(result)[:2] == ["Error handling message with Action = E", '[string "aos"]:1: bad']
    assert (len(result["Messages"]), subject.process.get("Count")) == (1, 1)


def test_patterns_in_the_oldest() -> None:
    """In the oldest dialect a handler is a name, a pattern that is a function, and a handle; nothing is returned."""
    subject = Subject("1")
    assert (
        "invalid arguments: handler.add(name : string" in subject.eval_result("Handlers.add('a', 'A', print)")["Error"]
    )
    assert said(subject.eval_result("return Handlers.add('a', function() return 0 end, print)")) is None


def test_case_of_letters() -> None:
    """A string pattern is matched without regard to case in 2.0.6, and with it in 2.0.1, where only the root counts."""
    answers = {}
    for dialect in ("2.0.6", "2.0.1"):
        subject = Subject(dialect)
        matches = "Utils.matchesSpec({Kind = 'Abc', Tags = {Kind = 'Tag'}}, {Kind = "
        patterns = ("'Abc'", "'abc'", "'^a'", "'^A'", "'Tag'", "'_'")
        answers[dialect] = [subject.eval(f"return tostring({matches}{pattern}}}))") for pattern in patterns]
    assert answers == {
        "2.0.6": ["true", "true", "true", "true", "true", "true"],
        "2.0.1": ["true", "false", "false", "true", "false", "true"],
    }


def test_names_that_came_later() -> None:
    """What processes of an age do not know is not there."""
    kinds = "return type(Utils.capitalize) .. type(Utils.normalize) .. type(Utils.matchesSpec) .. type(Handlers.once)"
    assert Subject("2.0.6").eval(kinds) == "function" * 4
    assert Subject("2.0.1").eval(kinds) == "nilnilfunctionfunction"
    assert said(Subject("1").eval_result(kinds)) == "nil" * 4


def test_specs_of_the_oldest() -> None:
    """In the oldest dialect one function compares a message with a spec, and knows no lists."""
    subject = Subject("1")
    matches = "Utils.matchesPattern({Action = 'Abc'}, "
    specs = ("'Abc'", "'abc'", "{Action = '_'}", "{Action = '^A'}", "{Action = '^a'}", "{Other = '_'}", "nil")
    answers = [said(subject.eval_result(f"return {matches}{spec})")) for spec in specs]
    assert answers == [True, False, True, True, False, False, False]
    complaint = "bad argument #1 to 'match' (string expected, got table)"
    assert subject.error(f"return {matches}{{Action = {{'Abc'}}}})") == complaint


def test_printing_in_the_oldest() -> None:
    """In the oldest dialect the first value printed stays what it is, and what cannot be joined to it is left out."""
    subject = Subject("1")
    subject.eval_result("Handlers.add('p', function(m) return m.Action == 'P' end, function(m) load(m.Data)() end)")
    codes = (
        "print(5)",
        "print(true)",
        "print('a') print(5)",
        "print('a') print(true) print('b')",
        "print(nil) print('a')",
    )
    assert [subject.act("P", Data=code)["Output"]["data"] for code in codes] == [5, True, "a\n5", "a\nb", "a"]


def test_errors_of_the_oldest() -> None:
    """In the oldest dialect an Eval's error is the result's, whatever value it is; nil is none."""
    subject = Subject("1")
    codes = ("error({code = 7})", "error(5, 0)", "error(true)", "error('x', 0)")
    assert [subject.eval_result(code)["Error"] for code in codes] == [{"code": 7}, 5, True, "x"]
    assert "Error" not in subject.eval_result("error()")


def test_no_coroutine_in_the_oldest() -> None:
    """In the oldest dialect a message is not evaluated in a coroutine."""
    subject = Subject("1")
    assert subject.error("coroutine.yield()") == "attempt to yield from outside a coroutine"
    code = "return coroutine.wrap(function() coroutine.yield(tostring(coroutine.isyieldable())) end)()"
    assert said(subject.eval_result(code)) == "true"


def test_removing_in_the_oldest() -> None:
    """In the oldest dialect removing a handler that is not there removes the last."""
    subject = Subject("1")
    subject.eval_result("Handlers.add('a', function() return false end, print) Handlers.remove('b')")
    subject.eval_result(f"NAMES = (function() {NAMES} end)()")
    assert subject.process.get("NAMES") == "_eval _default"


def test_refused_messages_from_the_process_itself() -> None:
    """Only in the oldest dialect the process tells itself that it refused an assignment."""
    counts = {
        dialect: len(Subject(dialect).act("A", From="PROCESS", Target="OTHER")["Messages"]) for dialect in DIALECTS
    }
    assert counts == {"2.0.6": 0, "2.0.3": 0, "2.0.1": 0, "1": 1, "0.2.0": 0}


def test_an_error_without_text() -> None:
    """An empty error is one for Lua and none for the network: nothing is left of the result, and the state is kept."""
    for dialect in DIALECTS:
        subject = Subject(dialect)
        assert subject.eval_result("X = 5 return 1, ''") == {
            "Output": None,
            "Messages": [],
            "Spawns": [],
            "Assignments": [],
        }
        assert subject.process.get("X") == 5


def test_silence_in_the_oldest() -> None:
    """In the oldest dialect the output of a message for which nothing was printed is what the process left there."""
    subject = Subject("1")
    subject.eval_result("Handlers.add('a', function(m) return m.Action == 'A' end, function() ao.log('logged') end)")
    assert subject.act("A")["Output"] == ["logged"]


def test_no_reply_in_the_oldest() -> None:
    """In the oldest dialect a message has neither `reply` nor `forward`; its own message is like any other."""
    subject = Subject("1")
    assert COLOUR.sub("", subject.booted["Output"]["data"]).startswith("New Message From")
    assert subject.process.get("Inbox[1].reply") is None


def test_time_in_the_oldest() -> None:
    """In the oldest dialect time stands still."""
    subject = Subject("1")
    assert {said(subject.eval_result("return os.time()")) for _ in range(3)} == {10}


def test_answers_of_the_oldest() -> None:
    """`Send`, `Spawn` and `Assign` of the oldest dialect answer with a line."""
    subject = Subject("1")
    assert said(subject.eval_result("return Send({Target = 'T'})")) == "Message added to outbox."
    assert said(subject.eval_result("return Spawn('M', {})")) == "Spawn process request added to outbox."
    assert (
        said(subject.eval_result("return Assign({Processes = {'P'}, Message = 'M'})")) == "Assignment added to outbox."
    )


def test_the_first_aos() -> None:
    """In 0.2.0 the prompt is `aos> `, every message is handled, and an error in a handler is the result's Error."""
    subject = Subject("0.2.0")
    subject.eval_result(
        "Handlers.add('e', Handlers.utils.hasMatchingTag('Action', 'E'), function(m, env) "
        "print(env.Process.Id) ao.send({Target = m.From}) if m.Fail then error({code = 7}) end end)"
    )
    result = subject.act("E", From="EVE", Owner="MU", Target="OTHER")
    assert result["Output"] == {"data": "PROCESS", "prompt": "aos> ", "print": True}
    assert [message["Target"] for message in result["Messages"]] == ["EVE"]
    assert subject.act("E", Fail="yes") == {"Error": {"code": 7}}
    names = "{tostring(ao.isAssignable), tostring(ao.clone), tostring(Utils.matchesPattern), tostring(ao.reference)}"
    assert said(subject.eval_result(f"return table.concat({names}, ' ')")) == "nil nil nil nil"


def test_what_is_returned_is_what_was_sent() -> None:
    """In the 0.2 series what `send` and `spawn` return is what lies in the outbox, and `ao._ref` counts."""
    for dialect in ("1", "0.2.0"):
        code = "ao._ref = 40 ao.send({Target = 'T'}).Data = 'changed' ao.spawn('M', {}).Data = 'too'"
        result = Subject(dialect).eval_result(code)
        assert [item["Data"] for item in (*result["Messages"], *result["Spawns"])] == ["changed", "too"]
        assert tags_of(result["Spawns"][0])[-1] == ("Ref_", "42")


def test_json_in_an_eval_of_the_oldest() -> None:
    """In the 0.2 series a table that an Eval returns is in its output as JSON, once the process has a global `json`."""
    subject = Subject("1")
    assert subject.eval_result("return {1, {2}}")["Output"]["data"]["json"] == "undefined"
    subject.eval_result("json = require('json')")
    assert subject.eval_result("return {1, {2}}")["Output"]["data"]["json"] == [1, [2]]
    assert subject.eval_result("return {print}")["Output"]["data"]["json"] == "undefined"


def test_patterns_of_2_0_3() -> None:
    """2.0.3 looks at tags as well, and the case of letters counts."""
    subject = Subject("2.0.3")
    matches = "Utils.matchesSpec({Kind = 'Abc', Tags = {Kind = 'Tag', Only = 'Here'}}, "
    patterns = ("{Kind = 'Tag'}", "{Kind = 'abc'}", "{Only = 'Here'}", "{Only = 'here'}", "{None = '_'}")
    answers = [subject.eval(f"return tostring({matches}{pattern}))") for pattern in patterns]
    assert answers == ["true", "false", "true", "false", "false"]
