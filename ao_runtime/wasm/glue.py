"""The module's neighbours, in WebAssembly: the gate, which it imports from, and the glue, which imports from it.

What a module asks for most, and what leaves it by an exception, is done beside it, without a way through Python:
`invoke_*` (a call that catches a `longjmp`), `longjmp` itself, long copies, the growth of its memory, the clock. So it
is fast, is counted in fuel like the module's own code, and does not depend on how deep Python's stack is.

Neither neighbour can import from the other while all three come to be, so the gate calls the glue through a table that
is filled afterwards. What is left goes from the gate to Python with pointers as 64 bits in every module; Python's
answers have one more value, which is 1 where the module must stop at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import ModuleError
from .formats import Format
from .signatures import HOST, NATIVE

__all__ = ["CLOCK", "Import", "Neighbours", "neighbours"]

__tracebackhide__ = True

#: What the clock says first, in milliseconds; it goes on by one each time it is asked, as in the network's loader.
CLOCK = 10004
#: Bytes that emscripten never grows a memory beyond, and the most that it adds to what is wanted.
_HEAP_MAX = {True: 1 << 34, False: 1 << 31}
_MOST_MORE = 96 << 20

#: What modules import from; names from elsewhere never get into the texts that are made here.
_FROM = ("env", "wasi_snapshot_preview1", "a")

_WASM = {"i": "i32", "j": "i64", "d": "f64", "f": "f32"}


@dataclass(frozen=True)
class Import:
    """A function that a module imports: from where, and the WebAssembly types of what it takes and gives."""

    module: str
    name: str
    params: tuple[str, ...]
    results: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """As the gate exports it."""
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Neighbours:
    """The two texts, and what they need: names of Python's functions, functions of the glue for the gate's table."""

    gate: str
    glue: str
    host: tuple[str, ...]
    hooks: tuple[str, ...]


@dataclass(frozen=True)
class _Shape:
    """What of a module its neighbours must know."""

    wide: bool
    exports: dict[str, str]
    """Names by role (`formats`)."""
    table_wide: bool

    @property
    def pointer(self) -> str:
        return "i64" if self.wide else "i32"

    def letter(self, letter: str) -> str:
        return self.pointer if letter == "p" else _WASM[letter]


def neighbours(
    imports: Sequence[Import], known: Format, exports: dict[str, str], *, table_wide: bool = False
) -> Neighbours:
    """Gate and glue for a module with these imports and exports (by role). Raises `ModuleError` for unknown imports."""
    shape = _Shape(known.wide, exports, table_wide)
    gate = _Gate(shape)
    for item in imports:
        gate.add(item, known.imports.get(item.full_name, item.name))
    hooks = tuple(gate.hooks)
    return Neighbours(gate.text(), _glue(shape, gate.hooks), tuple(gate.host), hooks)


def _func(params: Sequence[str], results: Sequence[str]) -> str:
    text = f" (param {' '.join(params)})" if params else ""
    return text + (f" (result {' '.join(results)})" if results else "")


def _split(signature: str) -> tuple[str, str]:
    params, _, result = signature.partition("=")
    return params, result


class _Gate:
    """The gate's text, as it comes to be."""

    def __init__(self, shape: _Shape) -> None:
        self._shape = shape
        self._funcs: list[str] = []
        self._imports: list[str] = []
        self.host: list[str] = []
        #: Functions of the glue that the gate calls: name → parameters and results of it.
        self.hooks: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def add(self, item: Import, name: str) -> None:
        """Make the export that answers one import, whose name in all formats is `name`."""
        if item.module == "metering" and item.name == "usegas" and not item.results:
            self._export(item, [])  # we count ourselves
        elif item.module not in _FROM:
            raise _unknown(item)
        elif name.startswith("invoke_"):
            self._hook(item, name)
        elif name in NATIVE:
            self._check(item, NATIVE[name], strict=True)
            self._native(item, name)
        elif name in HOST:
            self._python(item, name, HOST[name])
        else:
            raise _unknown(item)

    def text(self) -> str:
        lines = [
            *self._imports,
            f'(table $hooks (export "hooks") {len(self.hooks)} funcref)',
            f'(global $clock (export "clock") (mut i64) (i64.const {CLOCK}))',
            '(global $high (export "high") (mut i32) (i32.const 0))',
            *self._funcs,
        ]
        return "(module\n" + "\n".join(lines) + "\n)\n"

    def _export(self, item: Import, body: Sequence[str]) -> None:
        head = f'(func (export "{item.full_name}"){_func(item.params, item.results)}'
        self._funcs.append("\n  ".join([head, *body]) + ")")

    def _hook(self, item: Import, name: str) -> None:
        self._export(item, self._call_hook(name, item.params, item.results))

    def _call_hook(self, name: str, params: tuple[str, ...], results: tuple[str, ...]) -> list[str]:
        self.hooks[name] = (params, results)
        index = list(self.hooks).index(name)
        gets = [f"(local.get {place})" for place in range(len(params))]
        return [*gets, f"(call_indirect $hooks{_func(params, results)} (i32.const {index}))"]

    def _native(self, item: Import, name: str) -> None:
        if "memcpy" in name:
            self._hook(item, "copy")
        elif name in ("emscripten_date_now", "_emscripten_date_now", "emscripten_get_now"):
            step = "(global.set $clock (i64.add (global.get $clock) (i64.const 1)))"
            self._export(item, ["(f64.convert_i64_s (global.get $clock))", step])
        elif name == "_emscripten_get_now_is_monotonic":
            self._export(item, ["(i32.const 1)"])
        elif name == "emscripten_get_heap_max":
            most = _HEAP_MAX[self._shape.wide]
            self._export(item, [f"({self._shape.pointer}.const {most})"])
        elif name == "getTempRet0":
            self._export(item, ["(global.get $high)"])
        elif name == "setTempRet0":
            self._export(item, ["(global.set $high (local.get 0))"])
        else:
            self._hook(item, {"emscripten_resize_heap": "resize", "_emscripten_throw_longjmp": "longjmp"}[name])

    def _python(self, item: Import, name: str, signature: str) -> None:
        letters, result = _split(signature)
        body = self._arguments(item, letters, signature)
        wide_results = ["i64" if result == "p" else _WASM[result]] if result else []
        if name not in self.host:
            self.host.append(name)
            wide = ["i64" if letter == "p" else _WASM[letter] for letter in letters]
            self._imports.append(f'(import "host" "{name}" (func ${name}{_func(wide, [*wide_results, "i32"])}))')
        body += [f"(call ${name})", "(if (then (unreachable)))"]
        if result == "p" and not self._shape.wide:
            body.append("(i32.wrap_i64)")
        elif result == "j" and item.results == ("i32",):
            body = [
                "(local $wide i64)",
                *body,
                "(local.set $wide)",
                *self._set_high(),
                "(i32.wrap_i64 (local.get $wide))",
            ]
        elif [*item.results] != [self._shape.letter(letter) for letter in result]:
            raise _mismatch(item, signature)
        self._export(item, body)

    def _set_high(self) -> list[str]:
        high = "(i32.wrap_i64 (i64.shr_u (local.get $wide) (i64.const 32)))"
        if "set_high" not in self._shape.exports:
            return [f"(global.set $high {high})"]
        self.hooks["set_high"] = (("i32",), ())
        index = list(self.hooks).index("set_high")
        return [high, f"(call_indirect $hooks (param i32) (i32.const {index}))"]

    def _arguments(self, item: Import, letters: str, signature: str) -> list[str]:
        """Code that puts the arguments on the stack as Python takes them."""
        body = []
        given = list(item.params)
        place = 0
        for letter in letters:
            if letter == "j" and given[place : place + 2] == ["i32", "i32"]:
                low = f"(i64.extend_i32_u (local.get {place}))"
                high = f"(i64.shl (i64.extend_i32_u (local.get {place + 1})) (i64.const 32))"
                body.append(f"(i64.or {low} {high})")
                place += 2
                continue
            if given[place : place + 1] != [self._shape.letter(letter)]:
                raise _mismatch(item, signature)
            get = f"(local.get {place})"
            body.append(f"(i64.extend_i32_u {get})" if letter == "p" and not self._shape.wide else get)
            place += 1
        if place != len(given):
            raise _mismatch(item, signature)
        return body

    def _check(self, item: Import, signature: str, *, strict: bool) -> None:
        letters, result = _split(signature)
        # Old copies return where they copied to, which nobody looks at: only `void` is in use.
        if [*item.params] != [self._shape.letter(letter) for letter in letters] or (
            strict and [*item.results] != [self._shape.letter(letter) for letter in result]
        ):
            raise _mismatch(item, signature)


