"""The matching of messages (handlers.md), against a model of its rules."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Process

from ..lua.facts import quote

SETTINGS = settings(max_examples=200, deadline=None)
_process = Process.spawn(id="PROCESS", owner="OWNER")


#: Functions as patterns: their source in Lua, and what they answer.
def same(a: Any, b: Any) -> bool:
    """Whether Lua's == says so: 0 is not false there."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


FUNCTIONS: dict[str, Any] = {
    "function() return true end": lambda value, msg: True,
    "function() return false end": lambda value, msg: False,
    "function() return nil end": lambda value, msg: None,
    "function() return 0 end": lambda value, msg: 0,
    "function(v) return v == 'a' end": lambda value, msg: value == "a",
    "function(v, m) return m.A == v end": lambda value, msg: same(msg.get("A"), value),
}
#: Patterns of Lua, and the same for Python's re.
PATTERNS = {
    "a.": "a.",
    "^a": "^a",
    "b$": "b$",
    "%d": r"[0-9]",
    "a+b": "a+b",
    "[ab]1": "[ab]1",
    "a?b": "a?b",
    "(A)B": "(a)b",
    "-*": "-*",
}
KEYS = ["A", "B", "Action"]


class Function(str):
    """The source of a function."""


words = st.text("aAbB1-", max_size=3)
patterns = st.recursive(
    st.just("_") | words | st.sampled_from(sorted(PATTERNS)) | st.sampled_from(sorted(FUNCTIONS)).map(Function),
    lambda inner: st.lists(inner, min_size=1, max_size=3),
    max_leaves=4,
)
values = st.none() | st.just(False) | words | st.integers(-5, 20)
fields = dict.fromkeys(KEYS, values)
messages = st.fixed_dictionaries({}, optional={**fields, "Tags": st.fixed_dictionaries({}, optional=fields)})
tables = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, patterns))
specs = words | st.sampled_from([source for source in sorted(FUNCTIONS) if "m.A" not in source]).map(Function) | tables


def truthy(value: Any) -> bool:
    """Truth as Lua knows it."""
    return value is not None and value is not False


def lua(value: Any) -> str:
    """A literal of Lua."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Function):
        return str(value)
    if isinstance(value, str):
        return quote(value.encode())
    if isinstance(value, list):
        return "{" + ", ".join(map(lua, value)) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{lua(key)}] = {lua(item)}" for key, item in value.items()) + "}"
    return str(value)


def matches_pattern(pattern: Any, value: Any, msg: dict[str, Any]) -> bool:
    """The rules for one value."""
    if isinstance(pattern, Function):
        return truthy(FUNCTIONS[pattern](value, msg))
    if isinstance(pattern, list):
        return any(matches_pattern(one, value, msg) for one in pattern)
    if pattern == "_":
        return True
    text = str(value).lower() if truthy(value) else ""
    if pattern in PATTERNS:
        return re.search(PATTERNS[pattern], text) is not None
    return bool(text == pattern.lower())


def matches_spec(msg: dict[str, Any], spec: Any) -> Any:
    """The rules for a whole message: as the network does it, a key's value and the tag of that name are both asked."""
    if isinstance(spec, Function):
        return FUNCTIONS[spec](msg, {})
    if isinstance(spec, str):
        return same(msg.get("Action"), spec)
    tags = msg.get("Tags", {})
    for key, pattern in spec.items():
        found = msg.get(key), tags.get(key)
        if not any(map(truthy, found)) or not any(matches_pattern(pattern, value, msg) for value in found):
            return False
    return True


@SETTINGS
@given(pattern=patterns, value=values, msg=messages)
def test_pattern(pattern: Any, value: Any, msg: dict[str, Any]) -> None:
    """`Utils.matchesPattern`: `_`, functions, Lua patterns, words ignoring case, tables of any of these."""
    code = f"return tostring(Utils.matchesPattern({lua(pattern)}, {lua(value)}, {lua(msg)}))"
    assert _process.eval(code).text == str(matches_pattern(pattern, value, msg)).lower()


@SETTINGS
@given(spec=specs, msg=messages)
def test_spec(spec: Any, msg: dict[str, Any]) -> None:
    """`Utils.matchesSpec`: a function's own answer, an Action, or every key of a table."""
    code = f"return tostring(Utils.matchesSpec({lua(msg)}, {lua(spec)}))"
    expected = matches_spec(msg, spec)
    assert _process.eval(code).text == ("nil" if expected is None else str(expected).lower())


@settings(max_examples=60, deadline=None)
@given(spec=tables, msg=st.dictionaries(st.sampled_from(KEYS), words))
def test_handler(spec: Any, msg: dict[str, Any]) -> None:
    """A handler runs for exactly those messages that its pattern matches, and then nothing else does."""
    process = Process.spawn(
        code=f"Handlers.add('subject', {lua(spec)}, function() print('here') end)", id="PROCESS", owner="OWNER"
    )
    # A message has its Action from a tag; words of no more than a few letters are never Eval.
    result = process.handle({"From": "a-b", "Tags": [{"name": name, "value": value} for name, value in msg.items()]})
    assert (result.text == "here") is matches_spec({**msg, "Tags": msg}, spec)
