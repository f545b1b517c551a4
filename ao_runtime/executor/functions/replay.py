"""`replay`: the messages of a journal evaluated again."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from ...errors import InputError
from ...process import replay as evaluated_again
from ...state import written
from ..fields import Fields
from ..job import Job
from ..results import digest_of, head, texts_or_file
from . import FUNCTIONS, Done
from .inputs import module_of, opened

__all__ = ["part_of", "replay"]


def replay(job: Job) -> Done:
    """Evaluate messages of a journal again. Of those that had hit a limit on time or memory the recorded result."""
    fields = Fields(job.kwargs, FUNCTIONS["replay"].names)
    output: dict[str, Any] = head(fields.name("job"))
    began = perf_counter()
    with opened(job, fields.reference("journal")) as store:
        first, stop = part_of(fields, store.count)
        module = module_of(job, fields, store.genesis)
        limits = job.limits(fields.value("limits", None), wasm=module is not None)
        lines, gas = [], 0
        for replayed in evaluated_again(
            store, first, stop, module=module, limits=limits, isolated=job.pool, progress=job.progress
        ):
            lines.append(replayed.entry.result if replayed.result is None else written(replayed.result))
            gas += replayed.entry.gas if replayed.result is None else replayed.result.gas_used
    output |= {"first": first, "count": len(lines), "digest": digest_of(lines)}
    output |= {"results": texts_or_file(job.data, lines), "gas": gas, "seconds": round(perf_counter() - began, 3)}
    return Done(output)


def part_of(fields: Fields, count: int) -> tuple[int, int]:
    """Which messages are meant, of so many: from the first on and before the second."""
    first, stop = fields.number("from", 0), fields.number("to", count)
    if not first <= stop <= count:
        raise InputError(f"the journal holds {count} messages: from {first} to {stop} makes no sense", field="to")
    return first, stop