def _unknown(item: Import) -> ModuleError:
    return ModuleError(
        f"the module asks for the import {ascii(item.full_name)[1:-1]}, which is not known here",
        advice="it was made for another loader than ao's",
    )


def _mismatch(item: Import, signature: str) -> ModuleError:
    found = f"({', '.join(item.params)}) -> ({', '.join(item.results)})"
    return ModuleError(f"the module's import {item.full_name} has the type {found}, which is not {signature or 'void'}")


# ── the glue ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _glue(shape: _Shape, hooks: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> str:
    pointer = shape.pointer
    memory = "i64 0" if shape.wide else "0"
    imports = [_import("memory", shape, f"(memory {memory})")]
    if "table" in shape.exports:
        imports.append(_import("table", shape, f"(table $main {'i64 ' if shape.table_wide else ''}0 funcref)"))
    for role, (params, results) in _roles(pointer).items():
        if role in shape.exports:
            imports.append(_import(role, shape, f"(func ${role}{_func(params, results)})"))
    parts: list[str] = []
    for name, (params, results) in hooks.items():
        if name.startswith("invoke_"):
            parts.append(_invoke(shape, name, params, results))
        elif name == "set_high":
            parts.append('(func (export "set_high") (param i32) (call $set_high (local.get 0)))')
        else:
            parts.append(_NATIVE[name](shape))
    parts += [_room(shape), _go(shape), _scan(shape)]
    head = ["(tag $longjmp)", '(global $refused (export "refused") (mut i32) (i32.const 0))']
    return "(module\n" + "\n".join([*imports, *head, *parts]) + "\n)\n"


