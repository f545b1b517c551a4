"""`evaluate`: messages to a process, on its journal or on a state that is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any

from ...errors import InputError, JournalError, StateError
from ...models import Result, from_json, shown
from ...process import Draft, Process
from ...state import Options, genesis_of, written
from ...store import Store
from ..data import Reference, read_reference
from ..fields import Fields
from ..job import DroppedError, Job
from ..results import digest_of, head, texts_or_file
from . import FUNCTIONS, Done
from .inputs import digest_of_messages, module_of, read_messages

__all__ = ["evaluate"]

#: Messages between two looks at whether to go on.
_TOGETHER = 128


class _Asked:
    """What a job asks for."""

    def __init__(self, job: Job) -> None:
        self.fields = fields = Fields(job.kwargs, FUNCTIONS["evaluate"].names)
        self.job = fields.name("job")
        self.process = fields.text("process")
        self.first: int = fields.number("first")
        self.messages = read_messages(job, fields)
        self.digest = digest_of_messages(self.messages)
        self.dialect = fields.text("dialect", None)
        self.environment = _environment(fields, self.process)
        kind, self.state, before = _state(fields, job)
        self.on_journal = kind == "journal"
        #: The digest that the journal's messages before the first one must have, if that is said.
        self.history = before.text("digest", None)
        if before.number("count", self.first) != self.first:
            raise InputError(
                f"is after {before.number('count')} messages, and the job begins at {self.first}", field="state"
            )

    def options(self, job: Job, genesis: Mapping[str, Any] | None) -> Options:
        """How the process is evaluated: in a child of the job's own, and nothing of this machine is read."""
        module = module_of(job, self.fields, genesis)
        limits = job.limits(self.fields.value("limits", None), wasm=module is not None)
        return Options(
            limits=limits,
            dialect=self.dialect,
            module=module,
            sources=None if module is not None else {},
            files={},
            isolated=job.pool,
        )

    def check(self, process: Process) -> None:
        """Raises `InputError` for another process than the one that is meant."""
        if process.id != self.process:
            raise InputError(f"the state is of the process {shown(process.id)}", field="process")


def evaluate(job: Job) -> Done:
    """Evaluate the messages of a job, once.

    On a journal they become part of it; a job that is in there already is answered from it. On a snapshot nothing but
    a new snapshot comes of it: two attempts give the same bytes.
    """
    asked = _Asked(job)
    return _on_journal(job, asked) if asked.on_journal else _on_snapshot(job, asked)


# ── on a journal ───────────────────────────────────────────────────────────────────────────────────────────────


def _on_journal(job: Job, asked: _Asked) -> Done:
    assert asked.state is not None
    path = job.data.path(asked.state)
    if not path.parent.is_dir():
        raise InputError(f"there is no folder for {shown(asked.state.ref)} here", field="state.journal")
    began = perf_counter()
    try:
        genesis = None
        if path.exists():
            with Store.open(path, write=False, create=False) as store:
                if (found := _known(job, asked, store)) is not None:
                    return found
                _check_order(asked, store.count)
                if asked.history is not None and store.history(asked.first).hex() != asked.history:
                    raise InputError("the journal has other messages than are meant", field="state.digest")
                genesis = store.genesis
        elif asked.first:
            raise InputError(
                f"out of order: there is no journal yet, and the job begins at {asked.first}", field="first"
            )
        draft = Draft(path, asked.environment, asked.options(job, genesis))
    except JournalError as error:
        raise InputError(f"{asked.state.ref}: {error.problem}", advice=error.advice, field="state.journal") from None
    with draft:
        asked.check(draft.process)
        _check_order(asked, draft.first)
        results = _handled(job, draft.process, asked.messages)
        draft.save()
        lines = [entry.result for entry in draft.entries]
        output = _output(job, asked, lines, sum(result.gas_used for result in results))
        note = {"asked": asked.digest, "count": len(lines), "digest": output["digest"]}
        with job.writing(path) as store:
            # Another attempt may have written it since we looked.
            if (found := _known(job, asked, store)) is not None:
                return found
            _check_order(asked, store.count)
            try:
                draft.write(store, asked.job, json.dumps(note).encode())
            except JournalError as error:
                raise DroppedError(str(error)) from None
            output["state"] = _moment(asked, store, asked.first + len(lines))
    output["seconds"] = round(perf_counter() - began, 3)
    return Done(output, output["digest"])


