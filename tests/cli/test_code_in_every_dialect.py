"""The file of `-p` in every dialect, and what a failing start means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ao_runtime.vm import DIALECTS

from .running import ao_run

VISITS = """Visits = 0
Handlers.add("visit", Handlers.utils.hasMatchingTag("Action", "Visit"), function(msg)
  Visits = Visits + 1
  ao.send({ Target = msg.From, Data = "visit " .. Visits })
end)
Handlers.add("fail", Handlers.utils.hasMatchingTag("Action", "Fail"), function(msg)
  if msg.Deep then require("lib.deep").fail() end
  error("no such thing")
end)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A process with a file beside it, and messages."""
    (tmp_path / "visits.lua").write_text(VISITS)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "deep.lua").write_text('return {\n  fail = function() error("in deep") end\n}\n')
    messages = [{"From": "ann", "Action": "Visit"}, {"From": "ann", "Action": "Visit"}]
    (tmp_path / "messages.jsonl").write_text("\n".join(map(json.dumps, messages)))
    return tmp_path


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_runs(project: Path, dialect: str) -> None:
    """It is evaluated when the process starts, and again with --state it goes on."""
    args = [
        "handle",
        "--dialect",
        dialect,
        "-p",
        str(project / "visits.lua"),
        "--json",
        str(project / "messages.jsonl"),
    ]
    for state, numbers in (
        ([], (1, 2)),
        (["--state", str(project / "s.ao")], (1, 2)),
        (["--state", str(project / "s.ao")], (3, 4)),
    ):
        ran = ao_run(*args, *state)
        said = [message["Data"] for result in ran.results for message in result["Messages"]]
        assert (ran.code, ran.err, said) == (0, "", [f"visit {number}" for number in numbers])
    assert ao_run("verify", str(project / "s.ao")).code == 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_its_own_message_among_the_messages(project: Path, dialect: str) -> None:
    """Where the first message is the process's own, the code comes with that or right after it; each message has its line."""
    own = {"Id": "P", "From": "me", "Type": "Process"}
    messages = "\n".join(map(json.dumps, [own, {"From": "ann", "Action": "Visit"}]))
    ran = ao_run("handle", "--dialect", dialect, "-p", str(project / "visits.lua"), "--json", "-", input=messages)
    assert (ran.code, len(ran.results)) == (0, 2)
    assert ran.results[1]["Messages"][0]["Data"] == "visit 1"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_code_that_fails(project: Path, dialect: str) -> None:
    """Code that does not load, or fails, ends the command with exit code 3 and its place."""
    for code, problem, line in (("\nerror('no')", "no", 2), ("\n\nx = = 1", "unexpected symbol near '='", 3)):
        (project / "bad.lua").write_text(code)
        ran = ao_run("handle", "--dialect", dialect, "-p", str(project / "bad.lua"), str(project / "messages.jsonl"))
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.startswith(f"error: the process's code cannot be loaded: {problem}\n")
        assert f"bad.lua:{line}" in ran.err


@pytest.mark.parametrize("dialect", ["2.0.6", "0.2.0"])
def test_errors_later_name_the_file(project: Path, dialect: str) -> None:
    """An error in a handler names the file of -p, or the file beside it."""
    messages = '{"Action": "Fail"}\n{"Action": "Fail", "Deep": "yes"}'
    ran = ao_run("handle", "--dialect", dialect, "-p", str(project / "visits.lua"), "-", input=messages)
    assert ran.code == 1
    assert "visits.lua:8" in ran.err
    assert "lib/deep.lua:2" in ran.err


def test_a_module_that_fails_at_its_start(tmp_path: Path) -> None:
    """A project's own module that does not know a start message: stderr says so, exit code 1, and the messages are answered."""
    (tmp_path / "counter").mkdir()
    (tmp_path / "counter" / "process.lua").write_text(
        "local process, total = {}, 0\n"
        "function process.handle(msg, env)\n"
        "  total = total + tonumber(msg.Data)\n"
        "  return { Output = { data = 'total ' .. total }, Messages = {}, Spawns = {}, Assignments = {} }\n"
        "end\nreturn process\n"
    )
    args = ["handle", "--module", str(tmp_path / "counter"), "-"]
    messages = '{"From": "ann", "Data": "2"}\n{"From": "ann", "Data": "3"}'
    ran = ao_run(*args, input=messages)
    assert (ran.code, [line for line in ran.out.splitlines() if "──" not in line]) == (1, ["total 2", "total 5"])
    assert ran.err.startswith("error: the process's own message: ")
    assert "counter/process.lua:3" in ran.err
    kept = [*args, "--json", "--state", str(tmp_path / "s.ao")]
    assert [result["Output"]["data"] for result in ao_run(*kept, input=messages).results] == ["total 2", "total 5"]
    assert [result["Output"]["data"] for result in ao_run(*kept, input=messages).results] == ["total 7", "total 10"]


def test_a_boot_that_fails_has_a_line_like_others() -> None:
    """Every message that was given has its line, also after an own message that failed."""
    own = {"Id": "P", "From": "me", "Data": "error('no')", "Tags": {"Type": "Process", "On-Boot": "Data"}}
    messages = [own, {"From": "ann", "Action": "Hi"}, {"Id": "P", "From": "me", "Type": "Process"}]
    ran = ao_run("handle", "--json", "-", input="\n".join(map(json.dumps, messages)))
    assert (ran.code, ["Error" in result for result in ran.results]) == (1, [True, False, False])


@pytest.mark.parametrize("dialect", ["1", "0.2.0"])
def test_silence(dialect: str) -> None:
    """For people an Eval without a value, and a message for which nothing was printed, say nothing."""
    nothing = "(no output, nothing sent)\n"
    assert ao_run("eval", "--dialect", dialect, "x = 1").out == nothing
    code = "Handlers.add('q', function(m) return m.Action == 'Q' end, function() end)"
    given = json.dumps({"Action": "Eval", "Data": code}) + '\n{"Action": "Q"}'
    assert ao_run("handle", "--dialect", dialect, "-", input=given).out.count(nothing) == 2


def test_a_name_without_its_dot() -> None:
    """Who requires a module of the network's without the dot is told its name there."""
    ran = ao_run("eval", "require('bint')")
    assert (ran.code, 'require(".bint")' in ran.err) == (1, True)
    assert "with a dot" not in ao_run("eval", "require('nowhere')").err