def _roles(pointer: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {
        "handle": ((pointer, pointer), (pointer,)),
        "stack_get": ((), (pointer,)),
        "stack_end": ((), (pointer,)),
        "stack_set": ((pointer,), ()),
        "stack_take": ((pointer,), (pointer,)),
        "set_threw": ((pointer, "i32"), ()),
        "set_high": (("i32",), ()),
    }


def _import(role: str, shape: _Shape, what: str) -> str:
    return f'(import "main" "{shape.exports[role]}" {what})'


def _invoke(shape: _Shape, name: str, params: tuple[str, ...], results: tuple[str, ...]) -> str:
    """A call through the table which comes back also where the module has thrown a `longjmp`."""
    letters = name.removeprefix("invoke_")
    needed = {"table", "stack_get", "stack_set", "set_threw"} - shape.exports.keys()
    if needed:
        raise ModuleError(f"the module asks for {name}, but has no {sorted(needed)[0]} to answer it with")
    bad = ModuleError(f"the module's import {name} has a type that its name does not say")
    if not letters or set(letters) - set("vijfdp") or "v" in letters[1:] or params[:1] != (shape.pointer,):
        raise bad
    pushes = []
    place = 1
    for letter in letters[1:]:
        if letter == "j" and not shape.wide and params[place : place + 2] == ("i32", "i32"):
            low = f"(i64.extend_i32_u (local.get {place}))"
            high = f"(i64.shl (i64.extend_i32_u (local.get {place + 1})) (i64.const 32))"
            pushes.append(f"(i64.or {low} {high})")
            place += 2
        elif params[place : place + 1] == (shape.letter(letter),):
            pushes.append(f"(local.get {place})")
            place += 1
        else:
            raise bad
    wanted = [] if letters[0] == "v" else [shape.letter(letters[0])]
    if place != len(params) or [*results] != wanted:
        raise bad
    inner = _func([shape.letter(letter) for letter in letters[1:]], wanted)
    index = "(local.get 0)"
    check = ""
    if shape.wide and not shape.table_wide:
        check = "(if (i64.ne (i64.shr_u (local.get 0) (i64.const 32)) (i64.const 0)) (then (unreachable)))"
        index = "(i32.wrap_i64 (local.get 0))"
    elif shape.table_wide and not shape.wide:
        index = "(i64.extend_i32_u (local.get 0))"
    zero = [f"({kind}.const 0)" for kind in wanted]
    return f"""(func (export "{name}"){_func(params, results)} (local $stack {shape.pointer})
  {check}
  (local.set $stack (call $stack_get))
  (block $caught
    (try_table (catch $longjmp $caught)
      {" ".join(pushes)}
      (call_indirect $main{inner} {index})
      (return)))
  (call $stack_set (local.get $stack))
  (call $set_threw ({shape.pointer}.const 1) (i32.const 0))
  {" ".join(zero)})"""


def _longjmp(shape: _Shape) -> str:
    return '(func (export "longjmp") (throw $longjmp))'


def _copy(shape: _Shape) -> str:
    """As `copyWithin` of JavaScript does it: what lies outside of the memory is left out, and is no error.

    The modules rely on it: where they have no memory left, they copy to 0 the length that there was no room for.
    """
    if shape.wide:
        to, start = "(local.get 0)", "(local.get 1)"
        # no sum that is too large for an integer
        end = "(i64.add (local.get $from) (call $lower (local.get 2) (local.get $size)))"
        pages, copied = "(memory.size)", "(local.get $to) (local.get $from) (local.get $count)"
    else:
        to, start = "(i64.extend_i32_u (local.get 0))", "(i64.extend_i32_u (local.get 1))"
        end = "(i64.extend_i32_u (i32.add (local.get 1) (local.get 2)))"
        pages = "(i64.extend_i32_u (memory.size))"
        copied = " ".join(f"(i32.wrap_i64 (local.get ${name}))" for name in ("to", "from", "count"))
    pointer = shape.pointer
    return f"""(func $lower (param i64 i64) (result i64)
  (select (local.get 0) (local.get 1) (i64.lt_u (local.get 0) (local.get 1))))
(func (export "copy") (param {pointer} {pointer} {pointer})
  (local $size i64) (local $to i64) (local $from i64) (local $count i64)
  (local.set $size (i64.shl {pages} (i64.const 16)))
  (local.set $to (call $lower {to} (local.get $size)))
  (local.set $from (call $lower {start} (local.get $size)))
  (local.set $count (i64.sub (call $lower {end} (local.get $size)) (local.get $from)))
  (if (i64.gt_s (local.get $count) (i64.sub (local.get $size) (local.get $to)))
    (then (local.set $count (i64.sub (local.get $size) (local.get $to)))))
  (if (i64.gt_s (local.get $count) (i64.const 0)) (then (memory.copy {copied}))))"""


def _resize(shape: _Shape) -> str:
    """As emscripten does it: a fifth more than there was, then less, then just what is wanted."""
    wide = shape.wide
    want = "(local.get 0)" if wide else "(i64.extend_i32_u (local.get 0))"
    pages = "(memory.size)" if wide else "(i64.extend_i32_u (memory.size))"
    more = "(i64.shr_u (i64.sub (local.get $size) (local.get $old)) (i64.const 16))"
    grow = f"(memory.grow {more})" if wide else f"(i64.extend_i32_s (memory.grow (i32.wrap_i64 {more})))"
    return f"""(func $least (param i64 i64) (result i64)
  (select (local.get 0) (local.get 1) (i64.lt_u (local.get 0) (local.get 1))))
(func (export "resize") (param {shape.pointer}) (result i32)
  (local $want i64) (local $old i64) (local $size i64) (local $cut i64)
  (local.set $want {want})
  (local.set $old (i64.shl {pages} (i64.const 16)))
  (local.set $cut (i64.const 5))
  (block $no
    (br_if $no (i64.gt_u (local.get $want) (i64.const {_HEAP_MAX[wide]})))
    (loop $again
      (local.set $size (call $least
        (i64.add (local.get $old) (i64.div_u (local.get $old) (local.get $cut)))
        (i64.add (local.get $want) (i64.const {_MOST_MORE}))))
      (if (i64.gt_u (local.get $want) (local.get $size)) (then (local.set $size (local.get $want))))
      (local.set $size (i64.and (i64.add (local.get $size) (i64.const 65535)) (i64.const -65536)))
      (local.set $size (call $least (local.get $size) (i64.const {_HEAP_MAX[wide]})))
      (br_if $no (i64.lt_u (local.get $size) (local.get $old)))
      (if (i64.ne {grow} (i64.const -1)) (then (return (i32.const 1))))
      (local.set $cut (i64.mul (local.get $cut) (i64.const 2)))
      (br_if $again (i64.le_u (local.get $cut) (i64.const 20)))))
  (global.set $refused (i32.const 1))
  (i32.const 0))"""


_NATIVE: dict[str, Callable[[_Shape], str]] = {"longjmp": _longjmp, "copy": _copy, "resize": _resize}


def _narrow(shape: _Shape, value: str) -> str:
    return value if shape.wide else f"(i32.wrap_i64 {value})"


def _widen(shape: _Shape, value: str) -> str:
    return value if shape.wide else f"(i64.extend_i32_u {value})"


def _room(shape: _Shape) -> str:
    """Room for two texts of so many bytes on the module's stack: the stack as it was, the two places, and its end."""
    end = _widen(shape, "(call $stack_end)") if "stack_end" in shape.exports else "(i64.const 0)"
    return f"""(func (export "room") (param i64 i64) (result i64 i64 i64 i64)
  {_widen(shape, "(call $stack_get)")}
  {_widen(shape, f"(call $stack_take {_narrow(shape, '(local.get 0)')})")}
  {_widen(shape, f"(call $stack_take {_narrow(shape, '(local.get 1)')})")}
  {end})"""


def _go(shape: _Shape) -> str:
    """Calls `handle` with the texts at two places, and puts the stack back: where the answer is, and its length."""
    at = f"({shape.pointer}.add (local.get $answer) (local.get $length))"
    one = f"({shape.pointer}.const 1)"
    return f"""(func (export "go") (param i64 i64 i64) (result i64 i64)
  (local $answer {shape.pointer}) (local $length {shape.pointer})
  (global.set $refused (i32.const 0))
  (local.set $answer (call $handle {_narrow(shape, "(local.get 0)")} {_narrow(shape, "(local.get 1)")}))
  (block $end (loop $next
    (br_if $end (i32.eqz (i32.load8_u {at})))
    (local.set $length ({shape.pointer}.add (local.get $length) {one}))
    (br $next)))
  (call $stack_set {_narrow(shape, "(local.get 2)")})
  {_widen(shape, "(local.get $answer)")}
  {_widen(shape, "(local.get $length)")})"""


def _scan(shape: _Shape) -> str:
    """The next run of pages of 4096 bytes, from a page on and before another, that are not all zero: first and end."""
    pointer = shape.pointer
    loads = "(v128.load (local.get 0))"
    for offset in range(16, 256, 16):
        loads = f"(v128.or {loads} (v128.load offset={offset} (local.get 0)))"
    address = _narrow(shape, "(i64.shl (local.get 0) (i64.const 12))")
    step = "(local.set 0 (i64.add (local.get 0) (i64.const 1)))"
    return f"""(func $zero (param {pointer}) (result i32) (local $end {pointer})
  (local.set $end ({pointer}.add (local.get 0) ({pointer}.const 4096)))
  (loop $next
    (if (v128.any_true {loads}) (then (return (i32.const 0))))
    (local.set 0 ({pointer}.add (local.get 0) ({pointer}.const 256)))
    (br_if $next ({pointer}.ne (local.get 0) (local.get $end))))
  (i32.const 1))
(func (export "scan") (param i64 i64) (result i64 i64) (local $first i64)
  (block $found
    (loop $next
      (br_if $found (i64.ge_u (local.get 0) (local.get 1)))
      (br_if $found (i32.eqz (call $zero {address})))
      {step}
      (br $next)))
  (local.set $first (local.get 0))
  (block $over
    (loop $more
      (br_if $over (i64.ge_u (local.get 0) (local.get 1)))
      (br_if $over (call $zero {address}))
      {step}
      (br $more)))
  (local.get $first)
  (local.get 0))"""
