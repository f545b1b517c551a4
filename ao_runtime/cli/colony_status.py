"""How a colony is doing, and how a job is: what `ao-run colony status` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..colonies import FAILED, SUCCESS, Process, ProcessGraph
from ..errors import InputError, ProcessError, RPCError
from .text import document, echo, harmless, plain

if TYPE_CHECKING:
    from ..colonies import Colonies
    from ..executor import Settings

__all__ = ["STATES", "show_colony", "show_job"]

#: The words for the states of a process, and of an executor.
STATES = ("waiting", "running", "done", "failed", "cancelled")
_EXECUTOR_STATES = ("pending", "approved", "rejected", "removed")
_COUNTED = ("waitingprocesses", "runningprocesses", "successfulprocesses", "failedprocesses")


def show_colony(settings: Settings, colonies: Colonies, *, as_json: bool) -> int:
    """The executors of our kind, and how many processes are in which state."""
    executors = colonies.get_executors(settings.colony)
    functions: dict[str, list[str]] = {}
    for function in colonies.get_functions(settings.colony):
        functions.setdefault(function.executorname, []).append(function.funcname)
    statistics = colonies.get_statistics(settings.colony)
    found: list[dict[str, Any]] = [
        {
            "name": executor.executorname,
            "type": executor.executortype,
            "state": _word(_EXECUTOR_STATES, executor.state),
            "heard": None if executor.lastheardfromtime.startswith("0001-") else executor.lastheardfromtime,
            "functions": sorted(set(functions.get(executor.executorname, []))),
        }
        for executor in executors
    ]
    counts = {word: getattr(statistics, name) for word, name in zip(STATES, _COUNTED, strict=False)}
    if as_json:
        document({"colony": settings.colony, "executors": found, "statistics": counts})
        return 0
    echo(harmless(f"{settings.colony}: " + ", ".join(f"{count} {word}" for word, count in counts.items())))
    width = max((len(one["name"]) for one in found), default=0)
    for one in found:
        offers = ", ".join(one["functions"]) or "no functions"
        echo(harmless(plain(f"{one['name']:{width}}  {one['type']}  {one['state']}  {offers}")))
    return 0


def show_job(colonies: Colonies, id: str, *, as_json: bool) -> int:
    """A process, or a workflow with all of its processes."""
    try:
        processes = [colonies.get_process(id)]
        state = processes[0].state
    except RPCError as error:
        if error.status != 404:
            raise
        graph = _graph(colonies, id)
        processes = [colonies.get_process(one) for one in graph.processids]
        state = graph.state
    if as_json:
        document({"id": id, "state": _word(STATES, state), "processes": [_described(one) for one in processes]})
    else:
        echo(f"{id[:12]} is {_word(STATES, state)}")
        for process in sorted(processes, key=lambda one: (len(one.spec.nodename), one.spec.nodename)):
            echo(harmless(plain(_line(process))))
    return ProcessError.exit_code if state == FAILED else 0


def _graph(colonies: Colonies, id: str) -> ProcessGraph:
    try:
        return colonies.get_processgraph(id)
    except RPCError as error:
        if error.conn_err() or error.status == 403:
            raise
        raise InputError(
            "is no process and no workflow", field=id, advice="give an id that ao-run colony submit has printed"
        ) from None


def _line(process: Process) -> str:
    again = f", {process.retries} times again" if process.retries else ""
    why = f": {process.errors[0]}" if process.errors else ""
    return f"  {process.spec.funcname} {process.spec.label}  {_word(STATES, process.state)}{again}{why}"


def _described(process: Process) -> dict[str, Any]:
    return {
        "id": process.processid,
        "job": process.spec.label,
        "function": process.spec.funcname,
        "state": _word(STATES, process.state),
        "retries": process.retries,
        "executor": process.assignedexecutorid or None,
        "errors": process.errors,
        "output": process.output if process.state == SUCCESS else None,
    }


def _word(words: tuple[str, ...], state: int) -> str:
    return words[state] if 0 <= state < len(words) else f"in state {state}"
