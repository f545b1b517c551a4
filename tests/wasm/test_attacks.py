"""Hostile modules: whatever they do to their imports, they harm nobody else and end in an error that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import ModuleError
from ao_runtime.models.answer import to_wire
from ao_runtime.models.limits import Limits
from ao_runtime.wasm.signatures import HOST, NATIVE

from .guests import ANSWER, FINE, evaluate, guest, message, start

WASM = {"i": "i32", "j": "i64", "p": "ptr", "d": "f64"}
#: Numbers that are no places in a module's memory, and no lengths, descriptors or flags either.
BAD = {
    "i32": ("0", "-1", "0x7fffffff", "0x80000000", "65535"),
    "i64": ("0", "-1", "0x7fffffffffffffff", "0x8000000000000000", "0xffffffff", "131071", "131073"),
    "f64": ("nan", "inf", "-1e300"),
}
OUTCOMES = {
    "memory access out of bounds",
    "unreachable",
    "Infinity",
    "null function or function signature mismatch",
    "table index is out of bounds",
}


def imported(name: str, signature: str, *, wide: bool) -> tuple[str, list[str], bool]:
    """An import's declaration as `$f`, the types of its parameters, and whether it gives something."""
    letters, _, result = signature.partition("=")
    params = [WASM[letter] for letter in letters]
    module = "wasi_snapshot_preview1" if name.startswith(("fd_", "environ")) else "env"
    text = f'(import "{module}" "{name}" (func $f'
    text += f" (param {' '.join(params)})" if params else ""
    text += f" (result {WASM[result]})))" if result else "))"
    return (
        text,
        ["i64" if kind == "ptr" and wide else "i32" if kind == "ptr" else kind for kind in params],
        bool(result),
    )


@pytest.mark.parametrize("wide", [True, False], ids=["wasm64", "wasm32"])
@pytest.mark.parametrize("name", sorted({**HOST, **NATIVE}))
def test_any_number_to_any_import(name: str, wide: bool, tmp_path: Path) -> None:
    """An import that is called with numbers that make no sense answers an error, or stops the module with one."""
    signature = {**HOST, **NATIVE}[name]
    declaration, params, gives = imported(name, signature, wide=wide)
    most = max((len(BAD[kind]) for kind in params), default=1)
    for turn in range(most):
        for shift in range(min(len(params), 3) or 1):
            values = [BAD[kind][(turn + place * shift) % len(BAD[kind])] for place, kind in enumerate(params)]
            pushes = " ".join(f"({kind}.const {value})" for kind, value in zip(params, values, strict=True))
            call = f"(call $f {pushes})"
            module = guest(f"{f'(drop {call})' if gives else call} {ANSWER}", imports=declaration, wide=wide)
            answer = evaluate(module, tmp_path, Limits(seconds=10))
            error = answer.pop("Error", None)
            # What was written to the place 0 may have hit the answer itself.
            known = ("Aborted(", "Program terminated", "the module answered ")
            assert answer == FINE or error in OUTCOMES or error.startswith(known), values


HOOKS = """(type $v (func (param ptr ptr)))
(elem (ptr.const 1) $self $jump $odd)
(func $self (param ptr ptr) (call $invoke (ptr.const 1) (ptr.const 0) (ptr.const 0)))
(func $jump (param ptr ptr) (call $longjmp))
(func $odd (result f64) (f64.const 0))"""
INVOKE = """(import "env" "invoke_vLL" (func $invoke (param ptr ptr ptr)))
(import "env" "_emscripten_throw_longjmp" (func $longjmp))"""


def hooks(wide: bool) -> dict[str, object]:
    """What a module needs that calls through its table."""
    letter = "j" if wide else "i"
    return {
        "imports": INVOKE.replace("L", letter).replace("_emscripten_throw_" + letter, "_emscripten_throw_l"),
        "extra": HOOKS.replace("(elem (ptr.const 1)", "(elem (i32.const 1)"),
        "wide": wide,
    }


