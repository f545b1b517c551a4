"""What people stumble over at the command line: exit codes, reports, words for messages, mistyped names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime.models import harmless

from .running import COMMAND, ROOT, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")


def shell(command: str, cwd: Path = ROOT) -> tuple[int, str, str]:
    """Exit code (of the command before a pipe, too), stdout and stderr of a line of bash."""
    program = " ".join(f"'{part}'" for part in COMMAND)
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; ao-run() {{ {program} "$@"; }}; {command}'],
        cwd=cwd, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


# ── exit codes ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_pipe() -> None:
    """141, and not a word."""
    for option in ("", "--json", "--report json"):
        assert shell(f"ao-run eval {option} 'return 1' | true") == (141, "", "")
    assert shell("ao-run eval \"error('x')\" | true")[0] == 141
    for unbuffered in ("", "1"):
        # More than a pipe holds, of which a part is read.
        large = "eval 'print((\"x\\n\"):rep(1000000))' | head -n 1"
        assert shell(f"PYTHONUNBUFFERED={unbuffered} ao-run {large}") == (141, "x\n", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("option", ["", "--json", "--report json"])
def test_a_full_disk(option: str) -> None:
    """5, and why."""
    assert shell(f"ao-run eval {option} 'return 1' > /dev/full") == (
        5, "", "error: standard output cannot be written: No space left on device\n",
    )  # fmt: skip


@pytest.mark.parametrize("command", ["ao-run handle -", "ao-run eval -", "ao-run item show -"])
def test_a_closed_stdin(command: str) -> None:
    """2, and what to do."""
    code, out, err = shell(f"{command} <&-")
    assert (code, out) == (2, "")
    assert err == "error: standard input: is closed (give a file, or pipe something into it)\n"


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000])
def test_a_number_of_thousands_of_digits(number: str) -> None:
    """2, with file and line."""
    ran = ao_run("handle", "-", input=f'{{"Action": "x"}}\n{{"Timestamp": {number}}}')
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: standard input:2: is no JSON: a number of more digits than can be read, at column 1\n"
    assert ao_run("eval", "--limit-instructions", "9" * 5000, "return 1").code == 2


@pytest.mark.parametrize(
    "command", ["ao-run eval 'return 1'", "ao-run handle -p process.lua Action=X", "ao-run log p.ao"]
)
def test_a_folder_that_is_gone(tmp_path: Path, command: str) -> None:
    """Nothing is a bug of ao-run there: what works works, else the exit code is 5 or 2."""
    folder = tmp_path / "gone"
    folder.mkdir()
    code, _, err = shell(f"rmdir ../gone; {command}", folder)
    assert code in (0, 2, 5)
    assert "bug" not in err
    assert "Traceback" not in err


# ── reports ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_report(tmp_path: Path) -> None:
    """One object for each message: all that is known of it."""
    file = tmp_path / "p.lua"
    file.write_text(
        "Handlers.add('w', 'W', function(msg)\n  Receive('Go')\nend)\nHandlers.add('f', 'F', function()\n  error('no')\nend)"
    )
    ran = ao_run(
        "handle", "-p", str(file), "--report", "json", "-", input='{"Action": "W", "sender": "x"}\n{"Action": "F"}'
    )
    waits, fails = ran.results
    names = ["message", "result", "failure", "waits", "warnings", "seconds", "instructions"]
    assert (ran.code, ran.err, list(waits), list(fails)) == (1, "", names, names)
    assert waits["waits"] == [{"pattern": "Go", "handler": "w", "since": 1}]
    assert waits["warnings"] == ["the message's key 'sender' is a tag: did you mean From?"]
    assert waits["failure"] is None
    assert fails["failure"] == {
        "message": "no", "file": str(file), "chunk": "aos", "evaluated": 0, "line": 5, "source": "  error('no')",
        "handler": "f", "limit": None, "hint": None,
        "frames": [{"chunk": "aos", "file": str(file), "evaluated": 0, "line": 5, "function": "handle"}],
    }  # fmt: skip
    assert "Error" in fails["result"]


def test_stdout_alone_and_stderr_alone() -> None:
    """stdout shows that a message failed, stderr which one."""
    ran = ao_run(
        "handle", "-p", TOKEN, "-", input='{"From": "bob", "Action": "Balance"}\n{"From": "bob", "Action": "Transfer"}'
    )
    assert ran.out.splitlines()[-2:] == ["── 2 · Transfer from bob", "(failed)"]
    assert ran.err.startswith("error: message 2, Transfer from bob: Recipient is required\n")


def test_who_still_waits() -> None:
    """A handler that waits shows it at once, and at the end with the number of its message."""
    ran = ao_run("handle", "-p", str(ROOT / "examples/quote/quote.lua"), "--from", "ann", "Action=Quote", "Item=pears")
    assert ran.out == (
        "message  → prices  Get-Price  Item=pears\n"
        "waits    for Action = Price, From = prices, Item = pears, in handler quote\n"
    )
    assert (
        ran.err == "still waiting since message 1, in handler quote: for Action = Price, From = prices, Item = pears\n"
    )


def test_a_number_as_a_tag() -> None:
    """It is marked, and a warning says that the network does not deliver it; the JSON is the network's."""
    code = "local _ = ao.send({Target = 'ann', Action = 'Paid', Quantity = 5})"
    ran = ao_run("eval", code)
    assert ran.out.splitlines()[0] == "message  → ann  Paid  Quantity=5 (no text)"
    assert ran.err == (
        "warning: message 1: the tag Quantity is a number, which the network does not deliver (tostring it)\n"
    )
    ran = ao_run("eval", "--json", code)
    assert (ran.results[0]["Messages"][0]["Tags"][-1], ran.err) == ({"name": "Quantity", "value": 5}, "")


