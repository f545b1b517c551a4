"""The recorded answers of the reference, all of them."""

import json
from pathlib import Path

import pytest

from ao_runtime import Process
from tests.vectors_rules import equal

FOLDER = Path(__file__).parent / "vectors"
#: Scenarios of modules that are not there yet.
LATER: set[str] = set()
SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem not in LATER)


def _differences(name: str) -> tuple[int, list[str]]:
    scenario = json.loads((FOLDER / f"{name}.json").read_text())
    process = Process(scenario["env"])
    differences = []
    for number, step in enumerate(scenario["steps"]):
        actual = process.handle(step["message"]).to_dict()
        if not equal(actual, step["result"]):
            differences.append(
                f"{name}[{number}] {step['message'].get('Data', step['message']['Tags'])!r}\n"
                f"  expected {json.dumps(step['result'])}\n  actual   {json.dumps(actual, default=repr)}"
            )
    return len(scenario["steps"]), differences


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Every message of the scenario has the result that the reference gave."""
    _, differences = _differences(name)
    assert not differences, "\n".join(differences)


def test_count(capsys: pytest.CaptureFixture[str]) -> None:
    """N of N messages are equal."""
    counts = [_differences(name) for name in SCENARIOS]
    total = sum(count for count, _ in counts)
    equal_ones = total - sum(len(differences) for _, differences in counts)
    with capsys.disabled():
        print(f"\nvectors: {equal_ones} of {total} messages equal, {len(SCENARIOS)} scenarios")
    assert (equal_ones, len(SCENARIOS)) == (total, len(list(FOLDER.glob("*.json"))) - len(LATER))
