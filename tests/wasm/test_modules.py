"""Reading modules: what is none, is damaged, or asks for what we do not have is an error that says which."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime import InputError, ModuleError
from ao_runtime.wasm import WasmEngine, WasmModule
from ao_runtime.wasm.formats import FORMATS

from .guests import ANSWER, FINE, evaluate, guest, start


def refused(content: bytes, folder: Path, format: str | None = None) -> str:
    """Why a file is no module that can be used; without the file's name, which comes first."""
    path = folder / "guest.wasm"
    path.write_bytes(content)
    with pytest.raises(ModuleError) as caught:
        WasmModule.read(path, format)
    assert caught.value.file == str(path)
    assert caught.value.exit_code == 2
    return str(caught.value).removeprefix(f"{path}").lstrip(":, ")


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is an error with its name."""
    with pytest.raises(ModuleError) as caught:
        WasmModule.read(tmp_path / "none.wasm")
    assert str(caught.value) == f"{tmp_path / 'none.wasm'}: cannot be read: No such file or directory"


def test_no_module(tmp_path: Path) -> None:
    """An empty file, and one that is something else."""
    assert refused(b"", tmp_path) == "is empty, and no module"
    text = "is no WebAssembly module: it does not begin as one (give a published .wasm file)"
    assert refused(b"return 1 + 1", tmp_path) == text


def test_damaged(tmp_path: Path) -> None:
    """A module that is cut, or has a byte changed, is refused or runs; nothing else happens."""
    whole = guest()
    assert refused(whole[:5], tmp_path)
    assert "unexpected end" in refused(whole[:60], tmp_path)
    changed = [whole[:place] + bytes((whole[place] ^ 0x55,)) + whole[place + 1 :] for place in range(8, len(whole), 11)]
    for damaged in [whole[:length] for length in range(5, len(whole), 11)] + changed:
        with contextlib.suppress(InputError):
            evaluate(damaged, tmp_path)


def test_unknown_imports(tmp_path: Path) -> None:
    """An import that nobody knows is named."""
    unknown = '(import "env" "launch_missiles" (func (param i32)))'
    assert refused(guest(imports=unknown), tmp_path) == (
        "the module asks for the import env.launch_missiles, which is not known here"
        " (it was made for another loader than ao's)"
    )
    foreign = '(import "odd" "exit" (func (param i32)))'
    assert "the import odd.exit, which is not known here" in refused(guest(imports=foreign), tmp_path)
    quoted = '(import "env" "exit\\22)(memory 1)" (func (param i32)))'
    assert "which is not known here" in refused(guest(imports=quoted), tmp_path)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('(import "env" "exit" (func (param i64)))', "import env.exit has the type (i64) -> (), which is not i"),
        ('(import "env" "exit" (func (param i32) (result i32)))', "import env.exit has the type (i32) -> (i32)"),
        ('(import "env" "emscripten_date_now" (func (result f32)))', "has the type () -> (f32), which is not =d"),
        ('(import "env" "invoke_vj" (func (param i64)))', "invoke_vj has a type that its name does not say"),
        ('(import "env" "invoke_xx" (func (param i64 i64)))', "invoke_xx has a type that its name does not say"),
        ('(import "env" "invoke_" (func (param i64)))', "invoke_ has a type that its name does not say"),
        ('(import "env" "invoke_v" (func (param externref)))', "invoke_v has a type that its name does not say"),
        ('(import "env" "g" (global i32))', "asks for the global env.g, and only functions can be imported"),
        ('(import "env" "t" (table 1 funcref))', "asks for the table env.t, and only functions can be imported"),
        ('(import "metering" "usegas" (func (param i64) (result i32)))', "metering.usegas, which is not known here"),
    ],
)
def test_wrong_imports(text: str, error: str, tmp_path: Path) -> None:
    """An import of another type than ours, and one that is no function."""
    assert error in refused(guest(imports=text), tmp_path)


def test_missing_exports(tmp_path: Path) -> None:
    """A module without `handle`, or with another one, is none of ao's."""
    import wasmtime

    assert refused(bytes(wasmtime.wat2wasm("(module)")), tmp_path) == "the module exports no memory"
    memory = wasmtime.wat2wasm('(module (memory (export "memory") i64 1))')
    assert refused(bytes(memory), tmp_path) == (
        "the module has no export handle (it was made for another loader than ao's)"
    )
    renamed = guest().replace(b"\x06handle", b"\x06Handle")
    assert "has no export handle" in refused(renamed, tmp_path)
    swapped = guest().replace(b"setThrew", b"setthrew").replace(b"emscripten_stack_get_end", b"setThrew" + b"x" * 16)
    assert evaluate(swapped, tmp_path) == FINE
    other = guest().replace(b"emscripten_stack_get_end", b"e" * 24).replace(b"__wasm_call_ctors", b"o" * 17)
    assert evaluate(other, tmp_path) == FINE


