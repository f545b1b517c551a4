"""A module's state as bytes: all of it comes back, the same each time, and hostile bytes reach nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import SnapshotError
from ao_runtime.models.answer import to_wire
from ao_runtime.wasm import WasmEngine, state
from ao_runtime.wasm.files import Tree

from .guests import ANSWER, guest, message, start

#: Counts in a global, and answers with the count: `a` is the first.
COUNTER = '(global $count (mut i32) (i32.const 96)) (data (ptr.const 512) "{\\"ok\\":true,\\"response\\":{\\"Output\\":\\"?\\"}}\\00")'
COUNT = """(global.set $count (i32.add (global.get $count) (i32.const 1)))
  (i32.store8 (ptr.const 545) (global.get $count)) (ptr.const 512)"""


def answers(engine: WasmEngine, number: int) -> list[Any]:
    """What so many messages are answered."""
    return [to_wire(engine.evaluate(message()))["Output"] for _ in range(number)]


def contents(engine: WasmEngine) -> bytes:
    """All of a module's memory."""
    instance = engine._instance
    return instance.memory.read(instance.store, 0, engine.memory_size)


def load(module: bytes, folder: Path, saved: bytes, **options: Any) -> WasmEngine:
    """A new engine with a state."""
    engine = start(module, folder, **options)
    engine.load(saved)
    return engine


@pytest.mark.parametrize("wide", [True, False], ids=["wasm64", "wasm32"])
def test_globals_and_memory(wide: bool, tmp_path: Path) -> None:
    """Globals and memory come back, and what is saved then is the same, byte for byte."""
    module = guest(COUNT, extra=COUNTER, wide=wide)
    engine = start(module, tmp_path)
    assert answers(engine, 3) == ["a", "b", "c"]
    saved = engine.save()
    assert saved is not None
    again = load(module, tmp_path, saved)
    assert again.save() == saved
    assert answers(again, 2) == answers(engine, 2) == ["d", "e"]
    assert again.save() == engine.save() != saved


def test_a_fresh_one_is_small(tmp_path: Path) -> None:
    """What a module has from its start is not in its state."""
    saved = start(guest(COUNT, extra=COUNTER, pages=60), tmp_path).save()
    assert saved is not None
    assert len(saved) < 400


def test_zeroed_pages(tmp_path: Path) -> None:
    """A page that was something at the start and is nothing now comes back as nothing."""
    body = f"(memory.fill (ptr.const 512) (i32.const 0) (ptr.const 100)) (i32.store (ptr.const 100000) (i32.const 5)) {ANSWER}"
    far = '(data (ptr.const 8192) "there") (func $gone (memory.fill (ptr.const 8192) (i32.const 0) (ptr.const 5)))'
    module = guest(f"(call $gone) {body}", extra=far)
    engine = start(module, tmp_path)
    answers(engine, 1)
    saved = engine.save()
    assert saved is not None
    again = load(module, tmp_path, saved)
    assert contents(again) == contents(engine)


def test_grown_memory(tmp_path: Path) -> None:
    """A memory that has grown is as large again; where that is not allowed, the error says so."""
    body = f"(drop (memory.grow (ptr.const 5))) (i32.store8 (ptr.const 400000) (i32.const 1)) {ANSWER}"
    module = guest(body)
    engine = start(module, tmp_path)
    answers(engine, 1)
    saved = engine.save()
    assert saved is not None
    again = load(module, tmp_path, saved)
    assert again.memory_size == 7 * 65536
    assert again.save() == saved
    with pytest.raises(SnapshotError, match="raise the limit on memory"):
        load(module, tmp_path, saved, memory=3 * 65536)


def test_what_cannot_be_seen(tmp_path: Path) -> None:
    """State that nobody can look at is not written down: segments that can be dropped, changed tables, other globals."""
    dropped = guest(f"(data.drop $d) {ANSWER}", extra='(data $d "text")')
    assert start(dropped, tmp_path).save() is None
    floating = guest(ANSWER, extra="(global $f (mut f64) (f64.const 0))")
    assert start(floating, tmp_path).save() is None
    changed = guest(
        f"(table.set 0 (i32.const 2) (ref.func $one)) {ANSWER}", extra="(func $one) (elem (i32.const 1) $one)"
    )
    engine = start(changed, tmp_path)
    assert engine.save() is not None
    answers(engine, 1)
    assert engine.save() is None


