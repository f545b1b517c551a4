"""The types: Python's names here, the wire's names there, nothing lost between."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ao_runtime.colonies.models as models
from ao_runtime.colonies import ENV, Attribute, Blueprint, ChannelEntry, Conditions, FunctionSpec, Process
from ao_runtime.colonies.models.base import Wire
from ao_runtime.errors import InputError

from .recordings import bare

KINDS: list[type[Wire]] = [getattr(models, name) for name in models.__all__]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", KINDS)
def test_all_may_be_left_out(kind: type[Wire]) -> None:
    """Nothing, null and an empty object are the same empty object, and one is not the other's."""
    empty = kind()
    assert kind.from_dict({}) == empty
    assert kind.from_dict(dict.fromkeys(kind.model_fields)) == empty
    assert kind.from_dict(empty.to_dict()) == empty
    for name in kind.model_fields:
        assert getattr(kind(), name) is not getattr(empty, name) or not isinstance(
            getattr(empty, name), (list, dict, Wire)
        )


@pytest.mark.parametrize("kind", KINDS)
@given(unknown=st.dictionaries(st.text().filter(lambda name: name.startswith("x")), json_values))
def test_unknown_fields_stay(kind: type[Wire], unknown: dict[str, Any]) -> None:
    """What no type knows is kept and sent again as it was."""
    wire = kind.from_dict(unknown).to_dict()
    assert {name: wire[name] for name in unknown} == unknown


def test_unknown_fields_stay_wherever_they_are() -> None:
    """In parts of parts, and in lists."""
    wire = {"spec": {"conditions": {"gpu": {"new": 1}}, "new": [2]}, "attributes": [{"new": {"a": 1}}], "new": 3}
    assert bare(Process.from_dict(wire).to_dict()) == {
        "spec": {"conditions": {"gpu": {"new": 1}}, "new": [2], "maxexectime": -1, "maxwaittime": -1},
        "attributes": [{"new": {"a": 1}, "attributetype": 1}],
        "new": 3,
    }


@pytest.mark.parametrize(
    ("kind", "fields", "wire"),
    [
        (models.Process, {"input": [1], "output": ["x"]}, {"in": [1], "out": ["x"]}),
        (models.ChannelEntry, {"msgtype": "end"}, {"type": "end"}),
        (models.Software, {"software_type": "python"}, {"type": "python"}),
        (models.Conditions, {"processes_per_node": 2}, {"processespernode": 2}),
        (
            models.BlueprintDefinitionHandler,
            {"executor_type": "a", "function_name": "b", "reconcile_interval": 3},
            {"executorType": "a", "functionName": "b", "reconcileInterval": 3},
        ),
        (
            models.BlueprintDefinitionNames,
            {"list_kind": "Xs", "short_names": ["x"]},
            {"listKind": "Xs", "shortNames": ["x"]},
        ),
        (
            models.BlueprintMetadata,
            {"created_at": "a", "updated_at": "b", "last_reconciliation_time": "c", "last_reconciliation_process": "d"},
            {"createdAt": "a", "updatedAt": "b", "lastReconciliationTime": "c", "lastReconciliationProcess": "d"},
        ),
        (models.BlueprintDefinitionSpec, {"schema": {"type": "object"}}, {"schema": {"type": "object"}}),
    ],
)
def test_names_of_the_wire(kind: type[Wire], fields: dict[str, Any], wire: dict[str, Any]) -> None:
    """Python's names in Python, the wire's names on the wire."""
    made = kind(**fields)
    assert kind.from_dict(wire) == made
    assert {name: getattr(made, name) for name in fields} == fields
    written = made.to_dict()
    assert {name: written[name] for name in wire} == wire
    assert not (set(fields) - set(wire)) & set(written)


def test_what_a_server_could_not_read_is_not_sent() -> None:
    """Times that are not known, and places and numbers that are not set, are left out: "" is no time to a server."""
    assert set(models.Executor().to_dict()) == {
        *("executorid", "executortype", "executorname", "colonyname", "state", "requirefuncreg"),
        *("capabilities", "allocations"),
    }
    assert "starttime" not in Process().to_dict()
    assert Blueprint(kind="k").to_dict() == {"kind": "k", "metadata": {"name": "", "colonyname": ""}, "spec": {}}


