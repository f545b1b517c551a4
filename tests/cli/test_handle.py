"""`ao-run handle`: messages from files, results for people or as JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Process
from ao_runtime.cli.text import plain

from .running import ROOT, Ran, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")
PING = str(ROOT / "examples/ping/ping.lua")
VECTORS = ROOT / "tests/vectors"


def handle(*args: str, messages: Any = None, env: dict[str, str] | None = None) -> Ran:
    """Runs `ao-run handle` on messages given on standard input."""
    text = messages if isinstance(messages, str) else json.dumps(messages)
    return ao_run("handle", *args, "-", input=text, env=env)


def test_one_result_a_line() -> None:
    """`--json` prints what Process.handle gives, in wire form with GasUsed, one a line, and nothing else."""
    ran = handle("-p", PING, "--json", messages=[{"From": "a", "Action": "Ping"}, {"From": "b", "Action": "Ping"}])
    process = Process.spawn(PING)
    expected = [process.handle(From=name, Action="Ping").to_dict(gas=True) for name in ("a", "b")]
    assert ran.results == expected
    assert (ran.code, ran.err) == (0, "")


def test_for_people() -> None:
    """What was printed, then what was sent; plain where it is no terminal."""
    ran = handle("-p", PING, messages={"From": "alice", "Action": "Ping"})
    assert ran == Ran(0, "ping number 1 from alice\nmessage  → alice  Pong  Count=1\n", "")


@pytest.mark.parametrize("name", ["several-authorities", "handlers-flow", "named-process"])
def test_recorded_runs(tmp_path: Path, name: str) -> None:
    """An environment and messages that were recorded on the network: the first is the process's own, all are shown."""
    recorded = json.loads((VECTORS / f"{name}.json").read_text())
    (tmp_path / "env.json").write_text(json.dumps(recorded["env"]))
    messages = [step["message"] for step in recorded["steps"]]
    ran = handle("--env", str(tmp_path / "env.json"), "--json", messages=messages)
    results = [step["result"] for step in recorded["steps"]]
    assert len(ran.results) == len(results)
    assert ["Error" in result for result in ran.results] == ["Error" in result for result in results]
    assert ran.code == (1 if any("Error" in result for result in results) else 0)


def test_an_own_message_needs_no_environment() -> None:
    """A first message that is a process's own brings its own id, owner and tags."""
    own = {"Id": "me", "From": "alice", "Data": "x = 7", "Tags": {"Type": "Process", "On-Boot": "Data", "Name": "N"}}
    ran = handle(
        "--json", messages=[own, {"From": "alice", "Action": "Eval", "Data": "return {ao.id, Owner, Name, x}"}]
    )
    assert [result["Output"]["data"] for result in map(uncoloured, ran.results)][1] == '{ "me", "alice", "N", 7 }'


def uncoloured(result: dict[str, Any]) -> dict[str, Any]:
    """A result whose output has no colours."""
    return {**result, "Output": {**result["Output"], "data": plain(result["Output"]["data"])}}


def test_an_own_message_and_code(tmp_path: Path) -> None:
    """`-p` is the Data of an own message that has none; one that has some is wrong usage."""
    own = {"Id": "me", "From": "alice", "Tags": {"Type": "Process"}}
    ran = handle("-p", PING, "--json", messages=[own, {"From": "a", "Action": "Ping"}])
    assert (ran.code, len(ran.results), len(ran.results[1]["Messages"])) == (0, 2, 1)
    ran = handle("-p", PING, messages={**own, "Data": "x = 1"})
    assert (ran.code, "has code in its Data" in ran.err) == (2, True)


def test_id_owner_and_tags() -> None:
    """The process is what the options say."""
    code = {
        "From": "alice",
        "Action": "Eval",
        "Data": "return ao.id .. ' ' .. Owner .. ' ' .. Name .. ' ' .. ao.env.Process.Tags.A",
    }
    ran = handle("--id", "me", "--owner", "alice", "--tag", "Name=Points", "--tag", "A=b=c", messages=code)
    assert ran == Ran(0, "me alice Points b=c\n", "")


def test_an_environment_of_ones_own(tmp_path: Path) -> None:
    """`--env` says which process it is, where the first message is not its own; options say more."""
    env = tmp_path / "env.json"
    env.write_text('{"Process": {"Id": "me", "Owner": "alice", "Tags": {"Name": "Points"}}}')
    code = {
        "From": "alice",
        "Action": "Eval",
        "Data": "return ao.id .. ' ' .. Owner .. ' ' .. Name .. ' ' .. tostring(Count)",
    }
    assert handle("--env", str(env), messages=code) == Ran(0, "me alice Points nil\n", "")
    assert handle("--env", str(env), "--id", "you", "-p", PING, messages=code) == Ran(0, "you alice Points 0\n", "")


