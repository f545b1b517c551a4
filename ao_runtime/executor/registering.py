"""Being an executor of a colony: added, approved, and with functions that others can see."""

from __future__ import annotations

from ..colonies import APPROVED, REJECTED, Colonies, Executor, Function, gen_id
from ..errors import InputError, RPCError
from .functions import FUNCTIONS
from .settings import Settings

__all__ = ["join", "register"]


def join(settings: Settings, colonies: Colonies) -> Executor:
    """Ourselves, as the colony knows us. With the owner's key we are added and approved where we are not.

    Raises `InputError`, which says what the owner has to do, where we are unknown or were rejected; `RPCError`.
    """
    ours = gen_id(settings.prvkey)
    found = _ourselves(settings, colonies, ours)
    if found is None:
        found = _added(settings, colonies, ours)
    if found.state == APPROVED:
        return found
    if settings.colony_prvkey is None:
        state = "was rejected" if found.state == REJECTED else "is not approved"
        raise InputError(
            f"the executor {found.executorname} {state} in the colony {settings.colony}",
            field="executor",
            advice="its owner approves it",
        )
    colonies.approve_executor(settings.colony, found.executorname, settings.colony_prvkey)
    return found.model_copy(update={"state": APPROVED})


def register(settings: Settings, colonies: Colonies, name: str) -> None:
    """See to it that our functions are registered, once each. Raises `RPCError`."""
    known = {function.funcname: function for function in colonies.get_functions_by_executor(settings.colony, name)}
    for function in FUNCTIONS.values():
        there = known.get(function.name)
        if there is not None and there.description == function.description:
            continue
        if there is not None:
            colonies.remove_function(there.functionid)
        arguments = [
            {"name": name_, "type": kind, "description": what, "required": required}
            for name_, kind, what, required in function.arguments
        ]
        colonies.add_function(
            Function(
                executorname=name,
                executortype=settings.executortype,
                colonyname=settings.colony,
                funcname=function.name,
                description=function.description,
                args=arguments,
            )
        )


def _ourselves(settings: Settings, colonies: Colonies, ours: str) -> Executor | None:
    """The executor that our key is, if it is one of the colony."""
    try:
        executors = colonies.get_executors(settings.colony)
    except RPCError as error:
        # Who is not of the colony may not look.
        if error.status == 403 and "not exist" not in str(error):
            return None
        raise
    mine = [executor for executor in executors if executor.executorid == ours]
    named = [executor for executor in mine if executor.executorname == settings.name]
    found = next(iter(named or mine), None)
    if found is not None and settings.name is not None and not named:
        raise InputError(
            f"the key is that of the executor {found.executorname}, not of {settings.name}",
            field="name",
            advice="one key, one name",
        )
    if found is not None and found.executortype != settings.executortype:
        raise InputError(
            f"the executor {found.executorname} is of the type {found.executortype}, not {settings.executortype}",
            field="type",
            advice="give --type, or another key",
        )
    return found


def _added(settings: Settings, colonies: Colonies, ours: str) -> Executor:
    if settings.colony_prvkey is None:
        raise InputError(
            f"no executor of the colony {settings.colony} has this key",
            field="executor",
            advice=f"its owner adds one with the id {ours}, or sets COLONIES_COLONY_PRVKEY here",
        )
    if settings.name is None:
        raise InputError("has no name yet", field="name", advice="give --name NAME, or set COLONIES_EXECUTOR_NAME")
    new = Executor.new(settings.name, ours, settings.executortype, settings.colony)
    return colonies.add_executor(new, settings.colony_prvkey)
