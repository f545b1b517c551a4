"""Process: takes messages, gives results; what fails leaves no trace."""

import copy
import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Environment, InputError, LoadError, Message, Process
from ao_runtime.state.defaults import FIRST_TIMESTAMP

COUNTER = """
Count = Count or 0
Handlers.add("count", "Count", function(msg)
  Count = Count + 1
  msg.reply({ Action = "Counted", Data = tostring(Count) })
end)
Handlers.add("break", "Break", function(msg)
  Count = -1
  Lost = true
  Handlers.remove("count")
  ao.send({ Target = "x", Data = "y" })
  if msg.How == "table" then error({}) elseif msg.How == "nil" then error() end
  error("broken")
end)
Handlers.add("echo", "Echo", function(msg) msg.reply({ Data = msg.Data, ["X-Key"] = msg["X-Key"] }) end)
Handlers.add("wait", "Wait", function(msg)
  local answer = Receive({ Action = "Answer" })
  msg.reply({ Data = "got " .. answer.Data })
end)
"""


@pytest.fixture
def counter() -> Process:
    """A process that counts."""
    return Process.spawn(code=COUNTER, owner="alice", tags={"Name": "Counter"})


def test_dict_message_and_keywords_are_the_same(counter: Process) -> None:
    """A message may be a dict with the network's names, one with Python's, a Message, keyword arguments, or a mixture."""
    forms = [
        lambda: counter.handle({"From": "bob", "Tags": [{"name": "Action", "value": "Count"}]}),
        lambda: counter.handle({"From": "bob", "Action": "Count"}),
        lambda: counter.handle({"from_": "bob", "tags": {"Action": "Count"}}),
        lambda: counter.handle(Message(From="bob", Action="Count")),
        lambda: counter.handle(From="bob", Action="Count"),
        lambda: counter.handle({"From": "bob"}, Action="Count"),
    ]
    for number, form in enumerate(forms, 1):
        (message,) = form().messages
        assert (message.target, message.data, message.tags["Action"]) == ("bob", str(number), "Counted")


def test_the_whole_result(counter: Process) -> None:
    """A result in the network's form."""
    assert counter.handle(From="bob", Action="Count").to_dict() == {
        "Output": {
            "data": "",
            "print": True,
            "prompt": "\x1b[32mCounter\x1b[90m@\x1b[34maos-2.0.4\x1b[90m[Inbox:\x1b[31m1\x1b[90m]\x1b[0m> ",
        },
        "Messages": [
            {
                "Target": "bob",
                "Data": "1",
                "Anchor": "00000000000000000000000000000001",
                "Tags": [
                    {"name": "Data-Protocol", "value": "ao"},
                    {"name": "Variant", "value": "ao.TN.1"},
                    {"name": "Type", "value": "Message"},
                    {"name": "Reference", "value": "1"},
                    {"name": "Action", "value": "Counted"},
                ],
            }
        ],
        "Spawns": [],
        "Assignments": [],
    }


@pytest.mark.parametrize("how", ["text", "table", "nil"])
def test_a_failure_leaves_no_trace(counter: Process, how: str) -> None:
    """After an error, of any kind, globals, handlers, references and the outbox are as before it."""
    counter.handle(From="bob", Action="Count")
    failed = counter.handle(From="bob", Action="Break", How=how)
    assert not failed.ok
    assert failed.messages == ()
    assert (counter.get("Count"), counter.get("Lost"), counter.get("ao.reference")) == (1, None, 1)
    assert counter.handle(From="bob", Action="Count").messages[0].tags["Reference"] == "2"


def test_waiting_survives_a_failure(counter: Process) -> None:
    """A handler that waits goes on waiting when another message fails."""
    counter.handle(From="bob", Action="Wait")
    counter.handle(From="eve", Action="Break")
    assert counter.handle(From="bob", Action="Answer", Data="42").messages[0].data == "got 42"


def test_failure_tells_where(counter: Process) -> None:
    """An error comes with message, chunk, line, handler and the frames of the user's code."""
    failure = counter.handle(From="bob", Action="Break").failure
    assert failure is not None
    assert (failure.message, failure.chunk, failure.line, failure.handler) == ("broken", "aos", 13, "break")
    assert [(frame.chunk, frame.line) for frame in failure.frames] == [("aos", 13)]


