"""What Lua code requires: names that are written there, whatever comments, strings and escapes say besides."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ao_runtime.state.requires import Required, required_in


def found(code: str | bytes) -> list[tuple[str | None, int]]:
    """Names and lines."""
    code = code.encode() if isinstance(code, str) else code
    return [(None if one.name is None else one.name.decode("latin-1"), one.line) for one in required_in(code)]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("require('a')", [("a", 1)]),
        ('require "a.b"\n require[[c]]', [("a.b", 1), ("c", 2)]),
        ("local x = require\n(\n'.a'\n)", [(".a", 1)]),
        ("require([==[\n]]a]==])", [("]]a", 1)]),
        ("require('\\46\\x61\\u{62}\\z  \n  c')", [(".abc", 1)]),
        ("require('a\\'b')", [("a'b", 1)]),
        ("-- require('a')\n--[[ require('b') ]] --[==[ ]] require('c') ]==] require('d')", [("d", 2)]),
        ("x = \"require('a')\" y = [[require('b')]] z = 'it\\'s require(\"c\")'", []),
        ("x.require('a') x:require('b') goto require ::require::", []),
        ("local require = require function require() end", []),
        ("require(name) require('a' .. b) require(('x'):rep(2))", [(None, 1), (None, 1), (None, 1)]),
        ("require ('a').b require'c'.d()", [("a", 1), ("c", 1)]),
        ("local a<const> = 1 .. require('a')", [("a", 1)]),
        ("x = 0x1p-4 y = 3..require('a')", []),
        ("r = ...require('a')", [("a", 1)]),
        ("\r\nrequire('a')\r\n\n\rrequire('b')\rrequire('c')", [("a", 2), ("b", 4), ("c", 5)]),
        ("require('never ends\n')", [(None, 1)]),
        ("require([[never ends", [(None, 1)]),
        ("required('a') _require('b') requires 'c'", []),
        ("", []),
    ],
)
def test_what_is_required(code: str, names: list[tuple[str | None, int]]) -> None:
    """It is what Lua would read."""
    assert found(code) == names


@pytest.mark.parametrize(
    "code",
    [
        b"require('" + b"\\z   " * 50_000,
        b"x = '" + b"\\\r\n" * 50_000,
        b"[" * 100_000,
        b"[=" * 100_000,
        b"--[" * 100_000,
        b"require(" * 100_000,
        b"require('a')\n" * 50_000,
        b"[[" + b"]" * 200_000,
        b"'" * 200_001,
    ],
    ids=lambda code: repr(code[:14]),
)
def test_hostile_code(code: bytes) -> None:
    """However code is made, it is read in the time that its length takes."""
    begin = time.process_time()
    for _ in required_in(code):
        pass
    assert time.process_time() - begin < 3


@given(some.binary(max_size=300) | some.text(" \n\"'[]=-\\zrequire().ax0", max_size=300).map(str.encode))
def test_any_bytes(code: bytes) -> None:
    """Whatever bytes there are, names come out, and lines within the text."""
    for one in required_in(code):
        assert isinstance(one, Required)
        assert 1 <= one.line <= code.count(b"\n") + code.count(b"\r") + 1
