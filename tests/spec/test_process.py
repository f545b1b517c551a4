"""What happens to one message (process.md), sentence by sentence."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Limits, Process

from ..lua.processes import COLOUR, ID, MODULE, OWNER, Subject, cause, printed


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def output(data: str, inbox: int = 1, name: str = "aos") -> dict[str, Any]:
    """The output of a message that is no Eval."""
    prompt = f"\x1b[32m{name}\x1b[90m@\x1b[34maos-2.0.4\x1b[90m[Inbox:\x1b[31m{inbox}\x1b[90m]\x1b[0m> "
    return {"data": data, "prompt": prompt, "print": True}


# Steps, in their order


def test_names_of_root_keys_become_title_case(subject: Subject) -> None:
    """Root keys are renamed too: `_` is `-`, lower case, a capital at the start and after each `-`."""
    subject.eval("Handlers.add('k', 'K', function(m) print(m['Some-Key-X']) print(m.some_kEY_x) end)")
    message = subject.message({"action": "K", "some_kEY_x": "v"})
    assert printed(subject.process.handle(message).to_dict()) == ["v", "nil"]


def test_a_process_is_named_by_its_owner() -> None:
    """Before its own message was seen there is no Owner; then it is who sent it."""
    process = Process({"Process": {"Id": ID, "Owner": "SOMEONE", "Tags": []}})
    assert process.get("Owner") is None
    process.handle(Id=ID, From="SENDER", Type="Process")
    assert process.get("Owner") == "SENDER"


def test_errors_and_inbox_are_there_from_the_start() -> None:
    """`Errors` and `Inbox` exist while the process's own code runs."""
    booted = Subject(boot="print(#Errors .. ' ' .. #Inbox .. ' ' .. Inbox[1].Id .. ' ' .. Name .. ' ' .. Owner)").booted
    assert printed(booted) == [f"0 1 {ID} aos {OWNER}"]


def test_json_without_data(subject: Subject) -> None:
    """Without Data a message of the type application/json has a table without keys."""
    subject.eval("Handlers.add('j', 'J', function(m) print(type(m.Data) .. tostring(next(m.Data))) end)")
    message = subject.message({"Action": "J", "Content-Type": "application/json"})
    del message["Data"]
    assert printed(subject.process.handle(message).to_dict()) == ["tablenil"]


def test_untrusted(subject: Subject) -> None:
    """A message of another's signature is not handled: the whole result is one line."""
    subject.eval("Handlers.add('a', 'A', function() Count = 1 end)")
    result = subject.act("A", Owner="STRANGER")
    text = "Message is not trusted! From: USER - Owner: STRANGER"
    assert result == {"Output": output(text), "Messages": [], "Spawns": [], "Assignments": []}
    assert subject.process.get("Count") is None


def test_trusted(subject: Subject) -> None:
    """A message that an authority signed for a process is handled."""
    assert printed(subject.act("A", Owner="AUTHORITY")) == ["New Message From USE...SER: Action = A"]


def test_refused_assignment(subject: Subject) -> None:
    """An assignment that nothing allows is answered and not handled."""
    result = subject.act("A", Target="ELSEWHERE")
    tags = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"), ("Reference", "1")]
    assert result == {
        "Output": output("Assignment is not trusted! From: USER - Owner: USER"),
        "Messages": [
            {
                "Target": "USER",
                "Data": "Assignment is not trusted by this process!",
                "Anchor": "0" * 31 + "1",
                "Tags": [{"name": name, "value": value} for name, value in tags],
            }
        ],
        "Spawns": [],
        "Assignments": [],
    }


def test_result_of_a_message(subject: Subject) -> None:
    """The output is {data, prompt, print}, data being the printed lines."""
    subject.eval("Handlers.add('p', 'P', function() print('one') print(2) end)")
    assert subject.act("P") == {
        "Output": output("one\n\x1b[32m2\x1b[0m"),
        "Messages": [],
        "Spawns": [],
        "Assignments": [],
    }


def test_result_of_an_eval(subject: Subject) -> None:
    """The output of Eval is {data, prompt, test}, test being a dump of the printed lines."""
    result = subject.eval_result("print('one') return 'two'")
    expected = {**output("one\ntwo"), "test": '{\n    [1] = "one",\n    [2] = "two"\n}'}
    del expected["print"]
    assert result == {"Output": expected, "Messages": [], "Spawns": [], "Assignments": []}


# Errors and state

FAILURES = {
    "text": "error('bad')",
    "table": "error({code = 1})",
    "nil": "error()",
    "nothing to call": "nobody()",
    "failed assertion": "assert(false, 'no')",
    "own error of a result": "ao.outbox.Error = 'mine'",
    "stack": "local function f() return 1 + f() end f()",
    "coroutine": "coroutine.wrap(function() error('inside') end)()",
    "instructions": "while true do end",
    "memory": "local t = {} for i = 1, 1e8 do t[i] = {i} end",
    "result that is no JSON": "ao.send({Target = 'T', X = function() end, Y = {1, a = 2}})",
}
STATE = (
    "local t = {Count, ao.reference, #Handlers.list, #Handlers.coroutines, Handlers.onceNonce, #Inbox, #Errors, "
    "tostring(Object.x), #package.loaded, Name} return table.concat(t, ' ')"
)


