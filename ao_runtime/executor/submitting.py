"""Jobs for our executors: how they are written down, and sent once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..colonies import (
    APPROVED,
    FAILED,
    RUNNING,
    SUCCESS,
    WAITING,
    Colonies,
    Conditions,
    FunctionSpec,
    Process,
    WorkflowSpec,
)
from ..errors import InputError, RPCError
from ..models import to_json
from ..store import Store
from .cutting import batches, ranges, verify_parts
from .data import Data
from .reporter import PROGRESS
from .settings import Settings

__all__ = ["Submitted", "Submitter", "reference_to"]

#: Bytes of messages that stand in a job itself; more is in a file of the shared folder.
_INLINE = 200_000
#: The node that puts the parts of a workflow together.
_SUM = "sum"
#: Seconds between looks for what was sent and has got no answer.
_PAUSES = (0.5, 1.0, 2.0, 4.0)
#: A processor, of which our jobs ask for a thousandth: so that a sign of life, which asks for less, takes none.
_CPU = "1m"
#: Parts of a large work for each executor: the slowest is waited for no longer than a part takes.
_PARTS_EACH = 4


@dataclass(frozen=True)
class Submitted:
    """What was submitted: one process, or a workflow; `answers` are the processes whose outputs are the answer."""

    processes: dict[str, str]
    answers: tuple[str, ...]
    graph: str | None = None


class Submitter:
    """Submits jobs, signed by the key of `settings`, which must be a member's.

    seconds
        How long an executor may have a job before it is given to another one.
    retries
        How often that may happen.
    """

    def __init__(
        self,
        settings: Settings,
        colonies: Colonies,
        *,
        seconds: int = 900,
        retries: int = 3,
        priority: int = 0,
    ) -> None:
        self.settings = settings
        self.colonies = colonies
        self._seconds = seconds
        self._retries = retries
        self._priority = priority
        self._data = Data(settings.data)

    # ── the four kinds of jobs ─────────────────────────────────────────────────────────────────────────────────

    def evaluate(
        self,
        process: str,
        messages: Sequence[dict[str, Any]],
        state: Mapping[str, Any] | None,
        *,
        first: int = 0,
        batch: int = 1000,
        job: str | None = None,
        **more: Any,
    ) -> Submitted:
        """Messages, in the network's form, to be evaluated one after the other: a chain of jobs of `batch` messages.

        `state` is `{"journal": …}`, `{"snapshot": …}`, or None for a process that has seen nothing. Without a name the
        jobs are named by what they bring, so that sending the same again evaluates nothing again. `more` are further
        arguments of `evaluate`.
        """
        texts = [to_json(message) for message in messages]
        if job is None:
            named = json.dumps([process, first, state and dict(state)]) + "\n".join(texts)
            job = f"evaluate-{sha256(named.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
        parts = batches(texts, batch)
        specs = []
        for number, part in enumerate(parts):
            kwargs: dict[str, Any] = {"process": process, "first": first + number * batch}
            kwargs["messages"] = self._messages(part)
            kwargs["state"] = "in" if number else state
            kwargs |= {name: value for name, value in more.items() if value is not None}
            if number or first:
                kwargs.pop("environment", None)
            if kwargs["state"] is None:
                del kwargs["state"]
            name = job if len(parts) == 1 else f"{job}/{number}"
            specs.append(self._spec("evaluate", name, kwargs, after=[str(number - 1)] if number else []))
        return self._sent(specs, [str(number) for number in range(len(specs))])

    def verify(self, store: Store, ref: str, job: str, *, parts: int | None = None, **more: Any) -> Submitted:
        """A journal, open for reading here, that executors find at `ref`."""
        cut = verify_parts(store, parts or _PARTS_EACH * self.executors())
        given = {"journal": ref, **{name: value for name, value in more.items() if value is not None}}
        return self._summed("verify", job, [{**given, **part.kwargs} for part in cut], {"journal": ref})

    def conform(self, job: str, **kwargs: Any) -> Submitted:
        """Scenarios, compared by one executor."""
        given = {name: value for name, value in kwargs.items() if value is not None}
        return self._sent([self._spec("conform", job, given)], ["0"])

    def fuzz(
        self, seeds: tuple[int, int], messages: int, module: Any, job: str, *, parts: int | None = None, **more: Any
    ) -> Submitted:
        """So many generated messages of each of the seeds, the last of which is not among them."""
        cut = ranges(*seeds, parts or _PARTS_EACH * self.executors())
        given = {"module": module, "messages": messages}
        given |= {name: value for name, value in more.items() if value is not None}
        each = [{**given, "seeds": list(part)} for part in cut]
        return self._summed("fuzz", job, each, {**given, "seeds": list(seeds)})

    def executors(self) -> int:
        """How many executors of our kind the colony has, at least 1. Raises `RPCError`."""
        return max(
            1,
            sum(
                executor.executortype == self.settings.executortype and executor.state == APPROVED
                for executor in self.colonies.get_executors(self.settings.colony)
            ),
        )

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _messages(self, texts: Sequence[str]) -> Any:
        """Messages as texts in the job, or in a file of the shared folder."""
        if sum(len(text) for text in texts) <= _INLINE:
            return list(texts)
        content = b"".join(text.encode() + b"\n" for text in texts)
        return {**self._data.keep(content, "messages", ".jsonl"), "count": len(texts)}

    def _summed(self, funcname: str, job: str, each: list[dict[str, Any]], whole: dict[str, Any]) -> Submitted:
        """Parts that may be done at the same time, and a job that puts them together, if there are several."""
        if len(each) == 1:
            return self._sent([self._spec(funcname, job, each[0])], ["0"])
        specs = [self._spec(funcname, f"{job}/{number}", kwargs) for number, kwargs in enumerate(each)]
        last = self._spec(funcname, job, {**whole, "parts": len(each)}, after=[str(n) for n in range(len(each))])
        return self._sent([*specs, last], [_SUM])

    def _spec(self, funcname: str, job: str, kwargs: Mapping[str, Any], after: Sequence[str] = ()) -> FunctionSpec:
        conditions = Conditions(
            colonyname=self.settings.colony,
            executortype=self.settings.executortype,
            cpu=_CPU,
            dependencies=list(after),
        )
        named = kwargs.get("journal") or kwargs.get("process")
        return FunctionSpec(
            funcname=funcname,
            args=[] if named is None else [named],
            kwargs={"job": job, **kwargs},
            conditions=conditions,
            label=job,
            priority=self._priority,
            maxexectime=self._seconds,
            maxretries=self._retries,
            channels=[PROGRESS],
        )

    def _sent(self, specs: list[FunctionSpec], answers: Sequence[str]) -> Submitted:
        """One process, or a workflow in which each has its number as its name."""
        if len(specs) == 1:
            processid = self._once(specs[0].label, lambda: self.colonies.submit(specs[0])).processid
            return Submitted({"0": processid}, (processid,))
        for number, spec in enumerate(specs):
            spec.nodename = _SUM if answers[0] == _SUM and number == len(specs) - 1 else str(number)
        workflow = WorkflowSpec(colonyname=self.settings.colony, functionspecs=specs)

        def send() -> Process:
            graph = self.colonies.submit_workflow(workflow)
            return Process(processgraphid=graph.processgraphid)

        graph = self._once(specs[0].label, send).processgraphid
        made = {}
        for processid in self.colonies.get_processgraph(graph).processids:
            made[self.colonies.get_process(processid).spec.nodename] = processid
        return Submitted(made, tuple(made[name] for name in answers), graph)

    def _once(self, label: str, send: Any) -> Process:
        """What `send` gives. After a connection error it may have come through: it is looked for by its label."""
        try:
            found: Process = send()
            return found
        except RPCError as error:
            if not error.conn_err():
                raise
            problem = error
        for pause in _PAUSES:
            time.sleep(pause)
            try:
                there = next(self._labelled(label), None)
                return there if there is not None else send()
            except RPCError as error:
                if not error.conn_err():
                    raise
        raise problem

    def _labelled(self, label: str) -> Iterator[Process]:
        for state in (WAITING, RUNNING, SUCCESS, FAILED):
            yield from self.colonies.get_processes(self.settings.colony, 100, state, label=label)


def reference_to(settings: Settings, file: str) -> str:
    """How executors find a file: relative to the shared folder, if that is known here; else as it is written.

    A relative path is one from here if that leads into the folder, else one in the folder. Raises `InputError` for a
    file outside of it.
    """
    folder = settings.data
    if folder is None or "://" in file:
        return file
    path = Path(os.path.realpath(file))
    if not path.is_relative_to(folder) and not os.path.isabs(file):
        inside = Path(os.path.realpath(folder / file))
        path = path if path.exists() and not inside.exists() else inside
    if not path.is_relative_to(folder) or path == folder:
        raise InputError(
            "is outside of the folder that executors share", file=file, advice=f"move or copy it into {folder}"
        )
    return str(path.relative_to(folder))
