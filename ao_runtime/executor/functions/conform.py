"""`conform`: scenarios on our Lua and on a published module, or beside recorded answers."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

from ...conformance import OurLua, Published, Recorded, Scenario, Side, as_dict, compare, shipped
from ...errors import InputError
from ...state import spoken
from ..data import Reference
from ..fields import Fields
from ..job import Job
from ..results import head, text_or_file
from . import FUNCTIONS, Done
from .inputs import module_of

__all__ = ["conform"]

_MOST = 10_000


def conform(job: Job) -> Done:
    """Compare scenarios; differences are the output, and no failure of the job."""
    fields = Fields(job.kwargs, FUNCTIONS["conform"].names)
    output: dict[str, Any] = head(fields.name("job"))
    began = perf_counter()
    module = module_of(job, fields, None)
    dialect = fields.text("dialect", None) or dialect_of(module)
    given = fields.value("limits", None)
    ours = OurLua(dialect, limits=job.limits(given), isolated=job.pool)
    theirs: Side = Recorded()
    if module is not None:
        theirs = Published(module, limits=job.limits(given, wasm=True), isolated=job.pool)
    scenarios = _read(job, fields.reference("scenarios", None), dialect)
    comparisons = []
    for number, scenario in enumerate(scenarios):
        job.progress(number, len(scenarios))
        comparisons.append(compare(scenario, ours, theirs))
    job.progress(len(scenarios), len(scenarios))
    report = as_dict(comparisons)
    strict = fields.flag("strict")
    same = all(one.same and not (strict and one.explained) for one in comparisons)
    output |= {"same": same, "strict": strict, "ours": report["ours"], "theirs": report["theirs"]}
    output |= {"totals": report["totals"], "report": text_or_file(job.data, report)}
    output["seconds"] = round(perf_counter() - began, 3)
    return Done(output)


def dialect_of(module: Path | None) -> str:
    """The dialect that a published module says that it speaks; where it does not, the newest."""
    said = None if module is None else spoken(module)
    return "2.0.6" if said is None else said.dialect


def _read(job: Job, reference: Reference | None, dialect: str) -> list[Scenario]:
    if reference is None:
        return shipped(dialect)
    path = job.data.file(reference)
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not 0 < len(files) <= _MOST:
        raise InputError(f"holds {len(files)} scenarios", field="scenarios")
    # A link in the folder leads out of it as easily as a path does.
    return [Scenario.read(job.data.path(Reference(str(file), None, "scenarios"))) for file in files]
