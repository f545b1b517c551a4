"""Lua code that a process puts in the place of the module's, as processes do that change how they are run."""

from __future__ import annotations

from collections.abc import Callable

from .maker import Maker
from .pieces import Piece

__all__ = ["take_over"]

_FIXED = [
    "do local old = ao.send ao.send = function(m) m.Marked = 'yes' return old(m) end end",
    "do local old = print print = function(x) old('> ' .. tostring(x)) end end",
    "do local old = ao.normalize ao.normalize = function(m) m.Seen = 1 return old(m) end end",
    "do local old = Handlers.add Handlers.add = function(...) S.added = 1 return old(...) end end",
    "ao.isAssignment = function(m) return false end",
    "print(type(Handlers.evaluate({Action = 'Nested', From = 'x', Tags = {}}, ao.env)))",
    "package.loaded['.default'] = function() return function(m) print('default') end end",
    "package.loaded['.eval'] = function() return function(m) print('eval') end end",
    "Utils.matchesSpec = function(m, s) return m.Action == s end",
    "Inbox = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, 'kept') end})",
    "Dump = function() return 'dumped' end",
    "do local old = Prompt Prompt = function() return 'my ' .. old() end end",
    "Handlers.list = {}",
    "Owner = 'x'",
    "Name = nil",
    "Errors = nil",
    "Inbox = nil",
    "Seeded = nil",
    "ao.id = 'other'",
    "ao.env.Process.Tags = nil",
]
#: A function of the module, and its parameters.
_WRAPPED = [("ao.isTrusted", "m"), ("ao.result", "r"), ("ao.init", "e"), ("Handlers.evaluate", "m, e")]


def take_over(make: Maker, body: Callable[[], tuple[Piece, ...]]) -> Piece:
    """Something of the module's gets another meaning; `body` makes what it does besides."""
    if make.chance(0.6):
        return Piece(make.one(_FIXED))
    name, parameters = make.one(_WRAPPED)
    return Piece(f"do local old = {name} {name} = function({parameters})", body(), f"return old({parameters}) end end")
