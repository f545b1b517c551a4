"""Differential fuzzing, between our Lua and changed results."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.conformance import OurLua, known
from ao_runtime.conformance.fuzzing import fuzz

from .scenarios import Changed


def loud(index: int, result: dict[str, Any]) -> dict[str, Any]:
    """A result whose spawns are lost."""
    return {**result, "Spawns": []} if result.get("Spawns") else result


def test_no_difference() -> None:
    """Our Lua against itself: as many messages as were asked for, and nothing found."""
    told = []
    fuzzed = fuzz(150, "same", OurLua(), Changed(lambda _, result: result), progress=lambda *at: told.append(at))
    assert (fuzzed.messages, fuzzed.processes, fuzzed.findings, fuzzed.explained) == (150, 3, [], {})
    assert told == [(60, 0), (120, 0), (150, 0)]


def test_a_difference_is_made_small() -> None:
    """A difference is found, and shrunk to the message that makes it."""
    fuzzed = fuzz(600, "spawns", OurLua(), Changed(loud), most_findings=2)
    assert len(fuzzed.findings) == 2
    for finding in fuzzed.findings:
        (difference,) = finding.comparison.unexplained
        assert len(finding.scenario.messages) <= 4
        assert difference.index == len(finding.scenario.messages) - 1
        assert difference.differing[0].path == "Spawns[0]"
        assert finding.scenario.name.startswith("fuzz-spawns-")


def test_the_seed_repeats_it() -> None:
    """The same seed finds the same."""
    first, second = (fuzz(400, "again", OurLua(), Changed(loud), most_findings=1) for _ in range(2))
    assert first.findings[0].scenario == second.findings[0].scenario


def test_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is explained is counted, and is no finding."""
    monkeypatch.setattr(known, "KNOWN", (known.Known("Spawns", "for the test", ours='"Spawns":\\[\\{'),))
    fuzzed = fuzz(300, "spawns", OurLua(), Changed(loud))
    assert fuzzed.findings == []
    assert fuzzed.explained["Spawns"] > 0
