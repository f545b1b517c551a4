"""Children that one process keeps busy: the others of that child go on elsewhere."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from ao_runtime import InputError, Pool, Process, Result

LOOP = "while true do end"
COUNT = "Count = (Count or 0) + 1 return Count"
pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="CPU time of others is known on Linux")


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One child, and two more for those that take long."""
    with Pool(1, apart=2) as made:
        yield made


class Looping(threading.Thread):
    """A process that is kept busy."""

    def __init__(self, process: Process, seconds: float) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._seconds = seconds
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Loop until the time is over."""
        try:
            self.result = self._process.eval(LOOP, limits={"seconds": self._seconds, "instructions": None})
        except BaseException as error:
            self.error = error

    def limit(self) -> str | None:
        """The limit that it ended with."""
        self.join(30)
        assert self.result is not None
        assert self.result.failure is not None
        return self.result.failure.limit


def took(process: Process) -> float:
    """Seconds of a short message."""
    began = time.monotonic()
    assert process.eval(COUNT).ok
    return time.monotonic() - began


def test_nobody_waits(pool: Pool) -> None:
    """A process of the same child answers long before the busy one is done, with the state that it had."""
    busy, other = (Process.spawn(code="", isolated=pool, owner=name) for name in ("busy", "other"))
    for _ in range(3):
        other.eval(COUNT)
    looping = Looping(busy, 6)
    time.sleep(0.2)
    assert took(other) < 3
    assert took(other) < 0.5
    assert other.get("Count") == 5
    assert looping.result is None
    assert looping.limit() == "time"
    # It goes on, too, from before the message that failed.
    assert busy.eval(COUNT).text == "1"


def test_after_all_others(pool: Pool) -> None:
    """The child that is kept busy comes last on the processors; it ends with the process that it is for."""
    busy, other = (Process.spawn(code="", isolated=pool, owner=name) for name in ("busy", "other"))
    looping = Looping(busy, 3)
    time.sleep(0.2)
    took(other)
    first, apart = pool.pids
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert (os.getpriority(os.PRIO_PROCESS, first), os.getpriority(os.PRIO_PROCESS, apart)) == (own, 19)
    assert looping.limit() == "time"
    assert pool.pids == [first]


def test_new_ones(pool: Pool) -> None:
    """A process that begins while the child is busy does not wait either."""
    looping = Looping(Process.spawn(code="", isolated=pool, owner="busy"), 5)
    time.sleep(0.3)
    began = time.monotonic()
    assert Process.spawn(code=COUNT, isolated=pool, owner="new").get("Count") == 1
    assert time.monotonic() - began < 3
    assert looping.result is None


def test_the_bound() -> None:
    """Where more take long than there is room for, others wait until one is done; and get their answer."""
    with Pool(1, apart=1) as pool:
        busy = [Process.spawn(code="", isolated=pool, owner=f"busy{number}") for number in range(3)]
        other = Process.spawn(code="", isolated=pool, owner="other")
        looping = [Looping(one, 1.5) for one in busy]
        time.sleep(0.2)
        assert other.eval(COUNT).text == "1"
        assert [one.limit() for one in looping] == ["time"] * 3
        assert len(pool.pids) <= 2


def test_idle_ones_make_room() -> None:
    """A child that was kept busy once gives its room to the next; its process goes on with what it had."""
    with Pool(1, apart=1) as pool:
        busy = [Process.spawn(code="", isolated=pool, owner=f"busy{number}") for number in range(2)]
        other = Process.spawn(code="", isolated=pool, owner="other")
        for one in busy:
            one.eval(COUNT)
            slow = threading.Thread(target=one.eval, args=("for i = 1, 5e7 do end",))
            slow.start()
            time.sleep(0.15)
            took(other)
            slow.join()
        assert [one.eval(COUNT).text for one in busy] == ["2", "2"]


def test_a_dry_run_that_takes_long(pool: Pool) -> None:
    """Dry runs are evaluated in a copy of the child, which waits for it: the others do not."""
    busy, other = (Process.spawn(code="", isolated=pool, owner=name) for name in ("busy", "other"))
    message = {"From": busy.owner, "Tags": {"Action": "Eval"}, "Data": LOOP}
    limits = {"seconds": 5, "instructions": None}
    waiting = threading.Thread(target=lambda: busy.dry_run(message, limits=limits), daemon=True)
    waiting.start()
    time.sleep(0.3)
    assert took(other) < 3
    assert waiting.is_alive()
    waiting.join(20)


def test_the_end(pool: Pool) -> None:
    """Closing the pool ends what is busy, and what is apart, at once."""
    busy, other = (Process.spawn(code="", isolated=pool, owner=name) for name in ("busy", "other"))
    looping = Looping(busy, 60)
    time.sleep(0.2)
    took(other)
    pids = pool.pids
    pool.close()
    looping.join(5)
    assert isinstance(looping.error, InputError)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("number", [-1, True, 1025, "2"])
def test_a_number_that_makes_no_sense(number: object) -> None:
    """`apart` is a number of children."""
    with pytest.raises(InputError, match="number of children"):
        Pool(1, apart=number)  # type: ignore[arg-type]


def test_nobody_waits_for_who_waits_for_us(pool: Pool) -> None:
    """One that waits for data which somebody else gives keeps nobody waiting, and that is not its own time."""
    begun, given = threading.Event(), threading.Event()

    def late(id: str) -> bytes:
        begun.set()
        given.wait(20)
        return b"here"

    code = "return io.open('/data/x'):read('a')"
    waiting, other = (Process.spawn(code="", isolated=pool, owner=name, files=late) for name in ("waiting", "other"))
    other.eval(COUNT)
    found: list[Result] = []
    thread = threading.Thread(target=lambda: found.append(waiting.eval(code, limits={"seconds": 30})), daemon=True)
    thread.start()
    assert begun.wait(10)
    time.sleep(0.2)
    assert took(other) < 3
    assert took(other) < 0.5
    assert other.get("Count") == 3
    assert found == []
    given.set()
    thread.join(20)
    assert found[0].text == "here"
