"""The names of the SDK: all that the reference of ColonyOS's SDK has, in its order."""

from __future__ import annotations

import inspect

import pytest

import ao_runtime.colonies as colonies
from ao_runtime.colonies import AsyncColonies, Attribute, Colonies, Colony, Executor, FunctionSpec

#: The calls of the reference: their arguments before the key, and after it what this SDK has beyond it.
CALLS = {
    "add_colony": "colony prvkey",
    "remove_colony": "colonyname prvkey",
    "get_colony": "colonyname prvkey",
    "get_colonies": "prvkey",
    "add_executor": "executor prvkey",
    "approve_executor": "colonyname executorname prvkey",
    "reject_executor": "colonyname executorname prvkey",
    "remove_executor": "colonyname executorname prvkey",
    "get_executor": "colonyname executorname prvkey",
    "get_executors": "colonyname prvkey",
    "submit": "spec prvkey",
    "assign": "colonyname timeout prvkey availablecpu availablemem",
    "close": "processid prvkey output",
    "fail": "processid prvkey errors",
    "get_process": "processid prvkey",
    "get_processes": "colonyname count state prvkey *executortype *label *initiator",
    "remove_process": "processid prvkey",
    "remove_all_processes": "colonyname state prvkey",
    "set_output": "processid output prvkey",
    "add_attr": "attr prvkey",
    "submit_workflow": "workflowspec prvkey",
    "get_processgraph": "processgraphid prvkey",
    "get_processgraphs": "colonyname count state prvkey",
    "remove_processgraph": "processgraphid prvkey",
    "remove_all_processgraphs": "colonyname state prvkey",
    "add_log": "log prvkey",
    "get_logs": "colonyname processid executorname count since prvkey *latest",
    "channel_append": "processid channelname sequence data data_type inreplyto prvkey",
    "channel_read": "processid channelname afterseq limit prvkey",
    "subscribe_process": "process state timeout prvkey",
    "subscribe_channel": "processid channelname afterseq timeout prvkey callback",
    "get_statistics": "colonyname prvkey",
    "add_function": "function prvkey",
    "get_functions": "colonyname prvkey",
    "get_functions_by_executor": "colonyname executorname prvkey",
    "remove_function": "functionid prvkey",
    "add_blueprint_definition": "definition prvkey",
    "get_blueprint_definition": "colonyname name prvkey",
    "get_blueprint_definitions": "colonyname prvkey",
    "remove_blueprint_definition": "colonyname name prvkey",
    "add_blueprint": "blueprint prvkey",
    "get_blueprint": "colonyname name prvkey",
    "get_blueprints": "colonyname kind location prvkey",
    "update_blueprint": "blueprint force_generation prvkey",
    "remove_blueprint": "colonyname name prvkey",
    "update_blueprint_status": "colonyname name status prvkey",
    "reconcile_blueprint": "colonyname name force prvkey",
}


@pytest.mark.parametrize("kind", [Colonies, AsyncColonies])
def test_calls(kind: type) -> None:
    """Both clients have the 47 calls with the reference's arguments, all documented; the key may be left out."""
    assert len(CALLS) == 47
    for name, wanted in CALLS.items():
        method = getattr(kind, name)
        _, *parameters = inspect.signature(method).parameters.values()
        found = [f"{'*' * (given.kind is given.KEYWORD_ONLY)}{given.name}" for given in parameters]
        assert found == wanted.split(), name
        assert inspect.signature(method).parameters["prvkey"].default is None
        assert method.__doc__
        assert inspect.iscoroutinefunction(method) == (kind is AsyncColonies)


def test_both_clients_are_the_same() -> None:
    """What one client has, the other has."""
    assert {name for name in dir(Colonies) if name[0] != "_"} == {name for name in dir(AsyncColonies) if name[0] != "_"}
    assert {name for name in dir(Colonies) if name[0] != "_"} == {
        *CALLS,
        "iter_channel",
        "disconnect",
        "url",
        "timeout",
    }


def test_results_are_told() -> None:
    """A method's signature says what it returns, not how it is described."""
    assert str(inspect.signature(Colonies.get_processes)).endswith("-> 'list[Process]'")
    assert inspect.signature(AsyncColonies.close).return_annotation == "None"


def test_names() -> None:
    """Constants, functions and types of the reference, and no others but those of the server."""
    constants = {name: getattr(colonies, name) for name in colonies.__all__ if name.isupper() and name != "GPU"}
    assert constants == {
        "WAITING": 0,
        "RUNNING": 1,
        "SUCCESS": 2,
        "FAILED": 3,
        "CANCELLED": 4,
        "PENDING": 0,
        "APPROVED": 1,
        "REJECTED": 2,
        "UNREGISTERED": 3,
        "IN": 0,
        "OUT": 1,
        "ERR": 2,
        "ENV": 4,
    }
    assert set(colonies.__all__) - set(constants) == set(
        """Colonies AsyncColonies RPCError gen_prvkey gen_id gen_signature gen_hash recid
        Colony Executor Capabilities Hardware Software Allocations Project GPU FunctionSpec Conditions Filesystem
        SnapshotMount SyncDirMount Process ProcessGraph WorkflowSpec Attribute Log ChannelEntry Statistics Function
        Blueprint BlueprintMetadata BlueprintHandler BlueprintDefinition BlueprintDefinitionSpec
        BlueprintDefinitionNames BlueprintDefinitionHandler""".split()
    )
    assert all(getattr(colonies, name) is not None for name in colonies.__all__)


def test_new() -> None:
    """`new` takes the reference's arguments in its order."""
    assert Colony.new("id", "name") == Colony(colonyid="id", name="name")
    assert Executor.new("name", "id", "type", "colony") == Executor(
        executorname="name", executorid="id", executortype="type", colonyname="colony"
    )
    spec = FunctionSpec.new("f", "type", "colony")
    assert (spec.funcname, spec.conditions.executortype, spec.conditions.colonyname) == ("f", "type", "colony")
    assert (spec.priority, spec.maxwaittime, spec.maxexectime, spec.maxretries) == (0, -1, -1, 0)
    attribute = Attribute.new("colony", "process", "key", "value")
    assert (
        attribute.targetcolonyname,
        attribute.targetid,
        attribute.key,
        attribute.value,
        attribute.attributetype,
    ) == (
        *("colony", "process", "key", "value"),
        colonies.OUT,
    )
