"""`ao-run config`, and what the other commands take from a project's settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import ao_run

SETTINGS = """\
process = "src/process.lua"
owner = "alice"

[tags]
Name = "Points"

[limits]
seconds = 5
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, which is the working directory."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/process.lua").write_text(
        'Handlers.add("who", "Who", function(msg) print(Owner .. " " .. tostring(Name) .. " " .. require("greeting")) end)'
    )
    (tmp_path / "src/greeting.lua").write_text('return "hello"')
    (tmp_path / "other.lua").write_text("return 'bye'")
    (tmp_path / "ao-run.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*args: str, **environment: str) -> str:
    """What the process says."""
    ran = ao_run("handle", *args, "Action=Who", env=environment)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.strip()


@pytest.mark.usefixtures("project")
def test_config() -> None:
    """It prints every setting, its value, and who says it."""
    ran = ao_run("config", env={"AO_RUN_LIMIT_MEMORY": "64MB"})
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == """\
process              src/process.lua    ao-run.toml:1
owner                alice              ao-run.toml:2
tags.Name            Points             ao-run.toml:5
dialect              2.0.6              default
limits.instructions  1000000000         default
limits.memory        64MB               AO_RUN_LIMIT_MEMORY
limits.seconds       5                  ao-run.toml:8
build.output         build/process.lua  default
tests.paths          tests              default
tests.jobs           1                  default
network              local              default
"""
    )


def test_config_of_one(project: Path) -> None:
    """One setting is its value alone, a table its names; JSON is the same as data."""
    assert ao_run("config", "owner").out == "alice\n"
    assert ao_run("config", "limits").out == "instructions = 1000000000\nmemory = 512MB\nseconds = 5\n"
    assert json.loads(ao_run("config", "--json", "tags").out) == {"Name": ["Points"]}
    whole = json.loads(ao_run("config", "--json").out)
    assert (whole["file"], whole["folder"]) == (str(project / "ao-run.toml"), str(project))
    assert whole["settings"]["limits.seconds"] == {"value": 5, "source": "ao-run.toml:8"}


@pytest.mark.usefixtures("project")
def test_config_of_none() -> None:
    """A setting that there is none of is an error with what is near; one that nobody says is another one."""
    ran = ao_run("config", "limit.seconds")
    assert (ran.code, ran.err) == (2, "error: limit.seconds: there is no such setting (did you mean limits.seconds?)\n")
    ran = ao_run("config", "module")
    assert (ran.code, ran.err) == (2, "error: module: nobody says it, and it has no default\n")
    ran = ao_run("config", "owner", env={"AO_RUN_OWNR": "x"})
    assert (ran.code, ran.out) == (0, "alice\n")
    assert ran.err == "warning: AO_RUN_OWNR says nothing (did you mean AO_RUN_OWNER?)\n"


@pytest.mark.usefixtures("project")
def test_flag_environment_file() -> None:
    """What the command line says stands before the environment, and that before the file; tags by their names."""
    assert said() == "alice Points hello"
    assert said(AO_RUN_OWNER="bob") == "bob Points hello"
    assert said("--owner", "carol", AO_RUN_OWNER="bob") == "carol Points hello"
    assert said("--tag", "Name=Coins", "--tag", "More=1") == "alice Coins hello"
    assert said("--replace", "greeting=other.lua") == "alice Points bye"
    assert said(AO_RUN_REPLACE="greeting=other.lua") == "alice Points bye"
    assert said(AO_RUN_CONFIG="", AO_RUN_PROCESS="src/process.lua", AO_RUN_OWNER="x") == "x aos hello"


