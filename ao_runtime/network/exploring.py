"""Runs of one scenario under many faults: the first that breaks an invariant, with the fewest faults that do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from traceback import extract_tb
from typing import TypeVar

from ..errors import AoError, InputError
from .core import Core
from .faults import Fault, Faults
from .going_back import anchored

__all__ = ["Found", "explore"]

__tracebackhide__ = True

_C = TypeVar("_C", bound=Core)
#: What is tried where nobody says what should go wrong: no message is lost, since most programs cannot stand that.
_USUAL = Faults(delay=0.2, reorder=0.2, duplicate=0.1, crash=0.02)


@dataclass(frozen=True)
class Found:
    """A run in which an invariant does not hold."""

    seed: int
    #: The fewest faults found that do it: what happens, and to which delivery.
    faults: tuple[Fault, ...]
    #: Why it does not hold, if it said so.
    reason: str
    #: Runs that it took to find it and to find the fewest.
    runs: int

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {self.reason}"]
        lines += [f"  {kind} {delivery}" for kind, delivery in self.faults]
        if not self.faults:
            lines.append("  without any fault")
        return "\n".join(lines)


def explore(
    network: _C,
    scenario: Callable[[_C], object],
    invariant: Callable[[_C], object],
    seeds: Iterable[int],
    faults: Faults | None,
) -> Found | None:
    """`Network.explore`."""
    rates = faults or network.faults or _USUAL
    runs = 0

    def fails(given: Faults) -> str | None:
        nonlocal runs
        runs += 1
        return _run(network, scenario, invariant, given)

    for seed in seeds:
        given = rates.again(seed)
        reason = fails(given)
        if reason is None:
            continue
        found = _fewest(given.happened, lambda some, seed=seed: fails(rates.again(seed, some)) is not None)  # type: ignore[misc]
        least = rates.again(seed, found)
        return Found(seed, tuple(found), fails(least) or reason, runs)
    return None


def _run(
    network: _C,
    scenario: Callable[[_C], object],
    invariant: Callable[[_C], object],
    faults: Faults,
) -> str | None:
    """Why the invariant does not hold after the scenario under these faults; None where it does."""
    before = network.faults
    with anchored(network):
        network.faults = faults
        try:
            scenario(network)
            holds = invariant(network)
        except AssertionError as error:
            return str(error) or f"an assertion does not hold: {_line_of(error)}"
        except InputError:
            raise
        except AoError as error:
            return f"{type(error).__name__}: {error}"
        finally:
            network.faults = before
    return None if holds is None or holds else "the invariant does not hold"


def _line_of(error: AssertionError) -> str:
    """The line that failed."""
    frames = extract_tb(error.__traceback__)
    return frames[-1].line or "its line is not known" if frames else "its line is not known"


def _fewest(faults: list[Fault], fails: Callable[[list[Fault]], bool]) -> list[Fault]:
    """A list of these faults that fails still, and of which none can be left out (Zeller's ddmin)."""
    left = list(dict.fromkeys(faults))
    if not left or fails([]):
        return []
    if not fails(left):
        return left  # named one by one they do not do what they did: another order comes of it
    parts = 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        pieces = [left[at : at + size] for at in range(0, len(left), size)]
        for number in range(len(pieces)):
            rest = [fault for at, piece in enumerate(pieces) if at != number for fault in piece]
            if rest and fails(rest):
                left, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(parts * 2, len(left))
    return left
