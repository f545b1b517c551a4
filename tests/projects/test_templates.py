"""`ao-run init`: a project of every template passes its own CI file, as it is and after `git init`."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime import InputError
from ao_runtime.projects import TEMPLATES, build, configure, new_project
from tests.cli.running import COMMAND, ROOT, ao_run

#: What CI installs is installed already.
INSTALLS = ("pip install -r requirements.txt",)


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """The environment of a shell in which `ao-run` and `python` are this checkout's."""
    place = tmp_path / "bin"
    place.mkdir()
    for name, command in (("ao-run", COMMAND), ("python", [sys.executable])):
        (place / name).write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        (place / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AO_RUN", "PYTEST"))}
    return {
        **kept,
        "PATH": f"{place}{os.pathsep}{kept['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_its_own_ci(template: str, tmp_path: Path, shell: dict[str, str]) -> None:
    """All that its CI file runs ends well, and leaves nothing behind that git would see."""
    folder = tmp_path / "Ein neues-Projekt.1"
    new_project(folder, template)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    lines = re.findall(r"^ *- run: (.*)$", (folder / ".github/workflows/ci.yml").read_text(), re.MULTILINE)
    commands = [line for line in lines if line not in INSTALLS]
    assert len(commands) == len(lines) - 1 == 6
    for command in commands:
        ran = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=shell, capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == 0, (command, ran.stdout[-2000:], ran.stderr[-2000:])
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, check=True, capture_output=True, text=True)
    assert [line for line in status.stdout.splitlines() if not line.startswith("A ")] == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_lua_is_in_shape(template: str, tmp_path: Path) -> None:
    """Templates are Lua as this project writes it; luacheck and stylua find nothing, where they are installed."""
    files = new_project(tmp_path / "p", template)
    lua = [file for file in files if file.suffix == ".lua"]
    assert len(lua) == 3
    assert [file for file in lua if max(map(len, file.read_text().splitlines())) > 120] == []
    if subprocess.run(["which", "luacheck"], capture_output=True).returncode == 0:
        names = ["describe", "it", "before_each", "send", "spawn", "process", "wallet", "pending"]
        config = ["--config", str(ROOT / "examples/.luacheckrc"), "--ignore", "143", "--read-globals", *names]
        ran = subprocess.run(["luacheck", *map(str, lua), "-q", "--no-color", *config], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout
    stylua = ROOT / ".venv/stylua/node_modules/.bin/stylua"
    if stylua.exists():
        ran = subprocess.run(
            [stylua, "--check", "--config-path", ROOT / "stylua.toml", *lua], capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout


def test_python_is_in_shape(tmp_path: Path) -> None:
    """So is their Python, for ruff."""
    files = [
        file for template in TEMPLATES for file in new_project(tmp_path / template, template) if file.suffix == ".py"
    ]
    try:
        import ruff  # noqa: F401
    except ImportError:
        pytest.skip("ruff is not installed")
    for what in (
        ["check", "--no-cache", "--select", "E,F,W,I,B,UP,D1", "--line-length", "120"],
        ["format", "--check", "--no-cache", "--line-length", "120"],
    ):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *what, "--isolated", *files], capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout


def test_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says which files it made; the editor finds our stubs; the bundle has the module."""
    monkeypatch.chdir(tmp_path)
    ran = ao_run("init", "points", "--template", "token")
    assert ran.out.splitlines() == [
        f"points/{name}"
        for name in (
            "README.md",
            "ao-run.toml",
            ".github/workflows/ci.yml",
            ".gitignore",
            "requirements.txt",
            "scenarios/first.json",
            "src/ledger.lua",
            "src/process.lua",
            "tests/test_token.py",
            "tests/token_test.lua",
            ".luarc.json",
        )
    ]
    assert ran.err == "next: cd points && ao-run test && ao-run run\n"
    [stubs] = json.loads((tmp_path / "points/.luarc.json").read_text())["workspace.library"]
    assert (Path(stubs) / "globals.lua").is_file()
    found = configure("points", environment={})
    assert (found.tags, found.owner) == ([("Name", "points")], "alice")
    assert build(found).names == ("ledger",)
    (tmp_path / "points/.luarc.json").unlink()
    told = json.loads(ao_run("init", "--luarc", "points", "--json").out)
    assert told["files"] == ["points/.luarc.json"]
    ran = ao_run("init", "points")
    assert (ran.code, ran.err) == (2, "error: points: is there already, and not empty (give another folder)\n")


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "-x", "_x", 'a"b', "a\nb", "a\\b", "\x1b[2J", "a/b", "x" * 64, "a'", "{x}", "a\u202eb", "a."],
)
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    """A name that could break out of TOML, JSON or a terminal is refused, and nothing is made."""
    with pytest.raises(InputError, match="can be no project's name"):
        new_project(tmp_path / "p", name=name)
    assert not (tmp_path / "p").exists()


def test_names_of_all_languages(tmp_path: Path) -> None:
    """Letters of any language are letters."""
    new_project(tmp_path / "Püñkte 點")
    assert configure(tmp_path / "Püñkte 點", environment={}).tags == [("Name", "Püñkte 點")]


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """A file in the way is an error like any other; a repository that is empty is no obstacle."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(InputError):
            new_project(folder, name="x")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert new_project(tmp_path / "repository")