FILES = """(import "env" "__syscall_openat" (func $open (param i32 ptr i32 ptr) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 ptr ptr ptr) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 ptr ptr ptr) (result i32)))"""
FILE = (
    '(data (ptr.const 600) "/data/x\\00/tmp/y\\00") (data (ptr.const 640) "\\21\\02\\00\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00")'
    ' (data (ptr.const 512) "{\\"ok\\":true,\\"response\\":{\\"Output\\":\\"?\\"}}\\00")'
    " (global $file (mut i32) (i32.const 0))"
)
READ = """(if (i32.eqz (global.get $file)) (then
    (global.set $file (call $open (i32.const -100) (ptr.const 600) (i32.const 0) (ptr.const 0)))
    (drop (call $write (call $open (i32.const -100) (ptr.const 608) (i32.const 0x42) (ptr.const 0))
      (ptr.const 640) (ptr.const 1) (ptr.const 700)))))
  (drop (call $read (global.get $file) (ptr.const 640) (ptr.const 1) (ptr.const 700)))
  (ptr.const 512)"""


def test_files(tmp_path: Path) -> None:
    """Files, and how far an open one has been read, come back."""
    module = guest(READ, imports=FILES, extra=FILE)
    data = {"x": b"hello"}
    engine = start(module, tmp_path, file=data.get)
    assert answers(engine, 2) == ["h", "e"]
    saved = engine.save()
    assert saved is not None
    again = load(module, tmp_path, saved, file=data.get)
    assert again.save() == saved
    assert answers(again, 2) == answers(engine, 2) == ["l", "l"]
    assert again.save() == engine.save()


def test_trees() -> None:
    """Any tree of files and descriptors comes back as it was."""
    tree = Tree(None, lambda: 10007)
    tree.make_folder(b"/tmp/a", 0o755, -100)
    first = tree.open(b"/tmp/a/f", 0x42)
    tree.write(first, b"content")
    tree.duplicate(first, 9)
    gone = tree.open(b"/gone", 0x42)
    tree.write(gone, b"still open")
    tree.remove(b"/gone", -100, folder=False)
    tree.close(0)
    head, contents = state.dump_files(tree)
    again = Tree(None, lambda: 10007)
    state.restore_files(again, json.loads(json.dumps(head)), memoryview(b"".join(contents)))
    assert state.dump_files(again) == (head, contents)
    assert again.used == tree.used
    again.seek(9, 0, 0)
    assert again.opened(first).at == 0
    assert again.find(b"/tmp/a/f").content == b"content"


# ── damaged and hostile ───────────────────────────────────────────────────────────────────────────────────────────


def resealed(saved: bytes, change: Any) -> bytes:
    """A state with another head, whole as far as its digest goes."""
    (length,) = struct.unpack_from("<I", saved, 72)
    head = json.loads(saved[76 : 76 + length])
    rest = saved[76 + length :]
    head, rest = change(head, rest)
    text = json.dumps(head).encode()
    body = saved[40:72] + struct.pack("<I", len(text)) + text + rest
    return saved[:8] + hashlib.blake2b(body, digest_size=32).digest() + body


@pytest.fixture
def saved(tmp_path: Path) -> tuple[bytes, bytes]:
    """A module and a state of it."""
    module = guest(COUNT, extra=COUNTER)
    engine = start(module, tmp_path)
    answers(engine, 1)
    found = engine.save()
    assert found is not None
    return module, found


