"""Executors, and the functions that they register."""

from __future__ import annotations

from ..call import Call, many, nothing
from ..models import Executor, Function
from .gone import gone

__all__ = [
    "add_executor",
    "add_function",
    "approve_executor",
    "get_executor",
    "get_executors",
    "get_functions",
    "get_functions_by_executor",
    "reject_executor",
    "remove_executor",
    "remove_function",
]


def add_executor(executor: Executor, prvkey: str | None = None) -> Call[Executor]:
    """Add an executor, which waits for approval; the colony owner's key.

    Refused (RPCError, 400) if the name is taken, also by one that was removed.
    """
    return Call("addexecutormsg", {"executor": Executor.from_dict(executor).to_dict()}, Executor.from_dict, prvkey)


def approve_executor(colonyname: str, executorname: str, prvkey: str | None = None) -> Call[None]:
    """Let an executor take part, also one that was rejected or removed; the colony owner's key.

    Refused (500) if there is none.
    """
    return Call("approveexecutormsg", {"colonyname": colonyname, "executorname": executorname}, nothing, prvkey)


def reject_executor(colonyname: str, executorname: str, prvkey: str | None = None) -> Call[None]:
    """Do not let an executor take part; the colony owner's key. A process that it holds stays with it.

    Refused (500) if there is none.
    """
    return Call("rejectexecutormsg", {"colonyname": colonyname, "executorname": executorname}, nothing, prvkey)


def remove_executor(colonyname: str, executorname: str, prvkey: str | None = None) -> Call[None]:
    """Remove an executor (its state is UNREGISTERED then); the colony owner's key. What it holds waits again.

    Refused (500) if there is none.
    """
    fields = {"colonyname": colonyname, "executorname": executorname}
    return Call("removeexecutormsg", fields, nothing, prvkey, True, gone)


def get_executor(colonyname: str, executorname: str, prvkey: str | None = None) -> Call[Executor]:
    """An executor by its name; a member's key.

    Refused (500) if there is none.
    """
    fields = {"colonyname": colonyname, "executorname": executorname}
    return Call("getexecutormsg", fields, Executor.from_dict, prvkey, True)


def get_executors(colonyname: str, prvkey: str | None = None) -> Call[list[Executor]]:
    """All executors of a colony, removed ones too; the key of any of them, approved or not."""
    return Call("getexecutorsmsg", {"colonyname": colonyname}, many(Executor), prvkey, True)


def add_function(function: Function, prvkey: str | None = None) -> Call[Function]:
    """Register a function of an executor; the executor's own key. The same name twice makes two.

    Refused (403) for another's executor, and (400) if there is none.
    """
    return Call("addfunctionmsg", {"fun": Function.from_dict(function).to_dict()}, Function.from_dict, prvkey)


def get_functions(colonyname: str, prvkey: str | None = None) -> Call[list[Function]]:
    """All functions that are registered in a colony; a member's key."""
    return get_functions_by_executor(colonyname, "", prvkey)


def get_functions_by_executor(colonyname: str, executorname: str, prvkey: str | None = None) -> Call[list[Function]]:
    """The functions of an executor, none if there is no such executor; a member's key."""
    fields = {"colonyname": colonyname, "executorname": executorname}
    return Call("getfunctionsmsg", fields, many(Function), prvkey, True)


def remove_function(functionid: str, prvkey: str | None = None) -> Call[None]:
    """Take a function back; the key of the executor that has registered it.

    Refused (403) for another's, and (404) if there is none.
    """
    return Call("removefunctionmsg", {"functionid": functionid}, nothing, prvkey, True, gone)
