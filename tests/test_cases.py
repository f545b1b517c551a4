"""Small scenarios that were once answered otherwise: what the published modules answer (`tests/cases`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime.conformance import OurLua, Recorded, Scenario, compare
from ao_runtime.conformance.report import describe
from ao_runtime.conformance.sides import MODULES

DIALECTS = {module: dialect for dialect, module in MODULES.items()}
SCENARIOS = [Scenario.read(file) for file in sorted((Path(__file__).parent / "cases").glob("*.json"))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_case(scenario: Scenario) -> None:
    """Every message has the result that the module of that dialect gave."""
    comparison = compare(scenario, OurLua(DIALECTS[scenario.reference or ""]), Recorded())
    lines = [line for difference in comparison.differences for line in describe(comparison, difference)]
    assert not lines, "\n".join(lines)
    assert comparison.messages == len(scenario.messages)


def test_frames_to_the_byte() -> None:
    """What a process sees of its stack is the network's to the byte: chunks, lines and names in our own modules too."""
    found = 0
    for scenario in SCENARIOS:
        if not scenario.name.startswith("stack-"):
            continue
        ours = OurLua(DIALECTS[scenario.reference or ""]).results(scenario)
        for mine, theirs in zip(ours, scenario.results or (), strict=True):
            shown = str(theirs.get("Output"))
            if "stack traceback" in shown and "handling message" not in shown:
                assert mine["Output"]["data"] == theirs["Output"]["data"]
                found += 1
    assert found > 30
