"""Limits of modules: each is an error of its own kind, and says which it was."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from ao_runtime import InputError
from ao_runtime.models.answer import to_wire
from ao_runtime.models.limits import Limits
from ao_runtime.wasm import WasmEngine

from .guests import ANSWER, FINE, evaluate, guest, message, start

ENDLESS = "(loop $again (br $again)) (unreachable)"
GREEDY = """(loop $again
  (drop (memory.grow (ptr.const 1)))
  (br_if $again (i64.lt_u (i64.const 0) (i64.const 1)))) (unreachable)"""
#: Asks for a page more until it is refused, and then fails as Lua does.
ASKING = """(loop $again
  (br_if $again (call $resize (ptr.add (ptr.mul (memory.size) (ptr.const 65536)) (ptr.const 1)))))
  (ptr.const 512)"""
RESIZE = '(import "env" "emscripten_resize_heap" (func $resize (param ptr) (result i32)))'
NO_MEMORY = '(data (ptr.const 512) "{\\"ok\\":false,\\"response\\":\\"not enough memory\\"}\\00")'


def test_instructions(tmp_path: Path) -> None:
    """A module that loops hits the limit on instructions, which are its gas."""
    limits = Limits(instructions=100_000, seconds=None)
    engine = start(guest(ENDLESS), tmp_path)
    engine.limit(limits.instructions, limits.seconds, limits.memory)
    text = b"instruction limit of 100000 reached"
    assert engine.evaluate(message()) == (3, 100_000, text, b"instructions", text, None)


def test_time(tmp_path: Path) -> None:
    """A module that loops hits the limit on time, to some hundredths of a second."""
    begun = time.monotonic()
    answer = evaluate(guest(ENDLESS), tmp_path, Limits(instructions=None, seconds=0.1))
    assert answer == {"Error": "time limit of 0.1 seconds reached", "limit": "time"}
    assert 0.1 <= time.monotonic() - begun < 2


def test_time_of_one_alone(tmp_path: Path) -> None:
    """The time of one evaluation that is over stops no other that runs at the same time."""
    answers = {}

    def run(name: str, seconds: float) -> None:
        folder = tmp_path / name
        folder.mkdir()
        answers[name] = evaluate(guest(ENDLESS), folder, Limits(instructions=None, seconds=seconds))
        answers[name]["at"] = time.monotonic()

    threads = [threading.Thread(target=run, args=(f"n{n}", 0.1 + 0.4 * n)) for n in range(3)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(0.1 + 0.4 * n <= answers[f"n{n}"]["at"] - begun for n in range(3))
    assert {answer["limit"] for answer in answers.values()} == {"time"}


def test_memory(tmp_path: Path) -> None:
    """A module that is refused memory because of the limit, and fails for it, has hit the limit on memory."""
    limits = Limits(memory=1 << 20)
    expected = {"Error": "not enough memory", "limit": "memory"}
    assert evaluate(guest(ASKING, imports=RESIZE, extra=NO_MEMORY), tmp_path, limits) == expected
    assert evaluate(guest(ASKING, imports=RESIZE, extra=NO_MEMORY, wide=False), tmp_path, limits) == expected


@pytest.mark.parametrize("wide", [True, False])
def test_memory_grows_to_the_limit(wide: bool, tmp_path: Path) -> None:
    """A memory grows up to the limit and not beyond, by a fifth at a time where that is possible."""
    engine = start(guest(ASKING, imports=RESIZE, extra=NO_MEMORY, wide=wide), tmp_path, memory=1 << 20)
    engine.evaluate(message())
    assert engine.memory_size == 1 << 20


@pytest.mark.parametrize("wide", [True, False])
def test_copies(wide: bool, tmp_path: Path) -> None:
    """A long copy leaves out what lies outside of the memory, as copyWithin does; modules do so when memory is short."""
    copies = [
        (0, 0, 700_000_000),  # all of it onto itself
        (131072, 0, 100),  # to behind the end
        (65, 4_000_000_000, 100),  # from behind the end
        (131072 - 4, 68, 700_000_000),  # as much as there is room for
        (131072 - 2, 131072 - 4, 100),  # to the end of what there is
    ]
    calls = "".join(f"(call $copy {' '.join(f'(ptr.const {value})' for value in copied)})" for copied in copies)
    imports = '(import "env" "_emscripten_memcpy_js" (func $copy (param ptr ptr ptr)))'
    engine = start(guest(f"{calls} {ANSWER}", imports=imports, wide=wide), tmp_path)
    assert to_wire(engine.evaluate(message())) == FINE
    instance = engine._instance
    # of `":tr` the first half twice
    assert instance.memory.read(instance.store, 131072 - 4, 4) == b'":":'


def test_memory_of_its_own(tmp_path: Path) -> None:
    """A module that grows its memory without asking is refused all the same."""
    engine = start(guest(GREEDY, most=60000), tmp_path, memory=1 << 20)
    engine.limit(1_000_000, None, 1 << 20)
    assert to_wire(engine.evaluate(message()))["Error"] == "instruction limit of 1000000 reached"
    assert engine.memory_size == 1 << 20


def test_no_room_to_start(tmp_path: Path) -> None:
    """A limit below what the module needs to start in is an error that says how much that is."""
    with pytest.raises(InputError, match="the module needs 2 MB to start in, found 1048576 bytes"):
        start(guest(pages=32), tmp_path, memory=1 << 20)


def test_recursion(tmp_path: Path) -> None:
    """A module that calls itself without end fails as in the network's loader."""
    deep = "(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))"
    answer = evaluate(guest(f"(drop (call $deep)) {ANSWER}", extra=deep), tmp_path)
    assert answer == {"Error": "Maximum call stack size exceeded", "limit": None}


