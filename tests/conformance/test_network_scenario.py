"""Scenarios of a network: read, played, and as one process on its own plays them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, Network
from ao_runtime.conformance import NetworkScenario, OurLua, Scenario, play, read_scenario, shipped

CODE = """
Got = 0
Handlers.add("Add", "Add", function(msg)
  Got = Got + assert(tonumber(msg.Tags.N), "no number")
  Last = msg.From
  Send({ Target = msg.From, Action = "Added", Sum = tostring(Got), Data = "yes" })
  if msg.Tags.Next then Send({ Target = msg.Tags.Next, Action = "Add", N = msg.Tags.N }) end
end)
Handlers.add("Added", "Added", function() end)
"""
ONE = {"name": "one", "code": CODE, "owner": "alice"}
TWO = {"name": "two", "code": CODE, "owner": "bob"}


def written(folder: Path, *steps: Any, processes: Any = (ONE,), **more: Any) -> Path:
    """A file of a scenario."""
    file = folder / "scenario.json"
    file.write_text(json.dumps({"processes": [*processes], "steps": [*steps], **more}))
    return file


def played(file: Path) -> list[str]:
    """What is not met of a file's scenario."""
    scenario = read_scenario(file)
    assert isinstance(scenario, NetworkScenario)
    with Network() as network:
        return [str(unmet) for step in play(scenario, network) for unmet in step.unmet]


ADD = {"from": "carol", "Action": "Add", "N": "2"}


def test_two_processes(tmp_path: Path) -> None:
    """Messages go on from one to the other; names stand for addresses in messages, paths and expectations."""
    file = written(
        tmp_path,
        {"send": {"to": "one", **ADD, "Next": "two"}},
        {"expect": {"one": {"Got": 2, "Last": "carol"}, "two": {"Got": 2, "Last": "one"}}},
        {"expect": {"inbox": {"carol": [{"Action": "Added", "Sum": "2", "From": "one", "Data": "yes"}], "bob": []}}},
        {"eval": {"process": "two", "code": "Seen = { [Owner] = 7 }"}},
        {"expect": {"two": {"Seen.bob": 7, "Seen": {"bob": 7}}}},
        processes=[ONE, TWO],
    )
    assert played(file) == []


def test_tags_that_name_processes(tmp_path: Path) -> None:
    """A process's tag `@one` is the id of that process, if it was spawned before; other text stays what it is."""
    code = "Tags = ao.env.Process.Tags Plain = Tags.Plain Later = Tags.Later Friend = Tags.Friend"
    second = {"name": "two", "code": code, "tags": {"Friend": "@one", "Plain": "one", "Later": "@two"}}
    file = written(tmp_path, {"expect": {"two": {"Friend": "one", "Later": "@two"}}}, processes=[ONE, second])
    scenario = read_scenario(file)
    assert isinstance(scenario, NetworkScenario)
    with Network() as network:
        assert [one for step in play(scenario, network) for one in step.unmet] == []
        two = network.process("two")
        assert (two.get("Friend"), two.get("Plain")) == (network.process("one").id, "one")


def test_what_is_not_met(tmp_path: Path) -> None:
    """What was expected and what is there, with its place; an inbox holds what came since it was last looked at."""
    file = written(
        tmp_path,
        {"send": ADD},
        {"expect": {"one": {"Got": "2", "Nothing": 1, "Got.x": 1}}},
        {"expect": {"inbox": {"carol": [{"Action": "Added", "Sum": "3", "Data": "no"}]}}},
        {"send": ADD},
        {"expect": {"inbox": {"carol": []}}},
        {"send": ADD, "error": True},
        {"send": {**ADD, "N": "x"}, "error": "another text"},
        {"send": {**ADD, "N": "x"}, "error": False},
        {"send": {**ADD, "N": "x"}, "error": "no number"},
    )
    assert played(file) == [
        'steps[1].expect.one: Got is 2, and "2" was expected',
        "steps[1].expect.one: Nothing is nothing, and 1 was expected",
        'steps[1].expect.one: Got.x is "(Got is a number value and has no field \\"x\\")", and 1 was expected',
        'steps[2].expect.inbox: carol[0].Data is "yes", and "no" was expected',
        'steps[2].expect.inbox: carol[0].Sum is "2", and "3" was expected',
        "steps[4].expect.inbox: what carol has got is "
        '[{"From":"one","Action":"Added","Sum":"4","Data":"yes"}], and [] was expected',
        'steps[5].error: the error is nothing, and "any error" was expected',
        'steps[6].error: the error is "[string \\"aos\\"]:4: no number", and "another text" was expected',
        'steps[7].error: the error is "[string \\"aos\\"]:4: no number", and "no error" was expected',
    ]


