"""ao_runtime.models.tags: a sequence of tags that is readable by name."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from ao_runtime.errors import InputError
from ao_runtime.models import Tag, Tags

WIRE = [{"name": "Action", "value": "Ping"}, {"name": "N", "value": "1"}, {"name": "Action", "value": "Pong"}]
TAGS = Tags(WIRE)


@pytest.mark.parametrize(
    "given",
    [
        WIRE,
        [("Action", "Ping"), ("N", "1"), ("Action", "Pong")],
        [["Action", "Ping"], ["N", "1"], ["Action", "Pong"]],
        (Tag("Action", "Ping"), Tag("N", "1"), Tag("Action", "Pong")),
        TAGS,
        iter(WIRE),
        [MappingProxyType(tag) for tag in WIRE],
    ],
)
def test_every_shape_of_tags(given: Any) -> None:
    """An array of {name, value}, of pairs, of Tag, and Tags themselves are all the same tags."""
    tags = Tags(given)
    assert tags == TAGS
    assert tags.to_list() == WIRE


def test_a_mapping_is_tags_too() -> None:
    """A mapping's items become tags, in its order."""
    given: Mapping[str, str] = MappingProxyType({"B": "2", "A": "1"})
    assert Tags(given).to_list() == [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]
    assert Tags(None).to_list() == []


def test_the_first_of_equal_names_wins() -> None:
    """By name, a tag is the first one; all of them are still there."""
    assert TAGS["Action"] == "Ping"
    assert TAGS.get("Action") == "Ping"
    assert TAGS.to_dict() == {"Action": "Ping", "N": "1"}
    assert TAGS.get_all("Action") == ["Ping", "Pong"]


def test_as_a_sequence() -> None:
    """Numbers, slices, iteration, len and unpacking are those of a sequence of tags."""
    assert TAGS[0] == Tag("Action", "Ping")
    assert TAGS[-1] == ("Action", "Pong")
    assert TAGS[1:] == Tags(WIRE[1:])
    assert len(TAGS) == 3
    assert [name for name, _ in TAGS] == ["Action", "N", "Action"]
    assert next(reversed(TAGS)).value == "Pong"
    assert Tag("N", "1") in TAGS
    assert Tag("N", "2") not in TAGS


def test_as_a_mapping() -> None:
    """Names, `in`, get, items and dict() are those of a mapping."""
    assert "Action" in TAGS
    assert "action" not in TAGS
    assert TAGS.get("Nope") is None
    assert TAGS.get("Nope", 7) == 7
    assert list(TAGS.keys()) == ["Action", "N"]
    assert list(TAGS.values()) == ["Ping", "1"]
    assert dict(TAGS.items()) == {"Action": "Ping", "N": "1"}
    assert {**TAGS} == {"Action": "Ping", "N": "1"}  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        TAGS["Nope"]


def test_as_a_value() -> None:
    """Equal tags are equal, hash alike, print themselves, and survive a pickle."""
    assert Tags(WIRE) == TAGS
    assert hash(Tags(WIRE)) == hash(TAGS)
    assert Tags(WIRE[:2]) != TAGS
    assert TAGS != WIRE
    assert repr(Tags(WIRE[:1])) == "Tags([('Action', 'Ping')])"
    assert pickle.loads(pickle.dumps(TAGS)) == TAGS


def test_immutable() -> None:
    """Neither what they were made from nor what they give can change them."""
    wire = [dict(tag) for tag in WIRE]
    tags = Tags(wire)
    wire[0]["value"] = "changed"
    tags.to_list()[1]["value"] = "changed"
    assert tags == TAGS
    with pytest.raises(TypeError):
        tags[0] = Tag("x", "y")  # type: ignore[index]


def test_unknown_keys_of_a_tag_are_kept() -> None:
    """A tag with more than name and value keeps what it has."""
    assert Tags([{"name": "A", "value": "1", "more": 2}]).to_list() == [{"name": "A", "value": "1", "more": 2}]


def test_values_may_be_any_json() -> None:
    """What a process sends may hold whole structures in tags."""
    value = {"a": [1, 2.5, None, True, {"b": "c"}]}
    assert Tags({"State": value})["State"] == value


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (5, "Tags: must be an array or an object, found the number 5"),
        ("Action=Ping", "Tags: must be an array or an object, found the text 'Action=Ping'"),
        ([{"Name": "Action"}], 'Tags[0]: has no "name"'),
        ([{"name": "A", "value": "1"}, {"name": 7, "value": "1"}], "Tags[1].name: must be text, found the number 7"),
        (["Action"], "Tags[0]: is no tag but the text 'Action'"),
        ([("a", "b", "c")], "Tags[0]: is no tag but an array"),
        ({"A": object()}, "Tags['A'].value: cannot be a object"),
        ({"A": {1: 2}}, "Tags['A'].value: has a key that is the number 1"),
        ({"A": [{"b": {1, 2}}]}, "Tags['A'].value[0]['b']: cannot be a set"),
        (None.__class__, "Tags: must be an array or an object, found a type"),
    ],
)
def test_wrong_tags(given: Any, complaint: str) -> None:
    """What is no tag is one error that names the place."""
    with pytest.raises(InputError) as caught:
        Tags(given)
    assert str(caught.value).split(" (")[0] == complaint


def test_a_value_that_holds_itself() -> None:
    """A list that holds itself is no JSON."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InputError, match="holds itself"):
        Tags({"A": value})


def test_in_a_pydantic_model() -> None:
    """Tags are a field like any other: read from any shape, written in wire form, described in JSON schema."""

    class Mine(BaseModel):
        tags: Tags

    mine = Mine.model_validate({"tags": {"A": "1"}})
    assert mine.tags["A"] == "1"
    assert mine.model_dump() == {"tags": [{"name": "A", "value": "1"}]}
    assert Mine.model_validate_json(mine.model_dump_json()) == mine
    assert TypeAdapter(Tags).json_schema()["type"] == "array"


@given(st.lists(st.tuples(st.text(), st.text())))
def test_any_names_and_values(pairs: list[tuple[str, str]]) -> None:
    """Whatever the names are: nothing is lost, and the first of a name is what the name means."""
    tags = Tags(pairs)
    assert [tuple(tag) for tag in tags] == pairs
    for name, _ in pairs:
        assert tags[name] == next(value for other, value in pairs if other == name)


def test_a_value_that_is_very_deep() -> None:
    """A value with very many levels is an error, not the end of Python's stack."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InputError, match=r"^Tags: is nested more than 200 deep$"):
        Tags([("A", value)])