def test_from_a_folder_below(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project is found from any of its folders."""
    monkeypatch.chdir(project / "src")
    assert said() == "alice Points hello"
    ran = ao_run("config", "--json")
    assert json.loads(ran.out)["settings"]["owner"]["source"] == f"{project}/ao-run.toml:2"


@pytest.mark.usefixtures("project")
def test_limits() -> None:
    """Limits of the project hold for every command that evaluates."""
    ran = ao_run("eval", "while true do end", env={"AO_RUN_LIMIT_INSTRUCTIONS": "400000"})
    assert (ran.code, "the limit was 400000" in ran.err) == (4, True)
    assert ao_run("eval", "return 1", env={"AO_RUN_LIMIT_SECONDS": "-1"}).err == (
        "error: AO_RUN_LIMIT_SECONDS: must be a number above 0, found -1\n"
    )


def test_a_process_that_is_kept(project: Path) -> None:
    """A process in a file is what it was started as, whatever the project says now; --reload brings the new code."""
    assert said("--state", "points.ao") == "alice Points hello"
    (project / "ao-run.toml").write_text(SETTINGS.replace("alice", "bob").replace("Points", "Coins"))
    (project / "src/process.lua").write_text('Handlers.add("who", "Who", function() print("new " .. Owner) end)')
    assert said("--state", "points.ao") == "alice Points hello"
    assert said("--state", "points.ao", "--reload") == "new alice"


def test_messages_that_bring_their_process(project: Path) -> None:
    """A process's own message, a scenario and an environment say what the process is: the project does not."""
    own = {
        "Id": "P" * 43,
        "From": "dave",
        "Owner": "dave",
        "Target": "P" * 43,
        "Data": "function who() return Owner end",
    }
    own["Tags"] = [{"name": "Type", "value": "Process"}, {"name": "On-Boot", "value": "Data"}]  # type: ignore[assignment]
    asks = {"From": "dave", "Action": "Eval", "Data": "return who() .. tostring(#Handlers.list)"}
    (project / "messages.json").write_text(json.dumps([own, asks]))
    ran = ao_run("handle", "messages.json", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.results[1]["Output"]["data"].startswith("dave")
    scenario = {"processes": [{"name": "Other", "file": "src/process.lua", "owner": "erin"}]}
    steps = [{"send": {"from": "erin", "Action": "Who"}}]
    (project / "scenario.json").write_text(json.dumps({**scenario, "steps": steps}))
    ran = ao_run("handle", "scenario.json")
    assert ("erin Other hello" in ran.out, ran.err) == (True, "")
    (project / "env.json").write_text(json.dumps({"Process": {"Id": "X", "Owner": "frank", "Tags": []}}))
    assert said("--env", "env.json") == "frank aos hello"


def test_networks(project: Path) -> None:
    """`net init` takes dialect and limits, `net spawn` without a file the project's process, with all that it is."""
    (project / "ao-run.toml").write_text('dialect = "2.0.1"\n' + SETTINGS)
    assert ao_run("net", "init", "town").code == 0
    ran = ao_run("net", "spawn", "town", "--tag", "More=1", "--json")
    assert json.loads(ran.out)["name"] == "Points"
    assert ao_run("net", "get", "town", "Points", "Name").out == '"Points"\n'
    assert json.loads((project / "town/network.json").read_text())["given"]["dialect"] == "2.0.1"
    ran = ao_run("net", "spawn", "town", "other.lua", "--json")
    assert json.loads(ran.out)["name"] == "other"


@pytest.mark.usefixtures("project")
def test_hostile_settings() -> None:
    """What a project says moves no terminal."""
    Path("ao-run.toml").write_text('[tags]\n"\\u001b[2J" = "\\u001b]0;x\\u0007\\u202e"\n')
    ran = ao_run("config", env={"FORCE_COLOR": "0"})
    assert [c for c in ran.out if c in "\x1b\x07\u202e"] == []
    Path("ao-run.toml").write_text('"\\u001b[2J" = 1\n')
    ran = ao_run("eval", "return 1")
    assert (ran.code, "\x1b" in ran.err, ran.err.startswith("error: ao-run.toml, \\x1b[2J: there is no")) == (
        2,
        False,
        True,
    )