def test_neighbours_are_found(tmp_path: Path) -> None:
    """`require` finds the files beside the process's own; an error in one is shown with its file and line."""
    (tmp_path / "main.lua").write_text(
        'local other = require("other")\nHandlers.add("go", "Go", function() other.go() end)'
    )
    (tmp_path / "other.lua").write_text('return {\n  go = function()\n    error("boom")\n  end,\n}')
    ran = handle("-p", str(tmp_path / "main.lua"), messages={"Action": "Go"})
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "error: boom",
        f"  {tmp_path}/other.lua:3, in handler go",
        "",
        "    2 |   go = function()",
        '  > 3 |     error("boom")',
        "    4 |   end,",
        "",
        f"  called from {tmp_path}/main.lua:2",
    ]


def test_an_error_leaves_no_trace_and_the_rest_is_evaluated() -> None:
    """Exit code 1; the messages after the failed one see the state before it."""
    transfers = [
        {"Action": "Transfer", "Recipient": "bob", "Quantity": "100"},
        {"Action": "Transfer", "Recipient": "bob", "Quantity": "nope"},
        {"From": "bob", "Action": "Balance"},
    ]
    ran = handle("-p", TOKEN, "--json", messages=transfers)
    assert [next(iter(result)) for result in ran.results] == ["Output", "Error", "Output"]
    assert {"name": "Balance", "value": "100"} in ran.results[2]["Messages"][0]["Tags"]
    assert (ran.code, ran.err) == (1, "")


def test_an_error_for_people() -> None:
    """The message, file and line, the source there, and the handler, on stderr."""
    ran = handle("-p", TOKEN, messages={"Action": "Transfer", "Recipient": "bob", "Quantity": "nope"})
    lines = ran.err.splitlines()
    assert (ran.code, ran.out) == (1, "")
    assert lines[0] == "error: Quantity must be a whole number above zero"
    assert lines[1].endswith("examples/token/token.lua:24, in handler transfer")
    assert lines[4] == '  > 24 |   local amount = assert(quantity(msg), "Quantity must be a whole number above zero")'


@pytest.mark.parametrize(
    ("args", "messages", "complaint"),
    [
        ([], '{"Id":\n5}', "error: standard input:2, Id: must be text, found the number 5\n"),
        ([], "[{}, nope]", "error: standard input:1: is no JSON: Expecting value, at column 6\n"),
        (["-p", "/no/such.lua"], "{}", "error: /no/such.lua: cannot be read: No such file or directory\n"),
        (["--env", "/no/such.json"], "{}", "error: /no/such.json: cannot be read: No such file or directory\n"),
        (
            ["--dialect", "9"],
            "{}",
            "error: dialect: there is no dialect '9' (the dialects are 2.0.6, 2.0.3, 2.0.1, 1, 0.2.0)\n",
        ),
        (["--tag", "Name"], "{}", "Invalid value for '--tag': 'Name' is not NAME=VALUE, such as Name=Points\n"),
        (
            ["--limit-memory", "x"],
            "{}",
            "Invalid value for '--limit-memory': 'x' is no size (give bytes, or a size such as 64MB)\n",
        ),
        (["--limit-seconds", "0"], "{}", "Invalid value for '--limit-seconds': must be more than 0, found 0\n"),
        (["--limit-instructions", "x"], "{}", "Invalid value for '--limit-instructions': 'x' is no number\n"),
        (["--nope"], "{}", "No such option"),
    ],
)
def test_wrong_usage_and_input(args: list[str], messages: str, complaint: str) -> None:
    """Exit code 2; stderr says what, and which file, line and field; stdout is empty."""
    ran = handle(*args, messages=messages)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


def test_nothing_is_evaluated_before_all_is_read() -> None:
    """A wrong message at the end stops the run before the first."""
    ran = handle("-p", PING, messages='{"Action": "Ping"}\n{"Action": "Ping", "Id": 5}')
    assert (ran.code, ran.out) == (2, "")


def test_no_messages_at_all() -> None:
    """Without a file there is nothing to do."""
    ran = ao_run("handle")
    assert (ran.code, ran.out) == (2, "")
    assert "Missing argument 'MESSAGE...'" in ran.err


