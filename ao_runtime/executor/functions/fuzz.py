"""`fuzz`: generated messages on our Lua and on a published module, by seeds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from ...conformance import LIMITS, MODULE_LIMITS, OurLua, Published, as_dict
from ...conformance import fuzz as fuzzed_by
from ...errors import InputError
from ...models import Limits, shown
from ..fields import Fields
from ..job import Job
from ..results import head, text_or_file
from . import FUNCTIONS, Done
from .conform import dialect_of
from .inputs import module_of

__all__ = ["fuzz", "put_together"]

_MOST_SEEDS = 100_000


def fuzz(job: Job) -> Done:
    """Compare generated messages of several seeds; each seed gives what `ao-run conform --fuzz --seed` gives.

    With `parts` it puts the outputs of such jobs together.
    """
    fields = Fields(job.kwargs, FUNCTIONS["fuzz"].names)
    name = fields.name("job")
    first, stop = _seeds(fields)
    strict = fields.flag("strict")
    if "parts" in fields:
        parts = fields.number("parts", least=1)
        return Done(put_together(name, job.process.input, parts, (first, stop), strict=strict))
    began = perf_counter()
    messages = fields.number("messages", least=1)
    module = module_of(job, fields, None)
    if module is None:
        raise InputError("is missing", field="module")
    dialect = fields.text("dialect", None) or dialect_of(module)
    ours = OurLua(dialect, limits=_hard(LIMITS), isolated=job.pool)
    theirs = Published(module, limits=_hard(MODULE_LIMITS), isolated=job.pool)
    done = processes = 0
    explained: Counter[str] = Counter()
    findings = []
    for number, seed in enumerate(range(first, stop)):
        before = number * messages

        def progress(count: int, _: int, before: int = before) -> None:
            job.progress(before + count, messages * (stop - first))

        found = fuzzed_by(messages, str(seed), ours, theirs, dialect=dialect, progress=progress)
        done += found.messages
        processes += found.processes
        explained.update(found.explained)
        findings += [(seed, finding) for finding in found.findings]
    report = [
        {"seed": seed, "scenario": finding.scenario.document(), **as_dict([finding.comparison])}
        for seed, finding in findings
    ]
    output = head(name) | {
        "seeds": [first, stop],
        "messages": done,
        "processes": processes,
        "explained": dict(sorted(explained.items())),
        "findings": len(findings),
        "same": not findings and not (strict and explained),
        "reports": [text_or_file(job.data, report)] if report else [],
        "seconds": round(perf_counter() - began, 3),
    }
    return Done(output)


def put_together(
    name: str, outputs: Sequence[Any], count: int, seeds: tuple[int, int], *, strict: bool = False
) -> dict[str, Any]:
    """What the outputs of so many parts say together.

    Raises `InputError` where a seed is missing, or is there twice.
    """
    try:
        parts = sorted(outputs, key=lambda part: part["seeds"])
        at = seeds[0]
        for part in parts:
            if part["seeds"][0] != at:
                raise InputError(f"no part says anything of the seed {at}", field="parts")
            at = part["seeds"][1]
        if (len(parts), at) != (count, seeds[1]):
            raise InputError(f"{len(parts)} of {count} parts have come in", field="parts")
        explained: Counter[str] = Counter()
        for part in parts:
            explained.update(part["explained"])
        findings = sum(part["findings"] for part in parts)
        return head(name) | {
            "seeds": list(seeds),
            "messages": sum(part["messages"] for part in parts),
            "processes": sum(part["processes"] for part in parts),
            "explained": dict(sorted(explained.items())),
            "findings": findings,
            "same": not findings and not (strict and explained),
            "reports": _fitting([report for part in parts for report in part["reports"]]),
            "seconds": round(sum(part["seconds"] for part in parts), 3),
            "parts": len(parts),
        }
    except (KeyError, TypeError, AttributeError, IndexError):
        raise InputError("what has come in is no part of a fuzz", field="parts") from None


def _fitting(reports: list[Any]) -> list[Any]:
    """The reports that an output has room for; those that are left out stand in the parts' own outputs."""
    fitting: list[Any] = []
    left = 700_000
    for report in reports:
        left -= len(json.dumps(report))
        if left >= 0:
            fitting.append(report)
    return fitting


def _hard(limits: Limits) -> Limits:
    return Limits(limits.instructions, limits.memory, limits.seconds, hard=True)


def _seeds(fields: Fields) -> tuple[int, int]:
    given = fields.value("seeds")
    if not isinstance(given, list) or len(given) != 2:
        raise InputError(f"must be two numbers, found {shown(given)}", field="seeds", advice="[1, 9] is 1 to 8")
    first, stop = (Fields({"seeds": seed}, ("seeds",)).number("seeds") for seed in given)
    if not first < stop <= first + _MOST_SEEDS:
        raise InputError("must be in order, and not too many", field="seeds", advice="[1, 9] is 1 to 8")
    return first, stop
