"""Runs a module's calls on both sides and says where the outcomes differ."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .batch import FIRST_LINE, program
from .known import KNOWN, Known
from .literals import Maker
from .sides import Ours, Side, Theirs

__all__ = ["BATCH", "Comparison", "Difference", "Free", "Module", "compare"]

#: Calls in one Eval: the reference takes about 100 ms for an Eval, whatever it holds.
BATCH = 300

# Positions in the library's own files say nothing about behaviour; the calls' own positions do.
OWN_POSITION = re.compile(r'\[string "(?:\.[^"]*|ao|json|handlers|process)"\]:\d+: ?')
CALL_POSITION = re.compile(r'(\[string "aos"\]:)(\d+)')
ADDRESS = re.compile(r"((?:table|function|thread|userdata|file|database|machine|context):? \(?)0x[0-9a-fA-F]+")


class Free(str):
    """A call whose outcome holds several keys in an order that the reference takes from its hash tables."""

    __slots__ = ()


@dataclass(frozen=True)
class Module:
    """A module of the library, and how calls of it are made."""

    name: str
    #: Makes one call: a Lua expression, or statements that start with `local`, `for` or `return`; one line.
    make: Callable[[Maker], str]
    #: Lua statements before the calls, one line.
    prelude: str = ""
    #: The published module that is asked.
    oracle: str = "aos2_0_6"


@dataclass(frozen=True)
class Difference:
    """One call with two outcomes."""

    module: str
    seed: str
    call: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.module} (seed {self.seed}): {self.call}\n    ours   {self.ours}\n    theirs {self.theirs}"


@dataclass
class Comparison:
    """What came out for a module."""

    module: str
    seed: str
    calls: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        known = sum(self.known.values())
        text = (
            f"{self.module:16} seed {self.seed}: {self.calls} calls, {self.calls - known - len(self.differences)} equal"
        )
        text += f", {known} known differences" if known else ""
        text += f", {len(self.differences)} DIFFERENT" if self.differences else ""
        return f"{text} ({self.seconds:.1f} s)"


def normalise(outcome: str, line: int) -> str:
    """An outcome without what may differ: positions in the library's files, addresses, the call's line."""
    outcome = OWN_POSITION.sub("", outcome)
    outcome = ADDRESS.sub(r"\g<1>0x", outcome)
    return CALL_POSITION.sub(lambda m: m[1] + ("HERE" if int(m[2]) == line else m[2]), outcome)


def outcomes(side: Side, prelude: str, bodies: Sequence[str]) -> list[str]:
    """The outcome of each body; a body that ends the whole Eval is found by halving."""
    answer = side.eval(program(prelude, bodies))
    if isinstance(answer, str):
        lines = answer.split("\n")
        if len(lines) == len(bodies):
            return [normalise(text, FIRST_LINE + index) for index, text in enumerate(lines)]
        answer = RuntimeError(f"{len(lines)} outcomes of {len(bodies)}")
    if len(bodies) == 1:
        return ["fatal " + normalise(str(answer), FIRST_LINE).replace("\n", "\\n")]
    half = len(bodies) // 2
    return outcomes(side, prelude, bodies[:half]) + outcomes(side, prelude, bodies[half:])


def _body(call: str, maker: Maker) -> str:
    """A function's body. Calls are in a tail position now and then: errors then have no position."""
    if call.startswith(("local ", "return ", "for ")):
        return call
    return f"return {call}" if maker.chance(0.25) else f"return KEEP({call})"


def bodies(module: Module, seed: str, calls: int) -> Iterator[tuple[str, str]]:
    """Calls of a module, and the functions' bodies that make them. No call is there twice, if possible."""
    maker = Maker(f"{module.name} {seed}")
    seen: set[str] = set()
    for attempt in range(calls * 20):
        call = module.make(maker)
        # Arguments that are left out leave a comma.
        call = type(call)(call.replace("(, ", "("))
        if call in seen and attempt < calls * 19:
            continue
        seen.add(call)
        yield call, _body(call, maker)
        calls -= 1
        if not calls:
            return


def _same(call: str, ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    # Which of several faults is found first hangs on the order, too.
    both = ours.startswith("error ") and theirs.startswith("error ")
    return isinstance(call, Free) and (both or sorted(ours) == sorted(theirs))


def _known(module: str, call: str, ours: str, theirs: str) -> Known | None:
    return next((known for known in KNOWN if known.matches(module, call, ours, theirs)), None)


def compare(module: Module, folder: Path, *, seed: str, calls: int) -> Comparison:
    """Makes the calls of a module and evaluates them on both sides."""
    started = time.monotonic()
    result = Comparison(module.name, seed)
    made = list(bodies(module, seed, calls))
    result.calls = len(made)
    theirs = Theirs(folder, module.oracle)
    try:
        ours = Ours()
        for first in range(0, len(made), BATCH):
            part = made[first : first + BATCH]
            texts = [body for _, body in part]
            answers = zip(
                part, outcomes(ours, module.prelude, texts), outcomes(theirs, module.prelude, texts), strict=True
            )
            for (call, body), mine, other in answers:
                if _same(call, mine, other):
                    continue
                known = _known(module.name, body, mine, other)
                if known is None:
                    result.differences.append(Difference(module.name, seed, body, mine, other))
                else:
                    result.known[known.reason] = result.known.get(known.reason, 0) + 1
    finally:
        theirs.close()
    result.differences.sort(key=lambda difference: len(difference.call))
    result.seconds = time.monotonic() - started
    return result
