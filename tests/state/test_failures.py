"""ao_runtime.state.failures: the place of a failure, the code that is there, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from ao_runtime import Failure, LoadError, Process, ProcessError
from ao_runtime.models import plain


def failed(process: Process, **message: str) -> Failure:
    """What is known of a message that fails."""
    failure = process.handle(**message).failure
    assert failure is not None
    return failure


def place(failure: Failure) -> tuple[str | None, int | None, str | None]:
    """The Eval, the line and what is there."""
    return failure.evaluated, failure.line, failure.source


# ── what is thrown ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("thrown", "message"),
    [
        (
            "setmetatable({why = 'early'}, {__tostring = function(self) return 'Refused: ' .. self.why end})",
            "Refused: early",
        ),
        ("{code = 402, message = 'pay first'}", "code = 402, message = pay first"),
        ("{'one', 2, more = {}, f = print}", "one, 2, f = a function, more = {...}"),
        ("setmetatable({a = 1}, {__tostring = function() error('no') end})", "a = 1"),
        ("setmetatable({a = 1}, {__tostring = function() while true do end end})", "a = 1"),
        ("setmetatable({a = 1}, {__tostring = function() return ('x'):rep(1 << 40) end})", "a = 1"),
        ("setmetatable({a = 1}, {__index = error, __len = error, __pairs = error})", "a = 1"),
        ("setmetatable({}, {__metatable = {__tostring = error}})", "error object is a table value"),
        ("setmetatable({1}, {__metatable = 'locked'})", "1"),
        ("{}", "error object is a table value"),
        ("{('x'):rep(1000)}", "x" * 200 + "..."),
        ("print", "error object is a function value"),
        ("nil", "nil"),
        ("5", "5"),
    ],
)
def test_a_thrown_value(thrown: str, message: str) -> None:
    """A thrown table is what its __tostring says, or its fields; that cannot harm the process that goes on."""
    process = Process.spawn(code=f"Handlers.add('h', 'H', function() error({thrown}) end)")
    result = process.handle(Action="H")
    assert result.failure is not None
    assert (result.failure.message, result.failure.line) == (message, 1)
    if message != "nil":
        assert str(result.error).endswith(message)
    assert process.eval("return 1").text == "1"


# ── Evals ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PRICE = "Handlers.add('price', 'Price', function (msg)\n  local list = nil\n  return list[1]\nend)"
RENT = "-- second part\nHandlers.add('rent', 'Rent', function (msg)\n  return msg.Tags.Days * 2\nend)"


def test_an_error_in_a_handler_of_an_eval() -> None:
    """It names the Eval whose line it is, and shows the line."""
    process = Process.spawn(code="Count = 0")
    process.eval(PRICE)
    process.eval(RENT)
    assert place(failed(process, Action="Price")) == (1, 3, "  return list[1]")
    assert place(failed(process, Action="Rent")) == (2, 3, "  return msg.Tags.Days * 2")


def test_two_evals_that_look_the_same() -> None:
    """The handler's name tells them apart; of two with one name, the later one is meant."""
    process = Process.spawn()
    for name in ("one", "two", "one"):
        process.eval(f"Handlers.add('{name}', '{name}', function (msg)\n  error('{name}')\nend)")
    assert place(failed(process, Action="two")) == (2, 2, "  error('two')")
    assert place(failed(process, Action="one")) == (3, 2, "  error('one')")


def test_an_eval_that_failed_brought_nothing() -> None:
    """Only code of Evals that were accepted is looked at."""
    process = Process.spawn()
    process.eval(PRICE)
    process.eval(PRICE + "\nerror('no')")
    assert place(failed(process, Action="Price")) == (1, 3, "  return list[1]")


def test_an_eval_calls_code_of_another() -> None:
    """Each frame has the Eval that it is of."""
    process = Process.spawn()
    process.eval("function helper()\n  error('deep')\nend")
    failure = process.eval("local a = 1\n\nhelper()").failure
    assert failure is not None
    assert place(failure) == (1, 2, "  error('deep')")
    assert [(frame.evaluated, frame.line) for frame in failure.frames] == [(1, 2), (2, 3)]


def test_an_eval_that_does_not_compile() -> None:
    """Its own line is shown."""
    failure = Process.spawn().eval("local x = 1\nlocal y = = 2").failure
    assert failure is not None
    assert place(failure) == (1, 2, "local y = = 2")


