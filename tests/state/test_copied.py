"""Back to a moment by a copy of the engine: what comes of it is what comes of a saved state."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import InputError, Process
from ao_runtime.state.checkpointing import Checkpointing
from ao_runtime.state.copied import CopiedEngine

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

CODE = """
Count = 0
Handlers.add("add", "Add", function(msg) Count = Count + 1 ao.send({ Target = msg.From, Count = tostring(Count) }) end)
Handlers.add("fail", "Fail", function() Count = Count + 1 error("oh") end)
Handlers.add("loop", "Loop", function() while true do end end)
Handlers.add("read", "Read", function(msg) Count = Count + require(msg.Module).value end)
Handlers.add("wait", "Wait", function() Count = Count + 10 Receive("Go") Count = Count + 100 end)
"""


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    """Copies pay, always; and no state is saved because the machine is busy."""
    with (
        mock.patch("ao_runtime.state.state.pays", return_value=True),
        mock.patch.object(Checkpointing, "_interval", return_value=1e9),
        mock.patch.object(Checkpointing, "worth", return_value=False),
    ):
        yield


def copy_of(process: Process) -> CopiedEngine:
    """The engine, which is a copy."""
    engine = process._state.ready()
    assert isinstance(engine, CopiedEngine)
    return engine


STEPS = st.lists(st.sampled_from(["Add", "Fail", "Loop", "Wait", "Go", "mark", "back", "dry", "save"]), max_size=12)


@given(STEPS)
def test_same_as_without(steps: list[str]) -> None:
    """Messages, failures, waiting handlers, marks and ways back: results, state and snapshots are the same."""
    limits = {"instructions": 200_000}
    one, other = (Process.spawn(code=CODE, owner="alice", limits=limits) for _ in range(2))
    marks = [(one.mark(), other.mark())]
    assert one._state.original is not None
    with mock.patch("ao_runtime.state.state.pays", return_value=False):
        other._state.original = None
        for step in steps:
            if step == "mark":
                with mock.patch("ao_runtime.state.state.pays", return_value=True):
                    mark = one.mark()
                marks.append((mark, other.mark()))
            elif step == "back":
                one.back_to(marks[-1][0])
                other.back_to(marks[-1][1])
            elif step == "dry":
                assert one.dry_run(From="bob", Action="Add") == other.dry_run(From="bob", Action="Add")
            elif step == "save":
                one._state.save()
                other._state.save()
            else:
                assert one.handle(From="bob", Action=step) == other.handle(From="bob", Action=step)
            assert (one.get("Count"), one.count, one.waiting) == (other.get("Count"), other.count, other.waiting)
    assert other._state.original is None
    assert one.get("Handlers.list") == other.get("Handlers.list")
    one.close()
    other.close()


def test_snapshots_are_the_same() -> None:
    """A snapshot of a copy has the bytes of one of the process."""
    one, other = (Process.spawn(code=CODE, owner="alice") for _ in range(2))
    one.mark()
    for process in (one, other):
        process.handle(From="bob", Action="Add")
    copy_of(one)
    assert one.snapshot() == other.snapshot()


def test_looks_need_no_copy() -> None:
    """Only what is evaluated makes one: looks are answered by the original."""
    process = Process.spawn(code=CODE)
    process.mark()
    assert process.get("Count") == 0
    assert process.waiting == ()
    assert copy_of(process)._copy is None
    process.handle(From="bob", Action="Add")
    assert copy_of(process)._copy is not None


def test_what_is_read_is_noted(tmp_path: Path) -> None:
    """A module that a copy has read is known afterwards, and forgotten with the message that asked for it."""
    (tmp_path / "more.lua").write_text("return { value = 7 }")
    process = Process.spawn(code=CODE, sources=tmp_path)
    mark = process.mark()
    assert process.handle(From="bob", Action="Read", Module="more").ok
    assert process.get("Count") == 7
    (tmp_path / "more.lua").write_text("return { value = 8 }")
    assert process.handle(From="bob", Action="Fail").error is not None
    assert process.handle(From="bob", Action="Read", Module="more").ok
    assert process.get("Count") == 14
    process.back_to(mark)
    assert process.handle(From="bob", Action="Read", Module="more").ok
    assert process.get("Count") == 8


def test_killed(tmp_path: Path) -> None:
    """A copy that somebody kills is made again, with its messages."""
    process = Process.spawn(code=CODE)
    process.mark()
    for number in range(1, 4):
        assert process.handle(From="bob", Action="Add").ok
        found = copy_of(process)._copy
        assert found is not None
        os.kill(found[0], signal.SIGKILL)
        assert process.get("Count") == number


def test_errors_come_back() -> None:
    """What a look raises in a copy is raised here, and the copy goes on."""
    process = Process.spawn(code=CODE + "\nT = {} T.t = T")
    process.mark()
    process.handle(From="bob", Action="Add")
    before = copy_of(process)
    with pytest.raises(InputError, match="T"):
        process.get("T")
    assert process.get("Count") == 1
    assert copy_of(process) is before


def test_time_limit() -> None:
    """A copy that is held up is ended: the message has hit its time limit."""
    process = Process.spawn(code=CODE, limits={"seconds": 0.2})
    process.mark()
    process.handle(From="bob", Action="Add")
    found = copy_of(process)._copy
    assert found is not None
    os.kill(found[0], signal.SIGSTOP)
    result = process.handle(From="bob", Action="Add")
    assert result.failure is not None
    assert result.failure.limit == "time"
    assert process.handle(From="bob", Action="Add").ok
    assert process.get("Count") == 2


def test_nobody_is_left() -> None:
    """Copies end with the process that they are of, and all their pipes are closed."""
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(5):
        process = Process.spawn(code=CODE)
        mark = process.mark()
        process.handle(From="bob", Action="Add")
        process.back_to(mark)
        process.handle(From="bob", Action="Add")
        process.close()
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_the_original_stays(tmp_path: Path) -> None:
    """A hundred ways back, and each begins where the first did."""
    process = Process.spawn(code=CODE)
    mark = process.mark()
    for _ in range(100):
        assert process.handle(From="bob", Action="Add").messages[0].tags["Count"] == "1"
        process.back_to(mark)
