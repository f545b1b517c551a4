"""Processes: submitted, assigned, written to, closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import InputError, RPCError
from ..call import Call, Steps, attempts, many, nothing
from ..crypto import gen_hash
from ..free_json import checked_json
from ..models import Attribute, FunctionSpec, Process
from .gone import gone

__all__ = [
    "add_attr",
    "assign",
    "checked_spec",
    "close",
    "fail",
    "get_process",
    "get_processes",
    "remove_all_processes",
    "remove_process",
    "set_output",
    "submit",
]


def submit(spec: FunctionSpec, prvkey: str | None = None) -> Call[Process]:
    """Submit a process; a member's key. Never sent twice by itself: that would be two processes.

    Refused (RPCError, 400) if the priority is out of range. Names of executors that do not exist are taken: such a
    process waits for ever. Raises InputError if `args` or `kwargs` are no JSON, or would arrive as other numbers.
    """
    return Call("submitfuncspecmsg", {"spec": checked_spec(spec)}, Process.from_dict, prvkey)


def assign(
    colonyname: str, timeout: int, prvkey: str | None = None, availablecpu: str = "", availablemem: str = ""
) -> Call[Process]:
    """Wait up to `timeout` seconds for a process and take it; the key of an approved executor.

    With a negative timeout it does not wait. Only processes that ask for no more than `availablecpu` ("1000m") and
    `availablemem` ("2Gi") are given; "" is no limit. Raises RPCError of status 404, whose `conn_err()` is false, if
    there is nothing to do; refused (400) if the timeout is 0. Never sent twice by itself: after a connection error a
    process may be assigned to you all the same, and `get_processes(colonyname, 100, RUNNING)` has it.
    """
    fields = {
        "colonyname": colonyname,
        "timeout": timeout,
        "availablecpu": availablecpu,
        "availablemem": availablemem,
    }
    if not isinstance(timeout, (int, float)):
        raise InputError(f"must be seconds, found {type(timeout).__name__}", field="timeout")
    return Call("assignprocessmsg", fields, Process.from_dict, prvkey, patience=max(timeout, 0))


def close(processid: str, prvkey: str | None = None, output: Sequence[Any] | None = None) -> Call[None]:
    """A process was done with success; the key of the executor that holds it.

    Without `output`, what `set_output` has set stays. Closing twice is no error, and replaces the output. Refused if
    the process is not assigned or another's (403), failed already (400; its output is replaced all the same) or
    unknown (500).
    """
    fields: dict[str, Any] = {"processid": processid}
    if output is not None:
        fields["out"] = _output(output)
    return Call("closesuccessfulmsg", fields, nothing, prvkey, True)


def fail(processid: str, prvkey: str | None = None, errors: Sequence[str] | None = None) -> Call[None]:
    """A process has failed, for good: it is never tried again; the key of the executor that holds it.

    Refused if it is not assigned or another's (403), closed already (400) or unknown (500).
    """
    fields: dict[str, Any] = {"processid": processid}
    if errors is not None:
        fields["errors"] = _list(errors, "errors")
    return Call("closefailedmsg", fields, nothing, prvkey)


def get_process(processid: str, prvkey: str | None = None) -> Call[Process]:
    """A process by its id; a member's key.

    Refused (404) if there is none.
    """
    return Call("getprocessmsg", {"processid": processid}, Process.from_dict, prvkey, True)


def get_processes(
    colonyname: str,
    count: int,
    state: int,
    prvkey: str | None = None,
    *,
    executortype: str = "",
    label: str = "",
    initiator: str = "",
) -> Call[list[Process]]:
    """Up to `count` (at most 100) processes in a state; a member's key.

    Those that wait come in the order of their turn, running ones as they were started, closed ones newest first.
    Only those for that type of executor, with that label, or of that initiator's name, where given. Refused (400) for
    another count or state.
    """
    fields = {"colonyname": colonyname, "count": count, "state": state}
    filters = {"executortype": executortype, "label": label, "initiator": initiator}
    fields.update({name: text for name, text in filters.items() if text})
    return Call("getprocessesmsg", fields, many(Process), prvkey, True)


def remove_process(processid: str, prvkey: str | None = None) -> Call[None]:
    """Remove a process; a member's key.

    Refused if it runs or is part of a workflow (400), or is unknown (500).
    """
    return Call("removeprocessmsg", {"processid": processid}, nothing, prvkey, True, gone)


def remove_all_processes(colonyname: str, state: int, prvkey: str | None = None) -> Call[None]:
    """Remove all processes in a state, or all there are (−1); the colony owner's key.

    Refused (400) for RUNNING, and for other numbers.
    """
    return Call("removeallprocessesmsg", {"colonyname": colonyname, "state": state}, nothing, prvkey, True)


def set_output(processid: str, output: Sequence[Any], prvkey: str | None = None) -> Call[None]:
    """Set the output (any JSON) of a process that runs; the key of the executor that holds it.

    An empty list changes nothing. Refused if it does not run or is another's (403), or is unknown (500).
    """
    return Call("setoutputmsg", {"processid": processid, "out": _output(output)}, nothing, prvkey, True)


def add_attr(attr: Attribute, prvkey: str | None = None) -> Call[Attribute]:
    """Add an attribute to a process that runs; the key of the executor that holds it.

    A key goes in once for each type, for ever: again it is refused (400, `duplicate key`). Refused if the process does
    not run or is another's (403), or is unknown (404). After a connection error it is sent again, and a `duplicate
    key` then means that the first one went through, unless another value is found under that key.
    """

    attr = Attribute.from_dict(attr)

    def settle(refusal: RPCError) -> Steps[Attribute]:
        return _found(attr, refusal, prvkey)

    return Call("addattributemsg", {"attribute": attr.to_dict()}, Attribute.from_dict, prvkey, True, settle)


def checked_spec(spec: FunctionSpec, field: str = "") -> dict[str, Any]:
    """A specification as it is sent; InputError if its arguments would not arrive as they are."""
    spec = FunctionSpec.from_dict(spec)
    checked_json(spec.args, f"{field}args")
    checked_json(spec.kwargs, f"{field}kwargs")
    return spec.to_dict()


def _found(attr: Attribute, refusal: RPCError, prvkey: str | None) -> Steps[Attribute]:
    """The attribute that a repeated `add_attr` found in its place, if it is the one that was sent."""
    if "duplicate key" not in str(refusal):
        raise refusal
    made = gen_hash(f"{attr.targetid}{attr.key}{attr.attributetype}")
    try:
        process = yield from attempts(get_process(attr.targetid, prvkey))
    except RPCError:  # Whoever may not look has to believe it.
        return attr.model_copy(update={"attributeid": made})
    for found in process.attributes:
        if (found.key, found.attributetype) == (attr.key, attr.attributetype):
            if found.value == attr.value:
                return found
            raise refusal
    return attr.model_copy(update={"attributeid": made})


def _output(output: Sequence[Any]) -> list[Any]:
    values: list[Any] = checked_json(_list(output, "output"), "output")
    return values


def _list(values: Sequence[Any], field: str) -> list[Any]:
    if not isinstance(values, (list, tuple)):
        raise InputError(f"must be a list, found {type(values).__name__}", field=field)
    return list(values)