def test_the_code_of_a_process_and_an_eval() -> None:
    """Code at the start is none of an Eval, though both have one name in Lua."""
    process = Process.spawn(code="Handlers.add('h', 'H', function()\n  error('boot')\nend)")
    process.eval("Handlers.add('e', 'E', function()\n  error('eval')\nend)")
    assert place(failed(process, Action="H")) == (0, 2, "  error('boot')")
    assert place(failed(process, Action="E")) == (1, 2, "  error('eval')")


def test_a_process_on_disk_that_goes_on(tmp_path: Path) -> None:
    """The Evals before are in the journal."""
    file = tmp_path / "p.ao"
    with Process.spawn(state=file) as process:
        process.eval(PRICE)
        process.snapshot()
    with Process.open(file) as process:
        process.eval(RENT)
        assert place(failed(process, Action="Price")) == (1, 3, "  return list[1]")
        assert place(failed(process, Action="Rent")) == (2, 3, "  return msg.Tags.Days * 2")


def test_evals_that_were_taken_back() -> None:
    """What an exception has undone is not named."""
    process = Process.spawn()
    process.eval(PRICE)
    failed(process, Action="Price")
    with pytest.raises(Exception, match="must be text"):
        process.handle_many([process.eval_message("\n\n" + PRICE), {"Id": 5}])
    assert place(failed(process, Action="Price")) == (1, 3, "  return list[1]")


def test_after_a_snapshot_the_place_is_there_all_the_same() -> None:
    """A snapshot has no messages: there is the line, and no code."""
    process = Process.spawn()
    process.eval(PRICE)
    failure = failed(Process.restore(process.snapshot()), Action="Price")
    assert (failure.chunk, *place(failure)) == ("aos", None, 3, None)


# ── modules ───────────────────────────────────────────────────────────────────────────────────────────────────────


def project(folder: Path, **files: str) -> Path:
    """A folder of Lua files; the process's own file. `lib__fees` is lib/fees.lua."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".lua")
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text))
    return folder / "process.lua"


BAD = "local M = {}\nfunction M.of(amount)\n  return amount *\nend\nreturn M\n"


def test_a_syntax_error_in_a_required_file(tmp_path: Path) -> None:
    """The place is in that file, and the line is shown; the caller is the require."""
    main = project(tmp_path, process="local fees = require('lib.fees')", lib__fees=BAD)
    with pytest.raises(LoadError) as caught:
        Process.spawn(main)
    assert plain(str(caught.value)) == dedent(f"""\
        unexpected symbol near 'end'
          {tmp_path}/lib/fees.lua:4

            3 |   return amount *
          > 4 | end
            5 | return M

          called from {main}:1""")


def test_a_syntax_error_further_in(tmp_path: Path) -> None:
    """Also where a module of the project's requires it, or a handler does."""
    main = project(
        tmp_path,
        process="Handlers.add('h', 'H', function()\n  require('a')\nend)",
        a="\nreturn require('lib.fees')",
        lib__fees=BAD,
    )
    failure = failed(Process.spawn(main), Action="H")
    assert (failure.file, failure.line, failure.source) == (str(tmp_path / "lib/fees.lua"), 4, "end")
    assert [(frame.file, frame.line) for frame in failure.frames] == [(str(tmp_path / "a.lua"), 2), (str(main), 2)]


def test_an_error_in_a_module_that_is_no_file() -> None:
    """Modules of a mapping have their lines shown, too."""
    process = Process.spawn(
        code="require('m')()" + "\n" * 3,
        sources={"m": "return function()\n  Later = function()\n error('x')\n end\nend"},
    )
    failure = process.eval("Later()").failure
    assert failure is not None
    assert (failure.chunk, failure.line, failure.source) == (".m", 3, " error('x')")


def test_an_error_within_a_module_of_the_networks() -> None:
    """The line is the caller's, where it can be changed."""
    process = Process.spawn(code="Handlers.add('h', 'H', function(msg)\n  local x = 1\n  Handlers.add(5, {}, 7)\nend)")
    failure = failed(process, Action="H")
    assert (failure.evaluated, failure.line, failure.source) == (0, 3, "  Handlers.add(5, {}, 7)")


