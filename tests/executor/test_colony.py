"""The tests' own server refuses what the real one refused, with its status and its words."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import pytest

from ao_runtime.colonies import (
    FAILED,
    RUNNING,
    SUCCESS,
    Attribute,
    Colonies,
    Executor,
    Function,
    FunctionSpec,
    Log,
    Process,
    RPCError,
    WorkflowSpec,
    gen_id,
    gen_prvkey,
)

from ..colonies.recordings import recorded
from .colony import NAME, Colony


class Setting:
    """A colony with two executors, a stranger, and processes in every state."""

    def __init__(self, colony: Colony) -> None:
        self.colony = colony
        self.keys = {"executor1": colony.member("one", "w"), "executor2": colony.member("two", "w")}
        self.keys |= {"stranger": gen_prvkey(), "colony": colony.owner}
        self.client = Colonies(colony.url)
        self.one, self.two = self.keys["executor1"], self.keys["executor2"]
        self.ended = self.assigned(self.one)
        self.client.close(self.ended.processid, self.one, [1])
        self.failed = self.assigned(self.two)
        self.client.fail(self.failed.processid, self.two, ["no"])
        self.running = self.assigned(self.one)
        self.client.add_attr(Attribute.new(NAME, self.running.processid, "commit", "a"), self.one)
        self.waiting = self.client.submit(self.spec(), self.one)

    @staticmethod
    def spec(**fields: object) -> FunctionSpec:
        """A job for either of them."""
        made = FunctionSpec.new("f", "w", NAME)
        made.channels = ["in"]
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    def assigned(self, key: str) -> Process:
        """A process that an executor holds."""
        self.client.submit(self.spec(), self.one)
        return self.client.assign(NAME, 1, key)


@pytest.fixture(scope="module")
def setting() -> Iterator[Setting]:
    """The same for all of them: a refusal changes nothing."""
    with Colony() as colony:
        made = Setting(colony)
        yield made
        made.client.disconnect()


UNKNOWN = "0" * 64
Case = Callable[[Setting], object]
CASES: dict[tuple[str, str], Case] = {
    ("assign", "timeout 0"): lambda s: s.client.assign(NAME, 0, s.one),
    ("assign", "wrong key"): lambda s: s.client.assign(NAME, 1, s.keys["stranger"]),
    ("close", "not assigned"): lambda s: s.client.close(s.waiting.processid, s.one),
    ("close", "not the holder"): lambda s: s.client.close(s.running.processid, s.two),
    ("close", "wrong key"): lambda s: s.client.close(s.running.processid, s.keys["stranger"]),
    ("close", "failed"): lambda s: s.client.close(s.failed.processid, s.two),
    ("close", "unknown"): lambda s: s.client.close(UNKNOWN, s.one),
    ("fail", "not assigned"): lambda s: s.client.fail(s.waiting.processid, s.one),
    ("fail", "not the holder"): lambda s: s.client.fail(s.running.processid, s.two),
    ("fail", "already closed"): lambda s: s.client.fail(s.ended.processid, s.one),
    ("fail", "failed twice"): lambda s: s.client.fail(s.failed.processid, s.two),
    ("fail", "unknown"): lambda s: s.client.fail(UNKNOWN, s.one),
    ("get_process", "unknown"): lambda s: s.client.get_process(UNKNOWN, s.one),
    ("get_process", "wrong key"): lambda s: s.client.get_process(UNKNOWN, s.keys["stranger"]),
    ("get_processes", "count over 100"): lambda s: s.client.get_processes(NAME, 101, 0, s.one),
    ("get_processes", "no such state"): lambda s: s.client.get_processes(NAME, 1, 5, s.one),
    ("add_attr", "same key again"): lambda s: _note(s, s.running, s.one),
    ("add_attr", "not the holder"): lambda s: _note(s, s.running, s.two),
    ("add_attr", "not running"): lambda s: _note(s, s.ended, s.one),
    ("add_attr", "unknown"): lambda s: s.client.add_attr(Attribute.new(NAME, UNKNOWN, "a", "b"), s.one),
    ("add_log", "not the holder"): lambda s: _log(s, s.running.processid, s.two),
    ("add_log", "not running"): lambda s: _log(s, s.ended.processid, s.one),
    ("add_log", "wrong key"): lambda s: _log(s, s.running.processid, s.keys["stranger"]),
    ("add_log", "unknown"): lambda s: _log(s, UNKNOWN, s.one),
    ("channel_append", "not assigned to it"): lambda s: s.client.channel_append(
        s.running.processid, "in", 1, "x", prvkey=s.two
    ),
    ("channel_append", "unknown channel"): lambda s: s.client.channel_append(
        s.running.processid, "out", 1, "x", prvkey=s.one
    ),
    ("channel_append", "after close"): lambda s: s.client.channel_append(s.ended.processid, "in", 1, "x", prvkey=s.one),
    ("channel_read", "unknown process"): lambda s: s.client.channel_read(UNKNOWN, "in", 0, 0, s.one),
    ("submit", "priority out of range"): lambda s: s.client.submit(s.spec(priority=50001), s.one),
    ("submit", "the owner is no member"): lambda s: s.client.submit(s.spec(), s.keys["colony"]),
    ("submit", "unknown colony"): lambda s: s.client.submit(FunctionSpec.new("f", "w", "no-such"), s.one),
    ("submit_workflow", "duplicate node"): lambda s: _workflow(s, "a", "a"),
    ("submit_workflow", "no node name"): lambda s: _workflow(s, ""),
    ("submit_workflow", "unknown dependency"): lambda s: _workflow(s, "a", after=["b"]),
    ("get_processgraph", "unknown"): lambda s: s.client.get_processgraph(UNKNOWN, s.one),
    ("add_function", "of another"): lambda s: _function(s, "one", s.two),
    ("add_function", "unknown executor"): lambda s: _function(s, "nobody", s.one),
    ("remove_function", "unknown"): lambda s: s.client.remove_function(UNKNOWN, s.one),
    ("approve_executor", "wrong key"): lambda s: s.client.approve_executor(NAME, "one", s.one),
    ("approve_executor", "unknown"): lambda s: s.client.approve_executor(NAME, "nobody", s.keys["colony"]),
    ("add_executor", "name taken"): lambda s: s.client.add_executor(
        Executor.new("one", gen_id(s.one), "w", NAME), s.keys["colony"]
    ),
    ("get_executors", "wrong key"): lambda s: s.client.get_executors(NAME, s.keys["stranger"]),
}


def _note(setting: Setting, process: Process, key: str) -> None:
    setting.client.add_attr(Attribute.new(NAME, process.processid, "commit", "b"), key)


def _log(setting: Setting, processid: str, key: str) -> None:
    setting.client.add_log(Log(processid=processid, message="m"), key)


def _workflow(setting: Setting, *nodes: str, after: list[str] | None = None) -> None:
    specs = [setting.spec(nodename=node) for node in nodes]
    for spec in specs:
        spec.conditions.dependencies = after or []
    setting.client.submit_workflow(WorkflowSpec(colonyname=NAME, functionspecs=specs), setting.one)


def _function(setting: Setting, name: str, key: str) -> None:
    setting.client.add_function(Function(executorname=name, colonyname=NAME, funcname="f"), key)


def told(message: str) -> str:
    """A refusal without the names and ids of its colony."""
    return re.sub(r"<[^>]*>", "<…>", message)


@pytest.mark.parametrize(("call", "case"), CASES)
def test_refusals(setting: Setting, call: str, case: str) -> None:
    """Status and words are the recorded ones."""
    found = next(one for one in recorded() if (one.call, one.case) == (call, case))
    assert found.reply is not None
    payload = json.loads(base64.b64decode(json.loads(found.reply)["payload"]))
    with pytest.raises(RPCError) as refused:
        CASES[call, case](setting)
    assert (refused.value.status, told(str(refused.value))) == (payload["status"], told(payload["message"]))


def test_leases(setting: Setting) -> None:
    """A lease that lapses gives the process back with one retry more, then fails it; removal leaves retries alone."""
    colony, client, one = setting.colony, setting.client, setting.one
    spec = setting.spec(maxexectime=1, maxretries=1)
    spec.conditions.executortype = "lease"
    keys = [colony.member("three", "lease"), colony.member("four", "lease")]
    id = client.submit(spec, one).processid
    told_ = client.assign(NAME, 1, keys[0])
    read = client.get_process(id, one)
    assert told_.execdeadline.startswith("0001-")
    assert told_.starttime[:26] == read.starttime[:26] != told_.starttime
    colony.until(id, 0)
    assert colony.processes[id]["retries"] == 1
    with pytest.raises(RPCError, match="process is not assigned"):
        client.close(id, keys[0])
    client.assign(NAME, 1, keys[1])
    colony.unregister("four")
    assert (colony.processes[id]["state"], colony.processes[id]["retries"]) == (0, 1)
    with pytest.raises(RPCError, match="not a member of Colony"):
        client.close(id, keys[1])
    client.assign(NAME, 1, keys[0])
    assert colony.until(id, FAILED)["errors"] == ["Maximum execution time limit exceeded"]


def test_workflows(setting: Setting) -> None:
    """A process waits for those it depends on, and gets their outputs in the order in which it names them."""
    client, one, two = setting.client, setting.one, setting.two
    specs = [setting.spec(nodename=name) for name in ("a", "b", "c")]
    for spec in specs:
        spec.conditions.executortype = "flow"
    specs[2].conditions.dependencies = ["b", "a"]
    key = setting.colony.member("five", "flow")
    graph = client.submit_workflow(WorkflowSpec(colonyname=NAME, functionspecs=specs), one)
    for _ in range(2):
        process = client.assign(NAME, 1, key)
        assert process.spec.nodename in ("a", "b")
        client.close(process.processid, key, [process.spec.nodename])
    last = client.assign(NAME, 1, key)
    assert (last.spec.nodename, last.input, last.state) == ("c", ["b", "a"], RUNNING)
    client.close(last.processid, key)
    assert client.get_processgraph(graph.processgraphid, two).state == SUCCESS
