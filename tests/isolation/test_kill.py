"""Children that are killed at any time: nothing of it shows in any result."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from ao_runtime import Limits, Pool, Process, Result
from tests.state.engines import ACTIONS, CODE

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")

FILES = {"a": "file a", "b": "file b"}
MODULES = {"a": "return { name = 'module a' }"}
#: Besides: some work, so that there is something to be killed in, and a state that is saved.
WORK = """
Handlers.add("work", "Work", function(msg)
  local t = {}
  for i = 1, 20000 do t[i] = i * #msg.From end
  Sum = (Sum or 0) + t[#t]
  msg.reply({ Data = tostring(Sum) })
end)
"""


def messages(number: int, count: int) -> list[dict[str, Any]]:
    """What one process is sent."""
    choice = random.Random(number)
    senders = [choice.choice(["a", "b", "nobody"]) for _ in range(count)]
    return [{"From": s, "Action": choice.choice([*ACTIONS, "Work", "Work"]), "Name": s, "Data": s} for s in senders]


def start(number: int, **options: Any) -> Process:
    """One process of the load."""
    return Process.spawn(code=CODE + WORK, owner=f"alice{number}", files=FILES, sources=MODULES, **options)


def run(process: Process, given: list[dict[str, Any]], number: int) -> list[Result]:
    """The results of messages: one by one, many at once, and dry runs and looks in between."""
    choice = random.Random(number + 1000)
    results: list[Result] = []
    left = list(given)
    while left:
        how = choice.choice(["one", "one", "many", "dry", "get"])
        if how == "many":
            many, left = left[:7], left[7:]
            results += process.handle_many(many)
        elif how == "dry":
            results.append(process.dry_run(left[0]))
        elif how == "get":
            results.append(Result({"Output": process.get("Count")}))
        else:
            results.append(process.handle(left.pop(0)))
    results.append(Result({"Output": process.get("Sum")}))
    return results


class Killer:
    """Kills a child of a pool now and then, until it has killed enough of them."""

    def __init__(self, pool: Pool, kills: int, pause: float) -> None:
        self.kills = 0
        self._pool, self._most, self._pause = pool, kills, pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        choice = random.Random(13)
        while self.kills < self._most and not self._over.wait(choice.random() * self._pause * 2):
            pids = self._pool.pids
            if pids:
                with suppress(ProcessLookupError):
                    os.kill(choice.choice(pids), signal.SIGKILL)
                    self.kills += 1

    @property
    def done(self) -> bool:
        """Whether it has killed enough."""
        return self.kills >= self._most

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()


def load(processes: int, count: int, kills: int, pause: float) -> int:
    """Rounds of a load, until so many children have been killed: every result is what it is without isolation."""
    given = [messages(number, count) for number in range(processes)]
    expected = [run(start(number), given[number], number) for number in range(processes)]
    rounds = 0
    with Pool(3) as pool, Killer(pool, kills, pause) as killer, ThreadPoolExecutor(6) as threads:
        while not killer.done:
            rounds += 1
            found = threads.map(
                lambda number: run(start(number, isolated=pool), given[number], number), range(processes)
            )
            for number, results in enumerate(found):
                assert results == expected[number]
    return killer.kills


def test_killed_at_random() -> None:
    """20 processes in 3 children, of which one is killed now and then: every result is what it is without them."""
    assert load(20, 12, 12, 0.3) == 12


@pytest.mark.long
def test_killed_at_random_200_times() -> None:
    """The same with 200 kills."""
    assert load(20, 60, 200, 0.3) == 200


def test_killed_while_it_asks(pool: Pool) -> None:
    """A child that is killed while it waits for a file: the message is evaluated again, in another one."""
    armed = threading.Event()

    def deadly(name: str) -> str | None:
        if name == "deadly" and armed.is_set():
            for pid in pool.pids:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        return None

    neighbour = Process.spawn(code="N = 1", isolated=pool)
    process = Process.spawn(code="N = 2", isolated=pool, files=deadly)
    armed.set()
    assert process.eval("N = 3 io.open('/data/deadly') return 'alive'").text == "alive"
    assert process._state.journal.reads[1] == [("file", "deadly", None)]
    assert (process.get("N"), neighbour.get("N")) == (3, 1)


@pytest.mark.parametrize("fork", ["1", "0"])
def test_killed_in_a_dry_run(fork: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run whose child is killed is done again, in a copy of the child or without one, and leaves nothing."""
    monkeypatch.setenv("AO_RUN_FORK", fork)
    kills = [True]

    def deadly(name: str) -> str:
        if kills:
            os.kill(pool.pids[0], signal.SIGKILL)
            kills.clear()
            time.sleep(0.05)
        return "here"

    with Pool(1) as pool:
        process = Process.spawn(code="N = 2", isolated=pool, files=deadly)
        read = process.eval_message("N = 3 return io.open('/data/a'):read('a')")
        assert process.dry_run(read).text == "here"
        assert (process.get("N"), process.count, kills) == (2, 1, [])


def test_a_crash_of_the_interpreter(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a message ends every child that evaluates it, it is an error that says so, and nothing else is lost."""
    from ao_runtime.isolation import engine, requests

    neighbour = Process.spawn(code="N = 1", isolated=pool)
    process = Process.spawn(code="N = 2", isolated=pool)
    assert process.eval("N = N + 1").ok
    whole = requests.EVALUATE
    with monkeypatch.context() as patch:
        # A request that no child knows what to do with ends it.
        patch.setattr(engine, "EVALUATE", "crash")
        result = process.eval("N = 100")
    assert whole == requests.EVALUATE
    assert result.failure is not None
    assert result.failure.limit is None
    assert result.failure.message.startswith("the evaluation has ended the program that it ran in, 3 times: ")
    assert process.eval("return N").text == "3"
    assert (process.count, neighbour.get("N")) == (4, 1)


def test_an_interrupt(pool: Pool) -> None:
    """Ctrl-C while a child works ends the child, the message never was, and the process goes on."""
    process = Process.spawn(code="N = 2", isolated=pool, limits=Limits(seconds=30, instructions=None))

    def interrupt() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        process.eval("N = 3 while true do end")
    thread.join()
    assert time.monotonic() - began < 10
    assert (process.get("N"), process.count) == (2, 1)
    assert process.eval("return N").text == "2"
