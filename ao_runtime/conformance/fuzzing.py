"""Differential fuzzing: generated processes and messages on two sides; a difference is made small and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from ..errors import InputError
from ..models import Limits
from .comparison import Comparison, Difference, compare
from .generate import case
from .pieces import Case
from .scenario import Scenario
from .shrink import shrink
from .sides import Side

__all__ = ["LIMITS", "MODULE_LIMITS", "Finding", "Fuzzed", "fuzz"]

#: Generated code that runs for ever is not waited for: much less than any other needs.
LIMITS = Limits(instructions=20_000_000)
#: And on a module, whose instructions are smaller.
MODULE_LIMITS = Limits(instructions=1_000_000_000)

#: Messages to one process, at most: what a start costs is spread over them, and a shrink begins with no more.
STEPS = 60


@dataclass(frozen=True)
class Finding:
    """A small scenario with a difference that nothing explains."""

    scenario: Scenario
    comparison: Comparison


@dataclass
class Fuzzed:
    """What came of it."""

    seed: str
    messages: int = 0
    processes: int = 0
    #: How often each explained difference was met, by its heading.
    explained: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def fuzz(
    messages: int,
    seed: str,
    ours: Side,
    theirs: Side,
    *,
    dialect: str = "2.0.6",
    most_findings: int = 10,
    progress: Callable[[int, int], None] | None = None,
) -> Fuzzed:
    """Compares that many generated messages; the same seed generates the same ones.

    Ends sooner when there are `most_findings`. `progress` is told how many messages are done, and how many findings
    there are.
    """
    fuzzed = Fuzzed(seed)
    while fuzzed.messages < messages and len(fuzzed.findings) < most_findings:
        number = fuzzed.processes
        made = case(Random(f"{seed}/{number}"), f"fuzz-{seed}-{number}", STEPS, dialect)
        made = replace(made, steps=made.steps[: max(1, messages - fuzzed.messages)])
        comparison = compare(made.scenario(), ours, theirs, dialect=dialect, all=False)
        fuzzed.processes += 1
        for difference in comparison.explained:
            assert difference.known is not None
            fuzzed.explained[difference.known.name] = fuzzed.explained.get(difference.known.name, 0) + 1
        first = _first(comparison)
        if first is None:
            fuzzed.messages += comparison.messages
        else:
            # What follows a difference may differ by it.
            fuzzed.messages += first.index + 1
            fuzzed.findings.append(_finding(made, first, ours, theirs, dialect))
        if progress is not None:
            progress(fuzzed.messages, len(fuzzed.findings))
    return fuzzed


def _first(comparison: Comparison) -> Difference | None:
    return next(iter(comparison.unexplained), None)


def _finding(made: Case, first: Difference, ours: Side, theirs: Side, dialect: str) -> Finding:
    def fails(candidate: Case) -> bool:
        try:
            return _first(compare(candidate.scenario(), ours, theirs, dialect=dialect, all=False)) is not None
        except InputError:
            # Something was left out that the process does not start without.
            return False

    small = shrink(replace(made, steps=made.steps[: first.index + 1]), fails)
    scenario = small.scenario()
    return Finding(scenario, compare(scenario, ours, theirs, dialect=dialect, all=False))
