"""ao_runtime.cli: what is printed of a result, for people and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ao_runtime.cli import show
from ao_runtime.cli.table import table
from ao_runtime.cli.text import harmless, plain, short, value
from ao_runtime.models import Failure, Frame, Limits, Result, explain

WIRE: dict[str, Any] = {"From": "bob", "Tags": [{"name": "Action", "value": "Ping"}]}


def lines(result: Result) -> list[str]:
    """The table's lines, without colours."""
    return [plain(line) for line in table(result)]


def test_the_table_of_what_was_sent() -> None:
    """Columns are aligned; the protocol's own tags are left out; long ids and values are cut."""
    message = {
        "Target": "Kp7mXw2ZrQ4sT9uVbN1cE6hJ3dF8gL5aYoIiRtWxAqM",
        "Anchor": "1",
        "Data": "two\nlines",
        "Tags": [
            {"name": "Variant", "value": "ao.TN.1"},
            {"name": "Action", "value": "Hi"},
            {"name": "Long", "value": "x" * 100},
            {"name": "State", "value": {"a": 1}},
        ],
    }
    spawn = {"Data": "NODATA", "Tags": [{"name": "Module", "value": "m"}, {"name": "Name", "value": "Child"}]}
    assignment = {"Processes": ["p", "q"], "Message": "m1"}
    result = Result(
        {"Messages": [message, {"Target": "b", "Tags": []}], "Spawns": [spawn], "Assignments": [assignment]}
    )
    assert lines(result) == [
        f'message     → Kp7mXw…AqM  Hi  Long={"x" * 39}…  State={{"a":1}} (no text)  Data=two\\nlines',
        "message     → b",
        "spawn       of m              Name=Child  Data=NODATA",
        "assignment  → p, q            of message m1",
    ]


def test_a_table_of_anything() -> None:
    """Whatever a process leaves in its outbox, it is shown as far as it goes."""
    odd = {"Messages": ["x", {"Tags": 5, "Data": b"\xff"}], "Spawns": "y", "Assignments": [{"Processes": 5}]}
    assert lines(Result.of_wire(odd)) == [
        "message     → ?  Data=x",
        "message     → ?  Data=<1 bytes>",
        "assignment  → ?  of message ?",
    ]


def test_a_process_cannot_play_with_the_terminal() -> None:
    """Colours pass; every other control character is made visible."""
    assert harmless("\x1b[32mgreen\x1b[0m\n\tok") == "\x1b[32mgreen\x1b[0m\n\tok"
    assert harmless("\x1b]0;title\x07 \x1b[2J \r \x9b1m") == "\\x1b]0;title\\x07 \\x1b[2J \\x0d \\x9b1m"
    assert value("a\x1b[31mb\x1b[2J\n") == "ab\\x1b[2J\\n"
    assert short("\x1b[2J") == "\\x1b[2J"


def test_json_is_one_line_of_utf8(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The wire form with GasUsed, in UTF-8."""
    show.json_line(Result.of_wire({"Output": {"data": "é\n"}, "Messages": []}, 7))
    assert capfdbinary.readouterr().out == '{"Output":{"data":"é\\n"},"Messages":[],"GasUsed":7}\n'.encode()


def shown(capsys: pytest.CaptureFixture[str], result: Result, number: int | None = None) -> tuple[str, str]:
    """What is printed for people: stdout and stderr."""
    show.for_people(result, WIRE, number=number, limits=Limits(instructions=1000))
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """What was printed, plain where it is no terminal; then what was sent."""
    result = Result({"Output": {"data": "\x1b[32m1\x1b[0m"}, "Messages": [{"Target": "b", "Tags": []}]})
    assert shown(capsys, result) == ("1\nmessage  → b\n", "")
    assert shown(capsys, result, 3) == ("── 3 · Ping from bob\n1\nmessage  → b\n", "")
    assert shown(capsys, Result({"Output": {"data": ""}})) == ("(no output, nothing sent)\n", "")


def test_an_error_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """What was printed before it on stdout; on stderr what, where, and in which handler."""
    failure = Failure("boom", "aos", 3, "ping", (Frame("aos", 3), Frame("aos", 9, "pay")))
    result = Result.of_wire({"Error": "printed\n\n\x1b[31merror:\n\x1b[0mboom"}, 1, failure)
    assert shown(capsys, result) == (
        "printed\n(failed)\n",
        "error: boom\n  aos:3, in handler ping\n\n  called from aos:9, in pay\n",
    )


def test_an_error_of_which_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """The text that the network would write, without its colours."""
    assert shown(capsys, Result({"Error": "\x1b[31mdown\x1b[0m\n"})) == ("(failed)\n", "error: down\n")


def test_a_limit_says_what_to_raise(capsys: pytest.CaptureFixture[str]) -> None:
    """Which option, and what it was."""
    failure = Failure("too many instructions", limit="instructions")
    assert shown(capsys, Result.of_wire({"Error": "x"}, 1, failure))[1] == (
        "error: too many instructions\n  the limit was 1000; --limit-instructions sets another\n"
    )


def test_the_source_of_an_error(tmp_path: Path) -> None:
    """File and line, the line between its neighbours, and who called, inner calls first."""
    file = tmp_path / "token.lua"
    file.write_text("one\n\ttwo\nthree\nfour\n")
    frames = (Frame("aos", 2, "f", str(file)), Frame(".other", 7, None, "other.lua"), Frame("aos", 3, None, None))
    failure = Failure("boom", "aos", 2, None, frames, None, str(file))
    assert [plain(line) for line in explain(failure)] == [
        f"  {file}:2",
        "",
        "    1 | one",
        "  > 2 |   two",
        "    3 | three",
        "",
        "  called from other.lua:7",
        "  called from aos:3",
    ]


def test_the_source_of_an_eval() -> None:
    """For a place in evaluated code, the line is the message's own."""
    failure = Failure("boom", "aos", 1)
    assert [plain(line) for line in explain(failure, "error('boom')")] == ["  aos:1", "", "  > 1 | error('boom')"]
    assert [plain(line) for line in explain(failure, b"x\ny")][-2:] == ["  > 1 | x", "    2 | y"]


def test_a_source_that_is_gone() -> None:
    """Without the source there is still the place; a line beyond the source is not shown."""
    assert plain(next(explain(Failure("boom", "x", 2, file="/no/such.lua")))) == "  /no/such.lua:2"
    assert [plain(line) for line in explain(Failure("boom", "aos", 9), "one")] == ["  aos:9"]
    assert list(explain(Failure("boom"))) == []


def test_many_frames() -> None:
    """A deep recursion is cut short."""
    frames = tuple(Frame("aos", number, None) for number in range(2, 30))
    explained = list(explain(Failure("boom", "aos", 1, None, frames)))
    assert explained[-1] == "  … and 20 more"
    assert len(explained) == 11
