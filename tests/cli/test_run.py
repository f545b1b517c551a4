"""`ao-run run`: the project's scenario, messages to its process, and both again when a file changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ao_runtime.projects import new_project

from .running import COMMAND, ROOT, ao_run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project, which is the working directory."""
    new_project(tmp_path / "hello", "empty")
    monkeypatch.chdir(tmp_path / "hello")
    return tmp_path / "hello"


def test_the_scenario(project: Path) -> None:
    """Without words the project's scenario is played; what is not as it is expected there is exit code 1."""
    ran = ao_run("run")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "4 steps, 3 expectations: all met")
    scenario = project / "scenarios/first.json"
    scenario.write_text(scenario.read_text().replace('"Greeted": 1', '"Greeted": 2'))
    ran = ao_run("run")
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "4 steps, 3 expectations: 1 not met")
    assert "✗ steps[3].expect.hello: Greeted is 1, and 2 was expected" in ran.out
    assert json.loads(ao_run("run", "--json").out.splitlines()[0])["kind"] == "spawn"


def test_messages(project: Path) -> None:
    """With words they are messages to the project's process, as for `ao-run handle`."""
    ran = ao_run("run", "--from", "bob", "Action=Hello", "Name=Bob")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "message  → bob  Greeting  Number=1  Data=Hello, Bob!\n"
    (project / "two.json").write_text('[{"Action": "Hello", "Name": "A"}, {"Action": "Hello"}]')
    ran = ao_run("run", "two.json")
    assert (ran.code, "src/greeting.lua:6, in handler hello" in ran.err) == (1, True)


def test_the_scenario_has_the_project_s_dialect_and_limits(project: Path) -> None:
    """A scenario is played as the project says: its dialect, its limits."""
    settings = project / "ao-run.toml"
    settings.write_text("dialect = '2.0.1'\nscenario = 's.json'\n[limits]\ninstructions = 100_000")
    process = {"name": "p", "code": "Handlers.add('v', 'V', function() print(ao._version or '') while true do end end)"}
    steps = [{"send": {"Action": "V"}, "error": "instruction"}, {"eval": "return Version"}]
    (project / "s.json").write_text(json.dumps({"processes": [process], "steps": steps}))
    ran = ao_run("run")
    assert (ran.code, "instruction" in ran.out) == (0, True)


def test_what_there_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a project, and in one that names no scenario, it is said what to do."""
    monkeypatch.chdir(tmp_path)
    assert (
        ao_run("run").err
        == "error: scenario: the project says none (give messages, or scenario = FILE in ao-run.toml)\n"
    )
    assert ao_run("run", "Action=X").err == "error: process: the project says no file (ao-run init makes a project)\n"
    assert ao_run("run", "--scenario", "none.json").code == 2
    assert ao_run("run", "--scenario", "a.json", "Action=X").code == 2


def test_watch(project: Path) -> None:
    """It plays again whenever a file changes, also after an error; Ctrl-C ends it with 130."""
    pytest.importorskip("watchfiles")
    with (project / "../out").open("wb") as out:
        running = subprocess.Popen([*COMMAND, "run", "--watch"], stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"})  # fmt: skip
    try:
        saw(project, "all met", 1)
        source = project / "src/greeting.lua"
        text = source.read_text()
        source.write_text(text.replace("Hello", "Good day"))
        saw(project, "not met", 1)
        source.write_text("local = 1")
        saw(project, "src/greeting.lua:1", 1)
        source.write_text(text)
        saw(project, "all met", 2)
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 130
    finally:
        running.kill()
        running.wait()
    assert "Traceback" not in (project / "../out").read_text()


def saw(project: Path, text: str, times: int) -> None:
    """Wait until so much has been said, and it waits again."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        said = (project / "../out").read_text()
        if said.count(text) >= times and said.rstrip().endswith("waiting for a change …"):
            time.sleep(0.3)  # the watcher begins to watch a moment after it has said so
            return
        time.sleep(0.05)
    raise AssertionError(said)