@pytest.mark.parametrize(
    ("dialect", "owner"), [("2.0.6", None), ("2.0.3", None), ("2.0.1", "bob"), ("1", "bob"), ("0.2.0", "bob")]
)
def test_a_first_message_that_is_not_the_processs_own(dialect: str, owner: str | None) -> None:
    """It is evaluated as in that generation's module: up to 2.0.1 whoever sends it is the owner from then on."""
    process = Process({"Process": {"Id": "P", "Owner": "O", "Tags": []}}, dialect=dialect)
    assert process.handle(From="bob", Action="Hi").ok
    assert process.get("Owner") == owner
    assert process.handle(Id="P", From="O", Tags={"Type": "Process"}).ok
    assert process.get("Owner") == (owner or "O")


def test_environment_model() -> None:
    """The environment may be a model."""
    environment = Environment.model_validate({"Process": {"Id": "P", "Owner": "O", "Tags": {"Name": "N"}}})
    process = Process(environment)
    assert (process.id, process.owner) == ("P", "O")
    process.handle(Id="P", From="O", Type="Process")
    assert process.get("Name") == "N"


def test_the_caller_s_message_is_left_alone(counter: Process) -> None:
    """A message given as a dict is not changed."""
    message = {"From": "bob", "Tags": [{"name": "Action", "value": "Count"}], "Other": 5}
    before = copy.deepcopy(message)
    counter.handle(message)
    assert message == before


def test_spawn_from_a_file(tmp_path: Path) -> None:
    """A file is evaluated at boot as the process's own data, and `require` finds its neighbours, once."""
    (tmp_path / "main.lua").write_text('local m = require("lib.helper") N = m.n + require(".lib.helper").n')
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.lua").write_text("Loads = (Loads or 0) + 1 return { n = 21 }")
    process = Process.spawn(tmp_path / "main.lua")
    assert (process.get("N"), process.get("Loads")) == (42, 1)


def test_spawn_of_broken_code(tmp_path: Path) -> None:
    """Code that does not load is a LoadError with file and line."""
    path = tmp_path / "broken.lua"
    path.write_text("local x = 1\nlocal y = = 2\n")
    with pytest.raises(LoadError) as caught:
        Process.spawn(path)
    assert (caught.value.file, caught.value.line) == (str(path), 2)
    path.write_text("\n\nerror('at boot')\n")
    with pytest.raises(LoadError, match="at boot") as caught:
        Process.spawn(path)
    assert (caught.value.file, caught.value.line) == (str(path), 3)


def test_spawn_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be read is an InputError."""
    with pytest.raises(InputError, match=r"none\.lua.*No such file"):
        Process.spawn(tmp_path / "none.lua")


def test_eval(counter: Process) -> None:
    """eval is the owner's Eval: the value is the output, what it changes stays."""
    assert counter.eval("Count = 9 return Count").text == "9"
    assert counter.get("Count") == 9
    assert not counter.eval("Count = 1 error('no')").ok
    assert counter.get("Count") == 9


def test_get(counter: Process) -> None:
    """get looks at any value without a message: lists, dicts, numbers of both kinds, functions by name."""
    counter.eval(
        "T = { list = { 1, 2.5, 'x' }, map = { a = true, ['b c'] = { 1 } }, none = {}, f = print, ['1'] = 'one' }"
    )
    assert counter.get("T.list") == [1, 2.5, "x"]
    assert counter.get("T.list[2]") == 2.5
    assert counter.get("T.list.3") == "x"
    assert counter.get("T.map") == {"a": True, "b c": [1]}
    assert counter.get("T.none") == []
    assert counter.get("T.nothing") is None
    assert counter.get("T.f").startswith("function: 0x")
    with pytest.raises(InputError, match=r"T\.list\.x\.y"):
        counter.get("T.list.x.y")
    counter.eval("Loop = {} Loop.loop = Loop")
    with pytest.raises(InputError, match="circular"):
        counter.get("Loop")


def test_get_runs_nothing(counter: Process) -> None:
    """Looking runs no code of the process."""
    counter.eval(
        "P = setmetatable({}, { __index = function() Touched = true return 1 end, __pairs = function() Touched = true end })"
    )
    assert counter.get("P.x") is None
    assert counter.get("P") == []
    assert counter.get("Touched") is None


def test_filled_in(counter: Process) -> None:
    """What is left out is there for the process: id, sender, owner, target, time and height."""
    counter.eval(
        "Handlers.add('see', 'See', function(msg) Seen = { msg.Id, msg.From, msg.Owner, msg.Target, msg.Timestamp } end)"
    )
    counter.handle(Action="See")
    seen = counter.get("Seen")
    assert len(seen[0]) == 43
    assert seen[1:] == ["alice", "alice", counter.id, FIRST_TIMESTAMP + 2]


