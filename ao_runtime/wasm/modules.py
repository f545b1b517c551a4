"""A published module: read from its file, recognised, checked, and compiled together with its neighbours."""

from __future__ import annotations

import hashlib
import json
import struct
from collections import OrderedDict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import ModuleError
from ..models import read_regular
from . import cache
from .binary import MAGIC, exported, look_inside
from .formats import FORMATS, Format, recognise
from .glue import Import, Neighbours, neighbours
from .library import compiler, engine, fingerprint, wasmtime

__all__ = ["PAGE", "Facts", "WasmModule"]

__tracebackhide__ = True

#: Bytes of a page of WebAssembly.
PAGE = 65536
#: Bump when what is compiled, or what is kept with it, changes.
_VERSION = 2

_NEEDED = ("memory", "handle", "stack_get", "stack_set", "stack_take")
_TEXTS = {
    "memory": "a memory",
    "table": "a table",
    "handle": "(char* message, char* environment) -> char*",
}


@dataclass(frozen=True)
class Facts:
    """What an engine must know of a module beside its code."""

    format: str
    exports: dict[str, str]
    """Names of exports by what they are for (`formats`)."""
    host: list[str]
    """Imports that Python answers."""
    hooks: list[str]
    """Functions of the glue that the gate's table holds, in order."""
    globals: list[tuple[int, str]]
    """Mutable globals: index and type."""
    pages: int
    """Pages of its memory at the start."""
    hidden: bool
    """Whether it may have state that nobody can look at."""