@pytest.mark.parametrize("kind", FAILURES)
def test_no_failure_leaves_a_trace(kind: str) -> None:
    """Whatever it fails by, a message leaves globals, tables, references, handlers and coroutines as they were."""
    subject = Subject(limits=Limits(instructions=3_000_000, memory="64MB"))
    subject.eval("Count, Object = 0, {} Handlers.add('w', 'W', function() Receive('Never') end)")
    subject.act("W")
    subject.eval(f"""
      Handlers.add('f', 'F', function(m)
        Count, Object.x, Name, Handlers.list[1].pattern = 1, 2, 'X', 'never'
        Handlers.once('Q', print) ao.send({{Target = 'T'}}) table.insert(Inbox, m) table.insert(Errors, 'x')
        math.random() string.x = 5
        {FAILURES[kind]}
      end)
    """)
    before, drawn = subject.eval(STATE), subject.process.get("Handlers.onceNonce")
    result = subject.act("F")
    assert list(result) == ["Error"]
    assert subject.eval(STATE) == before
    assert (subject.process.get("string.x"), subject.process.get("Handlers.onceNonce")) == (None, drawn)


def test_draws_of_a_failed_message_are_drawn_again(subject: Subject) -> None:
    """Random numbers that a failed message drew come again."""
    subject.eval(
        "Handlers.add('r', 'R', function(m) local n = math.random() "
        "if m.Data == 'bad' then error('x') end print(n) end)"
    )
    other = Subject()
    other.eval("Handlers.add('r', 'R', function(m) print(math.random()) end)")
    subject.act("R", Data="bad")
    assert printed(subject.act("R")) == printed(other.act("R"))


def test_what_cannot_be_decoded(subject: Subject) -> None:
    """A message that cannot be decoded is an error, and leaves no trace either."""
    subject.eval("Count = 0")
    tags = {"Action": "A", "Content-Type": "application/json"}
    assert list(subject.tell(tags, Data="{")) == ["Error"]
    assert subject.eval("return Count .. #Inbox") == "01"


def test_handler_error_text(subject: Subject) -> None:
    """The text of an error holds the printed lines, then `error:` in red, then the message with its position."""
    subject.eval("Handlers.add('e', 'E', function()\nprint('one')\nlocal x = nil + 1 end)")
    error = subject.act("E")["Error"]
    assert error.startswith("one\n")
    place = '[string "aos"]:3: attempt to perform arithmetic on a nil value'
    assert error.endswith("\x1b[31merror:\n\x1b[0m" + place)


# Eval and boot


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("1 + 1", "2"),
        ("'a' .. 1", "a1"),
        ("'10' + 5", "15.0"),
        ("7 // 2 .. ' ' .. 7 / 2", "3 3.5"),
        ("return nil", ""),
        ("return false", ""),
        ("nil", ""),
        ("true", "true"),
        ("x = 5", ""),
        ("1, nil", "1"),
        ("1, false", "1"),
        ("{}", "{  }"),
        ("{1, {a = 'b'}}", '{\n  1,\n  {\n     a = "b"\n  }\n }'),
        ("-- only a comment", ""),
        ("", ""),
    ],
)
def test_values_of_an_eval(subject: Subject, code: str, data: str) -> None:
    """Source is an expression or a chunk; the first value is shown, unless it is nil or false."""
    assert subject.eval(code) == data


@pytest.mark.parametrize(
    ("code", "error"), [("nil, 'no'", "no"), ("1, 5", 5), ("nil, true", True), ("1, {a = 1}", {"a": 1})]
)
def test_second_value_of_an_eval(subject: Subject, code: str, error: Any) -> None:
    """A second value that is truthy is the error of the result, as it is."""
    assert subject.eval_result(code) == {"Error": error}


def test_positions_in_modules(tmp_path: Any) -> None:
    """A module's code is named by the name it was required by, and evaluated code is `aos`."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "deep.lua").write_text("return function()\n  error('here')\nend")
    process = Process.spawn(modules=tmp_path)
    for name in ("lib.deep", ".lib.deep"):
        result = process.eval(f"package.loaded['{name}'] = nil\nreturn require('{name}')()")
        assert result.failure is not None
        assert COLOUR.sub("", result.error or "").endswith(f'[string ".{name.lstrip(".")}"]:2: here')


def test_on_boot_of_nothing() -> None:
    """Without `On-Boot` the Data of the process's own message is not evaluated, but the message is in the Inbox."""
    process = Process({"Process": {"Id": ID, "Owner": OWNER, "Tags": []}})
    result = process.handle(Id=ID, From=OWNER, Type="Process", Data="Count = 1")
    assert result.to_dict() == {"Output": output(""), "Messages": [], "Spawns": [], "Assignments": []}
    assert (process.get("Count"), process.get("Inbox[1].Data")) == (None, "Count = 1")


