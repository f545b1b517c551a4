"""ao-run with child processes: the same output, and commands that whatever is in a file does not bring down."""

from __future__ import annotations

import json
import time
from pathlib import Path
from unittest import mock

import pytest

from ao_runtime import Process
from ao_runtime.isolation import IsolatedEngine, missing

from .running import ao_run, ao_run_outside

COUNT = "N = (N or 0) + 1 return N"


def kept(path: Path) -> str:
    """The file of a process that has seen some messages."""
    with Process.spawn(code="N = 0", state=path) as process:
        process.eval(COUNT)
        process.eval("error('no')")
        process.eval(COUNT)
    return str(path)


def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on it is noted here when an engine is made in a child."""
    found: list[str] = []
    whole = IsolatedEngine.__init__

    def init(self: IsolatedEngine, *args: object, **options: object) -> None:
        found.append("made")
        whole(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(IsolatedEngine, "__init__", init)
    return found


def test_the_same_output() -> None:
    """`--isolate` changes nothing of what handle and eval print, and of their exit codes."""
    for args, given in (
        (("handle", "-p", "examples/token/token.lua", "--json", "-"), '{"Action": "Balance"}\n{"Action": "Info"}\n'),
        (("eval", "return 1 + 1"), None),
        (("eval", "error('no')"), None),
        (("eval", "--dry-run", "--limit-instructions", "100000", "while true do end"), None),
    ):
        assert ao_run(*args, "--isolate", input=given) == ao_run(*args, input=given)


def test_files_of_strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """verify, replay and diff evaluate in a child, unless they are told not to; what they print is the same."""
    file = kept(tmp_path / "points.ao")
    found = made(monkeypatch)
    for args in (("verify", file), ("replay", file), ("diff", file, "0", "3")):
        found.clear()
        apart = ao_run(*args)
        assert found
        found.clear()
        assert ao_run(*args, "--no-isolate") == apart
        assert not found
    assert ao_run("verify", file).out == "4 messages, all as recorded\n"
    found.clear()
    assert ao_run("log", file).code == 0
    assert not found


def test_a_crash_in_verify(tmp_path: Path) -> None:
    """A message that ends the program that evaluates it is a result that differs, not the end of the command."""
    file = kept(tmp_path / "points.ao")
    with (
        mock.patch("ao_runtime.isolation.engine.EVALUATE", "crash"),
        mock.patch("ao_runtime.isolation.engine.MANY", "crash"),
    ):
        ran = ao_run("verify", "--json", file)
    assert ran.code == 1
    assert "has ended the program that it ran in, 3 times" in ran.results[0]["difference"]["replayed"]["Error"]


@pytest.mark.skipif(missing() is not None, reason="there are no hard limits here")
def test_time_from_outside() -> None:
    """What no limit inside ends is a failed message, with the limit's exit code; the command goes on with the next."""
    code = (
        "require('lsqlite3').open_memory():exec(\"select length(replace(hex(zeroblob(8000000)),"
        " hex(zeroblob(3999999)) || '01', 'x'))\") while true do end"
    )
    lines = [
        json.dumps({"From": "a", "Owner": "a", "Action": "Eval", "Data": data}) for data in (code, "return 'alive'")
    ]
    began = time.monotonic()
    ran = ao_run_outside(
        *("handle", "--owner", "a", "--isolate", "--limit-seconds", "0.5", "--json", "-"), input="\n".join(lines)
    )
    assert time.monotonic() - began < 20
    assert ran.code == 4
    assert ran.results[0]["Error"].endswith("time limit of 0.5 seconds reached")
    assert ran.results[1]["Output"]["data"] == "alive"


def test_many_limits(tmp_path: Path) -> None:
    """A journal is verified in many steps where limits change and messages fail by chance."""
    file = tmp_path / "points.ao"
    with Process.spawn(code="", state=file) as process:
        for number in range(20):
            process.eval(COUNT, limits={"instructions": 1_000_000 + number // 7})
            if number == 9:
                process.eval("while true do end", limits={"instructions": None, "seconds": 0.01})
    assert ao_run("verify", str(file)).out.startswith("22 messages, all as recorded (1 hit a limit on time")
