"""What to do about an error, where its text alone does not say: for people, beside the network's text."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from .network_names import dotted

if TYPE_CHECKING:
    from .lua_sources import LuaSources

__all__ = [
    "NOT_FOUND",
    "assigned",
    "hint_of",
    "name_in_our_code",
    "no_function",
    "replaced",
    "thrown",
    "without_function",
]

#: What `require` says of a module that is nowhere; what follows are paths of a machine that there is not.
NOT_FOUND = re.compile(r"module '([^']*)' not found:.*\Z", re.DOTALL)
_OPERATION = re.compile(r"attempt to .* \((global|field) '(\w+)'\)\Z")
_NO_FUNCTION = re.compile(
    r"bad argument #1 to 'for iterator' \(table expected|attempt to call a .* value \(field 'handle'\)"
)
_THROWN = re.compile(r"attempt to concatenate a (\w+) value \(local 'result'\)\Z")
_COLOURS = frozenset({"red", "green", "blue", "gray", "reset"})


def hint_of(message: str, sources: LuaSources) -> str | None:
    """What to do about an error with this text, wherever it was raised; None where nothing more is known."""
    missing = NOT_FOUND.match(message)
    if missing is None:
        return None
    name = dotted(missing[1])
    if name is not None:
        return f'the network knows it by a name with a dot: require("{name}")'
    return _missing(missing[1], sources)


def _missing(name: str, sources: LuaSources) -> str:
    bare = name.removeprefix(".")
    if sources.withheld is not None:
        return f"its folder {sources.withheld} is read from again when it is given (-p FILE.lua, or sources=)"
    folder = sources.place
    names = sources.names()
    if folder is not None:
        relative = bare.replace(".", "/") if re.fullmatch(r"[\w.-]+", bare) else bare
        text = f"there is no {relative}.lua in {folder}"
    elif names:
        text = f"sources has no {bare!r}"
    else:
        text = "there is no folder of Lua to look in: -p FILE.lua, or sources=, gives one"
    wanted = re.sub(r"(?:\A[./]+|\.lua\Z)", "", name).replace("/", ".").replace("\\", ".")
    from difflib import get_close_matches

    near = [wanted] if wanted in names else get_close_matches(wanted, names, 1, 0.7)
    if not near:
        # The same file elsewhere in the folder.
        last = wanted.rpartition(".")[2]
        near = [other for other in names if other.rpartition(".")[2] == last][:1]
    return f'{text}; did you mean require("{near[0]}")?' if near else text


def name_in_our_code(message: str) -> str | None:
    """The global of the process's that an error in the network's own code is about: `Colors`, `Inbox`, `Name`, …"""
    found = _OPERATION.search(message)
    if found is None:
        return None
    if found[1] == "field":
        return "Colors" if found[2] in _COLOURS else None
    return found[2]


def without_function(chunk: str | None, message: str, handler: str | None) -> str | None:
    """The hint for a handler that has no function: `Handlers` itself fails then."""
    if chunk != ".handlers" or handler is None or not _NO_FUNCTION.match(message):
        return None
    return no_function(handler)


def thrown(message: str) -> str | None:
    """The hint for a published module that fails at telling what a process has thrown."""
    found = _THROWN.match(message)
    return None if found is None else f"the process threw a {found[1]}, and the module tells of texts only: error(text)"


def no_function(handler: str) -> str:
    """The hint for a handler that was added without a function."""
    return f"the handler {handler!r} has no function: Handlers.add(name, pattern, function(msg) ... end)"


def assigned(name: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """A line of Lua that gives a global another value; or else one that changes a field of it."""
    start = rb"\s*(?:_G\.)?" + name.encode()
    return re.compile(start + rb"\s*=(?!=)"), re.compile(start + rb"(?:\.\w+|\[.*\])\s*=(?!=)")


def replaced(name: str, where: tuple[str, int] | None) -> str:
    """The hint for a global of aos that the process has changed; `where` is the file and the line that did it last."""
    place = f" ({os.path.basename(where[0])}:{where[1]})" if where else ""
    needs = ", whose red, green, blue, gray and reset its prompt needs" if name == "Colors" else ""
    return (
        f"the process's own global {name}{place} took the place of aos' {name}{needs}: give yours another name,"
        f" or make it local"
    )