def test_the_clock(tmp_path: Path) -> None:
    """It goes on by steps, and what is monitored ticks."""
    tags = {"Cron-Interval": "1-minute", "Cron-Tag-Action": "Add", "Cron-Tag-N": "1"}
    file = written(
        tmp_path,
        {"advance": "3m"},
        {"expect": {"one": {"Got": 3}}},
        {"mine": 2},
        {"set": "2023-11-14T22:17:20Z"},
        {"expect": {"one": {"Got": 4}}},
        processes=[{**ONE, "tags": tags, "monitor": True}],
    )
    assert played(file) == []


@pytest.mark.parametrize("scenario", shipped(), ids=lambda scenario: scenario.name)
def test_todays_form_in_a_network(scenario: Scenario) -> None:
    """Messages to one process with recorded answers are played in a network; what fails is what failed."""
    with Network() as network:
        network_form = scenario.in_network()
        steps = [step for step in play(network_form, network) if step.kind == "send"]
        assert len(steps) == len(scenario.messages) - 1
        assert network.process(network_form.processes[0].name).count >= len(steps)


def test_of_one_process(tmp_path: Path) -> None:
    """On its own a process gets the same messages, with names for addresses and the clock's time in them."""
    (tmp_path / "one.lua").write_text(CODE)
    file = written(
        tmp_path,
        {"send": ADD},
        {"advance": "90s"},
        {"mine": 1},
        {"send": {"Action": "Add", "N": "2", "Next": "@bob", "To": "one"}},
        {"eval": "return Got"},
        {"expect": {"one": {"Got": 4}}},
        processes=[{"name": "one", "file": "one.lua", "owner": "alice", "tags": {"Ticker": "X"}}],
    )
    scenario = Scenario.read(file)
    assert scenario.name == "scenario"
    assert scenario.environment["Process"] == {
        "Id": "one".ljust(43, "-"),
        "Owner": "alice",
        "Tags": [{"name": "Name", "value": "one"}, {"name": "Ticker", "value": "X"}],
    }
    first, second, third, fourth = scenario.messages
    assert first["Data"] == CODE.encode()
    assert (second["From"], "Timestamp" in second) == ("carol", False)
    assert (third["From"], third["Timestamp"], third["Block-Height"]) == ("alice", 1700000090000, 1000001)
    assert {tag["name"]: tag["value"] for tag in third["Tags"]} == {
        "Action": "Add",
        "N": "2",
        "Next": "bob",
        "To": "one".ljust(43, "-"),
    }
    assert fourth == {"From": "alice", "Owner": "alice", "Action": "Eval", "Data": "return Got"}
    answers = list(OurLua().results(scenario.complete()))
    assert [answer["Output"]["data"] for answer in answers][-1] == "4"
    assert [sent["Target"] for sent in answers[2]["Messages"]] == ["alice", "bob"]


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"processes": [], "steps": []}, "holds no process"),
        ({"processes": {}, "steps": []}, "processes: must be a list, found "),
        ({"processes": [ONE]}, "steps: must be a list, found None"),
        ({"processes": [{"code": ""}], "steps": []}, "processes[0]: has no name"),
        ({"processes": [ONE, ONE], "steps": []}, "processes[1].name: 'one' is the name of two processes"),
        ({"processes": [{"name": "inbox"}], "steps": []}, "processes[0].name: 'inbox' is what wallets have"),
        ({"processes": [{**ONE, "file": "x.lua"}], "steps": []}, "processes[0]: has a file and code"),
        ({"processes": [{**ONE, "own": "x"}], "steps": []}, "processes[0].own: is not known here"),
        ({"processes": [{**ONE, "owner": 1}], "steps": []}, "processes[0].owner: must be text, found "),
        ({"processes": [{**ONE, "tags": 1}], "steps": []}, "processes[0].tags: "),
        ({"processes": [ONE], "steps": [], "stepps": []}, "stepps: is not known here"),
        ({"processes": [ONE], "steps": [1]}, "steps[0]: is no step"),
        ({"processes": [ONE], "steps": [{"mine": 1, "set": 1}]}, "steps[0]: is two: set and mine"),
        ({"processes": [ONE], "steps": [{"mine": 1, "error": True}]}, "steps[0].error: is not known here"),
        ({"processes": [ONE], "steps": [{"send": 1}]}, "steps[0].send: is no message"),
        ({"processes": [ONE], "steps": [{"send": {"to": "on"}}]}, "steps[0].send.to: there is no process 'on'"),
        (
            {"processes": [ONE, TWO], "steps": [{"send": {}}]},
            "steps[0].send.to: is missing (the processes are one, two)",
        ),
        ({"processes": [ONE], "steps": [{"send": {"form": "x"}}]}, "steps[0].send.form: there is no field form"),
        ({"processes": [ONE], "steps": [{"send": {"From": 1}}]}, "steps[0].send.From: must be text, found "),
        ({"processes": [ONE], "steps": [{"eval": 1}]}, "steps[0].eval: has no code"),
        ({"processes": [ONE], "steps": [{"expect": 1}]}, "steps[0].expect: expects nothing"),
        ({"processes": [ONE], "steps": [{"expect": {"on": {}}}]}, "steps[0].expect.on: there is no process 'on'"),
        ({"processes": [ONE], "steps": [{"expect": {"one": 1}}]}, "steps[0].expect.one: must be an object, found "),
        ({"processes": [ONE], "steps": [{"expect": {"inbox": {"a": {}}}}]}, "steps[0].expect.inbox: must have a list"),
        ({"processes": [ONE], "steps": [{"send": {}, "error": 1}]}, "steps[0].error: must be true, or what the error"),
    ],
)
def test_what_is_wrong(tmp_path: Path, document: Any, complaint: str) -> None:
    """It is told with its file and place."""
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(document))
    with pytest.raises(InputError) as caught:
        read_scenario(file)
    text = str(caught.value)
    assert text.startswith((f"{file}, {complaint}", f"{file}: {complaint}"))


