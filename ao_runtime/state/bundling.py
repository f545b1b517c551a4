"""A process's code with the files that it requires in it: for published modules and the network, which see no folder.

The files stand before the code in its first line, so that its lines keep their numbers, and each has the chunk name
that it has in our Lua: errors are the same, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import InputError
from ..vm import compiles, network_has
from .lua_sources import LuaSource, LuaSources, Replacements
from .requires import Required, required_in

__all__ = ["Bundle", "Bundled", "bundle", "bundled"]

_PLAIN = re.compile(rb"[^ !#-\[\]-~]")
#: Bytes of all files.
_MOST = 32 << 20
#: Makes a loader of a name and a text, for both names where `both` is true: whichever is required first loads it. The
#: error is that of Lua's own searchers. Where a bundle was evaluated before, its modules are loaded anew: they may be
#: others.
_LOADER = (
    b"local function module(name,text,both)local dotted,loaded='.'..name,package.loaded "
    b"local function load_as(required)if both then local other=required==name and dotted or name "
    b"if loaded[other]~=nil then return loaded[other]end end "
    b'local f,e=load(text,dotted)if not f then error("error loading module \'"..required.."\':\\n\\t"..e,0)end '
    b"return f(required)end if package.preload[name]then loaded[name]=nil loaded[dotted]=nil end "
    b"package.preload[name]=load_as if both then package.preload[dotted]=load_as end end "
)


class Bundled(NamedTuple):
    """A file that is in a bundle."""

    name: str
    """The name by which it is required, without a leading dot."""
    text: bytes
    path: str | None
    """Where it was read from, if that is a file."""
    column: int
    """Where its text begins in the bundle's first line, behind the quote."""


class Bundle(NamedTuple):
    """Code that needs no other file."""

    code: bytes
    files: tuple[Bundled, ...]
    """Those that are in it, each after those that it requires, as far as that can be."""
    before: int
    """Bytes of the first line that stand before the process's own code."""
    computed: tuple[tuple[str, int], ...]
    """Where a name is required that is not written there: the file (nothing for the process's own code), the line."""
    missing: tuple[tuple[str, int, str], ...]
    """Where a name is required under which there is nothing: file, line, name."""
    circles: tuple[tuple[str, ...], ...]
    """Files that require one another: the names, the first one again at the end."""


def bundled(code: bytes, source: LuaSource | None, replace: Replacements | None = None) -> bytes:
    """The code, with those files of `source` that it, or one of them, requires by a name that stands there.

    `replace` are modules that are others than there.

    The same bytes where it requires none. Raises `InputError` for a source of a wrong kind, and for too many bytes.
    """
    if (source is None and not replace) or b"require" not in code:
        return code
    return bundle(code, source, replace).code


def bundle(
    code: bytes, source: LuaSource | None, replace: Replacements | None = None, include: Iterable[str] = ()
) -> Bundle:
    """As `bundled`, with all that is known of it; `include` are names that are required without being written there."""
    return _Bundling(LuaSources(source, replace=replace)).of(code, include)


class _Bundling:
    """One making of a bundle."""

    def __init__(self, sources: LuaSources) -> None:
        self._sources = sources
        self._found: dict[str, bytes] = {}
        self._size = 0
        self._computed: list[tuple[str, int]] = []
        self._missing: list[tuple[str, int, str]] = []
        self._circles: list[tuple[str, ...]] = []

    def of(self, code: bytes, include: Iterable[str]) -> Bundle:
        written = [*(Required(name.encode(), 0) for name in include), *required_in(code)]
        order = self._walk(code, written)
        if not order:
            return self._whole(code, (), 0)
        head = b"do " + _LOADER
        files = []
        for name in order:
            text, both = self._found[name], not network_has(f".{name}")
            head += b"module(%b," % _quoted(name.encode())
            files.append(Bundled(name, text, self._sources.path(name), len(head) + 1))
            head += b"%b,%b)" % (_quoted(text), b"true" if both else b"false")
        head += b"end "
        # An Eval is tried as an expression first: with something before it it would be none.
        if compiles(b"return " + code):
            head += b"return "
        return self._whole(head + code, tuple(files), len(head))

    def _whole(self, code: bytes, files: tuple[Bundled, ...], before: int) -> Bundle:
        return Bundle(code, files, before, tuple(self._computed), tuple(self._missing), tuple(self._circles))

    def _walk(self, code: bytes, written: list[Required]) -> list[str]:
        """All files that are required, each after its own; without recursion, since chains may be long."""
        order: list[str] = []
        way: list[str] = [""]
        waiting = [iter(written)]
        while waiting:
            one = next(waiting[-1], None)
            if one is None:
                waiting.pop()
                done = way.pop()
                if done:
                    order.append(done)
                continue
            bare = self._file(way[-1], one)
            if bare is None:
                continue
            if bare in way:
                self._circles.append((*way[way.index(bare) :], bare))
            elif bare not in self._found:
                text = self._sources.find(bare) or b""
                self._size += len(text)
                if self._size > _MOST:
                    raise InputError(f"is more than {_MOST >> 20} MB together", field=bare)
                self._found[bare] = text
                way.append(bare)
                waiting.append(required_in(text))
        return order

    def _file(self, file: str, one: Required) -> str | None:
        """The name of the file that a use of `require` asks for; None where it asks for none of the project's."""
        if one.name is None:
            self._computed.append((file, one.line))
            return None
        name = one.name.decode("utf-8", "backslashreplace")
        if network_has(name):
            return None
        bare = name.removeprefix(".")
        if self._sources.find(bare) is None:
            self._missing.append((file, one.line, name))
            return None
        return bare


def _quoted(text: bytes) -> bytes:
    """A string of Lua's on one line."""
    return b'"%b"' % _PLAIN.sub(lambda match: b"\\%03d" % match[0][0], text)
