"""`ao-run net run`, and the same scenarios in `ao-run handle` and `ao-run conform`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..running import Ran, ao_run
from .town import TOKEN, net, shape

SEND = {"send": {"to": "token", "from": "alice", "Action": "Transfer", "Recipient": "bob", "Quantity": "250"}}
GOT = {"inbox": {"bob": [{"Action": "Credit-Notice", "Quantity": "250"}]}}
TREE = (
    "[n] token.boot(From=alice, Name=token)\n"
    "[n] token.Transfer(From=alice, Recipient=bob, Quantity=250) → 2 messages\n"
    "  ✉ message Debit-Notice to alice(Quantity=250, Recipient=bob)\n"
    "  ✉ message Credit-Notice to bob(Quantity=250, Sender=alice)\n"
)


def scenario(folder: Path, *steps: Any, name: str = "token.json") -> str:
    """A file of a scenario of the token."""
    document = {"processes": [{"name": "token", "file": TOKEN, "owner": "alice"}], "steps": steps}
    (folder / name).write_text(json.dumps(document))
    return str(folder / name)


def test_all_met(tmp_path: Path) -> None:
    """The trees of all steps, and how many expectations there were; the folder goes on where the scenario ended."""
    file = scenario(tmp_path, SEND, {"advance": "90s"}, {"expect": {"token": {"Balances.bob": 250}, **GOT}})
    done = Ran(0, f"{TREE}3 steps, 2 expectations: all met\n", "")
    assert shape(ao_run("net", "run", "--memory", file)) == done
    assert shape(net("run", tmp_path / "town", file)) == done
    assert net("get", tmp_path / "town", "token", "Balances.bob").out == "250\n"
    assert net("tick", tmp_path / "town").out.startswith("it is 2023-11-14 22:14:50")
    taken = "error: processes: there is token already in this network (play it in a new folder)\n"
    assert net("run", tmp_path / "town", file) == Ran(2, "", taken)


def test_what_is_not_met(tmp_path: Path) -> None:
    """At the end stands what was expected and what is there; exit code 1."""
    file = scenario(tmp_path, SEND, {"expect": {"token": {"Balances.bob": "250"}, "inbox": {"bob": []}}})
    assert shape(ao_run("net", "run", "--memory", file)) == Ran(
        1,
        TREE + '✗ steps[1].expect.token: Balances.bob is 250, and "250" was expected\n'
        "✗ steps[1].expect.inbox: what bob has got is "
        '[{"From":"token","Action":"Credit-Notice","Quantity":"250","Sender":"alice"}], and [] was expected\n'
        "2 steps, 2 expectations: 2 not met\n",
        "",
    )


def test_errors(tmp_path: Path) -> None:
    """One that is expected is none; any other is exit code 1."""
    bad = {"send": {**SEND["send"], "Quantity": "x"}}
    assert ao_run("net", "run", "--memory", scenario(tmp_path, bad)).code == 1
    expected = ao_run("net", "run", "--memory", scenario(tmp_path, {**bad, "error": "whole number"}))
    assert (expected.code, expected.out.splitlines()[-1]) == (0, "1 steps, 1 expectations: all met")


def test_json(tmp_path: Path) -> None:
    """An object for each step."""
    file = scenario(tmp_path, SEND, {"expect": {"token": {"Supply": 1}}})
    ran = ao_run("net", "run", "--memory", "--json", file)
    assert ran.code == 1
    spawned, sent, looked = ran.results
    assert list(spawned) == ["at", "kind", "trees", "expectations", "unmet"]
    assert [(one["at"], one["kind"]) for one in ran.results] == [
        ("processes[0]", "spawn"),
        ("steps[0]", "send"),
        ("steps[1]", "expect"),
    ]
    assert [part["action"] for part in sent["trees"][0]["sent"]] == ["Debit-Notice", "Credit-Notice"]
    unmet = {"at": "steps[1].expect.token", "what": "Supply", "expected": 1, "found": 1000000}
    assert looked == {"at": "steps[1]", "kind": "expect", "trees": [], "expectations": 1, "unmet": [unmet]}


@pytest.mark.parametrize("words", [[], ["--memory"], ["one"], ["--memory", "one", "two"], ["one", "two", "three"]])
def test_wrong_usage(words: list[str]) -> None:
    """What is to be given is said."""
    ran = ao_run("net", "run", *words)
    assert (ran.code, ran.out) == (2, "")
    assert "give FOLDER and SCENARIO, or --memory and SCENARIO" in ran.err


def test_in_handle(tmp_path: Path) -> None:
    """One process plays it as well: names are its addresses; what is not met is told on stderr, with exit code 1."""
    file = scenario(tmp_path, SEND, {"expect": {"token": {"Balances.bob": 250}, **GOT}}, {"eval": "return Supply"})
    assert ao_run("handle", file) == Ran(
        0,
        "── 1 · message from alice\n(no output, nothing sent)\n── 2 · Transfer from alice\n"
        "message  → alice  Debit-Notice   Quantity=250  Recipient=bob\n"
        "message  → bob    Credit-Notice  Quantity=250  Sender=alice\n── 3 · Eval from alice\n1000000\n",
        "",
    )
    bad = {"send": {**SEND["send"], "Quantity": "x"}, "error": "whole number"}
    ran = ao_run("handle", "--json", scenario(tmp_path, bad, SEND, {"expect": {"token": {"Balances.bob": 1}}}))
    complaint = "error: steps[2].expect.token: Balances.bob is 250, and 1 was expected\n"
    assert (ran.code, ran.err, len(ran.results)) == (1, complaint, 3)
    assert ao_run("handle", "--json", scenario(tmp_path, bad)).code == 0
    wrong = ao_run("handle", "--json", scenario(tmp_path, {**SEND, "error": True}))
    assert (wrong.code, wrong.err) == (1, 'error: steps[0].error: the error is nothing, and "any error" was expected\n')


@pytest.mark.parametrize("dialect", ["2.0.6", "1"])
def test_code_in_handle(tmp_path: Path, dialect: str) -> None:
    """Code of the scenario is evaluated at the start, as each dialect does it."""
    file = tmp_path / "one.json"
    process = {
        "name": "one",
        "code": "X = 1 Handlers.add('Up', Handlers.utils.hasMatchingTag('Action', 'Up'), function() X = X + 1 end)",
    }
    steps = [{"send": {"Action": "Up"}}, {"expect": {"one": {"X": 2}}}]
    file.write_text(json.dumps({"processes": [process], "steps": steps}))
    ran = ao_run("handle", "--dialect", dialect, "--json", str(file))
    assert (ran.code, ran.err) == (0, "")


def test_todays_form_in_handle(tmp_path: Path) -> None:
    """A scenario with recorded answers: its messages, to its process."""
    from ao_runtime.conformance.scenario import FOLDER, Scenario

    file = FOLDER / "inbox.json"
    ran = ao_run("handle", "--json", str(file))
    recorded = Scenario.read(file).results
    assert recorded is not None
    assert [one.get("Messages") for one in ran.results] == [one.get("Messages") for one in recorded]


def test_in_conform(tmp_path: Path) -> None:
    """Recorded once, it is compared with that."""
    file = scenario(tmp_path, SEND, {"expect": GOT})
    assert ao_run("conform", "--record", str(tmp_path / "recorded"), file).code == 0
    ran = ao_run("conform", "--against", str(tmp_path / "recorded"), file)
    assert (ran.code, ran.out.splitlines()[-1].split()[:4]) == (0, ["1", "scenario", "2", "2"])


def test_what_handle_cannot_play(tmp_path: Path) -> None:
    """It says why, and what can; and which options do not go with a scenario."""
    file = tmp_path / "two.json"
    processes = [{"name": "one"}, {"name": "two"}]
    file.write_text(json.dumps({"processes": processes, "steps": []}))
    for command in ("handle", "conform"):
        ran = ao_run(command, str(file))
        assert ran == Ran(2, "", f"error: {file}, processes: has 2 processes (ao-run net run plays it)\n")
    ran = ao_run("handle", "-p", TOKEN, scenario(tmp_path, SEND))
    assert ran.code == 2
    assert "says which process it is: leave out -p and --env" in ran.err
    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"processes": [{"name": "one"}], "steps": [{"sent": {}}]}')
    for words in (["handle"], ["conform"], ["net", "run", "--memory"]):
        ran = ao_run(*words, str(damaged))
        assert (ran.code, ran.err[:40]) == (2, f"error: {damaged}, steps[0]: is no step"[:40])
