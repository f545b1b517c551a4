"""The recorded answers of the reference, all of them, of every dialect's module."""

from __future__ import annotations

import pytest

from ao_runtime.conformance import OurLua, Recorded, Scenario, compare
from ao_runtime.conformance.report import describe
from ao_runtime.conformance.scenario import shipped
from ao_runtime.conformance.sides import MODULES

SCENARIOS = [(dialect, scenario) for dialect in MODULES for scenario in shipped(dialect)]
IDS = [f"{scenario.name}-{dialect}" for dialect, scenario in SCENARIOS]


@pytest.mark.parametrize(("dialect", "scenario"), SCENARIOS, ids=IDS)
def test_scenario(dialect: str, scenario: Scenario) -> None:
    """Every message has the result that the reference gave, but for the differences that are meant."""
    comparison = compare(scenario, OurLua(dialect), Recorded())
    lines = [line for difference in comparison.unexplained for line in describe(comparison, difference)]
    assert not lines, "\n".join(lines)
    assert scenario.reference == MODULES[dialect]


@pytest.mark.parametrize(("dialect", "explained"), [("2.0.6", 0), ("2.0.3", 0), ("2.0.1", 0), ("1", 4), ("0.2.0", 0)])
def test_count(dialect: str, explained: int, capsys: pytest.CaptureFixture[str]) -> None:
    """N of N messages are equal, in dialect 1 but for the functions of `ao` that its module did not have yet."""
    comparisons = [compare(scenario, OurLua(dialect), Recorded()) for scenario in shipped(dialect)]
    total = sum(comparison.messages for comparison in comparisons)
    equal = sum(comparison.equal for comparison in comparisons)
    with capsys.disabled():
        print(f"\nvectors, dialect {dialect}: {equal} of {total} messages equal, {len(comparisons)} scenarios")
    assert (total - equal, len(comparisons)) == (explained, 34)
