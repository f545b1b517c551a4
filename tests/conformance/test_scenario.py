"""Scenarios: read, written, completed, shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError
from ao_runtime.conformance import OurLua, Scenario, record
from ao_runtime.conformance.scenario import FOLDER, shipped

from .scenarios import CODE, PING, ping


def test_read_and_write(tmp_path: Path) -> None:
    """What was written is read as it was."""
    recorded = record(ping(), OurLua())
    recorded.write(tmp_path / "ping.json")
    assert Scenario.read(tmp_path / "ping.json") == recorded


def test_the_recorded_form(tmp_path: Path) -> None:
    """A recorded file is read and written back as it was."""
    file = FOLDER / "inbox.json"
    Scenario.read(file).write(tmp_path / "inbox.json")
    assert json.loads((tmp_path / "inbox.json").read_text()) == json.loads(file.read_text())


def test_bytes_survive(tmp_path: Path) -> None:
    """Data that is no UTF-8 is read as it was written."""
    scenario = ping({"From": "bob", "Data": b"\xff\x00"}).complete()
    scenario.write(tmp_path / "ping.json")
    assert Scenario.read(tmp_path / "ping.json").messages == scenario.messages


def test_of_a_file(tmp_path: Path) -> None:
    """A process's file becomes its own message, and names the scenario."""
    (tmp_path / "pong.lua").write_text(CODE)
    scenario = Scenario.of(tmp_path / "pong.lua", [PING])
    assert scenario.name == "pong"
    first = scenario.messages[0]
    assert (first["Id"], first["Data"]) == (scenario.environment["Process"]["Id"], CODE.encode())
    answer = list(OurLua().results(scenario.complete()))[1]
    assert [sent["Data"] for sent in answer["Messages"]] == ["hello"]


def test_complete() -> None:
    """A complete scenario has nothing left to fill in, and completing it changes nothing more."""
    complete = ping().complete()
    assert complete.messages[1] == {
        "From": "bob",
        "Owner": "bob",
        "Id": complete.messages[1]["Id"],
        "Target": complete.environment["Process"]["Id"],
        "Timestamp": 1700000000001,
        "Block-Height": 1000000,
        "Data": "hello",
        "Tags": [{"name": "Action", "value": "Ping"}],
    }
    assert complete.complete() == complete


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.3", "2.0.1", "1", "0.2.0"])
def test_shipped(dialect: str) -> None:
    """34 scenarios come with the package for every dialect, with the answers of its module."""
    scenarios = shipped(dialect)
    assert len(scenarios) == 34
    assert all(scenario.results for scenario in scenarios)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "is no JSON"),
        ([], "is no scenario"),
        ({"env": {}}, "is no scenario"),
        ({"env": {}, "steps": []}, "holds no message"),
        ({"env": [], "steps": []}, ", env: must be an object"),
        ({"env": {}, "steps": [{}]}, r", steps\[0\]: has no message"),
        (
            {"env": {}, "steps": [{"message": {"From": 5}}]},
            r", steps\[0\].message.From: must be text, found the number 5",
        ),
        ({"env": {}, "steps": [{"message": {}, "result": {}}, {"message": {}}]}, "has 1 results for 2 messages"),
    ],
)
def test_no_scenario(tmp_path: Path, document: Any, complaint: str) -> None:
    """What is no scenario is told with its file and field."""
    file = tmp_path / "bad.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(InputError, match=rf"bad\.json.*{complaint}"):
        Scenario.read(file)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    """Files that cannot be read or written are named."""
    with pytest.raises(InputError, match=r"none\.json: cannot be read: No such file"):
        Scenario.read(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be written: Is a directory"):
        ping().write(tmp_path)
    with pytest.raises(InputError, match=r"none\.lua: cannot be read"):
        Scenario.of(tmp_path / "none.lua", [])
    with pytest.raises(InputError, match=r"message 1\.Timestamp: must be a number"):
        ping({"Timestamp": "noon"}).complete()
