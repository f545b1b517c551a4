"""Children that processes share, and how a process says that it wants one."""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ao_runtime import InputError, InternalError, Limits, Pool, Process, replay
from ao_runtime.isolation import machine, missing

COUNT = "N = (N or 0) + 1 return N"


def test_each_process_in_one_child() -> None:
    """Processes are spread over the children; each stays where it is, and a child that has ended is replaced."""
    with Pool(2) as pool:
        processes = [Process.spawn(code="", isolated=pool) for _ in range(6)]
        homes = [process._state.engine.child.pid for process in processes]  # type: ignore[union-attr]
        assert sorted(homes.count(pid) for pid in set(homes)) == [3, 3]
        for process in processes:
            assert process.eval("error('no')").error
            assert process.eval(COUNT).text == "1"
        assert [process._state.engine.child.pid for process in processes] == homes  # type: ignore[union-attr]
        pool._places[0].child.close()  # type: ignore[union-attr]
        assert len(pool.pids) == 1
        assert [process.eval(COUNT).text for process in processes] == ["2"] * 6
        assert len(pool.pids) == 2


def test_what_is_dropped_is_gone(pool: Pool) -> None:
    """A process that nobody needs any more leaves nothing in its child."""
    keeper = Process.spawn(code="", isolated=pool)
    child = pool._places[0].child
    assert child is not None
    for _ in range(20):
        with Process.spawn(code="", isolated=pool) as process:
            process.eval(COUNT)
            process.fork().eval(COUNT)
    del process
    gc.collect()
    assert keeper.eval(COUNT).ok
    assert child.load == 1
    assert len(child._memories) == 1


def test_threads() -> None:
    """Processes in the same and in other children are used by many threads at once."""
    with Pool(2) as pool, ThreadPoolExecutor(8) as threads:
        processes = [Process.spawn(code="", isolated=pool) for _ in range(8)]

        def work(process: Process) -> list[str]:
            return [process.eval(COUNT).text for _ in range(30)]

        assert list(threads.map(work, processes)) == [[str(n) for n in range(1, 31)]] * 8


def test_closed() -> None:
    """What needs a closed pool says so, and nobody is left alive."""
    pool = Pool(1)
    process = Process.spawn(code="", isolated=pool)
    (pid,) = pool.pids
    pool.close()
    pool.close()
    assert repr(pool) == "Pool(size=1, closed)"
    with pytest.raises(InputError, match="pool of children has been closed"):
        process.eval(COUNT)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "2", 10_000])
def test_sizes(size: Any) -> None:
    """A size that makes no sense is refused."""
    with pytest.raises(InputError, match="size"):
        Pool(size)


def test_options(pool: Pool) -> None:
    """`isolated` is true, false or a pool; hard limits want a child."""
    assert Process.spawn(code="", isolated=False)._state.genesis.pool is None
    with pytest.raises(InputError, match="isolated: must be true, false or a Pool"):
        Process.spawn(code="", isolated="yes")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"limits\.hard: are for processes in a child process only"):
        Process.spawn(code="", isolated=False, limits=Limits(hard=True))
    plain = Process.spawn(code="")
    for use in (plain.handle, plain.dry_run):
        with pytest.raises(InputError, match=r"limits\.hard: can be had in a child process only"):
            use(From="a", limits={"hard": True})
    with pytest.raises(InputError, match=r"limits\.hard"):
        plain.handle_many([{"From": "a"}], limits={"hard": True})
    with pytest.raises(InputError, match="hard: must be true or false"):
        Limits(hard="yes")  # type: ignore[arg-type]
    assert (plain.count, plain.eval(COUNT, limits={"hard": False}).text) == (1, "1")
    process = Process.spawn(code="", isolated=pool)
    assert process.eval(COUNT, limits={"hard": True}).text == "1"


@pytest.mark.skipif(missing() is not None, reason="there are no hard limits here")
def test_hard_limits_imply_a_child() -> None:
    """Who asks for hard limits gets a child of the pool that all share."""
    process = Process.spawn(code="", limits={"hard": True})
    assert process._state.genesis.pool is not None
    assert process.eval(COUNT).text == "1"


