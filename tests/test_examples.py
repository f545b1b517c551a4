"""The examples run as their READMEs say, and print what their output.txt holds."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime.cli.documents import read_messages

from .cli.running import ROOT, ao_run, ao_run_outside

#: Examples that are more than a command and its output.
PROGRAMS = ("colony", "web")
EXAMPLES = sorted(file.parent for file in ROOT.glob("examples/*/README.md") if file.parent.name not in PROGRAMS)
NETWORKS = [folder for folder in EXAMPLES if (folder / f"{folder.name}.py").exists()]
#: Those with tests of their own, in both languages.
TESTED = [folder for folder in EXAMPLES if [*folder.glob("*_test.lua")] and [*folder.glob("test_*.py")]]
PROCESSES = [folder for folder in EXAMPLES if folder not in NETWORKS]


def test_there_are_examples() -> None:
    """A ping, a token, a chat, one that waits, one that spawns, a registry, a bot, oracles; and a network of several."""
    wanted = ["chat", "cron", "factory", "oracle", "ping", "quote", "registry", "token"]
    assert [folder.name for folder in PROCESSES] == wanted
    assert [folder.name for folder in NETWORKS] == ["market"]


@pytest.mark.parametrize("folder", NETWORKS, ids=lambda folder: str(folder.name))
def test_network(folder: Path) -> None:
    """The command in the README's second line prints the whole of output.txt; the trees of the README are among that."""
    readme = (folder / "README.md").read_text(encoding="utf-8")
    about, command, end, *_ = readme.splitlines()
    assert (about[-1], end) == (".", "prints what `output.txt` holds.")
    program, *args = shlex.split(command.strip("`"))
    assert program == "python"
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run([sys.executable, *args], cwd=ROOT, env=environment, capture_output=True, timeout=300)
    expected = (folder / "output.txt").read_text(encoding="utf-8")
    assert (ran.stdout.decode(), ran.stderr, ran.returncode) == (expected, b"", 0)
    trees = readme.split("```\n")[1::2]
    assert [tree for tree in trees if tree not in expected] == []
    assert trees


def test_all_are_listed() -> None:
    """docs/examples.md has a row for each, and says of each whether it has tests."""
    page = (ROOT / "docs/examples.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| \[`(\w+)`\]\(\.\./examples/\1\) \|.*\|(.*)\|$", page, re.MULTILINE))
    assert sorted(listed) == sorted([*(folder.name for folder in EXAMPLES), *PROGRAMS])
    assert {name for name, told in listed.items() if "test_" in told} == {folder.name for folder in TESTED}


@pytest.mark.parametrize("folder", TESTED, ids=lambda folder: str(folder.name))
def test_its_tests(folder: Path) -> None:
    """An example's tests pass: those in Python and in Lua by pytest, those in Lua by `ao-run test`, too."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={ROOT}"]
    ran = subprocess.run(
        [*command, f"examples/{folder.name}"],
        cwd=ROOT,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"\d+ passed", ran.stdout)
    assert ao_run_outside("test", f"examples/{folder.name}").code == 0


@pytest.mark.parametrize("folder", PROCESSES, ids=lambda folder: str(folder.name))
def test_example(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command in the README's three lines prints the whole of output.txt, and ends well."""
    monkeypatch.chdir(ROOT)
    about, command, _ = (folder / "README.md").read_text().splitlines()
    assert about.endswith(".")
    program, *args = shlex.split(command.strip("`"))
    assert program == "ao-run"
    ran = ao_run(*args)
    assert ran.out == (folder / "output.txt").read_text(encoding="utf-8")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("folder", PROCESSES, ids=lambda folder: str(folder.name))
def test_example_as_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json there is one result for each message, none of them an error."""
    monkeypatch.chdir(ROOT)
    _, command, _ = (folder / "README.md").read_text().splitlines()
    _, *args = shlex.split(command.strip("`"))
    ran = ao_run(*args, "--json")
    assert len(ran.results) == len(read_messages(args[-1]))
    assert not [result for result in ran.results if "Error" in result]


def test_the_colony() -> None:
    """A journal is verified by one executor and by two, in the same parts, and all is as it was recorded."""
    command = [sys.executable, "examples/colony/verify.py", "--messages", "11000", "--parts", "4"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COLONIES_")}
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300, check=True)
    lines = [re.sub(r", [\d.]+ s, .*", "", line) for line in ran.stdout.splitlines()[1:]]
    assert lines == [
        "1 executor: 11000 messages all as recorded, 3 parts",
        "2 executors: 11000 messages all as recorded, 3 parts",
    ]
    assert ran.stderr == ""
