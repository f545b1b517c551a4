"""Differences that are meant, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["KNOWN", "Known"]


@dataclass(frozen=True)
class Known:
    """A difference that is meant: patterns of the module's name, the call and both outcomes, and why."""

    module: str
    reason: str
    call: str = ""
    ours: str = ""
    theirs: str = ""
    #: Patterns and replacements that make the outcomes equal.
    rewrites: tuple[tuple[str, str], ...] = ()

    def matches(self, module: str, call: str, ours: str, theirs: str) -> bool:
        """Whether a difference is this one."""
        if not (
            re.fullmatch(self.module, module)
            and re.search(self.call, call)
            and re.search(self.ours, ours)
            and re.search(self.theirs, theirs)
        ):
            return False
        for pattern, replacement in self.rewrites:
            ours, theirs = re.sub(pattern, replacement, ours), re.sub(pattern, replacement, theirs)
        return not self.rewrites or ours == theirs


KNOWN: tuple[Known, ...] = (
    Known(
        "math",
        "the sign of a NaN that the host's mathematics answers: WebAssembly leaves it open, so no unit promises it",
        call=r"math\.(acos|asin|log|log10|fmod|pow|sqrt|sin|cos|tan|atan2|atan|cosh|sinh)\(",
        ours=r'^ok "-?nan"$',
        theirs=r'^ok "-?nan"$',
    ),
    Known(
        r"\.dump",
        "the reference compares keys of several types in a way that sort refuses, if its hash tables give them so",
        ours=r"^ok ",
        theirs=r'^error "invalid order function for sorting"$',
    ),
    Known(
        r"\.bint",
        "operands that are no numbers at all: both fail, each at the first of its own steps that such a value breaks",
        call=r"\.(ipow|udivmod|udiv|umod|upowmod)\(",
        ours=r'^error "attempt to ',
        theirs=r'^error "attempt to ',
    ),
)