def test_where_there_are_no_hard_limits(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> None:
    """Where the system cannot limit another program, a child works, and to ask for hard limits is an error."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(InputError, match="hard limits cannot be had here: darwin"):
        Process.spawn(code="", limits={"hard": True})
    process = Process.spawn(code="", isolated=pool)
    assert machine.cpu_seconds(pool.pids[0]) is None
    late = process.eval("while true do end", limits={"instructions": None, "seconds": 0.2})
    assert late.failure is not None
    assert late.failure.limit == "time"
    assert process.eval(COUNT).text == "1"


def test_no_child_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no program can be started, that is said."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Pool(1) as pool, pytest.raises(InputError, match=r"no child process can be started: .*No such file"):
        Process.spawn(code="", isolated=pool)


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(3)",
        "import sys; sys.stdout.buffer.write(b'nonsense' * 1000); sys.stdout.flush(); sys.stdin.buffer.read()",
        "import os; os.write(1, b'\\x05' + bytes(7) + b'Q' + bytes(4)); os.read(0, 1)",
        "import os; os.write(1, b'\\xff' * 8); os.read(0, 1); os.read(0, 1)",
    ],
    ids=["ends", "noise", "no kind", "huge"],
)
def test_a_child_that_is_none(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that ends, or sends anything else than answers, is given up after some tries."""
    monkeypatch.setattr(machine, "_CODE", program)
    monkeypatch.setattr("ao_runtime.state.loss._TRIES", 2)
    with Pool(1) as pool, pytest.raises(InternalError, match="no child process lives long enough"):
        Process.spawn(code="", isolated=pool)


def test_files_sources_and_what_is_printed(pool: Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a process reads, and what a module of the project prints, is served here and noted as anywhere."""
    (tmp_path / "process.lua").write_text(
        "local t = require('.tools')\nlocal p = {}\nfunction p.handle(m, e)\n  print('seen', m.From)\n"
        "  local f = io.open('/data/a')\n  return { Output = t.x .. (f and f:read('a') or 'none') }\nend\nreturn p\n"
    )
    (tmp_path / "tools.lua").write_text("return { x = 'tools ' }")
    asked: list[str] = []

    def file(name: str) -> str:
        asked.append(f"{name} in {threading.get_ident()}")
        return "file a"

    process = Process(module=tmp_path, files=file, isolated=pool)
    with caplog.at_level(logging.INFO, "ao_runtime.print"):
        results = [process.handle(Id=process.id, From="bob"), *process.handle_many([{"From": "eve"}] * 2)]
    assert [result.output for result in results] == ["tools file a"] * 3
    assert asked == [f"a in {threading.get_ident()}"]
    assert [record.getMessage() for record in caplog.records if record.name == "ao_runtime.print"] == [
        "seen\tbob",
        "seen\teve",
        "seen\teve",
    ]
    assert sorted(process._state.journal.reads) == [0]


def test_a_file_that_another_process_of_the_child_makes(pool: Pool) -> None:
    """What gives a file's content may ask another process in the same child for it."""
    other = Process.spawn(code="", isolated=pool)
    process = Process.spawn(code="", isolated=pool, files=lambda name: other.eval(COUNT).text + name)
    code = "return io.open('/data/a'):read('a') .. io.open('/data/b'):read('a')"
    assert process.eval(code).text == "1a2b"
    assert process.dry_run(process.eval_message("return tostring(io.open('/data/c'))")).text == "nil"
    assert other.get("N") == 2


def test_who_gives_a_file_ends_the_child(pool: Pool) -> None:
    """A file that cannot be given is not there; where the child is lost meanwhile, the message is evaluated again."""
    other = Process.spawn(code="", isolated=pool)
    kills = [True, False]

    def file(name: str) -> str:
        if kills.pop(0):
            os.kill(pool.pids[0], signal.SIGKILL)
        return other.eval(COUNT).text

    process = Process.spawn(code="", isolated=pool, files=file)
    assert process.eval("return io.open('/data/a'):read('a')").text == "1"
    assert process.eval("return io.open('/data/b'):read('a')").text == "2"

    def none(name: str) -> str:
        raise ValueError

    process = Process.spawn(code="", isolated=pool, files=none)
    assert process.eval("return tostring(io.open('/data/a'))").text == "nil"


def test_a_bug_of_ours(pool: Pool) -> None:
    """An error of the engine's own in the child is an `InternalError` here, and the message never was."""
    process = Process.spawn(code="N = 0", isolated=pool)
    wrong: Any = (("Id",), (b"m",))  # a shape without its middle
    with pytest.raises(InternalError, match="ValueError"):
        process._state.evaluate(wrong, process.limits)
    with pytest.raises(InternalError, match="ValueError"), process._state.together():
        process._state.evaluate_many([wrong, wrong], process.limits)
    with pytest.raises(InternalError, match="ValueError"):
        process._state.dry_run(wrong, process.limits)
    assert process.count == 1
    assert len(pool.pids) == 1
    assert process.eval(COUNT).text == "1"


def test_closed_while_it_works() -> None:
    """To close a pool does not wait for what its children are doing."""
    pool = Pool(1)
    process = Process.spawn(code="", isolated=pool)
    timer = threading.Timer(0.2, pool.close)
    timer.start()
    began = time.monotonic()
    with pytest.raises(InputError, match="pool of children has been closed"):
        process.eval("while true do end", limits={"seconds": 30, "instructions": None})
    assert time.monotonic() - began < 15
    timer.join()


def test_a_journal(pool: Pool, tmp_path: Path) -> None:
    """A process in a child is kept on disk, opened and replayed like any other, and the bytes are the same."""
    snapshots = []
    for name, isolated in (("one", pool), ("other", None)):
        file = tmp_path / f"{name}.ao"
        with Process.spawn(code="N = 0", state=file, isolated=isolated) as process:
            process.handle_many([process.eval_message(COUNT)] * 300 + [process.eval_message("error('no')")])
            process.eval(COUNT)
        with Process.open(file, isolated=pool) as process:
            assert process.eval(COUNT).text == "302"
            snapshots.append(process.snapshot())
            assert process.at(100, progress=lambda *_: None).get("N") == 100
        assert all(one.same for one in replay(file, isolated=pool))
    assert snapshots[0] == snapshots[1]
    assert Process.restore(snapshots[0], isolated=pool).eval(COUNT).text == "303"


def test_a_fork_of_this_program() -> None:
    """A fork of a program with children does not touch them, and gets its own."""
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    code = (
        "import os\nfrom ao_runtime import Process, Pool\n"
        f"pool = Pool(1)\nprocess = Process.spawn(code='', isolated=pool)\nprocess.eval({COUNT!r})\npids = pool.pids\n"
        "pid = os.fork()\n"
        f"text = process.eval({COUNT!r}).text\n"
        "if pid == 0:\n  print('fork', text, pool.pids != pids, flush=True)\n  pool.close()\n  os._exit(0)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        f"print('here', text, process.eval({COUNT!r}).text, pool.pids == pids)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("fork 2 True\nhere 2 3 True\n", "")


def test_children_end_with_this_program() -> None:
    """Nothing is left when the program ends, not even where it is killed while a child works."""
    code = (
        "import sys, threading, time\nfrom ao_runtime import Process, Pool\n"
        "pool = Pool(1)\nprocess = Process.spawn(code='', isolated=pool)\nprint(pool.pids[0], flush=True)\n"
        "process.eval('while true do end', limits={'seconds': 60, 'instructions': None})\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        os.kill(pid, 0)
        time.sleep(0.2)
        program.kill()
    for _ in range(100):
        if machine.resident(pid) in (None, 0):
            return
        time.sleep(0.1)
    raise AssertionError("the child is still there")


def test_no_secrets() -> None:
    """A child is not told of the environment of this program, but for where things lie and what words look like."""
    with mock.patch.dict(os.environ, {"AWS_SECRET": "x", "LC_ALL": "C"}):
        child = machine.start()
    try:
        environment = Path(f"/proc/{child.pid}/environ")
        if not environment.exists():
            pytest.skip("nobody knows here")
        for _ in range(100):
            found = environment.read_bytes()
            if b"LC_ALL" in found:
                break
            time.sleep(0.05)
        assert b"LC_ALL=C\0" in found
        assert b"AWS_SECRET" not in found
    finally:
        machine.kill(child)
        child.communicate()
