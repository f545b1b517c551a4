"""`Process.outline`: a look at a table of the state, whose cost does not grow with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Network, Process
from ao_runtime.errors import InputError

CODE = """
Small = { name = "x", [1] = 7, [2] = 1.5, yes = true, [false] = "no", text = "\\xff\\0", f = function() end, p = print }
Long = string.rep("é", 500)
Many = {} for i = 1, 30000 do Many[i] = i end
Wide = {} for i = 1, 900 do Wide["k" .. i] = { a = { b = { c = { d = { e = 1 } } } } } end
Self = {} Self.self = Self
Odd = setmetatable({}, { __index = function() error("nothing of it runs") end, __pairs = function() error("nor this") end })
Keys = { [{}] = 1, [print] = 2, [2^53 + 0.0] = 3, [0.5] = 4 }
Waits = coroutine.create(function() end)
"""


@pytest.fixture(scope="module", params=[False, True], ids=["here", "isolated"])
def process(request: pytest.FixtureRequest) -> Iterator[Process]:
    """A process with all kinds of values, in this program and in a child."""
    with Process.spawn(code=CODE, owner="alice", isolated=request.param) as one:
        yield one


def entries(told: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Keys and values of a table, in its order."""
    return [(item["key"].get("text", item["key"]["kind"]), item["value"]) for item in told["items"]]


def count(told: Any) -> int:
    """How many entries are shown, at any depth."""
    items = told.get("items", [])
    return len(items) + sum(count(item["value"]) for item in items)


def deep(told: Any) -> int:
    """How many tables deep entries are shown."""
    return max((1 + deep(item["value"]) for item in told.get("items", [])), default=0)


def test_values_of_every_kind(process: Process) -> None:
    """Numbers before texts, then the rest; strings with their size, functions by their place, as far as it is known."""
    told = process.outline(["Small"])
    assert (told["kind"], told["size"], told["more"]) == ("table", 8, False)
    found = entries(told)
    place = found[3][1].pop("text")
    assert place.startswith("aos:")
    assert found == [
        ("false", {"kind": "string", "text": "no", "size": 2}),
        ("1", {"kind": "number", "text": "7"}),
        ("2", {"kind": "number", "text": "1.5"}),
        ("f", {"kind": "function"}),
        ("name", {"kind": "string", "text": "x", "size": 1}),
        ("p", {"kind": "function", "text": found[5][1]["text"]}),
        ("text", {"kind": "string", "text": b"\xff\0", "size": 2}),
        ("yes", {"kind": "boolean", "text": "true"}),
    ]
    assert process.outline(["Small", 2]) == {"kind": "number", "text": "1.5"}
    assert process.outline(["Small", False]) == {"kind": "string", "text": "no", "size": 2}
    assert process.outline(["Waits"]) == {"kind": "thread"}
    assert process.outline(["Long"])["size"] == 1000
    assert len(process.outline(["Long"])["text"]) == 120


def test_what_is_shown_has_an_end(process: Process) -> None:
    """600 entries in all, 20 of a table within, four deep; entries are counted up to 20 000; pages go on from any."""
    many = process.outline(["Many"], most=500)
    assert (many["size"], many["more"], len(many["items"])) == (20000, True, 500)
    page = process.outline(["Many"], first=19998, most=100)
    assert [item["value"]["text"] for item in page["items"]] == ["19999", "20000"]
    wide = process.outline(["Wide"], most=500)
    assert (wide["size"], wide["more"], count(wide), deep(wide)) == (900, False, 600, 2)
    inner = process.outline(["Wide", "k1"])
    assert (count(inner), deep(inner)) == (4, 4)
    assert inner["items"][0]["value"]["items"][0]["value"]["items"][0]["value"]["items"][0]["value"] == {
        "kind": "table",
        "size": 1,
        "more": False,
    }
    assert deep(process.outline(["Self"])) == 4
    assert count(process.outline()) == 600


def test_nothing_of_the_process_runs(process: Process) -> None:
    """Metatables are not asked, and nothing is changed: the state's bytes are those from before."""
    before = process.snapshot()
    assert process.outline(["Odd"]) == {"kind": "table", "size": 0, "more": False, "items": []}
    process.outline()
    process.outline(["Keys"])
    assert process.snapshot() == before
    keys = {entry[0] for entry in entries(process.outline(["Keys"]))}
    assert {"table", "0.5", str(2**53)} < keys


def test_what_is_not_there(process: Process) -> None:
    """A path to nothing, through what is no table, and entries that are no numbers of any are errors."""
    for keys in (["Nothing"], ["Small", "name", "x"], ["Small", "Nothing"], [""], [b"\xff"]):
        with pytest.raises(InputError, match="the state holds no such value"):
            process.outline(keys)
    for first, most in ((-1, 1), (0, 0), (0, 501)):
        with pytest.raises(InputError):
            process.outline([], first, most)


KEYS = st.one_of(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.binary(max_size=5))


@given(st.lists(KEYS, max_size=4))
def test_any_path_is_a_value_or_an_error(process: Process, keys: list[Any]) -> None:
    """Whatever keys are asked for: no other error."""
    problem = ""
    try:
        assert process.outline(keys)["kind"]
    except InputError as error:
        problem = str(error)
    assert problem in ("", "path: the state holds no such value")


def test_in_a_network() -> None:
    """A network's process has it, too."""
    with Network(seed="outline") as network:
        one = network.spawn(code="Value = { 1, 2 }", owner="alice")
        assert one.outline(["Value"])["size"] == 2
