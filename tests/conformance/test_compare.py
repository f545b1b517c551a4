"""Comparing a scenario on two sides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, LoadError
from ao_runtime.conformance import OurLua, Published, Recorded, Scenario, compare, known, record
from ao_runtime.conformance.recording import record_to
from ao_runtime.vm import DIALECTS

from .scenarios import PING, Changed, ping, silent


def test_same() -> None:
    """Two sides that answer alike."""
    comparison = compare(ping(), OurLua(), Changed(lambda _, result: result))
    assert (comparison.messages, comparison.equal, comparison.differences, comparison.same) == (2, 2, [], True)
    assert (comparison.scenario, comparison.ours, comparison.theirs) == ("ping", "our Lua, dialect 2.0.6", "changed")


def test_different() -> None:
    """A difference has its message, both results, and what differs."""
    comparison = compare(ping(PING, PING), OurLua(), Changed(silent))
    assert not comparison.same
    first, second = comparison.differences
    assert (first.index, second.index, comparison.equal) == (1, 2, 1)
    assert first.message["Data"] == "hello"
    assert len(first.ours["Messages"]) == 1
    assert first.theirs["Messages"] == []
    assert [place.path for place in first.differing] == ["Messages[0]"]


def test_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference that is meant is told apart from the others, in its dialect only."""
    meant = known.Known("Silence", "for the test", dialects=("2.0.6",), message="hello")
    monkeypatch.setattr(known, "KNOWN", (meant,))
    comparison = compare(ping(), OurLua(), Changed(silent))
    assert (comparison.same, comparison.equal, len(comparison.explained)) == (True, 1, 1)
    assert not compare(ping(), OurLua(), Changed(silent), dialect="2.0.1").same


def test_recorded(tmp_path: Path) -> None:
    """Recorded answers are those of the scenario, of a file, or of a folder."""
    recorded = record(ping(), OurLua())
    assert recorded.reference == "our Lua, dialect 2.0.6"
    assert compare(recorded, OurLua(), Recorded()).same
    file = record_to(tmp_path / "new", ping(), OurLua())
    assert compare(ping(), OurLua(), Recorded(file)).same
    assert compare(ping(), OurLua(), Recorded(tmp_path / "new")).same


def test_answers_that_are_not_there(tmp_path: Path) -> None:
    """No answers, and answers to other messages, are told as what they are."""
    with pytest.raises(InputError, match="the scenario ping has no recorded answers"):
        compare(ping(), OurLua(), Recorded())
    record_to(tmp_path, ping(), OurLua())
    with pytest.raises(InputError, match=r"ping\.json: has the answers to other messages than those of ping"):
        compare(ping({"From": "eve"}), OurLua(), Recorded(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: cannot be made: File exists"):
        record_to(tmp_path / "file", ping(), OurLua())


@pytest.mark.parametrize("side", [OurLua("3"), Published("none.wasm"), Published(__file__)])
def test_sides_that_cannot_be(side: Any) -> None:
    """A dialect or a module that is none is told."""
    with pytest.raises(InputError):
        compare(ping(), side, Changed(silent))


def test_files() -> None:
    """What `/data` holds is there on our side."""
    code = "print(io.open('/data/note'):read('a'))"
    empty = Scenario.of(None, [{"Action": "Eval", "Data": code}])
    scenario = replace(empty, files={"note": b"read"})
    assert [result["Output"]["data"] for result in OurLua().results(scenario.complete())] == ["", "read"]


@pytest.mark.parametrize("dialect", ["1", "0.2.0"])
def test_code_before_aos_2(dialect: str) -> None:
    """A process's code is evaluated in the dialects without On-Boot too; where neither side would, that is an error."""
    code = "Handlers.add('p', Handlers.utils.hasMatchingTag('Action', 'Ping'), function(msg) print('pong') end)"
    scenario = Scenario.of(None, [PING], code=code, dialect=dialect)
    assert [result["Output"] for result in OurLua(dialect).results(scenario.complete())][-1]["data"] == "pong"
    assert compare(scenario, OurLua(dialect), OurLua(dialect)).equal == 3
    with pytest.raises(InputError, match="neither side evaluates the process's own Data"):
        compare(Scenario.of(None, [PING], code=code), OurLua(dialect), OurLua(dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_code_that_fails_on_both_sides(dialect: str, tmp_path: Path) -> None:
    """Where the code fails in the same way on both sides there is nothing to compare: its own error is raised."""
    (tmp_path / "bad.lua").write_text("\nerror('no licence')")
    scenario = Scenario.of(tmp_path / "bad.lua", [PING], dialect=dialect)
    with pytest.raises(LoadError, match="no licence") as caught:
        compare(scenario, OurLua(dialect), OurLua(dialect))
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "bad.lua"), 2)


def test_files_beside_the_process(tmp_path: Path) -> None:
    """The files that a process requires are in its code, in the first line, with the names that they have."""
    (tmp_path / "p.lua").write_text('local h = require("lib.h")\nprint(h(".k") .. require(".k"))\nerror("here")')
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "h.lua").write_text('-- "a\\b"\nreturn function(name) return require(name) .. require("k") end')
    (tmp_path / "k.lua").write_text('return "\\0071\\r\\n"')
    scenario = Scenario.of(tmp_path / "p.lua", [PING])
    (start, _) = OurLua().results(scenario.complete())
    assert start["Error"].startswith("\x071\r\n\x071\r\n\x071\r\n")
    assert start["Error"].endswith('[string "aos"]:3: here')
    assert scenario.messages[0]["Data"].count(b"\n") == 2