def test_damaged(saved: tuple[bytes, bytes], tmp_path: Path) -> None:
    """Bytes that are cut or changed anywhere are refused."""
    module, whole = saved
    engine = start(module, tmp_path)
    for place in range(0, len(whole), 97):
        with pytest.raises(SnapshotError):
            engine.load(whole[:place])
        with pytest.raises(SnapshotError):
            engine.load(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
    with pytest.raises(SnapshotError):
        engine.load(whole + b"x")


def test_foreign(saved: tuple[bytes, bytes], tmp_path: Path) -> None:
    """The state of another module is refused, by name."""
    with pytest.raises(SnapshotError, match="the state is one of another module"):
        start(guest(), tmp_path).load(saved[1])


NUMBERS: list[Any] = [-1, 1 << 70, 1.5, "1", None, True, [], {}]


def heads() -> list[Any]:
    """Changes of a head that make no sense."""

    def put(name: str, value: Any) -> Any:
        return lambda head, rest: ({**head, name: value}, rest)

    changes: list[Any] = [put("size", number) for number in (*NUMBERS, 131073, 1 << 39)]
    changes += [put("clock", number) for number in NUMBERS[1:]]
    changes += [put("high", number) for number in NUMBERS[1:]]
    changes += [put("globals", value) for value in (*NUMBERS, [1], [1, 2, 3], [1, 1 << 32], ["a", 1])]
    pages = [[-1, 1]], [[0, 0]], [[0, 1 << 60]], [[31, 2]], [[32, 1]], [[0, 1, 2]], [0], [[0, 3]], [["0", 1]]
    changes += [put("pages", value) for value in (*NUMBERS[:-2], {}, *pages)]
    changes += [lambda head, rest: ([], rest), lambda head, rest: (None, rest), lambda head, rest: (head, rest + b"x")]
    changes += [lambda head, rest: (head, rest[:-1]), lambda head, rest: ({}, rest)]
    files = {"last": 21, "nodes": [], "files": [], "open": [], "times": []}
    node = [21, "file", 1, "x", 0, 0, 0]
    for change in [
        *({name: value} for name in files for value in NUMBERS if not (name != "last" and value in ([], {}))),
        *(
            {"nodes": [[*node[:place], value, *node[place + 1 :]]]}
            for place in range(7)
            for value in (-1, 1 << 70, None, {})
        ),
        *(
            {"nodes": [[21, "file", 1, name, 0, 0, 0]]}
            for name in ("", ".", "..", "a/b", "\0", "x" * 256, "dev", "\u1234")
        ),
        {"nodes": [node, node]},
        {"nodes": [[21, "directory", 21, "x", 0, 0, 0]]},
        {"nodes": [[21, "directory", 0, "x", 0, 0, 0]]},
        {"nodes": [[21, "data", 1, "x", 0, 0, 0]]},
        {"nodes": [[21, "device", 1, "x", 0, 0, 0]]},
        {"nodes": [[21, "file", 1, "x", 0, 0, 1 << 40]]},
        {"nodes": [[5, "file", 1, "x", 0, 0, 0]]},
        {"files": [[99, 0, 0]]},
        {"files": [[1, -1, 0]]},
        {"files": [[1, 0, 0]], "open": [[-1, 0]]},
        {"files": [[1, 0, 0]], "open": [[1 << 20, 0]]},
        {"files": [[1, 0, 0]], "open": [[0, 1]]},
        {"times": [[99, 0]]},
        {"times": [[1, -5]]},
    ]:
        changes.append(put("files", {**files, **change}))
    return [*changes, *(put("files", value) for value in NUMBERS if value is not None)]


@pytest.mark.parametrize("number", range(len(heads())))
def test_hostile(number: int, saved: tuple[bytes, bytes], tmp_path: Path) -> None:
    """A state that is whole, but says something impossible, is refused, and nothing outside of the module is touched."""
    module, whole = saved
    engine = start(module, tmp_path)
    with pytest.raises(SnapshotError):
        engine.load(resealed(whole, heads()[number]))


def test_noise(saved: tuple[bytes, bytes], tmp_path: Path) -> None:
    """A memory full of noise is the module's own affair: it ends in an error, or in an answer."""
    module, whole = saved

    def noise(head: Any, rest: bytes) -> Any:
        return {**head, "pages": [[0, 32]], "globals": [(1 << 31) - 1] * 2, "size": 131072}, os.urandom(131072)

    engine = start(module, tmp_path)
    engine.load(resealed(whole, noise))
    assert engine.evaluate(message())[0] in (2, 3)
