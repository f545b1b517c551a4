"""Few threads for short work, and more of them while some of it takes long."""

from __future__ import annotations

import threading
import time

from ao_runtime.network.threads import Threads


def looked_at(threads: Threads, seconds: float) -> None:
    """Look again and again for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        threads.look()
        time.sleep(0.01)


def test_short_work() -> None:
    """All of it is done, in its order, by no more threads than usual."""
    threads = Threads(2, 50, 5.0, "test")
    done: list[int] = []
    names: set[int] = set()
    for number in range(200):

        def work(number: int = number) -> None:
            names.add(threading.get_ident())
            done.append(number)

        threads.submit(work)
    threads.close()
    assert sorted(done) == list(range(200))
    assert len(names) <= 2


def test_one_that_takes_long() -> None:
    """Others come in its place; when it is done there are as many as before."""
    threads = Threads(2, 50, 0.05, "test")
    free = threading.Event()
    for _ in range(10):
        threads.submit(lambda: free.wait(20) and None)
    done = threading.Event()
    threads.submit(done.set)
    looked_at(threads, 0.5)
    assert done.is_set()
    free.set()
    looked_at(threads, 0.2)
    assert sum(one.name == "test" for one in threading.enumerate()) <= 2
    threads.close()
    assert not any(one.name == "test" for one in threading.enumerate())


def test_the_most() -> None:
    """There are never more than that, whatever takes how long; what waits is done in the end."""
    threads = Threads(1, 3, 0.02, "test")
    free = threading.Event()
    at_work: list[int] = []
    for number in range(6):

        def work(number: int = number) -> None:
            at_work.append(number)
            free.wait(20)

        threads.submit(work)
    looked_at(threads, 0.3)
    assert len(at_work) == 3
    free.set()
    threads.close()
    assert sorted(at_work) == list(range(6))
