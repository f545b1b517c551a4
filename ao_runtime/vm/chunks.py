"""Our own Lua files: where they lie, and their byte code, compiled once in a Python process."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from lupa import lua53

_INSTALLED = Path(__file__).resolve().parent.parent / "lua"
#: The folder of our Lua files: inside the package when installed, beside it in a checkout.
FOLDER = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parent.parent / "lua"

_PREFIX = f"{FOLDER}/"

# A name is made of plain words, so that no name leads out of the folder.
_NAME = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\Z")
# A line `include("PART")` of a module of ours stands for the text of lua/PART.lua, without the comment at its head: so
# a module is one chunk, as on the network, in however many files it is written, and what they say of themselves does
# not move the lines that errors name.
_INCLUDE = re.compile(rb'^ *include\("([a-z]+/[a-z]+)"\)\n', re.MULTILINE)
_HEAD = re.compile(rb"(?:--[^\n]*\n)+")
#: What no process may require: the trusted side, the stubs for editors, the parts of modules.
_NO_MODULES = ("vm/", "meta/", "bint/")
#: The chunk name of all that runs outside the sandbox.
_TRUSTED = b"=ao.vm"
_compiled: dict[str, bytes | None] = {}
_lua = lua53.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
_compile = _lua.eval("function(source, name, strip) return string.dump(assert(load(source, name, 't')), strip) end")

_check = _lua.eval("function(source, name) local f, e = load(source, name, 't') return e end")


@functools.lru_cache(maxsize=1)
def _distinct() -> Any:
    """`lua/vm/bytecode/distinct.lua`: what makes every function of a module a new one."""
    load = _lua.eval("load")
    return load(_read("vm/bytecode/distinct"))(None, load(_read("vm/bytecode/functions"))())


def compiles(code: bytes) -> bool:
    """Whether this is a chunk of Lua."""
    return error_in(code) is None


def error_in(code: bytes, name: bytes = b"aos") -> str | None:
    """What the compiler says of a chunk of that name: the place and what is wrong, or None."""
    said = _check(code, name)
    return None if said is None else str(said.decode("utf-8", "replace"))


def _text(name: bytes | str) -> str:
    return name.decode("latin-1") if isinstance(name, bytes) else name


def _read(name: str) -> bytes:
    # Not by pathlib, which takes longer than the reading: many small files are read at a start.
    with open(f"{_PREFIX}{name}.lua", "rb", buffering=0) as file:
        return file.read()


def source(name: str) -> bytes:
    """The Lua text of `lua/NAME.lua`, with its parts in it."""
    text = _read(name)
    if b'include("' not in text:
        return text

    def part(match: re.Match[bytes]) -> bytes:
        part = _read(match[1].decode())
        head = _HEAD.match(part)
        return part[head.end() :] if head else part

    return _INCLUDE.sub(part, text)


def _chunk(name: str) -> bytes | None:
    try:
        return _compiled[name]
    except KeyError:
        pass
    if not _NAME.match(name):
        return None
    path = FOLDER / f"{name}.lua"
    code: bytes | None = None
    if len(name) < 100 and path.is_file():
        # Chunk names are behaviour: a process reads `[string ".handlers"]:12:` in error texts.
        # The trusted side has no debug information: its frames are recognised by that, and errors get no place there.
        trusted_side = name.startswith("vm/")
        label = _TRUSTED if trusted_side else b"json" if name == "json" else b"." + name.replace("/", ".").encode()
        code = _compile(source(name), label, trusted_side)
        if not trusted_side:
            code = _distinct()(code) or code
        _compiled[name] = code
    return code


#: Where the functions lie in the byte code of our modules (`lua/vm/bytecode/prototypes.lua`).
_places: dict[bytes, bytes] = {}


def recall(name: bytes) -> bytes | None:
    """What `remember` was told of a module of ours."""
    return _places.get(name)


def remember(name: bytes, places: bytes) -> None:
    """Keep where the functions lie in the byte code of a module of ours, for all VMs."""
    _places[name] = places


@functools.lru_cache(maxsize=32)
def _together(names: tuple[str, ...]) -> bytes:
    """Byte code that runs several parts of the trusted side one after the other: faster than one by one."""
    parts = (_read(f"vm/{name}") for name in names)
    code: bytes = _compile(b"".join(b"do %b\nend\n" % part for part in parts), _TRUSTED, True)
    return code


def trusted(*names: bytes | str) -> bytes | None:
    """Byte code of `lua/vm/NAME.lua` (`limits/gas`, say), which runs outside the sandbox; of several, in one piece."""
    if len(names) > 1:
        return _together(tuple(map(_text, names)))
    return _chunk(f"vm/{_text(names[0])}")


@functools.lru_cache(maxsize=1)
def traced_handlers() -> bytes:
    """Byte code of `lua/handlers.lua` in which what stands behind `trace:` is code: it tells what handlers do."""
    code: bytes = _compile(source("handlers").replace(b"-- trace: ", b""), b".handlers", False)
    return code


def network_has(name: str) -> bool:
    """Whether the network's own library has a module under this name, with its leading dot."""
    return name in ("ao", "json") or (name.startswith(".") and module(name[1:]) is not None)


def module(name: bytes | str) -> bytes | None:
    """Byte code of `lua/NAME.lua`, a module that a process may require; None if there is none.

    `name` is a module's name without its leading dot: `handlers`, `crypto.digest.sha1`.
    """
    path = _text(name).replace(".", "/")
    return None if path.startswith(_NO_MODULES) else _chunk(path)
