"""A case made small: as little as will still show the difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .pieces import Case

__all__ = ["shrink"]


def shrink(case: Case, fails: Callable[[Case], bool], tries: int = 400) -> Case:
    """The smallest case found that `fails`, after `tries` tries at most. `case` itself must fail.

    Messages go first, in ever smaller portions, then pieces of code, tags and fields one by one.
    """
    tried = Tries(fails, tries)
    case = _fewer_steps(case, tried)
    changed = True
    while changed and tried.left > 0:
        changed = False
        smaller = _smaller_steps(case, tried)
        if smaller is not case:
            case, changed = _fewer_steps(smaller, tried), True
    return case


class Tries:
    """Asks whether a case fails, so often and no more."""

    def __init__(self, fails: Callable[[Case], bool], most: int) -> None:
        self._fails = fails
        self.left = most

    def fails(self, case: Case) -> bool:
        """Whether the case fails; False when there are no tries left."""
        if self.left <= 0:
            return False
        self.left -= 1
        return self._fails(case)


def _fewer_steps(case: Case, tried: Tries) -> Case:
    """Without the steps that are not needed; the first is the process's own message and stays."""
    size = max(1, (len(case.steps) - 1) // 2)
    while True:
        at = 1
        while at < len(case.steps):
            shorter = replace(case, steps=case.steps[:at] + case.steps[at + size :])
            if tried.fails(shorter):
                case = shorter
            else:
                at += size
        if size == 1:
            return case
        size = max(1, size // 2)


def _smaller_steps(case: Case, tried: Tries) -> Case:
    """Every step as small as it can be."""
    for index in range(len(case.steps)):
        again = True
        while again:
            again = False
            for smaller in case.steps[index].smaller():
                candidate = replace(case, steps=(*case.steps[:index], smaller, *case.steps[index + 1 :]))
                if tried.fails(candidate):
                    case, again = candidate, True
                    break
    return case