# ── what is given ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_of_words(tmp_path: Path) -> None:
    """NAME=VALUE are one message, after those of files; a file's name may have such a sign."""
    file = tmp_path / "a=b.json"
    file.write_text('{"From": "ann", "Action": "Balance"}')
    ran = ao_run(
        "handle",
        "-p",
        TOKEN,
        "--owner",
        "ann",
        str(file),
        "--from",
        "ann",
        "Action=Transfer",
        "Recipient=bob",
        "Quantity=5",
    )
    assert [line for line in ran.out.splitlines() if "──" in line] == [
        "── 1 · Balance from ann",
        "── 2 · Transfer from ann",
    ]
    assert "message  → bob  Credit-Notice  Quantity=5  Sender=ann" in ran.out


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["Form=bob"], "Form: there is no field Form (did you mean from_= (From)?"),
        (["=x"], "'=x' is not NAME=VALUE"),
        (["A=1", "A=2"], "A is given twice"),
        ([], "Missing argument 'MESSAGE...'"),
        (["--owner", "a", "--owner", "b", "A=1"], "--owner is given 2 times"),
        (["--env", "a", "--env", "a", "A=1"], "--env is given 2 times"),
        (["--id=a", "--id", "b", "A=1"], "--id is given 2 times"),
    ],
)
def test_wrong_words(args: list[str], problem: str) -> None:
    """Exit code 2, and what is wrong."""
    ran = ao_run("handle", *args)
    assert ran.code == 2
    assert problem in ran.err


def test_twice_in_a_group() -> None:
    """Commands of a group are as strict as others."""
    for command in (
        ("item", "sign", "--wallet", "a", "--wallet", "b"),
        ("wallet", "new", "--kind", "rsa", "--kind", "rsa"),
    ):
        ran = ao_run(*command, "x")
        assert (ran.code, f"{command[2]} is given 2 times: once is enough" in ran.err) == (2, True)


ONE = "Handlers.add('one', 'One', function (msg) msg.reply({ Data = 'one' }) end)"
TWO = "Handlers.add('two', 'Two', function (msg) msg.reply({ Data = 'two' }) end)\nHandlers.add('bad', 'Bad', function()\n  error('no')\nend)"


def test_several_files(tmp_path: Path) -> None:
    """All are evaluated in order, errors name the file; what was kept is not evaluated again."""
    (tmp_path / "one.lua").write_text("\ufeff" + ONE)
    (tmp_path / "two.lua").write_text("\ufeff" + TWO)
    files = ["-p", str(tmp_path / "one.lua"), "-p", str(tmp_path / "two.lua")]
    messages = '{"From": "ann", "Action": "One"}\n{"From": "ann", "Action": "Two"}\n{"Action": "Bad"}'
    kept = str(tmp_path / "p.ao")
    for _ in range(2):
        ran = ao_run("handle", *files, "--state", kept, "-", input=messages)
        assert [line for line in ran.out.splitlines() if "→" in line] == [
            "message  → ann  Data=one",
            "message  → ann  Data=two",
        ]
    ran = ao_run("handle", *files, "-", input=messages)
    assert f"{tmp_path}/two.lua:3, in handler bad" in ran.err.replace(os.path.relpath(tmp_path), str(tmp_path))
    (tmp_path / "two.lua").write_text("\nerror('early')")
    ran = ao_run("handle", *files, "-", input=messages)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.splitlines()[0] == "error: the process's code cannot be loaded: early"


def test_a_mistyped_command() -> None:
    """The one that is near is named."""
    ran = ao_run("handel", "x")
    assert (ran.code, ran.err.splitlines()[-1]) == (2, "Error: No such command 'handel': did you mean handle?")


