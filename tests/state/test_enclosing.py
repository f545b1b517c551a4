"""Which handler a line belongs to, by the text of the code."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Process
from ao_runtime.state.enclosing import handler_at

CODE = b"""-- Handlers.add("comment", "x", function() --[[ ) ]]
Handlers.add("one", "One", function(msg)
  local text = "a ) in a \\"string\\"" .. '(' .. [==[ ]] ) ]==]
  --[[ Handlers.add("no", ]] fail(msg)
end) local function helper()
  fail()
end
Handlers.prepend ( 'two' , { Action = "Two" }, function(msg)
  Handlers.once("inner", "I", function()
    fail()
  end)
  fail()
end)
Handlers.add(NAME, "x", function()
  fail()
end)
Handlers.add("a", "A", f) Handlers.add("b", "B", g)
"""


@pytest.mark.parametrize(
    ("line", "handler"),
    [
        (1, None),
        (2, "one"),
        (3, "one"),
        (4, "one"),
        (5, "one"),
        (6, None),
        (8, "two"),
        (9, "inner"),
        (10, "inner"),
        (12, "two"),
        (15, None),
        (17, None),
        (18, None),
        (99, None),
    ],
)
def test_the_innermost_call(line: int, handler: str | None) -> None:
    """The call whose parentheses hold the line; strings, comments and other calls do not count."""
    assert handler_at(CODE, line) == handler


@pytest.mark.parametrize(
    "code", [b'Handlers.add("x', b"--[[", b"[==[ ]=]", b"'a\n'", b"Handlers.add('x', (\n", b")))", b""]
)
def test_no_lua(code: bytes) -> None:
    """Code that has no end says nothing."""
    assert handler_at(code, 1) is None


@given(
    st.text(alphabet="-[]='\"()\\\nHx").map(lambda text: text.replace("H", "Handlers.add('h',").encode()),
    st.integers(1, 9),
)
def test_any_text(code: bytes, line: int) -> None:
    """Whatever the text is, there is an answer."""
    assert handler_at(code, line) in ("h", None)


@pytest.mark.parametrize(
    "piece",
    [
        b"--[[\n",
        b"[==[",
        b"Handlers.add('x', (",
        b"'",
        b'"\\"',
        b"(",
        b"(\n",
        b"Handlers.add(\n",
        b"Handlers . ",
        b"--[" + b"=" * 50,
    ],
)
def test_time(piece: bytes) -> None:
    """It goes over the code once."""
    began = time.process_time()
    handler_at(piece * (2_000_000 // len(piece)), 5)
    assert time.process_time() - began < 10


def test_of_our_own_lua_the_frames_tell() -> None:
    """Where the engine says which handler ran, the text is not asked."""
    code = 'local function f() error("x") end\nHandlers.add("a", "A", f)\nHandlers.add("b", "B", function() f() end)'
    failure = Process.spawn(code=code).handle(From="bob", Action="B").failure
    assert failure is not None
    assert failure.handler == "b"
