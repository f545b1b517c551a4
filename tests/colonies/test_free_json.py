"""JSON that people choose: it arrives as it is, or is refused before it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.colonies import Blueprint, BlueprintDefinition, BlueprintDefinitionSpec, Colonies, FunctionSpec
from ao_runtime.colonies.free_json import checked_json
from ao_runtime.errors import InputError

from .recordings import KEYS

KEY = KEYS["a"]["executor1"]["prvkey"]


def through_a_server(value: Any) -> Any:
    """JSON as a server gives it back: numbers were 64-bit floats, written with as few digits as tell them apart."""

    def back(text: str) -> Any:
        number = Decimal(repr(float(text)))
        return int(number) if abs(number) < 10**21 else str(number)

    return json.loads(json.dumps(value), parse_int=back)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.integers(2**53, 2**80).map(lambda number: -number)
        | st.floats()
        | st.text()
        | st.binary(max_size=2),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_what_is_sent_arrives(value: Any) -> None:
    """Whatever is not refused comes back the same from a server that keeps numbers as floats."""
    try:
        checked_json(value, "args")
    except InputError:
        return
    assert through_a_server(value) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": [1, 2**53 + 1]}, "args.a[1]: 9007199254740993 would arrive as another number"),
        ([12345678901234567890], "args[0]: 12345678901234567890 would arrive as another number"),
        ([2**60], "args[0]: 1152921504606846976 would arrive as another number"),
        ([10**21], "args[0]: 1000000000000000000000 would arrive as another number"),
        ([1 << 5000], "args[0]: an integer of 5001 bits would arrive as another number"),
        ([b"x"], "args[0]: a bytes is no JSON (send bytes as base64 or hexadecimal text)"),
        ([{1: 2}], "args[0]: the key 1 is no text (keys of JSON are text)"),
        ([{1}], "args[0]: a set is no JSON"),
        ([float("nan")], "args[0]: there is no nan in JSON"),
        ([float("-inf")], "args[0]: there is no -inf in JSON"),
    ],
)
def test_what_is_refused(value: Any, said: str) -> None:
    """The error says where, what, and what to do."""
    with pytest.raises(InputError) as raised:
        checked_json(value, "args")
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**18, 12345678901234567000, 0, True, 1.5, (1, 2), "\ud800"])
def test_what_is_taken(value: Any) -> None:
    """Integers that come back as they are, tuples, and half characters."""
    assert checked_json(value, "args") is value


def test_too_deep() -> None:
    """What is nested too deeply is refused."""
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(InputError, match=r"^args: is nested too deeply to be sent$"):
        checked_json(deep, "args")


LOST = 2**53 + 1


@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("args[0]", lambda client: client.submit(FunctionSpec(args=[LOST]))),
        ("kwargs.a", lambda client: client.submit(FunctionSpec(kwargs={"a": LOST}))),
        (
            "functionspecs[1].args[0]",
            lambda client: client.submit_workflow({"functionspecs": [{}, {"args": [LOST]}]}),
        ),
        ("output[0]", lambda client: client.set_output("p", [LOST])),
        ("output[0]", lambda client: client.close("p", output=[LOST])),
        ("output", lambda client: client.close("p", output="text")),
        ("errors", lambda client: client.fail("p", errors="text")),
        ("spec.a", lambda client: client.add_blueprint(Blueprint(spec={"a": LOST}))),
        ("status.a", lambda client: client.update_blueprint(Blueprint(status={"a": LOST}), False)),
        ("status.a", lambda client: client.update_blueprint_status("c", "n", {"a": LOST})),
        (
            "spec.schema.a",
            lambda client: client.add_blueprint_definition(
                BlueprintDefinition(spec=BlueprintDefinitionSpec(schema={"a": LOST}))
            ),
        ),
        ("FunctionSpec", lambda client: client.submit("text")),
        ("timeout", lambda client: client.assign("c", "5")),
        ("timeout", lambda client: client.subscribe_channel("p", "c", 0, "5")),
    ],
)
def test_every_call_checks(place: str, call: Callable[[Any], Any]) -> None:
    """It is checked wherever such JSON goes, before anything is sent: nobody listens where this client calls."""
    with Colonies("http://127.0.0.1:1/api", KEY) as client, pytest.raises(InputError) as raised:
        call(client)
    assert raised.value.field == place