def test_boot_runs_once() -> None:
    """The process's own message boots the process; another message of that kind is a message."""
    subject = Subject(boot="Count = (Count or 0) + 1")
    subject.tell({"Type": "Process", "On-Boot": "Data"}, Data="Count = 99", From=OWNER)
    assert subject.process.get("Count") == 1


# Inbox and print


@pytest.mark.parametrize(
    ("tags", "data", "line"),
    [
        ({"Action": "Short"}, "d", ("Action", "Short")),
        ({"Action": "a" * 21}, "d", ("Action", "a" * 20)),
        ({}, "d" * 21, ("Data", "d" * 20)),
        ({}, "", ("Data", "")),
    ],
)
def test_line_of_the_inbox(subject: Subject, tags: dict[str, str], data: str, line: tuple[str, str]) -> None:
    """The line that says what came, with its colours."""
    gray, green, blue, reset = "\x1b[90m", "\x1b[32m", "\x1b[34m", "\x1b[0m"
    text = f"{gray}New Message From {green}USE...SER{gray}: {gray}{line[0]} = {blue}{line[1]}{reset}"
    assert subject.tell(tags, Data=data)["Output"] == output(text, 2)


def test_first_argument_of_print(subject: Subject) -> None:
    """Only the first argument of `print` counts."""
    assert subject.eval("print('a', 'b') print() print({1, 2}, 3)") == "a\nnil\n{ 1, 2 }"


# Random numbers


def twister(seed: int) -> random.Random:
    """MT19937 with this seed."""
    state = [seed & 0xFFFFFFFF]
    for i in range(1, 624):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + i) & 0xFFFFFFFF)
    generator = random.Random()
    generator.setstate((3, (*state, 624), None))
    return generator


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(0, 10**9),
    owner=st.text("aZ9-_", min_size=1, max_size=43),
    module=st.text("aZ9-_", max_size=43),
    own=st.text("aZ9-_", min_size=1, max_size=43),
)
def test_random_numbers(height: int, owner: str, module: str, own: str) -> None:
    """The seed is the digits of Block-Height and of the sum of the bytes of Owner, Module and Id; draws are scaled."""
    process = Process({"Process": {"Id": own, "Owner": owner, "Tags": []}})
    first = {"Id": own, "From": owner, "Owner": owner, "Target": own, "Module": module, "Timestamp": 1}
    process.handle({**first, "Block-Height": height, "Tags": [{"name": "Type", "value": "Process"}]})
    generator = twister(int(f"{height}{sum((owner + module + own).encode())}"))
    draws = [generator.getrandbits(32) / 2**32 for _ in range(3)]
    process.eval("A, B, C = math.random(), math.random(10), math.random(-5, 5)")
    assert process.get("A") == draws[0]
    assert process.get("B") == int(1 + draws[1] * 10)
    assert process.get("C") == -5 + int(draws[2] * 11)


def test_an_empty_range(subject: Subject) -> None:
    """An empty range is an error."""
    assert subject.error("return (math.random(5, 4))") == "max must bigger than min"


# Globals


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("type(Colors.red) .. type(Bell) .. type(Dump) .. type(Prompt())", "stringstringfunctionstring"),
        ("Send({Target = 'T'}).output .. type(Send({Target = 'T'}).receive)", "Message added to outboxfunction"),
        ("type(Send({Target = 'T'}).onReply)", "function"),
        ("Spawn('M', {}).output .. type(Spawn({}).receive)", "Spawn process request added to outboxfunction"),
        ("Assign({Processes = {'P'}, Message = 'M'})", "Assignment added to outbox.\nAssignment added to outbox."),
        ("tostring(Seeded) .. #HANDLER_PRINT_LOGS .. Name .. Owner", f"true0aos{OWNER}"),
        ("tostring(Utils == require('.utils')) .. tostring(Dump == require('.dump'))", "truetrue"),
    ],
)
def test_globals(subject: Subject, code: str, answer: str) -> None:
    """What the globals of a process are."""
    assert subject.eval("return " + code) == answer


def test_spawn_of_the_own_module(subject: Subject) -> None:
    """`Spawn(msg)` asks for a process of the own module."""
    tags = {tag["name"]: tag["value"] for tag in subject.eval_result("Spawn({Data = 'd'})")["Spawns"][0]["Tags"]}
    assert (tags["Module"], tags["From-Module"]) == (MODULE, MODULE)


def test_errors_keeps_only_what_stays(subject: Subject) -> None:
    """What failed is in no list: with the rest of the message, the entry in `Errors` is gone."""
    assert cause(subject.eval_result("error('bad')")) == '[string "aos"]:1: bad'
    assert subject.process.get("Errors") == []