@settings(max_examples=50, deadline=None)
@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    """Data of any bytes survives both ways."""
    back = _echo.handle(From="bob", Action="Echo", Data=data).messages[0].data
    assert (back.encode() if isinstance(back, str) else back) == data


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text(text: str) -> None:
    """Text of any characters survives both ways, as data and as a tag."""
    message = _echo.handle({"From": "bob", "Action": "Echo", "Data": text, "X-Key": text}).messages[0]
    assert (message.data, message.tags["X-Key"]) == (text, text)


_echo = Process.spawn(code=COUNTER, owner="alice")


MODULE = """
local json = require("json")
local seen = 0
return { handle = function(msg, env)
  seen = seen + 1
  print("seen " .. msg.Id)
  if msg.Id == "bad" then error("no good") end
  if msg.Id == "empty" then return end
  return { Output = json.encode(msg.Tags), Messages = { { Target = env.Process.Id, n = seen } } }
end }
"""


def test_a_module_of_the_project_s_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A project's process.lua gets the decoded JSON, nothing added; its result is the result; print goes to the log."""
    (tmp_path / "process.lua").write_text(MODULE)
    process = Process({"Process": {"Id": "P"}}, module=tmp_path)
    with caplog.at_level(logging.INFO, "ao_runtime.print"):
        result = process.handle(Id="first", x_y="z")
    assert result.to_dict() == {
        "Output": '[{"name":"x_y","value":"z"}]',
        "Messages": [{"Target": "P", "n": 1}],
        "Spawns": [],
        "Assignments": [],
    }
    assert [record.getMessage() for record in caplog.records] == ["seen first"]
    assert "no good" in (process.handle(Id="bad").error or "")
    assert process.handle(Id="empty").output is None
    assert process.handle(Id="next").to_dict()["Messages"][0]["n"] == 3


def test_a_module_without_process_lua(tmp_path: Path) -> None:
    """A folder without process.lua is no module."""
    with pytest.raises(InputError, match=r"process\.lua"):
        Process(module=tmp_path)


def test_unknown_dialect() -> None:
    """An unknown dialect is an InputError that names the known ones."""
    with pytest.raises(InputError, match=r"2\.0\.6, 2\.0\.3, 2\.0\.1, 1, 0\.2\.0"):
        Process(dialect="3")


def test_failure_after_waiting_tells_where() -> None:
    """An error in a handler that had waited names its line, its frames and its name."""
    process = Process.spawn(
        code="""
        Handlers.add("wait", "Wait", function(msg)
          local answer = Receive({ Action = "Answer" })
          error("bad " .. answer.Data)
        end)"""
    )
    process.handle(From="bob", Action="Wait")
    failure = process.handle(From="bob", Action="Answer", Data="luck").failure
    assert failure is not None
    assert (failure.message, failure.line, failure.handler) == ("bad luck", 4, "wait")
    assert [frame.line for frame in failure.frames] == [4]


def test_half_a_surrogate_pair(counter: Process) -> None:
    """Text that no UTF-8 can hold is U+FFFD for the process, wherever it stands; never a Python error."""
    for form in ({"Data": "a\ud800"}, {"Data": "a\ud800", "X": [1]}, {"Data": "a\udcff", "Timestamp": 10**30}):
        (message,) = counter.handle(form, From="bob", Action="Echo").messages
        assert message.data == "a\ufffd"
    assert counter.handle({"\ud800": "x"}, X={"a": "\ud800"}).ok
    assert counter.get("\ud800") is None
    assert Process.spawn(code="Name = '\ud800'", owner="\ud800", tags={"X": "\ud800"}).get("Name") == "\ufffd"
    with pytest.raises(InputError, match="cannot be read"):
        Process.spawn("\ud800.lua")
    with pytest.raises(InputError, match="cannot be read"):
        Process.spawn("a\0b")
    with pytest.raises(InputError, match="must be text"):
        counter.get(5)  # type: ignore[arg-type]


def test_a_file_that_was_not_evaluated(tmp_path: Path) -> None:
    """Where an Eval of a file is refused, the message that gets its number is not of that file."""
    file = tmp_path / "more.lua"
    file.write_text("error('of the file')")
    process = Process.spawn(code="")
    with pytest.raises(InputError):
        process.eval_file(file, limits={"seconds": -1})
    failure = process.eval("error('of the Eval')").failure
    assert failure is not None
    assert (failure.file, failure.evaluated) == (None, 1)
    failure = process.eval_file(file).failure
    assert failure is not None
    assert failure.file == str(file)