def test_several_files(tmp_path: Path) -> None:
    """Files are evaluated one after the other."""
    for name in "ab":
        (tmp_path / name).write_text(json.dumps({"From": name, "Action": "Ping"}))
    ran = ao_run("handle", "-p", PING, str(tmp_path / "b"), str(tmp_path / "a"))
    assert ran.out == (
        "── 1 · Ping from b\nping number 1 from b\nmessage  → b  Pong  Count=1\n"
        "── 2 · Ping from a\nping number 2 from a\nmessage  → a  Pong  Count=2\n"
    )


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("x = = 1", "unexpected symbol near '='"),
        ("local x = nil\nx.y = 1", "attempt to index a nil value (local 'x')"),
    ],
)
def test_code_that_cannot_be_loaded(tmp_path: Path, code: str, complaint: str) -> None:
    """Exit code 3, with file and line."""
    file = tmp_path / "bad.lua"
    file.write_text(code)
    ran = handle("-p", str(file), messages={"Action": "Ping"})
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(
        f"error: the process's code cannot be loaded: {complaint}\n  {file}:{len(code.splitlines())}\n"
    )


def test_an_own_message_that_fails() -> None:
    """A recorded process whose code fails is an answer like any other: every message has its line, exit code 1."""
    own = {"Id": "me", "From": "alice", "Data": "x = = 7", "Tags": {"Type": "Process", "On-Boot": "Data"}}
    ran = handle("--json", messages=[own, {"From": "alice"}])
    assert (ran.code, ["Error" in result for result in ran.results]) == (1, [True, False])


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--limit-instructions", "100000", "while true do end"),
        ("--limit-seconds", "0.05", "while true do end"),
        ("--limit-memory", "8MB", "local t = {} for i = 1, 1e9 do t[i] = {i} end"),
    ],
)
def test_limits(option: str, value: str, code: str) -> None:
    """Exit code 4; the process goes on working, and stderr says which option sets another limit."""
    messages = [{"Action": "Eval", "Data": code}, {"Action": "Eval", "Data": "return 'alive'"}]
    ran = handle(option, value, messages=messages)
    assert ran.code == 4
    assert ran.out.splitlines()[-1] == "alive"
    assert f"{option} sets another" in ran.err


def test_verbose() -> None:
    """`-v` says on stderr what was filled in and what it took; stdout stays as it is."""
    quiet = handle("-p", PING, "--json", messages={"Action": "Ping"})
    ran = handle("-p", PING, "--json", "-v", messages={"Action": "Ping"})
    assert ran.out == quiet.out
    start, _, message, filled = ran.err.splitlines()
    assert start.startswith("start: ")
    assert message.startswith(f"message 1: {quiet.results[0]['GasUsed']} instructions of 1000000000, ")
    names = [part.split("=")[0] for part in filled.removeprefix("  filled in: ").split(", ")]
    assert names[:2] == ["From", "Owner"]
    assert {"Id", "Target", "Timestamp", "Block-Height"} <= set(names)


def test_colours() -> None:
    """In colour where it is wanted: not here, where stdout is no terminal, and never with NO_COLOR."""
    assert "\x1b" not in handle(messages={"Action": "Eval", "Data": "return 1"}).out


def test_a_module_of_ones_own(tmp_path: Path) -> None:
    """`--module` brings another `handle`; what it returns is the result."""
    (tmp_path / "process.lua").write_text(
        "return { handle = function(msg, env) return { Output = msg.Tags[1].value, Messages = {} } end }"
    )
    ran = handle("--module", str(tmp_path), messages={"Tags": {"Action": "Hello"}})
    assert ran == Ran(0, "Hello\n", "")


def test_dialects() -> None:
    """`--dialect 1` is an older network: its messages carry `Ref_`."""
    code = {"Action": "Eval", "Data": "ao.send({Target = 'x'})"}
    ran = handle("--dialect", "1", "--json", messages=code)
    assert "Ref_" in [tag["name"] for tag in ran.results[0]["Messages"][0]["Tags"]]


def test_bytes() -> None:
    """Bytes that are no UTF-8 come out as they went in."""
    echo = "Handlers.add('e', 'Echo', function(m) m.reply({Data = m.Data}) end)"
    messages = [{"Action": "Eval", "Data": echo}, {"Action": "Echo", "Data": "\udcff\x00"}]
    ran = handle("--json", messages=messages)
    assert ran.results[1]["Messages"][0]["Data"] == "\udcff\x00"


def test_what_a_module_prints(tmp_path: Path) -> None:
    """What a module of the project's own prints is the host's log: it goes to stderr."""
    source = "return {handle = function(msg) print('got \\27[2J' .. (msg.Data or '')) return {Output = 'out'} end}"
    (tmp_path / "process.lua").write_text(source)
    ran = ao_run("handle", "--module", str(tmp_path), "--json", "-", input='{"Data": "x"}')
    assert (ran.code, [result["Output"] for result in ran.results]) == (0, ["out"])
    # The first is the process's own message, which is evaluated and not shown.
    assert ran.err == "got \\x1b[2J\ngot \\x1b[2Jx\n"