def test_a_file_that_was_edited_since(tmp_path: Path) -> None:
    """The lines that are shown are those that ran."""
    main = project(tmp_path, process="Handlers.add('h', 'H', function()\n  error('old')\nend)")
    process = Process.spawn(main)
    main.write_text("-- new\n-- and other\n")
    assert failed(process, Action="H").source == "  error('old')"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lib.nothere", "there is no lib/nothere.lua in {folder}"),
        (".lib.nothere", "there is no lib/nothere.lua in {folder}"),
        ("lib.fee", 'there is no lib/fee.lua in {folder}; did you mean require("lib.fees")?'),
        ("./lib/fees", 'there is no /lib/fees.lua in {folder}; did you mean require("lib.fees")?'),
        ("lib.fees.lua", 'there is no lib/fees/lua.lua in {folder}; did you mean require("lib.fees")?'),
        ("fees", 'there is no fees.lua in {folder}; did you mean require("lib.fees")?'),
        ("../../etc/passwd", "there is no ./../etc/passwd.lua in {folder}"),
    ],
)
def test_a_module_that_is_not_there(tmp_path: Path, name: str, hint: str) -> None:
    """Which folder was searched, and what is near."""
    main = project(tmp_path, process=f'require("{name}")', lib__fees="return 1")
    with pytest.raises(LoadError) as caught:
        Process.spawn(main)
    assert caught.value.message == f"module '{name}' not found"
    assert caught.value.hint == hint.format(folder=tmp_path)
    assert caught.value.line == 1


def test_a_module_that_is_not_there_without_a_folder() -> None:
    """With a mapping, or without anything to look in, that is said."""
    failure = Process.spawn(sources={"utils": "return 1"}).eval("require('util')").failure
    assert failure is not None
    assert failure.hint == "sources has no 'util'; did you mean require(\"utils\")?"
    failure = Process.spawn().eval("require('util')").failure
    assert failure is not None
    assert failure.hint == "there is no folder of Lua to look in: -p FILE.lua, or sources=, gives one"


# ── globals of aos ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "line", "name"),
    [
        ("x = 1\nColors = {}\nfor i = 1, 9 do Colors[i] = 0 end", 2, "Colors"),
        ("x = 1\nColors.red = nil", 2, "Colors"),
        ("\n\nColors = nil", 3, "Colors"),
        ("Name = {}", 1, "Name"),
        ("Inbox = nil", 1, "Inbox"),
    ],
)
def test_a_global_of_aos_that_was_replaced(tmp_path: Path, code: str, line: int, name: str) -> None:
    """An error in the network's own code says which global caused it, and the line that set it last."""
    file = tmp_path / "process.lua"
    file.write_text(code)
    with pytest.raises(LoadError) as caught:
        Process.spawn(file)
    assert (caught.value.file, caught.value.line) == (str(file), line)
    assert f"the process's own global {name} (process.lua:{line}) took the place of aos' {name}" in str(caught.value)


def test_a_global_of_aos_that_an_eval_replaced() -> None:
    """The Eval that did it is named; the network's text stays."""
    process = Process.spawn()
    result = process.eval("Colors = {1}")
    assert result.failure is not None
    assert place(result.failure) == (1, 1, "Colors = {1}")
    assert str(result.error).endswith("attempt to concatenate a nil value (field 'reset')")


def test_a_field_of_the_processs_own() -> None:
    """The same words in the process's own code have no such hint."""
    process = Process.spawn(code="Handlers.add('h', 'H', function()\n  local t = {}\n  return 'a' .. t.red\nend)")
    assert failed(process, Action="H").hint is None


# ── exceptions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_exception_says_what_the_command_says() -> None:
    """File, line, source line, handler and callers; `message` is the text alone."""
    process = Process.spawn("examples/token/token.lua")
    with pytest.raises(ProcessError) as caught:
        process.handle(From="bob", Action="Transfer").raise_for_error()
    assert caught.value.message == "Recipient is required"
    assert str(caught.value).splitlines()[:5] == [
        "Recipient is required",
        "  examples/token/token.lua:23, in handler transfer",
        "",
        '    22 | Handlers.add("transfer", "Transfer", function(msg)',
        '  > 23 |   assert(type(msg.Recipient) == "string", "Recipient is required")',
    ]


def test_a_failure_as_json() -> None:
    """`to_dict` has all of it."""
    process = Process.spawn()
    process.eval(RENT)
    assert failed(process, Action="Rent").to_dict() == {
        "message": "attempt to perform arithmetic on a nil value (field 'Days')",
        "file": None,
        "chunk": "aos",
        "evaluated": 1,
        "line": 3,
        "source": "  return msg.Tags.Days * 2",
        "handler": "rent",
        "limit": None,
        "hint": None,
        "frames": [{"chunk": "aos", "file": None, "evaluated": 1, "line": 3, "function": "handle"}],
    }
