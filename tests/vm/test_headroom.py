"""A VM that is nearly full never ends the program: what is given to it is looked at before."""

import gc
import weakref

import pytest

from ao_runtime import InputError, Limits, Process, SnapshotError
from ao_runtime.vm.headroom import size_of

LIMITS = Limits(memory="12MB")


def test_a_large_message_for_a_full_process() -> None:
    """A message that the process has no room for ends in a memory limit, and the process goes on."""
    process = Process.spawn(code="Handlers.add('any', function() return true end, function() end)", limits=LIMITS)
    assert process.eval("X = string.rep('x', 4000000)").ok
    for _ in range(3):
        failure = process.handle(From="bob", Data="y" * 20_000_000).failure
        assert failure is not None
        assert failure.limit == "memory"
    assert process.handle(From="bob", Data="y").ok
    assert len(process.get("X")) == 4_000_000


def test_a_large_file_for_a_full_process() -> None:
    """A file that there is no room for is a memory limit, inside the evaluation."""
    process = Process.spawn(code="", limits=LIMITS, files={"big": b"z" * 20_000_000, "small": b"z"})
    failure = process.eval("return #io.open('/data/big'):read('a')").failure
    assert failure is not None
    assert failure.limit == "memory"
    assert process.eval("return io.open('/data/small'):read('a')").text == "z"


FIRST = {
    "dates": "os.date()",
    "objects as keys": "(function() for _ in pairs({ [{}] = 1, [{}] = 2 }) do end end)()",
}


@pytest.mark.parametrize("code", FIRST.values(), ids=FIRST)
def test_parts_that_a_full_process_is_the_first_to_need(code: str) -> None:
    """What is read when it is first needed ends in a memory limit where it has no room, and never the program."""
    limits = Limits(memory="2500KB")
    fill = "local t = {} for i = 1, %d do t[i] = string.rep('x', 500) .. i end local _ = %s"
    seen = set()
    for n in range(3300, 3900, 50):
        process = Process.spawn(code="", limits=limits)
        result = process.eval(fill % (n, code))
        seen.add(result.ok or (result.failure is not None and result.failure.limit))
        assert process.eval(f"local _ = {code}").ok
    assert seen == {True, "memory"}


def test_what_is_kept_leaves_room() -> None:
    """A process that fills its memory to the last bytes has hit the limit."""
    process = Process.spawn(code="T = {}", limits=LIMITS)
    grown = 0
    for _ in range(200):
        result = process.eval("T[#T + 1] = string.rep('x', 100000) .. #T")
        if not result.ok:
            assert result.failure is not None
            assert result.failure.limit == "memory"
            break
        grown += 1
    assert 50 < grown <= 120
    assert len(process.get("T")) == grown


def test_a_limit_too_small() -> None:
    """A memory limit in which no process can start is refused."""
    with pytest.raises(InputError, match="memory: a process needs 2 MB"):
        Process(limits=Limits(memory=1000))


def test_a_vm_is_freed() -> None:
    """Nothing that Lua or SQLite hold of Python keeps a VM alive: it goes with its process, not with Python's garbage."""
    gc.disable()
    try:
        process = Process.spawn(code="local s = require('lsqlite3') DB = s.open_memory() Handlers.add('a', 'A', print)")
        engine = weakref.ref(process._state.engine)
        databases = weakref.ref(process._state.engine._sqlite._registry)
        del process
        assert (engine(), databases()) == (None, None)
    finally:
        gc.enable()


def test_sizes() -> None:
    """The size of a value counts all that is in it."""
    assert size_of(("a", (b"bc", [1]))) > 3
    assert size_of((b"x" * 1000, ["y" * 500])) >= 1500


def test_a_nearly_full_process_is_restored() -> None:
    """A state that nearly fills its memory is taken over whole, or is said to need more; with more there is room.

    There is room for looking at what it holds, too: that a function is named as `.bint`, the largest module of ours, is.
    """
    fill = (
        "F = load('return function() return 1 end', '.bint')() T = {} for i = 1, %d do T[i] = i .. ('x'):rep(1000) end"
    )
    process = Process.spawn(code="", limits=Limits(memory="4MB"))
    most, too_many = 0, 4000
    while too_many - most > 1:
        n = (most + too_many) // 2
        most, too_many = (n, too_many) if process.fork().eval(fill % n).ok else (most, n)
    fits: list[bool | str] = []
    for n in range(most - 1000, most + 1, 50):
        full = process.fork()
        if not full.eval(fill % n).ok:
            continue  # when garbage is collected moves the end a little
        snapshot = full.snapshot()
        try:
            assert Process.restore(snapshot).get("T")[-1].startswith(str(n))
            fits.append(True)
        except SnapshotError as error:
            fits.append("the saved state needs more memory than the limit" not in str(error) and str(error))
        assert Process.restore(snapshot, limits=Limits(memory="6MB")).eval("return #T + F()").text == str(n + 1)
    assert True in fits
    assert set(fits) <= {True, False}, fits
    with pytest.raises(SnapshotError, match="the saved state needs more memory than the limit"):
        Process.restore(snapshot, limits=Limits(memory="3MB"))