def test_get(tmp_path: Path) -> None:
    """A value of a journal as JSON, also as it was; nothing is written, neither there nor beside it."""
    file = tmp_path / "p.ao"
    ao_run("eval", "--state", str(file), 'Records = { ["shop.example"] = { Owner = "ann" } }')
    ao_run("eval", "--state", str(file), "Records = 5")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert ao_run("get", str(file), "Records").out == "5\n"
    assert ao_run("get", str(file), "--at", "1", 'Records["shop.example"]').out == '{\n  "Owner": "ann"\n}\n'
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name in before} == before
    assert ao_run("get", TOKEN, "Balances.bob").out == "null\n"
    assert ao_run("get", str(file), "Records[").code == 2
    assert ao_run("get", str(tmp_path / "none.ao"), "x").code == 5


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion(shell_name: str) -> None:
    """A script for each shell; with it the commands are completed."""
    assert "_AO_RUN_COMPLETE" in ao_run("completion", shell_name).out
    env = {"_AO_RUN_COMPLETE": "bash_complete", "COMP_WORDS": "ao-run ha", "COMP_CWORD": "1"}
    done = subprocess.run(COMMAND, env={**os.environ, **env}, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["plain,handle"]
    env |= {"COMP_WORDS": "ao-run net s", "COMP_CWORD": "2"}
    done = subprocess.run(COMMAND, env={**os.environ, **env}, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["plain,spawn", "plain,send"]


def test_as_a_module() -> None:
    """`python -m ao_runtime` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "ao_runtime", "eval", "return 1"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "1\n")


# ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "0"}, False), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
     ({"FORCE_COLOR": "1", "TERM": "dumb"}, True), ({"TERM": "dumb"}, False)],
)  # fmt: skip
def test_colours(env: dict[str, str], coloured: bool) -> None:
    """Where it is no terminal there are none, unless FORCE_COLOR asks for them and NO_COLOR does not forbid it."""
    ran = ao_run("eval", "error('x')", env=env)
    assert ("\x1b[" in ran.err) == coloured


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a\\u{202e}b"), ("a\u2028b", "a\\u{2028}b"), ("\u200b", "\\u{200b}"), ("\xad", "\\xad"), ("\x1b[2J", "\\x1b[2J"),
        ("\U000e0041", "\\u{e0041}"), ("\ufeff", "\\u{feff}"), ("\x1b[31mred", "\x1b[31mred"), ("Ünï → 猫\n", "Ünï → 猫\n"),
        ("👩\u200d🚀", "👩\u200d🚀"), ("a\u200db", "a\\u{200d}b"), ("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
    ],
)  # fmt: skip
def test_hidden_text(text: str, shown: str) -> None:
    """What moves, turns or hides text is made visible."""
    assert harmless(text) == shown


def test_wide() -> None:
    """Nothing is cut short."""
    code = "local _ = Send({Target = ('t'):rep(43), Action = 'A', Long = ('x'):rep(100)})"
    assert ao_run("eval", code).out == f"message  → tttttt…ttt  A  Long={'x' * 39}…\n"
    assert ao_run("eval", "--wide", code).out == f"message  → {'t' * 43}  A  Long={'x' * 100}\n"


def test_a_module_that_was_edited(tmp_path: Path) -> None:
    """The process has the old text, and that is said; --reload evaluates the new code on the old state."""
    main, module, kept = tmp_path / "main.lua", tmp_path / "fees.lua", str(tmp_path / "p.ao")
    main.write_text(
        "local fees = require('fees')\nCount = (Count or 0)\nHandlers.add('f', 'F', function(msg)\n  Count = Count + 1\n  print(fees.of() .. ' ' .. Count)\nend)"
    )
    module.write_text("return { of = function() return 'old' end }")
    args = ["handle", "-p", str(main), "--state", kept, "Action=F"]
    assert ao_run(*args).out == "old 1\n"
    module.write_text("return {\n  of = function() return 'new' end,\n  bad = function() error('here') end }")
    ran = ao_run(*args)
    assert (ran.out, ran.err) == (
        "old 2\n",
        "warning: fees: the file has changed since the process has read it, and it has the old one (--reload)\n",
    )
    assert ao_run(*args, "--reload").out == "new 3\n"
    ran = ao_run("eval", "--state", kept, "-p", str(main), "require('fees').bad()")
    assert "error: here" in ran.err
    assert "warning" not in ran.err
    main.write_text(main.read_text().replace("' ' ..", "'! ' .."))
    assert ao_run(*args).code == 2
    assert ao_run(*args, "--reload").out == "new! 4\n"
    main.write_text("x = = 1")
    assert ao_run(*args, "--reload").code == 3


def test_the_log_names_files(tmp_path: Path) -> None:
    """The place of an error is the developer's file, of the process and of a module; of an Eval it is what it was."""
    (tmp_path / "main.lua").write_text(
        "Handlers.add('f', 'F', function()\n  error('no')\nend)\nHandlers.add('g', 'G', function()\n  require('lib.m')()\nend)"
    )
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/m.lua").write_text("return function()\n\n  error('deep')\nend")
    kept = str(tmp_path / "p.ao")
    ao_run("handle", "-p", str(tmp_path / "main.lua"), "--state", kept, "-", input='{"Action": "F"}\n{"Action": "G"}')
    lines = ao_run("log", kept, "--errors").out.splitlines()
    assert [line.split("error: ")[1] for line in lines[1:]] == ["main.lua:2: no", "lib/m.lua:3: deep"]
    ao_run("eval", "--state", kept, "\n\nFail = function() error('eval') end")
    ao_run("eval", "--state", kept, "Fail()")
    assert ao_run("log", kept, "--last", "1").out.splitlines()[1].endswith('error: [string "aos"]:3: eval')