def test_what_is_set_is_checked() -> None:
    """Fields can be changed; a wrong value is an InputError with its place, and changes nothing."""
    spec = FunctionSpec.new("f", "t", "c")
    spec.channels = ["a"]
    spec.conditions.cpu = "1000m"
    spec.env = None  # type: ignore[assignment]
    assert (spec.channels, spec.conditions.cpu, spec.env) == (["a"], "1000m", {})
    for name, value, words in (
        ("channels", "a", "FunctionSpec.channels: Input should be a valid list"),
        ("env", {"A": 1}, "FunctionSpec.env.A: Input should be a valid string"),
        ("priority", "high", "FunctionSpec.priority: Input should be a valid integer"),
    ):
        with pytest.raises(InputError, match=f"^{words}"):
            setattr(spec, name, value)
    assert (spec.channels, spec.env, spec.priority) == (["a"], {}, 0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Process(state=[]), "Process.state: Input should be a valid integer"),
        (lambda: Process(attributes=[{}, {"key": 3}]), r"Process.attributes\[1\].key: Input should be a valid string"),
        (lambda: Process.from_dict({"spec": {"fs": 5}}), "Process.spec.fs: Input should be a valid dictionary"),
        (lambda: Process.from_dict([]), "Process: Input should be a valid dictionary"),  # type: ignore[arg-type]
        (lambda: Process.from_dict(Attribute()), "Process: Input should be a valid dictionary"),  # type: ignore[type-var]
    ],
)
def test_wrong_values(make: Any, words: str) -> None:
    """A value of the wrong kind is an InputError with its place, in parts of parts too; pydantic's errors stay inside."""
    with pytest.raises(InputError, match=f"^{words}"):
        make()


def test_too_deep() -> None:
    """What is nested too deeply is an InputError, not Python's."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    process = Process(output=deep)
    with pytest.raises(InputError, match=r"^Process: is nested too deeply to be sent$"):
        process.to_dict()
    while deep:  # Else Python frees it level by level, on its own stack.
        deep = deep.pop()


def test_what_is_written_is_a_copy() -> None:
    """Whoever changes what `to_dict` gave changes nothing here."""
    spec = FunctionSpec(kwargs={"a": {"b": [1]}})
    spec.to_dict()["kwargs"]["a"]["b"].append(2)
    assert spec.kwargs == {"a": {"b": [1]}}


def test_environment() -> None:
    """Variables of the environment are ENV where the reference says so, and 3 where the server has filed them."""
    assert [Attribute(attributetype=kind).is_env() for kind in range(6)] == [False, False, False, True, True, False]
    assert ENV == 4


def test_payloads() -> None:
    """A payload is bytes in base64, and text where it is UTF-8."""
    entry = ChannelEntry(payload="d29ybGQgw6k=")
    assert (entry.payload_bytes(), entry.payload_as_string(), entry.data) == ("world é".encode(), "world é", "world é")
    assert ChannelEntry(payload="/w==").payload_as_string() == "\ufffd"
    assert ChannelEntry().payload_bytes() == b""
    for text in ("/w=", "é", "a b="):
        with pytest.raises(InputError, match=r"^payload: is no base64$"):
            ChannelEntry(payload=text).payload_bytes()


def test_generation() -> None:
    """A blueprint's generation is that of its metadata."""
    assert Blueprint.from_dict({"metadata": {"generation": 4}}).generation == 4
    assert Blueprint().generation == 0


def test_repr_is_short() -> None:
    """What is empty is not shown."""
    assert repr(Conditions(colonyname="alpha")) == "Conditions(colonyname='alpha')"
    assert repr(Process(processid="p")) == ("Process(processid='p', spec=FunctionSpec(maxwaittime=-1, maxexectime=-1))")


def test_objects_travel() -> None:
    """They can be copied and pickled, unknown fields too."""
    process = Process.from_dict({"processid": "p", "new": [1], "spec": {"args": [{"a": 1}]}})
    assert copy.deepcopy(process) == process
    assert pickle.loads(pickle.dumps(process)).to_dict() == process.to_dict()


def test_nothing_heavy_is_imported() -> None:
    """The libraries of the extra are imported when a call is made, not before; nor by the package itself."""
    code = "import sys, ao_runtime\nprint('ao_runtime.colonies' in sys.modules)\nimport ao_runtime.colonies as c\n"
    code += (
        "c.Colonies(), c.AsyncColonies(), c.FunctionSpec.new('f', 't', 'c').to_dict(), c.gen_prvkey(), c.gen_hash('')\n"
    )
    code += "print([name for name in ('httpx', 'websockets', 'coincurve') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\n[]\n", "")
