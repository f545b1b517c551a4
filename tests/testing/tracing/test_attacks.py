"""Processes that would harm who looks: tables without end, metatables that lie, functions of ours taken away."""

from __future__ import annotations

import re
import time

import pytest

from ao_runtime import Process
from ao_runtime.testing import trace, trace_html, why
from tests.testing.hostile import HOSTILE

LIMITS = {"instructions": 20_000_000, "memory": "64MB", "seconds": 5}

ATTACKS = {
    "three thousand handlers": 'for i = 1, 3000 do Handlers.list[i + 9] = { name = "q" .. i, pattern = "x" } end',
    "a hundred thousand fields": "local t = {} for i = 1, 100000 do t['k' .. i] = 'x' end Handlers.add('h', t, print)",
    "a hundred thousand values": "local t = {} for i = 1, 1e5 do t[i] = 'x' end Handlers.add('h', { Action = t }, print)",
    "a pattern in itself": "local t = {} t.Action = t t[1] = t Handlers.add('h', t, print)",
    "a pairs without end": "Handlers.add('h', setmetatable({}, { __pairs = function() while true do end end }), print)",
    "an index that fails": "Handlers.add('h', setmetatable({}, { __index = error, __len = error, __eq = error }), print)",
    "a list that answers for itself": """
        Handlers.list = setmetatable({}, { __index = function(_, k) return k < 50 and { name = k, pattern = "b" } or nil end,
          __len = function() return 1e9 end })""",
    "handlers that are none": "Handlers.add('h', 'T', function() Handlers.list[6], Handlers.list[7] = { name = {} }, { pattern = {} } return 0 end)",
    "names that are none": "Handlers.list[4] = { name = setmetatable({}, { __tostring = error }), pattern = 'T', handle = print }",
    "no list": "Handlers.add('h', function() Handlers.list = nil return true end, print)",
    "a strange list": "Handlers.add('h', 'T', function() Handlers.list = 'text' end)",
    "a Handlers that is veiled": "Handlers = setmetatable({}, { __index = Handlers })",
    "another evaluate": "Handlers.evaluate = function() print('mine') end",
    "an evaluate that looks like ours": """
        Handlers.evaluate = load([[
          local host, utils, own_matches_spec, verdict, position, handlers, error, type, SEED, DEFAULT, remove
          host = setmetatable({}, { __index = function(_, k) Stolen = k return _G end })
          return function() return host, utils, own_matches_spec, verdict, position, handlers, error, type, SEED, DEFAULT end
        ]], "=.handlers")()""",
    "logs that are none": "Handlers.add('h', 'T', function() HANDLER_PRINT_LOGS = { 1, {}, print, 'x' } end)",
    "logs without end": """Handlers.add('h', 'T', function()
        HANDLER_PRINT_LOGS = setmetatable({}, { __len = function() return 1e9 end, __index = function() return 'x' end })
      end)""",
    "a megabyte of lines": "Handlers.add('h', 'T', function() for i = 1, 3000 do print(('x'):rep(400)) end end)",
    "an outbox that is none": "Handlers.add('h', 'T', function() ao.outbox = 'x' end)",
    "messages that are none": "Handlers.add('h', 'T', function() ao.outbox.Messages = { 1, 'x', {}, { Target = {} } } end)",
    "everything is gone": "Handlers.add('h', 'T', function() Handlers, ao, print, Utils, Owner = nil end)",
    "another matchesSpec": "require('.utils').matchesSpec = function() while true do end end",
    "a global in itself": "Handlers.add('h', 'T', function() T = {} T.t = T T[T] = T setmetatable(T, T) end)",
    "deep globals": "Handlers.add('h', 'T', function() local t = {} D = t for i = 1, 5000 do t.t = {} t = t.t end end)",
    "many globals": "Handlers.add('h', 'T', function() for i = 1, 20000 do _G['g' .. i] = i end end)",
    "an owner that is none": "Owner = setmetatable({}, { __eq = function() while true do end end, __tostring = error })",
    "authorities without end": "ao.authorities = setmetatable({}, { __index = function() return 'x' end })",
    "a message that is veiled": """
        Handlers.add('a', function(msg) setmetatable(msg, { __index = function() while true do end end }) return 0 end, print)
        Handlers.add('h', { X = 'y' }, print)""",
    "tags that are none": "Handlers.add('a', function(msg) msg.Tags = 5 return 0 end, print) Handlers.add('h', { Action = 'U' }, print)",
    "handlers in handlers without end": "Handlers.add('h', 'T', function(m) Handlers.evaluate(m, {}) end)",
    "handlers that are run in coroutines": """
        Handlers.add('h', 'T', function(m) coroutine.wrap(function() Handlers.evaluate({ Action = 'U', Tags = {} }, {}) end)() end)
        Handlers.add('u', 'U', function() coroutine.yield() end)""",
    "patterns that remove handlers": "Handlers.add('h', function() Handlers.list = {} return true end, print)",
    "patterns that add handlers": """
        Handlers.add('h', function() Handlers.prepend('n' .. #Handlers.list, 'x', print) return false end, print)""",
    "patterns that never end": "for i = 1, 40 do Handlers.prepend('h' .. i, function() while true do end end, print) end",
    "a debug library that is used": "debug.sethook(function() end, 'l') Handlers.add('h', function() debug.sethook() return 0 end, print)",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks(attack: str) -> None:
    """Whatever a process does: a trace and an answer come in time, and can be shown; the result is that of no trace."""
    process = Process.spawn(code=ATTACKS[attack], owner="alice", limits=LIMITS)  # type: ignore[arg-type]
    began = time.process_time()
    told = trace(process, From="bob", Action="T")
    (message,) = told.messages
    result = Process.spawn(code=ATTACKS[attack], owner="alice", limits=LIMITS).handle(From="bob", Action="T")  # type: ignore[arg-type]
    assert (message.error is None, message.instructions) == (result.ok, result.gas_used)
    shown = [str(told), trace_html(told), str(told.to_dict())]
    answer = why(process, From="bob", Action="T")
    shown += [str(answer), str(answer.to_dict())]
    assert time.process_time() - began < 30
    assert all(len(text) < 2_000_000 for text in shown)
    assert not any(re.search("Stolen", text) for text in shown)


def test_attacks_give_the_same_each_time() -> None:
    """Of a table with very many fields the same is told each time: nothing, but how many there are."""
    code = "local t = {} for i = 1, 500 do t['k' .. i] = 'x' end Handlers.add('h', t, print)"
    told = {str(why(Process.spawn(code=code, owner="alice"), From="bob", Action="T")) for _ in range(4)}
    assert len(told) == 1
    assert "k1 = " in told.pop()


@pytest.mark.parametrize("text", HOSTILE)
def test_terminals_are_safe(text: str) -> None:
    """Whatever is written in names, tags, prints, globals and errors, a line of text stays one line without escapes."""
    quoted = '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'
    code = f"""
    Handlers.add({quoted}, {{ Action = {quoted}, [{quoted}] = {quoted} }}, print)
    Handlers.add({quoted} .. "2", function() return "continue" end, function(msg)
      print({quoted}) _G[{quoted}] = {quoted} Send({{ Target = {quoted}, Action = {quoted} }}) error({quoted})
    end)
    """
    process = Process.spawn(code=code, owner=text)
    message = {"From": "bob", "Owner": "bob", "Action": text, "Tags": {text: text}}
    for shown in (
        str(trace(process, message)),
        str(why(process, message)),
        str(why(process, {**message, "Owner": text})),
    ):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", shown)