def test_what_one_process_cannot_play(tmp_path: Path) -> None:
    """Several processes, and cron ticks, need a network; that is said."""
    with pytest.raises(InputError) as caught:
        Scenario.read(written(tmp_path, {"send": {"to": "one"}}, processes=[ONE, TWO]))
    file = tmp_path / "scenario.json"
    assert str(caught.value) == f"{file}, processes: has 2 processes (ao-run net run plays it)"
    with pytest.raises(InputError) as caught:
        Scenario.read(written(tmp_path, {"advance": "1m"}, processes=[{**ONE, "tags": {"Cron-Interval": "1-minute"}}]))
    assert (
        str(caught.value) == f"{file}, steps[0]: needs a network: the process has cron ticks (ao-run net run plays it)"
    )


def test_clock_steps_that_make_no_sense(tmp_path: Path) -> None:
    """They are told with their place, in a network and on one's own."""
    file = written(tmp_path, {"advance": "soon"})
    for read in (played, Scenario.read):
        with pytest.raises(InputError) as caught:
            read(file)
        assert "steps[0].advance: is no duration: 'soon'" in str(caught.value)


def test_twice_in_a_network(tmp_path: Path) -> None:
    """A network that has such a process already is not touched."""
    scenario = read_scenario(written(tmp_path))
    assert isinstance(scenario, NetworkScenario)
    with Network() as network:
        list(play(scenario, network))
        with pytest.raises(InputError, match="there is one already in this network"):
            list(play(scenario, network))
        assert len(network.processes) == 1
