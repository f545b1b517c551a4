"""The dialects: what each generation of the network's module does in its own way."""

from __future__ import annotations

import pytest

from .processes import COLOUR, Subject, printed, tags_of

NAMES = "local t = {} for _, h in ipairs(Handlers.list) do t[#t + 1] = h.name end return table.concat(t, ' ')"
DIALECTS = ["2.0.6", "2.0.1", "1"]


def said(result: dict) -> object:  # type: ignore[type-arg]
    """What an Eval of the oldest dialect answers."""
    return result["Output"]["data"].get("output")


@pytest.mark.parametrize(("dialect", "name"), [("2.0.6", "Reference"), ("2.0.1", "Reference"), ("1", "Ref_")])
def test_reference(dialect: str, name: str) -> None:
    """The reference is `Reference`, in the oldest dialect `Ref_`; there messages say whom they are from."""
    subject = Subject(dialect)
    result = subject.eval_result("ao.send({Target = 'T'}) ao.spawn('M', {})")
    own = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]
    if dialect == "1":
        own += [("From-Process", "PROCESS"), ("From-Module", "MODULE")]
    assert tags_of(result["Messages"][0]) == [*own, (name, "1")]
    assert tags_of(result["Spawns"][0])[-1] == (name, "2")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ref_in_every_dialect(dialect: str) -> None:
    """What `send` and `spawn` return answers to `Ref_` in every dialect."""
    subject = Subject(dialect)
    subject.eval_result("A, B = ao.send({Target = 'T'}).Ref_, ao.spawn('M', {}).Ref_")
    assert (subject.process.get("A"), subject.process.get("B")) == ("1", "2")


@pytest.mark.parametrize(("dialect", "key"), [("2.0.6", "Fqdn"), ("2.0.1", "FQDN"), ("1", "FQDN")])
def test_names_of_tags(dialect: str, key: str) -> None:
    """Names become Title-Case in the newest dialect only."""
    subject = Subject(dialect)
    subject.tell({"Action": "A", "FQDN": "x"})
    assert subject.process.get("Inbox[2]")[key] == "x"


@pytest.mark.parametrize(
    ("dialect", "names"), [("2.0.6", "_eval _default"), ("2.0.1", "_boot _eval _default"), ("1", "_eval _default")]
)
def test_handlers_at_the_start(dialect: str, names: str) -> None:
    """Which handlers there are at the start."""
    subject = Subject(dialect)
    subject.eval_result(f"NAMES = (function() {NAMES} end)()")
    assert subject.process.get("NAMES") == names


@pytest.mark.parametrize(
    ("dialect", "version", "shown"), [("2.0.6", "0.0.6", "2.0.4"), ("2.0.1", "0.0.6", "2.0.1"), ("1", "0.0.4", "0.2.1")]
)
def test_versions(dialect: str, version: str, shown: str) -> None:
    """Each says which version it is."""
    subject = Subject(dialect)
    subject.eval_result("V = ao._version .. ' ' .. require('.process')._version")
    assert subject.process.get("V") == f"{version} {shown}"


@pytest.mark.parametrize("dialect", ["2.0.1", "1"])
def test_untrusted_messages_are_answered(dialect: str) -> None:
    """Before 2.0.6 the sender of an untrusted message is told."""
    result = Subject(dialect).act("A", Owner="STRANGER")
    assert [m["Data"] for m in result["Messages"]] == ["Message is not trusted by this process!"]
    assert Subject("2.0.6").act("A", Owner="STRANGER")["Messages"] == []


@pytest.mark.parametrize("dialect", ["2.0.1", "1"])
def test_authorities_are_taken_once(dialect: str) -> None:
    """Before 2.0.6 the process's tags are its authorities while it has none."""
    subject = Subject(dialect)
    subject.eval_result("ao.authorities = {'MINE'}")
    subject.act("A")
    assert subject.process.get("ao.authorities") == ["MINE"]


@pytest.mark.parametrize("dialect", ["2.0.1", "1"])
def test_lost_owner(dialect: str) -> None:
    """Before 2.0.6 a lost owner is replaced by whoever sends the next message."""
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