@pytest.mark.parametrize("wide", [True, False], ids=["wasm64", "wasm32"])
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("(call $invoke (ptr.const 1) (ptr.const 0) (ptr.const 0))", "Maximum call stack size exceeded"),
        ("(call $longjmp)", "Infinity"),
        ("(call $invoke (ptr.const 3) (ptr.const 0) (ptr.const 0))", "null function or function signature mismatch"),
        ("(call $invoke (ptr.const 0) (ptr.const 0) (ptr.const 0))", "null function or function signature mismatch"),
        ("(call $invoke (ptr.const 8) (ptr.const 0) (ptr.const 0))", "table index is out of bounds"),
        ("(call $invoke (ptr.const -1) (ptr.const 0) (ptr.const 0))", None),
    ],
)
def test_calls_that_catch(body: str, error: str | None, wide: bool, tmp_path: Path) -> None:
    """invoke_* without end, with wrong places of the table and wrong signatures, and longjmp without invoke_* fail."""
    answer = evaluate(guest(f"{body} {ANSWER}", **hooks(wide)), tmp_path)
    assert answer["Error"] == error if error else answer["Error"] in OUTCOMES


@pytest.mark.parametrize("wide", [True, False], ids=["wasm64", "wasm32"])
def test_a_million_jumps(wide: bool, tmp_path: Path) -> None:
    """longjmp comes back to invoke_* each time, and costs no memory."""
    body = f"""(local $n i32) (loop $again
      (call $invoke (ptr.const 2) (ptr.const 0) (ptr.const 0))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 1000000)))) {ANSWER}"""
    assert evaluate(guest(body, **hooks(wide)), tmp_path) == FINE


def test_endless_reading(tmp_path: Path) -> None:
    """A module that asks Python for something without end is stopped by its time."""
    declaration, _, _ = imported("environ_get", "pp=i", wide=True)
    body = "(loop $again (drop (call $f (ptr.const 0) (ptr.const 0))) (br $again)) (unreachable)"
    answer = evaluate(guest(body, imports=declaration), tmp_path, Limits(instructions=None, seconds=0.2))
    assert answer == {"Error": "time limit of 0.2 seconds reached", "limit": "time"}


OPEN = """(import "env" "__syscall_openat" (func $open (param i32 ptr i32 ptr) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 ptr ptr ptr) (result i32)))
(import "env" "__syscall_ftruncate64" (func $size (param i32 i64) (result i32)))"""
NAME = '(data (ptr.const 512) "/tmp/x\\00") (data (ptr.const 1024) "{\\22ok\\22:true,\\22response\\22:{\\22Output\\22:\\22....\\22}}\\00")'


def says(number: str) -> str:
    """Code that answers with a number below 10000."""
    digits = "".join(
        f"(i32.store8 (ptr.const {1024 + 33 + place}) (i32.add (i32.const 48)"
        f" (i32.rem_u (i32.div_u (local.get $n) (i32.const {10 ** (3 - place)})) (i32.const 10))))"
        for place in range(4)
    )
    return f"(local.set $n {number}) {digits} (ptr.const 1024)"


def test_files_without_end(tmp_path: Path) -> None:
    """Files take no more room than the limit on memory."""
    body = "(local $n i32) (drop (call $open (i32.const -100) (ptr.const 512) (i32.const 0x42) (ptr.const 0)))"
    huge = says("(i32.sub (i32.const 0) (call $size (i32.const 3) (i64.const 0x10000000000)))")
    answer = evaluate(guest(body + huge, imports=OPEN, extra=NAME), tmp_path, memory=1 << 20)
    assert answer["Output"] == "0051"  # ENOSPC


