"""A dry run evaluates a message and keeps nothing, with a copy of the program or without."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import InputError, InternalError, Limits, Process
from ao_runtime.state.defaults import FIRST_TIMESTAMP
from ao_runtime.state.fork import can_fork
from tests.state.engines import ACTIONS, CODE

FORK = pytest.mark.skipif(not can_fork(), reason="there is no fork here")
SEE = """
Handlers.add("see", "See", function(msg)
  msg.reply({ Data = tostring(msg["Read-Only"]) .. " " .. msg.Timestamp .. " " .. msg["Block-Height"] .. " " .. #msg.Id })
end)
"""


@pytest.fixture(params=[pytest.param("1", marks=FORK), "0"], ids=["fork", "no fork"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With a copy of the program, and without."""
    monkeypatch.setenv("AO_RUN_FORK", request.param)
    assert can_fork() == (request.param == "1")
    return str(request.param)


def test_the_message(how: str) -> None:
    """It is Read-Only, at the time of the last message by default, and else like any other."""
    process = Process.spawn(code=SEE)
    process.handle(Timestamp=77, **{"Block-Height": 6})
    assert process.dry_run(Action="See").messages[0].data == "true 77 6 43"
    assert process.dry_run({"Action": "See", "Read-Only": False, "Timestamp": 78}).messages[0].data == "true 78 6 43"
    assert process.handle(Action="See").messages[0].data == "nil 78 6 43"


def test_before_the_first() -> None:
    """The process's own message can be tried as well, and any other before it."""
    process = Process({"Process": {"Id": "P", "Owner": "O"}})
    assert process.dry_run(From="O").ok
    assert process.dry_run(Id="P", From="O", Type="Process").ok
    assert (process.fill()["Timestamp"], process.count) == (FIRST_TIMESTAMP, 0)


def test_nothing_stays(how: str, counts: dict[str, int]) -> None:
    """State, numbers, clock, journal and what was read are as before it, and its result is what handle would give."""
    process = Process.spawn(code=CODE, owner="alice", files={"a": "A"})
    other = Process.spawn(code=CODE, owner="alice", files={"a": "A"})
    for action in ACTIONS:
        message = {"From": "bob", "Action": action, "Name": "a"}
        dry = process.dry_run(message, Timestamp=9)
        assert process.dry_run(message, Timestamp=9) == dry
        assert (process.count, process.fill()) == (other.count, other.fill())
        assert process._state.inputs.files._read == other._state.inputs.files._read
        assert process.handle(message) == other.handle(message)
    assert process.snapshot() == other.snapshot()


@settings(max_examples=20)
@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_result(data: bytes, text: str) -> None:
    """A result of any bytes comes back as it is."""
    message = {"From": "bob", "Action": "Echo", "Data": data, "X-Key": text}
    assert ECHO.dry_run(message).to_dict() == ECHO.fork().handle(message).to_dict()


ECHO = Process.spawn(
    code="Handlers.add('e', 'Echo', function(m) m.reply({ Data = m.Data, ['X-Key'] = m['X-Key'], T = { 1 } }) end)"
)


def test_a_failure(how: str, tmp_path: Path) -> None:
    """A failure is told like handle's: with file, line, handler and frames, also of a module it was the first to read."""
    (tmp_path / "helper.lua").write_text("return function()\n  error('no good')\nend")
    (tmp_path / "main.lua").write_text("Handlers.add('h', 'H', function() require('helper')() end)")
    process = Process.spawn(tmp_path / "main.lua")
    result = process.dry_run(Action="H")
    assert result.failure is not None
    assert result.failure.file == str(tmp_path / "helper.lua")
    assert result.failure.frames[1].file == str(tmp_path / "main.lua")
    assert process.handle(Action="H").to_dict() == result.to_dict()
    assert process.fork().handle(Action="H").failure == result.failure


def test_limits(how: str) -> None:
    """Limits on instructions, memory and time hold."""
    process = Process.spawn(code="N = 1", limits=Limits(instructions=10**9, memory="32MB", seconds=0.2))
    loop = process.eval_message("while true do end")
    assert process.dry_run(loop).failure.limit == "time"  # type: ignore[union-attr]
    assert process.dry_run(loop, limits={"instructions": 10_000}).failure.limit == "instructions"  # type: ignore[union-attr]
    fill = process.eval_message("local t = {} for i = 1, 1e9 do t[i] = { i } end")
    assert process.dry_run(fill, limits={"memory": "8MB"}).failure.limit == "memory"  # type: ignore[union-attr]
    assert process.eval("return N").text == "1"


@FORK
def test_what_no_limit_interrupts() -> None:
    """In a copy of the program even a hostile pattern ends with the time limit."""
    process = Process.spawn(code="N = 1", limits=Limits(seconds=0.2))
    began = time.monotonic()
    hostile = "return string.rep('a', 100000):find(('.-'):rep(40) .. 'b')"
    failure = process.dry_run(process.eval_message(hostile)).failure
    assert failure is not None
    assert (failure.limit, failure.message) == ("time", "time limit of 0.2 seconds reached")
    assert time.monotonic() - began < 5
    assert process.get("N") == 1


def test_prints(how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a project's own module prints is in the log, once."""
    (tmp_path / "process.lua").write_text("return { handle = function(msg) print('seen', msg.Id) return {} end }")
    process = Process({"Process": {"Id": "P"}}, module=tmp_path)
    with caplog.at_level(logging.INFO, "ao_runtime.print"):
        process.dry_run(Id="one")
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("ao_runtime.print", "seen\tone")]


def run(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A program of its own, in which every warning is an error."""
    start = 'from ao_runtime import Process\nprocess = Process.spawn(code="N = 1")\n'
    command = [sys.executable, "-W", "error", "-c", start + textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@FORK
def test_buffers_and_hooks() -> None:
    """What this program has buffered is written once, its exit functions run once, other threads are no trouble."""
    done = run("""
        import atexit, sys, threading
        sys.stdout.write("buffered ")
        atexit.register(lambda: sys.stdout.write("bye"))
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        for _ in range(3):
            sys.stdout.write(process.dry_run(process.eval_message("return N")).text + " ")
    """)
    assert (done.stdout, done.stderr, done.returncode) == ("buffered 1 1 1 bye", "", 0)


@FORK
def test_ctrl_c() -> None:
    """Ctrl-C ends the dry run and its copy of the program; the process goes on."""
    done = run("""
        import os, signal, threading, time
        def kill():
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=kill, daemon=True).start()
        try:
            process.dry_run(process.eval_message("while true do end"))
        except KeyboardInterrupt:
            print("interrupted", process.get("N"))
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            print("no child is left")
    """)
    assert (done.stdout, done.stderr, done.returncode) == ("interrupted 1\nno child is left\n", "", 0)


@FORK
def test_a_copy_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the program that is killed, or raises, is an InternalError that says so."""
    process = Process.spawn(code="N = 1")
    engine = type(process._state.engine)
    monkeypatch.setattr(engine, "evaluate", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(InternalError, match=r"ended without an answer .killed by signal 9"):
        process.dry_run()
    monkeypatch.setattr(engine, "evaluate", lambda *_: 1 / 0)
    with pytest.raises(InternalError, match="ZeroDivisionError in the dry run: division by zero"):
        process.dry_run()
    monkeypatch.undo()
    assert process.eval("return N").text == "1"


@FORK
def test_no_fork_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no room for a copy, it is done without; no file stays open, and no signal blocked."""
    process = Process.spawn(code="N = 1")

    def no_room() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    descriptors = len(os.listdir("/dev/fd"))
    monkeypatch.setattr(os, "fork", no_room)
    assert process.dry_run(process.eval_message("N = 2 return N")).text == "2"
    assert process.get("N") == 1
    assert len(os.listdir("/dev/fd")) == descriptors
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@FORK
def test_from_a_thread() -> None:
    """It works in any thread."""
    process = Process.spawn(code="N = 1")
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append(process.dry_run(process.eval_message("return N")).text))
    thread.start()
    thread.join()
    assert texts == ["1"]


def test_what_is_withheld(how: str, tmp_path: Path) -> None:
    """A dry run that needs a folder which only a snapshot names says so, and does not answer as if it were empty."""
    (tmp_path / "late.lua").write_text("return 5")
    ask = {"From": "alice", "Action": "Eval", "Data": "return require('late')"}
    data = Process.spawn(code="", owner="alice", modules=tmp_path).snapshot()
    with pytest.raises(InputError, match=r"asks for module late, which it has not read before"):
        Process.restore(data).dry_run(ask)
    assert Process.restore(data, modules=tmp_path).dry_run(ask).text == "5"
