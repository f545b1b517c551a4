"""The `_eval` handler and `print`."""

from __future__ import annotations

import pytest

from .processes import Subject, cause, printed


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def test_shape(subject: Subject) -> None:
    """The output of an Eval is {data, prompt, test}; `test` is a dump of the lines."""
    result = subject.eval_result("print('a') return 'b'")
    assert sorted(result["Output"]) == ["data", "prompt", "test"]
    assert result["Output"]["test"] == '{\n    [1] = "a",\n    [2] = "b"\n}'


@pytest.mark.parametrize(("code", "data"), [("false", ""), ("nil", ""), ("", ""), ("--", ""), ("0", "0"), ("''", "")])
def test_values_that_say_nothing(subject: Subject, code: str, data: str) -> None:
    """Nothing is said of nil and false."""
    assert subject.eval(code) == data


def test_second_value_is_the_error(subject: Subject) -> None:
    """A second value that is truthy is the error of the result."""
    assert subject.eval_result("return nil, 'bad'") == {"Error": "bad"}
    assert subject.eval("return 1, false") == "1"


def test_text_only(subject: Subject) -> None:
    """Byte code is refused."""
    assert subject.eval_result("\x1bLua") == {"Error": "attempt to load a binary chunk (mode is 't')"}


def test_syntax_error_is_that_of_the_whole(subject: Subject) -> None:
    """The syntax error is that of the source as it is, not of the expression."""
    assert subject.eval_result("x =") == {"Error": '[string "aos"]:1: unexpected symbol near <eof>'}


def test_chunk_name(subject: Subject) -> None:
    """Evaluated code is `[string "aos"]`, with the lines of the Data."""
    assert subject.error("\n\nerror('here')") == '[string "aos"]:3: here'


def test_printed_lines_come_before_the_error(subject: Subject) -> None:
    """The text of an error holds the lines printed so far."""
    result = subject.eval_result("print('one') print('two') error('bad')")
    assert result["Error"].startswith("one\ntwo\n\n\x1b[31merror:\n\x1b[0m")


def test_not_for_others(subject: Subject) -> None:
    """An Eval of another than the owner is a message like any other, with the shape of an Eval's output."""
    result = subject.act("Eval", Data="error('never')")
    assert printed(result) == ["New Message From USE...SER: Action = Eval"]
    assert sorted(result["Output"]) == ["data", "prompt", "test"]


def test_owner_may_change(subject: Subject) -> None:
    """`Owner` is a global: who it names may evaluate from then on."""
    subject.eval("Owner = 'NEW'")
    assert printed(subject.act("Eval", From="OWNER", Data="return 1"))[0].startswith("New Message From")
    assert printed(subject.act("Eval", From="NEW", Data="return Owner")) == ["NEW"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("nil", "\x1b[31mnil\x1b[0m"),
        ("false", "\x1b[34mfalse\x1b[0m"),
        ("2^53", "\x1b[32m9.007199254741e+15\x1b[0m"),
        ("'text'", "text"),
        ("{}", "{  }"),
        ("'a', 'b'", "a"),
        ("", "\x1b[31mnil\x1b[0m"),
    ],
)
def test_print(subject: Subject, value: str, line: str) -> None:
    """How `print` shows each type; only the first argument counts."""
    assert subject.eval_result(f"print({value})")["Output"]["data"] == line


def test_print_of_a_function(subject: Subject) -> None:
    """A function is no line."""
    assert "Error" in subject.eval_result("print(print)")
    assert subject.error("print('x') print(print)") == "attempt to concatenate a function value (local 'a')"


def test_print_fills_the_output(subject: Subject) -> None:
    """`print` keeps the lines in `HANDLER_PRINT_LOGS`, and the output so far in `ao.outbox.Output`."""
    assert subject.eval("print('a') print('b') return #HANDLER_PRINT_LOGS .. ao.outbox.Output.data").endswith("2a\nb")


def test_print_logs_belong_to_the_process(subject: Subject) -> None:
    """A process may put lines, numbers too, or another table into `HANDLER_PRINT_LOGS`."""
    subject.eval("Handlers.add('l', 'L', function() print('gone') HANDLER_PRINT_LOGS = {'x', 5, 2.5} end)")
    assert printed(subject.act("L")) == ["x", "5", "2.5"]
    assert cause(subject.eval_result("HANDLER_PRINT_LOGS = {{}}")).startswith("invalid value (table) at index 1")


def test_print_may_be_replaced(subject: Subject) -> None:
    """A `print` of the process's own stays, and is what refusals go through."""
    subject.eval("print = function(x) ao.log(x) end")
    assert subject.eval("print('q') return 1") == "1"
    assert subject.act("A", Owner="STRANGER")["Output"] == ["Message is not trusted! From: USER - Owner: STRANGER"]


def test_replaced_dump_and_prompt(subject: Subject) -> None:
    """`Dump` and `Prompt` are the process's to replace."""
    subject.eval("Dump = function() return 'DUMP' end Prompt = function() return 'PROMPT' end")
    assert subject.eval_result("return 1")["Output"] == {"data": "1", "prompt": "PROMPT", "test": "DUMP"}