def test_what_is_switched_off(tmp_path: Path) -> None:
    """Threads and relaxed SIMD, which two machines could answer differently, are refused."""
    import wasmtime

    shared = wasmtime.wat2wasm('(module (memory (export "memory") 1 1 shared))')
    assert "threads must be enabled" in refused(bytes(shared), tmp_path)
    relaxed = "(drop (f32x4.relaxed_min (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0)))"
    assert "relaxed SIMD support is not enabled" in refused(guest(f"{relaxed} {ANSWER}"), tmp_path)


def test_formats(tmp_path: Path) -> None:
    """The format is recognised from the imports and the pointers, or checked where it is given."""
    (tmp_path / "guest.wasm").write_bytes(guest())
    assert WasmModule.read(tmp_path / "guest.wasm").format == "wasm64-unknown-emscripten-draft_2024_02_15"
    assert refused(guest(), tmp_path, "wasm32-unknown-emscripten4") == (
        "format: is not of the format wasm32-unknown-emscripten4"
        " (it looks like wasm64-unknown-emscripten-draft_2024_02_15)"
    )
    with pytest.raises(ModuleError, match="there is no format 'wasm128'"):
        WasmModule.read(tmp_path / "guest.wasm", "wasm128")
    found = {}
    for text, wide in [
        ("", False),
        ('(import "env" "_emscripten_date_now" (func (result f64)))', False),
        ('(import "env" "emscripten_memcpy_js" (func (param i32 i32 i32)))', False),
        ('(import "metering" "usegas" (func (param i32)))', False),
        ('(import "metering" "usegas" (func (param i64)))', True),
    ]:
        (tmp_path / "guest.wasm").write_bytes(guest(imports=text, wide=wide))
        found[WasmModule.read(tmp_path / "guest.wasm").format] = evaluate(guest(imports=text, wide=wide), tmp_path)
    assert found == {
        name: FINE
        for name in FORMATS
        if name not in ("wasm32-unknown-emscripten", "wasm64-unknown-emscripten-draft_2024_02_15")
    }


def test_the_oldest_format(tmp_path: Path) -> None:
    """A module whose names are single letters runs too."""
    module = guest(
        "(drop (call $system (i32.const 0))) (call $invoke (i32.const 1) (i32.const 5) (i32.const 6)) (ptr.const 64)",
        imports="""(import "a" "m" (func $system (param i32) (result i32)))
          (import "a" "x" (func $invoke (param i32 i32 i32))) (import "a" "p" (func $jump))""",
        extra="(func $thrown (param i32 i32) (call $jump)) (elem (i32.const 1) $thrown)",
        wide=False,
    )
    letters = {
        b"memory": b"E",
        b"__indirect_function_table": b"I",
        b"handle": b"G",
        b"__wasm_call_ctors": b"F",
        b"emscripten_stack_get_current": b"M",
        b"_emscripten_stack_restore": b"N",
        b"_emscripten_stack_alloc": b"O",
        b"setThrew": b"L",
        b"emscripten_stack_get_end": b"z",
    }
    # The section of exports is as much shorter as the names are.
    saved = sum(len(name) - 1 for name in letters)
    at = module.index(b"\x06memory") - 1
    size = int.from_bytes(module[at - 2 : at], "little")
    assert module[at - 3] == 7
    assert size >> 8 < 128
    old = (size & 127) | (size >> 8) << 7
    new = old - saved
    module = module[: at - 2] + bytes((new & 127 | 128, new >> 7)) + module[at:]
    for name, letter in letters.items():
        module = module.replace(bytes((len(name),)) + name, b"\x01" + letter)
    path = tmp_path / "old.wasm"
    path.write_bytes(module)
    assert WasmModule.read(path).format == "wasm32-unknown-emscripten"
    assert evaluate(module, tmp_path) == FINE


@pytest.mark.parametrize(
    "name", ["aos", "aos2_0_1", "aos2_0_3", "aos2_0_4_32", "aos2_0_6", "process", "sqlite", "llama"]
)
def test_published(name: str, published: Path) -> None:
    """Every published module can be read and started."""
    module = WasmModule.read(published / f"{name}.wasm")
    assert module.format == ("wasm32-unknown-emscripten4" if name.endswith("_32") else sorted(FORMATS)[-2])
    assert WasmEngine({}, module=module).memory_size == module.facts.pages * 65536


def test_without_wasmtime() -> None:
    """Without wasmtime, a module is an error that says what to install."""
    code = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from ao_runtime import InputError\n"
        "try:\n    import ao_runtime.wasm\n"
        "except InputError as error:\n    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == ("published modules need wasmtime, which is not installed (pip install wasmtime)\n")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """An engine that nobody holds any more is freed, with its module's memory, also where its files hold it."""
    import gc
    import weakref

    held = []
    engine = start(guest(), tmp_path, file=lambda name, held=held: None)
    held.append(engine)
    there = weakref.ref(engine)
    del engine, held
    gc.collect()
    assert there() is None
