"""The recorded answers of the reference, from processes in children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ao_runtime import Pool, Process
from ao_runtime.conformance import Recorded, Scenario, compare
from ao_runtime.conformance.report import describe
from ao_runtime.conformance.scenario import shipped
from ao_runtime.conformance.sides import MODULES


class Isolated:
    """Our Lua in a child; a scenario's messages are given all at once."""

    def __init__(self, dialect: str, pool: Pool) -> None:
        self.name = f"our Lua in a child, dialect {dialect}"
        self._dialect, self._pool = dialect, pool

    def results(self, scenario: Scenario) -> Iterator[Mapping[str, Any]]:
        """The results."""
        process = Process(
            scenario.environment,
            dialect=self._dialect,
            files=dict(scenario.files) or None,
            isolated=self._pool,
        )
        for result in process.handle_many(scenario.messages):
            yield result.to_dict()


@pytest.mark.parametrize("dialect", MODULES)
def test_scenarios(dialect: str) -> None:
    """Every message of every scenario has the result that the reference gave."""
    with Pool(2) as pool:
        for scenario in shipped(dialect):
            comparison = compare(scenario, Isolated(dialect, pool), Recorded())
            lines = [line for difference in comparison.unexplained for line in describe(comparison, difference)]
            assert not lines, "\n".join([scenario.name, *lines])


def test_messages_of_no_simple_shape() -> None:
    """Messages that cross as bytes (a tag that is no text, a number beyond 64 bits) are filled in as without a child."""
    code = "Handlers.add('n', 'N', function(msg) msg.reply({ Data = msg.Id .. ' ' .. msg.Timestamp }) end)"
    many = [
        {"From": "bob", "Action": "N", "Tags": {"Number": 5}} if number % 3 else {"From": "eve", "Action": "N"}
        for number in range(12)
    ]
    many[4]["Timestamp"] = 10**30
    plain, apart = (Process.spawn(code=code, isolated=isolated) for isolated in (None, True))
    assert plain.handle_many(many) == apart.handle_many(many)
    assert plain.fill() == apart.fill()
    apart.close()


def test_warnings() -> None:
    """What is suspicious about a message is the same in a child: handlers without a function, after each Eval."""
    plain, apart = (Process.spawn(code="", isolated=isolated) for isolated in (None, True))
    code = ["return 1", "Handlers.add('a', 'A', nil)", "X = 1", "Handlers.add('b', 'B')", "error('Handlers')", "X = 2"]
    many = [plain.eval_message(text) for text in code] + [{"From": "bob", "Action": "none"}] * 3
    found, expected = ([result.warnings for result in process.handle_many(many)] for process in (apart, plain))
    assert found == expected
    assert [len(warnings) for warnings in found] == [0, 1, 0, 2, 0, 0, 0, 0, 0]
    apart.close()
