"""`ao-run conform`: tables, documents, recordings and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ao_runtime.conformance import OurLua, Scenario
from ao_runtime.conformance.recording import record_to

from ..conformance.scenarios import CODE, PING, Changed, ping, silent
from .running import ao_run


def test_the_shipped_scenarios() -> None:
    """Without anything named, the recorded answers that come with the package are compared: all are equal."""
    ran = ao_run("conform")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert len(lines) == 36
    assert lines[-1].split() == ["34", "scenarios", "333", "333", "-", "-"]


def test_a_dialect() -> None:
    """In dialect 1 four differences are explained, and make no difference to the exit code."""
    ran = ao_run("conform", "--dialect", "1", "--json")
    assert ran.code == 0
    assert ran.results[0]["totals"] == {
        "scenarios": 34,
        "messages": 333,
        "equal": 329,
        "explained": 4,
        "different": 0,
    }


def test_strict() -> None:
    """With --strict explained differences are shown, with what explains them, and make the exit code 1."""
    ran = ao_run("conform", "--dialect", "1", "--strict")
    assert ran.code == 1
    assert sum(line.startswith("explained: `ao` in dialect 1: ") for line in ran.out.splitlines()) == 4
    assert ran.out.splitlines()[-1].split() == ["34", "scenarios", "333", "329", "4", "-"]
    assert ao_run("conform", "--strict").code == 0


def test_a_difference(tmp_path: Path) -> None:
    """A difference is shown, and the exit code is 1."""
    file = record_to(tmp_path, ping(), Changed(silent))
    ran = ao_run("conform", str(file))
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert lines[0] == "── ping[1] · Ping from bob"
    assert "  Messages[0]" in lines
    assert lines[-1].split() == ["1", "scenario", "2", "1", "-", "1"]


def test_as_json(tmp_path: Path) -> None:
    """--json prints one document and nothing else."""
    file = record_to(tmp_path, ping(), Changed(silent))
    ran = ao_run("conform", "--json", str(file))
    (document,) = ran.results
    assert ran.code == 1
    assert document["ours"] == "our Lua, dialect 2.0.6"
    assert document["scenarios"][0]["differences"][0]["differs"][0]["path"] == "Messages[0]"


def test_against_recorded_answers(tmp_path: Path) -> None:
    """--against compares with answers that were recorded somewhere else."""
    record_to(tmp_path / "there", ping(), OurLua())
    ping().write(tmp_path / "ping.json")
    assert ao_run("conform", "--against", str(tmp_path / "there"), str(tmp_path / "ping.json")).code == 0
    ran = ao_run("conform", str(tmp_path / "ping.json"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: the scenario ping has no recorded answers "
        "(compare with --module FILE.wasm, or record some with --record DIR)\n"
    )


def test_record(tmp_path: Path) -> None:
    """--record writes scenarios with answers, which then are the same."""
    ping().write(tmp_path / "ping.json")
    ran = ao_run("conform", "--record", str(tmp_path / "new"), str(tmp_path / "ping.json"))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert Scenario.read(tmp_path / "new/ping.json").reference == "our Lua, dialect 2.0.6"
    assert ao_run("conform", str(tmp_path / "new/ping.json")).code == 0


def test_a_process_and_messages(tmp_path: Path) -> None:
    """-p makes scenarios of files of messages."""
    (tmp_path / "ping.lua").write_text(CODE)
    (tmp_path / "messages.json").write_text(json.dumps([PING, PING]))
    args = ["-p", str(tmp_path / "ping.lua"), str(tmp_path / "messages.json")]
    assert ao_run("conform", "--record", str(tmp_path / "new"), *args).code == 0
    ran = ao_run("conform", "--against", str(tmp_path / "new"), *args)
    assert (ran.code, ran.out.splitlines()[-1].split()[2:4]) == (0, ["3", "3"])


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["--module", "a.wasm", "--against", "b"], "compare with one of them"),
        (["--fuzz", "3"], "--fuzz needs --module FILE.wasm"),
        (["--fuzz", "0"], "0 is not in the range"),
        (["--fuzz", "3", "--module", "none.wasm"], "none.wasm"),
        (["-p", "x.lua"], "-p needs a file of messages"),
        (["none.json"], "none.json: cannot be read: No such file or directory"),
        (["--dialect", "3"], "there is no dialect '3'"),
        (["--module", "none.wasm"], "none.wasm"),
    ],
)
def test_wrong_usage(args: list[str], complaint: str) -> None:
    """Wrong usage is exit code 2, with the reason on stderr and nothing on stdout."""
    ran = ao_run("conform", *args)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err
