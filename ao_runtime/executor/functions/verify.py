"""`verify`: the messages of a journal evaluated again, each result beside the recorded one."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from ...errors import InputError
from ...models import to_json, wire_of
from ...process import Ends, Replayed
from ...process import replay as evaluated_again
from ..fields import Fields
from ..job import Job
from ..results import INLINE, head
from . import FUNCTIONS, Done
from .inputs import module_of, opened
from .replay import part_of

__all__ = ["put_together", "verify"]


def verify(job: Job) -> Done:
    """Compare each result of a part of a journal with the recorded one, up to the first that differs.

    A part may be tied to those before and after it: it must begin from a state with a SHA-256 that is given, and end in
    one. Then all parts together say what one long replay would say. With `parts` it puts such parts together.
    """
    fields = Fields(job.kwargs, FUNCTIONS["verify"].names)
    name = fields.name("job")
    if "parts" in fields:
        return Done(put_together(name, job.process.input, fields.number("parts", least=1)))
    began = perf_counter()
    with opened(job, fields.reference("journal")) as store:
        first, stop = part_of(fields, store.count)
        if (history := fields.text("history", None)) is not None and store.history(stop).hex() != history:
            raise InputError("the journal is another one here than where the job was made", field="history")
        module = module_of(job, fields, store.genesis)
        limits = job.limits(fields.value("limits", None), wasm=module is not None)
        ends = Ends()
        compared, gas = 0, True
        difference: dict[str, Any] | None = None
        found = evaluated_again(
            store, first, stop, module=module, limits=limits, isolated=job.pool, progress=job.progress, ends=ends
        )
        for replayed in found:
            if not replayed.same:
                difference = _difference(replayed)
                break
            compared += replayed.result is not None
            gas = replayed.gas
    begins, ended = fields.text("state", None), fields.text("digest", None)
    if begins is not None and ends.first != begins:
        difference = {"nonce": first, "state": {"expected": begins, "found": ends.first}}
    elif difference is None and ended is not None and ends.last != ended:
        difference = {"nonce": stop, "state": {"expected": ended, "found": ends.last}}
    output = head(name) | {
        "from": first,
        "to": stop,
        "messages": stop - first,
        "compared": compared,
        "same": difference is None,
        "gas": gas,
        "difference": difference,
        "state": ends.first,
        "digest": ends.last,
        "seconds": round(perf_counter() - began, 3),
    }
    return Done(output)


def put_together(name: str, outputs: Sequence[Any], count: int) -> dict[str, Any]:
    """What the outputs of so many parts say together.

    Raises `InputError` where they are no parts of one whole: one is missing, or they do not follow on each other.
    """
    try:
        parts = sorted(outputs, key=lambda part: (part["from"], part["to"]))
        if len(parts) != count:
            raise InputError(f"{len(parts)} of {count} parts have come in", field="parts")
        difference = next((part["difference"] for part in parts if not part["same"]), None)
        at = 0
        for before, part in zip([None, *parts], parts, strict=False):
            if part["from"] != at:
                raise InputError(f"no part says anything of message {at}", field="parts")
            at = part["to"]
            # A difference at a part's end is told by that part.
            if before is not None and difference is None and part["state"] != before["digest"]:
                difference = {
                    "nonce": part["from"],
                    "state": {"expected": before["digest"], "found": part["state"]},
                }
        return head(name) | {
            "from": 0,
            "to": at,
            "messages": at,
            "compared": sum(part["compared"] for part in parts),
            "same": difference is None,
            "gas": all(part["gas"] for part in parts),
            "difference": difference,
            "state": parts[0]["state"],
            "digest": parts[-1]["digest"],
            "seconds": round(sum(part["seconds"] for part in parts), 3),
            "parts": len(parts),
        }
    except (KeyError, TypeError, AttributeError):
        raise InputError("what has come in is no part of a verify", field="parts") from None


def _difference(replayed: Replayed) -> dict[str, Any]:
    """A message whose result is another one now; as JSON texts, which come through a colony as they are."""
    result = replayed.result
    told = {
        "message": to_json(wire_of(replayed.entry.packed)),
        "recorded": to_json(replayed.recorded.to_dict(gas=True)),
        "replayed": to_json({} if result is None else result.to_dict(gas=True)),
    }
    short = {name: text if len(text) <= INLINE // 4 else "" for name, text in told.items()}
    return {"nonce": replayed.entry.nonce, **short}
