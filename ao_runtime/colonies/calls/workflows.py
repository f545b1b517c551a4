"""Workflows: processes that wait for each other."""

from __future__ import annotations

from ..call import Call, many, nothing
from ..models import ProcessGraph, WorkflowSpec
from .gone import gone
from .processes import checked_spec

__all__ = [
    "get_processgraph",
    "get_processgraphs",
    "remove_all_processgraphs",
    "remove_processgraph",
    "submit_workflow",
]


def submit_workflow(workflowspec: WorkflowSpec, prvkey: str | None = None) -> Call[ProcessGraph]:
    """Submit a workflow; a member's key. Never sent twice by itself: that would be two workflows.

    Each process is given the outputs of those it depends on, one after the other, as `input`; if one fails, all do.
    Refused (RPCError, 500) if a node has no name, two have the same, or one depends on a node that there is not; an
    empty workflow stays behind then.
    """
    workflowspec = WorkflowSpec.from_dict(workflowspec)
    spec = workflowspec.to_dict()
    spec["functionspecs"] = [
        checked_spec(function, f"functionspecs[{place}].") for place, function in enumerate(workflowspec.functionspecs)
    ]
    return Call("submitworkflowspecmsg", {"spec": spec}, ProcessGraph.from_dict, prvkey)


def get_processgraph(processgraphid: str, prvkey: str | None = None) -> Call[ProcessGraph]:
    """A workflow by its id; a member's key.

    Refused (500) if there is none.
    """
    return Call("getprocessgraphmsg", {"processgraphid": processgraphid}, ProcessGraph.from_dict, prvkey, True)


def get_processgraphs(colonyname: str, count: int, state: int, prvkey: str | None = None) -> Call[list[ProcessGraph]]:
    """Up to `count` (at most 100) workflows in a state, newest first; a member's key.

    Refused (400) for another count or state.
    """
    fields = {"colonyname": colonyname, "count": count, "state": state}
    return Call("getprocessgraphsmsg", fields, many(ProcessGraph), prvkey, True)


def remove_processgraph(processgraphid: str, prvkey: str | None = None) -> Call[None]:
    """Remove a workflow with its processes; a member's key.

    Refused if it runs (400) or is unknown (500).
    """
    return Call("removeprocessgraphmsg", {"processgraphid": processgraphid}, nothing, prvkey, True, gone)


def remove_all_processgraphs(colonyname: str, state: int, prvkey: str | None = None) -> Call[None]:
    """Remove all workflows in a state, or all there are (−1); the colony owner's key.

    Refused (400) for RUNNING, and for other numbers.
    """
    return Call("removeallprocessgraphsmsg", {"colonyname": colonyname, "state": state}, nothing, prvkey, True)
