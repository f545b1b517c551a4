"""`ao-run` itself: help, version, and never a traceback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from ao_runtime import Process
from ao_runtime.cli import handle as handle_module
from ao_runtime.cli.main import cli

from .running import COMMAND, ROOT, Ran, ao_run, ao_run_outside, commands


def test_version() -> None:
    """`--version` is the package's."""
    assert ao_run("--version") == Ran(0, f"ao-run {version('ao-runtime')}\n", "")


@pytest.mark.parametrize("args", [["--help"], ["handle", "--help"], ["eval", "-h"]])
def test_help(args: list[str]) -> None:
    """Help has examples, and every option has a text."""
    ran = ao_run(*args)
    assert ran.code == 0
    assert "ao-run eval -p token.lua 'return Balances'" in ran.out or "ao-run handle -p token.lua" in ran.out
    for _, command in commands():
        assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_a_command_that_is_none() -> None:
    """A wrong command is wrong usage."""
    ran = ao_run("nope")
    assert (ran.code, ran.out) == (2, "")
    assert "No such command 'nope'" in ran.err


def test_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody foresaw is one line, how to report it, and exit code 70."""

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("down")

    monkeypatch.setattr(Process, "handle", broken)
    ran = ao_run("eval", "return 1")
    assert (ran.code, ran.out) == (70, "")
    assert ran.err.startswith("error: RuntimeError: down\nThis is a bug of ao-run. Please report it")
    with pytest.raises(AssertionError):
        ao_run("eval", "return 1", env={"AO_RUN_DEBUG": "1"})


def test_as_a_command(tmp_path: Path) -> None:
    """The same, as a command of its own: stdout is the result, and the exit code tells."""
    assert ao_run_outside("eval", "return 'é'") == Ran(0, "é\n", "")
    assert ao_run_outside("eval", "error('x')").code == 1
    ran = ao_run_outside("handle", "-", input="nope")
    assert ran == Ran(2, "", "error: standard input:1: is no JSON: Expecting value, at column 1\n")


def test_a_pattern_that_never_ends() -> None:
    """C code that no instruction hook sees: the command still ends within its time, with exit code 4."""
    code = "return string.find(string.rep('a', 100000), string.rep('.-', 40) .. 'b')"
    begin = time.perf_counter()
    ran = ao_run_outside("eval", "--json", "--limit-seconds", "0.3", code)
    assert time.perf_counter() - begin < 5
    assert ran.code == 4
    assert len(ran.results) == 1
    assert "Error" in ran.results[0]


def test_a_reader_that_leaves() -> None:
    """A pipe that is closed is no reason to complain."""
    script = f"{' '.join(map(_quoted, COMMAND))} eval 'return string.rep(\"x\\n\", 1000000)' | head -n 1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.stdout, done.stderr) == ("x\n", "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.skipif(os.name == "nt", reason="signals are of Unix")
def test_an_interrupt() -> None:
    """Ctrl-C ends it with a word, and exit code 130."""
    running = subprocess.Popen([*COMMAND, "eval", "while true do end"], stderr=subprocess.PIPE, text=True, cwd=ROOT)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, "\ninterrupted\n")


def test_a_poor_terminal() -> None:
    """Letters that a terminal lacks are no reason to die."""
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([*COMMAND, "eval", "return 'é→'"], capture_output=True, cwd=ROOT, env=env, timeout=60)
    assert (done.stdout, done.stderr) == (b"\xe9\\u2192\n", b"")


def test_a_cold_start_needs_no_pydantic() -> None:
    """The command starts without what it does not need: most of its time would be their import."""
    code = (
        "import sys; sys.argv[1:] = ['eval', 'return 1']\n"
        "from ao_runtime.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'pydantic', 'asyncio', 'importlib.metadata'} & set(sys.modules)))"
    )
    done = subprocess.run([COMMAND[0], "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.stdout, done.stderr) == ("1\n[]\n", "")


def test_colours_on_a_terminal() -> None:
    """On a terminal what a process prints keeps its colours; NO_COLOR takes them away."""
    pty = pytest.importorskip("pty")
    for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        primary, secondary = pty.openpty()
        subprocess.run(
            [*COMMAND, "eval", "return {1}"],
            stdout=secondary,
            cwd=ROOT,
            env={**os.environ, **env},
            timeout=60,
            check=True,
        )
        os.close(secondary)
        seen = os.read(primary, 10_000).decode()
        os.close(primary)
        assert ("\x1b[" in seen) is coloured
        assert re.sub(r"\x1b\[[\d;]*m", "", seen).strip() == "{ 1 }"


def test_one_file_a_command() -> None:
    """Every command has a file of its name, or a folder where it is a group of many."""
    folder = Path(handle_module.__code__.co_filename).parent if hasattr(handle_module, "__code__") else None
    names = set(cli.list_commands(click.Context(cli)))
    files = {file.stem for file in (folder or ROOT / "ao_runtime/cli").iterdir()}
    assert names <= files