class WasmModule:
    """A module that is ready to be started, any number of times: what `WasmModule.read` makes of a file."""

    def __init__(
        self, path: str, digest: bytes, facts: Facts, parts: tuple[Any, Any, Any], shared: dict[str, Any]
    ) -> None:
        #: Where it was read.
        self.path = path
        #: SHA-256 of the file.
        self.digest = digest
        self.facts = facts
        #: The compiled module, its gate and its glue.
        self.main, self.gate, self.glue = parts
        self.known = FORMATS[facts.format]
        #: What is found out about it only once in this program (`state`).
        self.shared = shared

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal digits."""
        return self.digest.hex()

    @property
    def format(self) -> str:
        """The format's name, as the network's tag `Module-Format` writes it."""
        return self.facts.format

    @classmethod
    def read(cls, path: str | Path, format: str | None = None) -> WasmModule:
        """Read a module from a file. `format` is recognised where it is not given.

        A file that was read before in this program, or compiled before on this machine, takes some milliseconds.
        Raises `ModuleError` for what is no module, is damaged, or needs what we do not have; its `file` is the path.
        """
        name = ascii(str(path))[1:-1]
        if format is not None and format not in FORMATS:
            raise ModuleError(
                f"there is no format {format!r}", advice=f"the formats are {', '.join(FORMATS)}", field="format"
            )
        try:
            data = read_regular(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ModuleError(f"cannot be read: {reason}", file=name) from None
        return cls.of(path, data, format)

    @classmethod
    def of(cls, path: str | Path, data: bytes, format: str | None = None) -> WasmModule:
        """The module of a file that has been read already. Raises `ModuleError` as `read` does."""
        try:
            return _ready(str(path), data, format)
        except ModuleError as error:
            raise error.within(file=ascii(str(path))[1:-1]) from None

    def __repr__(self) -> str:
        return f"WasmModule({self.path!r}, {self.format}, sha256 {self.sha256[:12]}…)"


_MOST = 8
_known: OrderedDict[tuple[bytes, str | None], tuple[Facts, tuple[Any, Any, Any], dict[str, Any]]] = OrderedDict()


def _ready(path: str, data: bytes, format: str | None) -> WasmModule:
    digest = hashlib.sha256(data).digest()
    found = _known.get((digest, format))
    if found is None:
        key = hashlib.sha256(f"{_VERSION} {fingerprint()} {digest.hex()} {format}".encode()).hexdigest()
        kept = cache.get(key)
        ready = None if kept is None else _unpack(kept)
        if ready is None:
            kept = _pack(*_compile(data, format))
            cache.put(key, kept)
            ready = _unpack(kept)
            assert ready is not None
        found = _known[digest, format] = (*ready, {})
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return WasmModule(path, digest, *found)


# ── on disk ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _pack(facts: Facts, parts: tuple[Any, Any, Any]) -> bytes:
    pieces = [json.dumps(asdict(facts)).encode(), *(bytes(part.serialize()) for part in parts)]
    return struct.pack("<4Q", *map(len, pieces)) + b"".join(pieces)


def _unpack(kept: bytes) -> tuple[Facts, tuple[Any, Any, Any]] | None:
    """What `_pack` made; None where that is not what it is."""
    try:
        lengths = struct.unpack_from("<4Q", kept)
        at = 32
        pieces = []
        for length in lengths:
            pieces.append(kept[at : at + length])
            at += length
        facts = json.loads(pieces[0])
        facts["globals"] = [(index, kind) for index, kind in facts["globals"]]
        main, gate, glue = (wasmtime.Module.deserialize(engine(), piece) for piece in pieces[1:])
        return Facts(**facts), (main, gate, glue)
    except (struct.error, ValueError, KeyError, TypeError, wasmtime.WasmtimeError):
        return None


# ── from bytes ────────────────────────────────────────────────────────────────────────────────────────────────────


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ": ".join(lines[:2] + lines[-1:] if len(lines) > 2 else lines)


def _compile(data: bytes, format: str | None) -> tuple[Facts, tuple[Any, Any, Any]]:
    if not data:
        raise ModuleError("is empty, and no module")
    if data[:4] != MAGIC[:4]:
        raise ModuleError("is no WebAssembly module: it does not begin as one", advice="give a published .wasm file")
    try:
        wasmtime.Module.validate(compiler(), data)
    except wasmtime.WasmtimeError as error:
        raise ModuleError(f"is no WebAssembly module that can be run: {_first_line(error)}") from None
    inside = look_inside(data)
    try:
        main = wasmtime.Module(compiler(), exported(inside))
    except wasmtime.WasmtimeError as error:
        raise ModuleError(f"cannot be compiled: {_first_line(error)}") from None
    imports = _imports(main)
    memory = _memory(main)
    known = _format(format, {item.full_name for item in imports}, memory.is_64)
    exports = _exports(main, known)
    around = neighbours(imports, known, exports, table_wide=inside.table_wide)
    facts = Facts(
        format=known.name,
        exports=exports,
        host=list(around.host),
        hooks=list(around.hooks),
        globals=list(inside.globals),
        pages=memory.limits.min,
        hidden=inside.passive or any(kind not in ("i32", "i64") for _, kind in inside.globals),
    )
    return facts, (main, *_neighbours(around))


def _neighbours(around: Neighbours) -> tuple[Any, Any]:
    gate, glue = (wasmtime.Module(compiler(), bytes(wasmtime.wat2wasm(text))) for text in (around.gate, around.glue))
    return gate, glue


def _imports(main: Any) -> list[Import]:
    found = []
    for item in main.imports:
        kind = item.type
        if not isinstance(kind, wasmtime.FuncType):
            what = type(kind).__name__.removesuffix("Type").lower()
            name = ascii(f"{item.module}.{item.name}")[1:-1]
            raise ModuleError(f"the module asks for the {what} {name}, and only functions can be imported")
        params = tuple(map(str, kind.params))
        found.append(Import(item.module, item.name or "", params, tuple(map(str, kind.results))))
    return found


def _memory(main: Any) -> Any:
    for item in main.exports:
        if isinstance(item.type, wasmtime.MemoryType):
            return item.type
    raise ModuleError("the module exports no memory")


def _format(given: str | None, imports: set[str], wide: bool) -> Format:
    known = recognise(imports, wide)
    if given is None:
        return known
    chosen = FORMATS[given]
    if chosen.wide != wide or bool(chosen.imports) != bool(known.imports):
        raise ModuleError(f"is not of the format {given}", advice=f"it looks like {known.name}", field="format")
    return chosen


def _exports(main: Any, known: Format) -> dict[str, str]:
    """The names of what we use of it, by role. Raises `ModuleError` where something is missing or another thing."""
    types = {item.name: item.type for item in main.exports}
    found = {}
    for role, names in known.exports.items():
        name = next((name for name in names if name in types), None)
        if name is not None:
            found[role] = name
        elif role in _NEEDED:
            raise ModuleError(f"the module has no export {names[0]}", advice="it was made for another loader than ao's")
    pointer = "i64" if known.wide else "i32"
    for role, name in found.items():
        if not _fits(role, types[name], pointer):
            wanted = _TEXTS.get(role, "what emscripten makes")
            raise ModuleError(f"the module's export {name} is not {wanted}")
    return found


def _fits(role: str, kind: Any, pointer: str) -> bool:
    if role == "memory":
        return isinstance(kind, wasmtime.MemoryType)
    if role == "table":
        return isinstance(kind, wasmtime.TableType) and str(kind.element) == "funcref"
    if not isinstance(kind, wasmtime.FuncType):
        return False
    params, results = {
        "handle": ([pointer, pointer], [pointer]),
        "start": ([], []),
        "stack_init": ([], []),
        "stack_end": ([], [pointer]),
        "stack_get": ([], [pointer]),
        "stack_set": ([pointer], []),
        "stack_take": ([pointer], [pointer]),
        "set_threw": ([pointer, "i32"], []),
        "set_high": (["i32"], []),
    }[role]
    return list(map(str, kind.params)) == params and list(map(str, kind.results)) == results
