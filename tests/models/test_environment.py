"""ao_runtime.models.environment: which process this is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.errors import InputError
from ao_runtime.models import Environment
from ao_runtime.models.reading import read_environment

WIRE = {
    "Process": {"Id": "p", "Owner": "alice", "Tags": [{"name": "Name", "value": "Points"}]},
    "Module": {"Id": "m", "Tags": []},
}
VECTORS = Path(__file__).parent.parent / "vectors"


def test_either_kind_of_names() -> None:
    """The network's names and Python's make the same environment."""
    python = Environment.model_validate(
        {"process": {"id": "p", "owner": "alice", "tags": {"Name": "Points"}}, "module": {"id": "m"}}
    )
    assert python == Environment.model_validate(WIRE)
    assert python.to_wire() == WIRE
    assert (python.process.id, python.process.tags["Name"], python.module.owner) == ("p", "Points", None)


def test_unknown_fields_are_kept() -> None:
    """What we do not know of an environment goes to the process as it is."""
    wire = {"Process": {"Id": "p", "Tags": [], "Foo": [1]}, "Module": {"Tags": []}, "Bar": {"x": 1}}
    assert read_environment(wire) == wire
    assert Environment.model_validate(wire).to_wire() == wire


def test_every_recorded_environment_is_read_as_it_is() -> None:
    """All environments of the vectors come back as they were."""
    for file in VECTORS.glob("*.json"):
        wire = json.loads(file.read_text())["env"]
        assert read_environment(wire) == wire
        assert Environment.model_validate(wire).to_wire() == wire


def test_nothing_given() -> None:
    """Without an environment there is nothing to read."""
    assert read_environment(None) == {}
    assert read_environment(Environment())["Process"] == {"Tags": []}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (5, "must be an object, found the number 5"),
        ({"From": "bob"}, "Process: is missing"),
        ({"Process": []}, "Process: must be an object, found an array"),
        ({"Process": {"Id": 5}}, "Process.Id: must be text, found the number 5"),
        ({"Process": {"Id": "a", "id": "b"}}, "Process.Id: is given twice, under two names"),
        ({"Process": {}, "process": {}}, "Process: is given twice, under two names"),
        ({"Process": {}, "Module": {"Tags": [5]}}, "Module.Tags[0]: is no tag but the number 5"),
    ],
)
def test_wrong_environments(given: Any, complaint: str) -> None:
    """Wrong input is one InputError that says where, from the reader and from the model alike."""
    for read in (read_environment, Environment.model_validate):
        with pytest.raises(InputError) as caught:
            read(given)  # type: ignore[operator]
        assert str(caught.value).split(" (")[0] == complaint
