"""The module `json`, beside the network's recorded answers."""

from __future__ import annotations

import json
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("json")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.booleans() | st.integers(-(10**14) + 1, 10**14 - 1) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, min_size=1, max_size=4),
    max_leaves=25,
)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sorted(value: object) -> object:
    """The value with the keys of its objects sorted by their bytes, as Lua sorts strings."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=str.encode)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


@SETTINGS
@given(value=values, indent=st.sampled_from([None, 0, 2]), plain=st.booleans())
def test_reads_and_writes_what_python_does(shared_lua: Harness, value: object, indent: int | None, plain: bool) -> None:
    """Text of any layout, read and written again, is the compact text with sorted keys."""
    text = json.dumps(value, indent=indent, ensure_ascii=plain).encode()
    chunk = f"local j = require('json') return j.encode(j.decode({facts.quote(text)}))"
    assert json.loads(shared_lua.run(chunk)) == value
    expected = _compact(_sorted(value))
    assert shared_lua.run(chunk).decode() == expected


@SETTINGS
@given(text=st.binary(max_size=40) | st.text('{}[]",:\\ \n01-.eutnfalsr', max_size=20).map(str.encode))
def test_any_bytes_decode_or_raise_a_text(shared_lua: Harness, text: bytes) -> None:
    """Decoding ends with a value, or with an error that says where."""
    chunk = f"""
      local ok, e = pcall(require('json').decode, {facts.quote(text)})
      return ok and 'ok' or e"""
    answer = shared_lua.run(chunk)
    assert answer == b"ok" or b" at line " in answer or b"invalid unicode codepoint" in answer


@SETTINGS
@given(text=st.binary(max_size=60))
def test_any_string_survives(shared_lua: Harness, text: bytes) -> None:
    """A string of any bytes comes back from its JSON."""
    literal = facts.quote(text)
    chunk = f"local j = require('json') return tostring(j.decode(j.encode({literal})) == {literal})"
    assert shared_lua.run(chunk) == b"true"


def test_keys_are_sorted(bare_lua: Harness) -> None:
    """Objects are written with sorted keys, however they were made."""
    chunk = "return require('json').encode({{b = 1, a = 2}, {a = 1, b = 2}, {a = 1, c = 2}, {b = {z = 1, y = 2}}})"
    assert bare_lua.run(chunk) == b'[{"a":2,"b":1},{"a":1,"b":2},{"a":1,"c":2},{"b":{"y":2,"z":1}}]'


def test_a_shape_remembered_is_the_objects_own(bare_lua: Harness) -> None:
    """Objects with as many, but other keys, are not taken for one another."""
    chunk = "return require('json').encode({{a = 1, b = 2}, {a = 1, c = 3}, {b = print, a = 4}, {a = 5, b = 6}})"
    assert bare_lua.run(chunk) == b'[{"a":1,"b":2},{"a":1,"c":3},{"a":4},{"a":5,"b":6}]'


def test_hostile_texts_take_linear_time(bare_lua: Harness) -> None:
    """Half a megabyte of blanks, quotes, brackets or digits is refused within seconds of work."""
    hostile = ["'[' .. rep(' ', n)", "'{' .. rep(' ', n)", "'\"' .. rep('a', n)", "'\"' .. rep('\\\\n', n)"]
    hostile += ["rep('[', n)", "rep('{\"a\":', n)", "rep('1', n) .. 'x'", "rep('\\n', n) .. 'x'", "rep('[1 ,', n)"]
    hostile += ["'{\"a\"' .. rep(' ', n) .. '1}'", "'[' .. rep('\"\\\\u00e9\",', n)", "'{' .. rep('\"\\\\n\":1,', n)"]
    for text in hostile:
        chunk = f"""
          local n, rep = 500000, string.rep
          local ok, e = pcall(require('json').decode, {text})
          return tostring(ok) .. ' ' .. tostring(e)"""
        start = time.process_time()
        answer = bare_lua.run(chunk)
        assert answer.startswith(b"false "), (text, answer[:100])
        assert time.process_time() - start < 5, text


def test_deep_nesting_is_an_error(bare_lua: Harness) -> None:
    """A million levels are refused, in both directions."""
    chunk = """
      local j = require('json')
      local ok, e = pcall(j.decode, string.rep('[', 1000000))
      local t = {}
      for _ = 1, 1000000 do t = {t} end
      local ok2, e2 = pcall(j.encode, t)
      return tostring(ok) .. tostring(ok2) .. string.match(e, 'stack overflow') .. string.match(e2, 'stack overflow')"""
    assert bare_lua.run(chunk) == b"falsefalsestack overflowstack overflow"