def test_in_a_thread(tmp_path: Path) -> None:
    """The deepest recursion has room on the stack of any thread."""
    deep = "(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))"
    answers = []
    work = threading.Thread(
        target=lambda: answers.append(evaluate(guest(f"(drop (call $deep)) {ANSWER}", extra=deep), tmp_path))
    )
    work.start()
    work.join()
    assert answers == [{"Error": "Maximum call stack size exceeded", "limit": None}]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="there is no pthread_kill here")
def test_interrupt(tmp_path: Path) -> None:
    """Ctrl-C is heard while a module runs."""
    engine = start(guest(ENDLESS), tmp_path)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.evaluate(message())
    assert time.monotonic() - begun < 3
    timer.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork(tmp_path: Path) -> None:
    """A fork of the program goes on with the module, with limits, and starts and compiles others."""
    engine = start(guest(), tmp_path)
    engine.limit(None, 5, None)
    assert to_wire(engine.evaluate(message()))["Output"] == "fine"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(20)
            assert to_wire(engine.evaluate(message()))["Output"] == "fine"
            answer = evaluate(guest(ENDLESS), tmp_path, Limits(instructions=None, seconds=0.1))
            assert answer == {"Error": "time limit of 0.1 seconds reached", "limit": "time"}
            other = guest(f"(drop (i32.const {os.getpid()})) {ANSWER}")
            assert evaluate(other, tmp_path)["Output"] == "fine"
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    answer = evaluate(guest(ENDLESS), tmp_path, Limits(instructions=None, seconds=0.1))
    assert answer == {"Error": "time limit of 0.1 seconds reached", "limit": "time"}


def test_gas_is_the_same(aos: Path) -> None:
    """The same messages use the same instructions in every run."""
    environment = {"Process": {"Id": "P", "Owner": "ME", "Tags": []}}
    messages = [
        message(Id="P", Target="P", From="ME", Owner="ME", Module="M", Timestamp=1, **{"Block-Height": "1"}),
        message(Target="P", From="ME", Owner="ME", Data="local t = {} for i = 1, 99 do t[{}] = i end return #Inbox"),
    ]
    runs = []
    for _ in range(2):
        engine = WasmEngine(environment, module=aos)
        runs.append([engine.evaluate(packed) for packed in messages])
    assert runs[0] == runs[1]
    assert all(raw[1] > 1000 for raw in runs[0])
