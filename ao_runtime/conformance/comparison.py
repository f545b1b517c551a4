"""The messages of a scenario on two sides, and where the results differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, LoadError
from ..models import message_in, place_in
from .known import Known, explain
from .rules import Differing, differences
from .scenario import Scenario
from .sides import Side

__all__ = ["Comparison", "Difference", "compare"]


@dataclass(frozen=True)
class Difference:
    """One message with two results."""

    #: Which message of the scenario, from 0.
    index: int
    message: Mapping[str, Any]
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    differing: tuple[Differing, ...]
    #: The entry of docs/differences.md that explains it.
    known: Known | None = None


@dataclass
class Comparison:
    """What came out for a scenario."""

    scenario: str
    ours: str
    theirs: str
    messages: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Difference]:
        """The differences that are not meant."""
        return [difference for difference in self.differences if difference.known is None]

    @property
    def explained(self) -> list[Difference]:
        """The differences that are meant."""
        return [difference for difference in self.differences if difference.known is not None]

    @property
    def equal(self) -> int:
        """How many messages have one result."""
        return self.messages - len(self.differences)

    @property
    def same(self) -> bool:
        """Whether there is no difference but those that are meant."""
        return not self.unexplained


def compare(
    scenario: Scenario, ours: Side, theirs: Side, *, dialect: str | None = None, all: bool = True
) -> Comparison:
    """Evaluates the messages on both sides and compares the results by the rules.

    Without `all` it ends at the first difference that nothing explains, or after which the states differ. `dialect`
    chooses the differences that are meant; that of `ours` when it has one.

    Raises what the sides raise: `InputError` for messages, modules or recordings that make no sense. What neither side
    has run is no comparison: raises `InputError` where neither evaluates the code of a scenario that was made of code,
    `LoadError` where that fails in the same way on both.
    """
    if scenario.code == 0 and not (ours.has_boot or theirs.has_boot):
        advice = "there it comes in an Eval: Scenario.of(..., dialect=...) makes it so"
        raise InputError("neither side evaluates the process's own Data at its start", field="code", advice=advice)
    scenario = scenario.complete()
    dialect = dialect or getattr(ours, "dialect", None)
    comparison = Comparison(scenario.name, ours.name, theirs.name)
    pairs = zip(scenario.messages, ours.results(scenario), theirs.results(scenario), strict=True)
    for index, (message, mine, other) in enumerate(pairs):
        comparison.messages += 1
        found = differences(mine, other)
        if index == scenario.code and not found and isinstance(mine.get("Error"), (str, bytes)):
            raise _load_error(mine["Error"], scenario.boot_file)
        if found:
            known = explain(message, mine, other, dialect)
            comparison.differences.append(Difference(index, message, mine, other, tuple(found), known))
            # Where only one side has failed, the states differ from here on.
            if not all and (known is None or ("Error" in mine) != ("Error" in other)):
                break
    return comparison


def _load_error(error: str | bytes, file: str | None) -> LoadError:
    """The error of the process's code, which is that of both sides."""
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else error
    place = place_in(message_in(text))
    return LoadError(place.message, chunk=place.chunk, line=place.line, file=file if place.chunk == "aos" else None)
