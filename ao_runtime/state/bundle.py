"""A process's code with the files that it requires in it: for published modules, which see no folder.

On the network there is none either: people bundle their code before they send it. The files stand before the code in
its first line, so that its lines keep their numbers, and each has the chunk name that it has in our Lua.
"""

from __future__ import annotations

import re

from ..vm import network_has
from .lua_sources import LuaSource, LuaSources, Replacements

__all__ = ["bundled"]

_REQUIRE = re.compile(rb"""\brequire\s*\(?\s*(["'])([\w./-]+)\1""")
_PLAIN = re.compile(rb"[^ !#-\[\]-~]")
#: Makes a loader of a name and a text; the error is that of Lua's own searchers.
_LOADER = (
    b"local function module(name,text)package.preload[name]=function(...)"
    b'local f,e=load(text,"."..name)if not f then error("error loading module \'"..name.."\':\\n\\t"..e,0)end '
    b"return f(...)end end "
)
#: And one for the same file under its name with a dot: it is loaded once.
_DOTTED = (
    b'local function dotted(name)package.preload["."..name]=function()local value=package.loaded[name]'
    b"if value==nil then value=package.preload[name](name)package.loaded[name]=value end return value end end "
)


def bundled(code: bytes, source: LuaSource | None, replace: Replacements | None = None) -> bytes:
    """The code, with those files of `source` that it, or one of them, requires by a name that stands there.

    `replace` are modules that are others than there.

    The same bytes where it requires none. Raises `InputError` for a source of a wrong kind.
    """
    if (source is None and not replace) or b"require" not in code:
        return code
    sources = LuaSources(source, replace=replace)
    found: dict[str, bytes] = {}
    dotted: list[str] = []
    waiting = [code]
    while waiting:
        for match in _REQUIRE.finditer(waiting.pop()):
            name = match[2].decode()
            bare = name.removeprefix(".")
            if network_has(name):
                continue
            text = found.get(bare) or sources.find(bare)
            if text is None:
                continue
            if bare not in found:
                found[bare] = text
                waiting.append(text)
            if name != bare and bare not in dotted:
                dotted.append(bare)
    if not found:
        return code
    parts = [b"module(%b,%b)" % (_quoted(name.encode()), _quoted(text)) for name, text in found.items()]
    parts += [b"dotted(%b)" % _quoted(name.encode()) for name in dotted]
    return b"do %b%b%bend %b" % (_LOADER, _DOTTED if dotted else b"", b"".join(parts), code)


def _quoted(text: bytes) -> bytes:
    """A string of Lua's on one line."""
    return b'"%b"' % _PLAIN.sub(lambda match: b"\\%03d" % match[0][0], text)