def _known(job: Job, asked: _Asked, store: Store) -> Done | None:
    """The answer to a job that has been written down already; None for any other."""
    found = store.job(asked.job)
    if found is None:
        return None
    first, note = found
    try:
        known = json.loads(note)
        count, digest, brought = known["count"], known["digest"], known["asked"]
    except (ValueError, TypeError, KeyError):
        raise InputError(f"the journal says nothing sensible of the job {asked.job}", field="job") from None
    if (first, brought) != (asked.first, asked.digest):
        raise InputError(
            f"the job {asked.job} has brought other messages, from message {first} on",
            field="job",
            advice="another job needs another id",
        )
    entries = list(store.entries(first, first + count))
    lines = [entry.result for entry in entries]
    if digest_of(lines) != digest:
        raise InputError(f"the journal has other results than those of the job {asked.job}", field="state.journal")
    output = _output(job, asked, lines, sum(entry.gas for entry in entries))
    output["state"] = _moment(asked, store, first + count)
    output["seconds"] = 0.0
    return Done(output, digest)


def _check_order(asked: _Asked, count: int) -> None:
    if count != asked.first:
        raise InputError(
            f"out of order: the journal holds {count} messages, and the job begins at {asked.first}",
            field="first",
            advice="submit jobs in a chain, each with the number of messages before it",
        )


def _moment(asked: _Asked, store: Store, count: int) -> dict[str, Any]:
    assert asked.state is not None
    return {"journal": asked.state.ref, "count": count, "digest": store.history(count).hex()}


# ── on a snapshot ──────────────────────────────────────────────────────────────────────────────────────────────


def _on_snapshot(job: Job, asked: _Asked) -> Done:
    began = perf_counter()
    try:
        if asked.state is None:
            process = Process(asked.environment, **asked.options(job, None).given)
        else:
            data = job.data.read(asked.state)
            most = job.limits(asked.fields.value("limits", None), wasm=True)
            process = Process.restore(data, **asked.options(job, genesis_of(data, most)).given)
    except StateError as error:
        raise InputError(f"the snapshot {error}", field="state.snapshot") from None
    with process:
        asked.check(process)
        if process.count != asked.first:
            raise InputError(
                f"out of order: the state has seen {process.count} messages, and the job begins at {asked.first}",
                field="first",
            )
        results = _handled(job, process, asked.messages)
        snapshot = process.snapshot()
    output = _output(job, asked, [written(result) for result in results], sum(result.gas_used for result in results))
    kept = job.data.keep(snapshot, "states", ".state")
    output["state"] = {"snapshot": kept["ref"], "count": asked.first + len(results), "sha256": kept["sha256"]}
    output["seconds"] = round(perf_counter() - began, 3)
    return Done(output, sha256(f"{output['digest']}{kept['sha256']}".encode()).hexdigest())


# ── both ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _handled(job: Job, process: Process, messages: Sequence[dict[str, Any]]) -> list[Result]:
    results: list[Result] = []
    for at in range(0, len(messages), _TOGETHER):
        job.progress(at, len(messages))
        results += process.handle_many(messages[at : at + _TOGETHER])
    job.progress(len(messages), len(messages))
    return results


def _output(job: Job, asked: _Asked, lines: Sequence[bytes], gas: int) -> dict[str, Any]:
    return {
        **head(asked.job),
        "process": asked.process,
        "first": asked.first,
        "count": len(lines),
        "digest": digest_of(lines),
        "results": texts_or_file(job.data, lines),
        "gas": gas,
    }


def _environment(fields: Fields, process: str) -> dict[str, Any] | None:
    """The environment of a process that has seen nothing; None where it is not said."""
    given = fields.value("environment", None)
    if isinstance(given, str):
        try:
            given = from_json(given)
        except InputError as error:
            raise error.within("environment") from None
    if given is None:
        return {"Process": {"Id": process}} if not fields.number("first") else None
    if not isinstance(given, dict) or not isinstance(given.get("Process", {}), dict):
        raise InputError("must be an object", field="environment", advice='{"Process": {"Id": …, "Owner": …}}')
    described: dict[str, Any] = {"Id": process, **given.get("Process", {})}
    return {**given, "Process": described}


def _state(fields: Fields, job: Job) -> tuple[str, Reference | None, Fields]:
    """What the messages are evaluated on: "journal" or "snapshot", where that is, and what else is said of it."""
    given = fields.value("state", {})
    if given == "in":
        # What the job before has left, in a workflow.
        last = job.process.input[-1] if job.process.input else None
        given = last.get("state") if isinstance(last, dict) else None
        if not isinstance(given, dict):
            raise InputError("the job before has left no state", field="state")
    if not isinstance(given, dict):
        raise InputError("must be an object", field="state", advice='{"journal": PATH} or {"snapshot": PATH}')
    kind = "journal" if given.get("journal") is not None else "snapshot"
    known = (kind, "count", "digest") if kind == "journal" else (kind, "count", "sha256")
    try:
        said = Fields(given, known)
        reference = said.reference(kind, None)
    except InputError as error:
        raise error.within("state") from None
    if reference is not None:
        reference.field = f"state.{kind}"
        if kind == "snapshot" and "sha256" in said:
            reference = read_reference({"ref": reference.ref, "sha256": given["sha256"]}, reference.field)
    return kind, reference, said
