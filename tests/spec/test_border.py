"""What crosses the border of a process: any JSON value, any bytes, any key."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import InputError, Process

CODE = """
local json = require("json")
Handlers.add("tags", { Action = "Tags" }, function(msg) msg.reply({ Tags = msg.TagArray }) end)
Handlers.add("root", { Action = "Root" }, function(msg) ao.send({ Target = "T", Value = msg[msg.Name] }) end)
Handlers.add("json", { Action = "Json" }, function(msg) msg.reply({ Data = msg.Data }) end)
Handlers.add("data", { Action = "Data" }, function(msg) ao.outbox.Messages[1] = { Data = json.decode(msg.Data) } end)
Handlers.add("keep", { Action = "Keep" }, function(msg) Kept = msg.Value end)
"""
SETTINGS = settings(max_examples=100, deadline=None)
_process = Process.spawn(code=CODE, owner="OWNER")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
# A table of Lua holds no null, and cannot tell an object without keys from an array; both are said in `docs`.
scalars = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, min_size=1, max_size=4),
    max_leaves=12,
)
# No names that the network itself reads, nor any that Title-Case would change.
names = st.from_regex(r"X-[A-Z][a-z0-9]{0,8}", fullmatch=True)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON values: a number is no boolean, but there is one kind of number only."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def rounded(value: Any) -> Any:
    """What a process sends goes out as JSON of its module, which writes numbers by `%.14g`."""
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return json.loads(f"{value:.14g}")
    return value


@SETTINGS
@given(value=values)
def test_any_value_of_a_tag(value: Any) -> None:
    """Any JSON value is a tag's value, in and out again, as a process would write it."""
    sent = _process.handle(From="bob", Action="Tags", Tags=[("Action", "Tags"), ("X-Value", value)]).messages[0]
    assert same(sent.tags["X-Value"], rounded(value))


@SETTINGS
@given(value=values)
def test_any_value_of_a_root_key(value: Any) -> None:
    """Any JSON value at the root of a message is a tag, and at the root of what the process sees."""
    result = _process.handle({"From": "bob", "Action": "Root", "Name": "X-Value", "X-Value": value})
    assert same(result.messages[0].tags["Value"], rounded(value))


@SETTINGS
@given(name=names)
def test_any_name(name: str) -> None:
    """A tag of any name in Title-Case arrives under it."""
    result = _process.handle({"From": "bob", "Action": "Root", "Name": name, name: "value"})
    assert result.messages[0].tags["Value"] == "value"


@SETTINGS
@given(name=st.binary(min_size=1, max_size=12).filter(lambda name: name != b"Action"), value=st.binary(max_size=12))
def test_any_bytes_in_an_array_of_tags(name: bytes, value: bytes) -> None:
    """Names and values of tags that are sent may be any bytes."""
    code = "ao.send({Target = 'T', Tags = {{name = %s, value = %s}}})"
    quoted = ['"' + "".join(f"\\{byte:03d}" for byte in text) + '"' for text in (name, value)]
    tag = _process.eval(code % tuple(quoted)).messages[0].tags[4]
    assert tuple(part if isinstance(part, bytes) else part.encode() for part in tag) == (name, value)


@SETTINGS
@given(value=values.filter(lambda value: isinstance(value, (list, dict))))
def test_any_json_data(value: Any) -> None:
    """Data of the type application/json is a table for the process, and what it sends on is JSON again."""
    tags = {"Action": "Json", "Content-Type": "application/json"}
    text = json.dumps(value, ensure_ascii=False)
    sent = _process.handle(From="bob", Tags=tags, Data=text).messages[0]
    assert (same(json.loads(sent.data), rounded(value)), sent.tags["Content-Type"]) == (True, "application/json")


@SETTINGS
@given(value=values)
def test_any_value_that_a_process_leaves(value: Any) -> None:
    """Whatever a process puts in its outbox comes out as the JSON value that it is."""
    data = json.dumps(value, ensure_ascii=False)
    left = _process.handle(From="bob", Action="Data", Data=data).to_dict()["Messages"][0]["Data"]
    assert same(left, rounded(value))


@SETTINGS
@given(value=values)
def test_any_value_that_is_looked_at(value: Any) -> None:
    """`Process.get` gives the value that the message brought."""
    _process.handle(From="bob", Tags=[("Action", "Keep"), ("Value", value)])
    kept = _process.get("Kept")
    assert (same(kept, value), type(kept)) == (True, type(value))


fields = st.sampled_from(
    ["Id", "From", "Owner", "Target", "Data", "Tags", "Timestamp", "Block-Height", "Cron", "Module"]
)


@SETTINGS
@given(message=st.dictionaries(texts | fields, st.none() | values, max_size=6))
def test_any_object_is_a_message_or_an_input_error(message: dict[str, Any]) -> None:
    """Any JSON object is evaluated, or refused by an InputError; the process goes on working."""
    with contextlib.suppress(InputError):
        _process.handle(message)
    assert _process.eval("return 1 + 1").text == "2"