def test_descriptors_without_end(tmp_path: Path) -> None:
    """A module has a thousand descriptors, and no more."""
    body = """(local $n i32) (local $last i32)
      (loop $again
        (local.set $last (call $open (i32.const -100) (ptr.const 512) (i32.const 0x42) (ptr.const 0)))
        (br_if $again (i32.gt_s (local.get $last) (i32.const 0))))"""
    answer = evaluate(
        guest(body + says("(i32.sub (i32.const 0) (local.get $last))"), imports=OPEN, extra=NAME), tmp_path
    )
    assert answer["Output"] == "0033"  # EMFILE


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("(unreachable)", "unreachable"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0))) (ptr.const 64)", "divide by zero"),
        ("(drop (i32.trunc_f64_s (f64.const nan))) (ptr.const 64)", "float unrepresentable in integer range"),
        ("(drop (i32.load (ptr.const 0x7fffffff))) (ptr.const 64)", "memory access out of bounds"),
        ("(ptr.const 0)", "the module answered nothing"),
        ("(ptr.const 0x7ffffff0)", "memory access out of bounds"),
        ("(ptr.const -1)", "memory access out of bounds"),
        ("(memory.fill (ptr.const 0) (i32.const 65) (ptr.const 131072)) (ptr.const 64)", "memory access out of bounds"),
        ("(ptr.const 131071)", "the module answered nothing"),
        ("(ptr.const 65)", "the module answered something that is no JSON: Extra data: line 1 column 5 (char 4)"),
    ],
)
def test_ends(body: str, error: str, tmp_path: Path) -> None:
    """A trap, and an answer that is none, are errors of the process with a text that says which."""
    assert evaluate(guest(body), tmp_path) == {"Error": error, "limit": None}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("(unreachable)", "the module does not start: unreachable"),
        ("(loop $l (br $l))", "the module does not start: it used 200000000 instructions and had not ended"),
        ("(drop (i32.load (ptr.const 0x7fffffff)))", "the module does not start: memory access out of bounds"),
    ],
)
def test_bad_starts(code: str, error: str, tmp_path: Path) -> None:
    """A module that fails before its first message is one that cannot be used."""
    with pytest.raises(ModuleError) as caught:
        start(guest(start=code), tmp_path)
    assert str(caught.value) == f"{tmp_path / 'guest.wasm'}: {error}"


@pytest.mark.parametrize(("name", "types"), [("environ_sizes_get", "ptr ptr"), ("fd_fdstat_get", "i32 ptr")])
def test_start_function_that_calls(name: str, types: str, tmp_path: Path) -> None:
    """A start function that calls imports before there is a memory for their answers is told so."""
    params = " ".join(f"({kind}.const 0)" for kind in types.split())
    imports = f'(import "wasi_snapshot_preview1" "{name}" (func $f (param {types}) (result i32)))'
    code = f"(func $begin (drop (call $f {params}))) (start $begin)"
    with pytest.raises(ModuleError, match="the module calls its imports before it has started"):
        start(guest(imports=imports, extra=code), tmp_path)


def test_hooks_before_the_start(tmp_path: Path) -> None:
    """A start function cannot jump, nor call through a table that is not there yet."""
    parts = hooks(True)
    parts["extra"] = f"{parts['extra']} (func $begin (call $longjmp)) (start $begin)"
    with pytest.raises(ModuleError, match="does not start: null function or function signature mismatch"):
        start(guest(**parts), tmp_path)


def test_a_table_without_end(tmp_path: Path) -> None:
    """A module cannot eat memory by its table: it is refused."""
    own = "(table $own 1 funcref)"
    body = f"(local $n i32) {says('(i32.eq (table.grow $own (ref.null func) (i32.const 2000000000)) (i32.const -1))')}"
    assert evaluate(guest(body, extra=NAME + own), tmp_path)["Output"] == "0001"


def test_a_message_that_is_too_long(tmp_path: Path) -> None:
    """A message that is larger than the module's stack is refused, and does not run into what lies below."""
    engine = start(guest(), tmp_path)
    assert to_wire(engine.evaluate(message(Data="x" * 29_000)))["Output"] == "fine"
    too_long = to_wire(engine.evaluate(message(Data="x" * 31_000)))
    assert too_long == {"Error": "the message is too long for the module's stack"}


@pytest.mark.parametrize("place", ["-1", "0", "1", "0x7fffffffffffffff", "131071", "59999"])
def test_a_stack_that_lies(place: str, tmp_path: Path) -> None:
    """A module that gives places outside of its memory for the message harms nobody."""
    lies = f'(func (export "emscripten_stack_alloc_") (param i64) (result i64) (i64.const {place}))'
    module = guest(extra=lies)
    # The names of the two change places: they are equally long but for the first letter.
    module = module.replace(b"_emscripten_stack_alloc", b"=emscripten_stack_alloc")
    module = module.replace(b"emscripten_stack_alloc_", b"_emscripten_stack_alloc")
    error = to_wire(start(module, tmp_path).evaluate(message()))["Error"]
    assert error == "the message is too long for the module's stack"
