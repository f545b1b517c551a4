"""Nothing is evaluated twice into a state: executors that are killed, stopped, doubled or forgotten at the worst moment.

Each time every message is once in the journal, what the colony was told is what stands there, and nothing of an
attempt that was refused is anywhere.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.colonies import gen_id
from ao_runtime.store import Store

from .colony import FAILED, RUNNING, SUCCESS, WAITING, Colony
from .running import FIRST, Running, check_whole, counts, evaluation, results, submit

#: Seconds of a lease that is to lapse.
SHORT = 3


def begun(colony: Colony, key: str) -> dict[str, tuple[int, int]]:
    """A journal of six messages, made by a job."""
    (first,) = submit(colony, key, evaluation("begin", 0, [FIRST, *counts(5)]))
    colony.until(first, SUCCESS)
    return {first: (0, 6)}


class Trap:
    """Sends an executor a signal when it makes a call for the n-th time in a job, before or after it is carried out."""

    def __init__(self, colony: Colony, victim: Running, call: str, count: int, number: int, *, after: bool) -> None:
        self.colony, self.victim, self.call, self.count, self.number = colony, victim, call, count, number
        self.seen: Counter[str] = Counter()
        self.sprung = threading.Event()
        if after:
            colony.after = self._after
        else:
            colony.before = self._before

    def _is_it(self, kind: str, signer: str) -> bool:
        if self.sprung.is_set() or signer != gen_id(self.victim.key) or kind != self.call:
            return False
        self.seen[kind] += 1
        if self.seen[kind] != self.count:
            return False
        self.victim.kill(self.number)
        # The signal is on its way: nothing of the answer may be on its way as well.
        time.sleep(0.1)
        self.sprung.set()
        return True

    def _before(self, kind: str, payload: dict[str, Any], signer: str) -> bool:
        return not self._is_it(kind, signer)

    def _after(self, kind: str, payload: dict[str, Any], signer: str) -> bool:
        return not self._is_it(kind, signer)


#: Where an executor is killed: the call in which it is, how often it has made that in the job, and whether the server
#: has carried it out. What is in the journal then, and how many attempts the process has had in the end.
KILLS = {
    "before anything": ("getprocessmsg", 1, False, 6),
    "between evaluation and commit": ("getprocessmsg", 2, False, 6),
    "between commit and close, before the note": ("addattributemsg", 1, False, 10),
    "between commit and close, after the note": ("addattributemsg", 1, True, 10),
    "right before close": ("closesuccessfulmsg", 1, False, 10),
}


def some(cases: dict[str, Any], *short: str) -> Any:
    """The cases, of which only some are short enough for every run."""
    return [name if name in short else pytest.param(name, marks=pytest.mark.long) for name in cases]


@pytest.mark.parametrize(
    "where", some(KILLS, "between evaluation and commit", "between commit and close, before the note")
)
def test_killed(tmp_path: Path, where: str) -> None:
    """A job whose executor is killed is done by another one: anew, or from the journal if it stands there."""
    call, count, after, there = KILLS[where]
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            trap = Trap(colony, one, call, count, signal.SIGKILL, after=after)
            (job,) = submit(colony, key, evaluation("job", 6, counts(4), SHORT))
            assert trap.sprung.wait(20)
            assert len(results(tmp_path / "counter.ao")) == there
            assert colony.processes[job]["state"] == RUNNING
        with Running(colony, tmp_path, "two"):
            process = colony.until(job, SUCCESS)
            assert process["retries"] == 1
            check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4)})


def test_killed_between_close_and_its_answer(tmp_path: Path) -> None:
    """A job that was closed stays so, though its executor never heard of it; the next one takes up nothing."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            trap = Trap(colony, one, "closesuccessfulmsg", 1, signal.SIGKILL, after=True)
            (job,) = submit(colony, key, evaluation("job", 6, counts(4), SHORT))
            assert trap.sprung.wait(20)
        with Running(colony, tmp_path, "one", key=one.key) as again:
            (next_,) = submit(colony, key, evaluation("next", 10, counts(2)))
            colony.until(next_, SUCCESS)
            check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4), next_: (10, 2)})
        assert "evaluate job" not in again.said


def test_the_answer_to_close_is_lost(tmp_path: Path) -> None:
    """An executor that has heard nothing of its close looks, and does not close anything else."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            lost: list[str] = []

            def after(kind: str, payload: dict[str, Any], signer: str) -> bool:
                if kind == "closesuccessfulmsg" and signer == gen_id(one.key) and len(lost) < 3:
                    lost.append(payload["processid"])
                    return False
                return True

            colony.after = after
            (job,) = submit(colony, key, evaluation("job", 6, counts(4)))
            colony.wait(lambda: "evaluate job is done" in one.said)
            assert lost == [job] * 3
            # Closed again with the very same output each time: the server says that this is no error.
            assert len(colony.closed[job]) == 3
            assert all(output == colony.processes[job]["out"] for output in colony.closed[job])
            colony.closed[job] = colony.closed[job][:1]
            check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4)})


def test_started_again_it_takes_up_its_own(tmp_path: Path) -> None:
    """An executor that was killed and is started again with its key goes on with the job that it still holds."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            trap = Trap(colony, one, "addattributemsg", 1, signal.SIGKILL, after=False)
            (job,) = submit(colony, key, evaluation("job", 6, counts(4), 600))
            assert trap.sprung.wait(20)
        with Running(colony, tmp_path, "one", key=one.key):
            assert colony.until(job, SUCCESS)["retries"] == 0
            check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4)})


#: Where an executor is stopped until its lease is over, and the job is somebody else's.
STOPS = {
    "right after it was assigned": ("getprocessmsg", 1),
    "while it asks whether the job is still its own": ("getprocessmsg", 2),
    "after it has written everything down": ("addattributemsg", 1),
}


@pytest.mark.parametrize("where", some(STOPS, "while it asks whether the job is still its own"))
@pytest.mark.parametrize("after", [False, True], ids=["call not heard", "answer not heard"])
def test_stopped_past_the_lease(tmp_path: Path, where: str, after: bool) -> None:
    """An executor that slept through the end of its lease writes nothing and closes nothing when it wakes up."""
    call, count = STOPS[where]
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            answered = threading.Event()

            def stop(kind: str, payload: dict[str, Any], signer: str) -> None:
                seen[kind] += kind == call and signer == gen_id(one.key)
                if seen[kind] == count and kind == call and signer == gen_id(one.key) and not answered.is_set():
                    one.kill(signal.SIGSTOP)
                    answered.set()

            seen: Counter[str] = Counter()
            if after:
                colony.after = lambda *call: stop(*call)
            else:
                colony.before = stop
            (job,) = submit(colony, key, evaluation("job", 6, counts(4), SHORT))
            assert answered.wait(20)
            colony.wait(lambda: colony.processes[job]["retries"] == 1, 20)
            with Running(colony, tmp_path, "two"):
                # The journal's lock is the sleeper's, where it sleeps while it asks: the job waits for it, or goes back.
                time.sleep(1)
                one.kill(signal.SIGCONT)
                colony.until(job, SUCCESS, 60)
                check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4)})
                # And whoever slept takes the next job as if nothing had been.
                colony.before = colony.after = lambda *_: None
                (next_,) = submit(colony, key, evaluation("next", 10, counts(3)))
                colony.until(next_, SUCCESS)
                check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4), next_: (10, 3)})
        assert "evaluate job is left to others" in one.said


def test_stopped_in_the_middle_of_an_evaluation(tmp_path: Path) -> None:
    """An evaluation that is stopped past its lease is given up when it goes on, and its children with it."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            work = counts(2, "Work", Loops=60_000_000)
            (job,) = submit(colony, key, evaluation("job", 6, work, SHORT))
            colony.until(job, RUNNING)
            time.sleep(0.3)
            one.kill(signal.SIGSTOP)
            colony.wait(lambda: colony.processes[job]["retries"] == 1, 20)
            with Running(colony, tmp_path, "two"):
                colony.until(job, SUCCESS, 60)
                one.kill(signal.SIGCONT)
                colony.wait(lambda: "evaluate job is left to others" in one.said)
                check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 2)})


def test_the_same_key_twice(tmp_path: Path) -> None:
    """Of two programs with one key each job is done once: a new attempt of the same executor is another attempt."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            jobs = begun(colony, key)
            stopped = threading.Event()

            def stop(kind: str, payload: dict[str, Any], signer: str) -> None:
                seen[kind] += signer == gen_id(one.key)
                if kind == "getprocessmsg" and seen[kind] == 2 and not stopped.is_set():
                    one.kill(signal.SIGSTOP)
                    stopped.set()

            seen: Counter[str] = Counter()
            colony.before = stop
            (job,) = submit(colony, key, evaluation("job", 6, counts(4), SHORT))
            assert stopped.wait(20)
            colony.before = lambda *_: None
            colony.wait(lambda: colony.processes[job]["state"] == WAITING, 20)
            with Running(colony, tmp_path, "one", key=one.key):
                colony.until(job, RUNNING)
                # The server lets the first attempt do what it likes now: the key is the right one.
                one.kill(signal.SIGCONT)
                colony.until(job, SUCCESS, 60)
                check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4)})
        assert "evaluate job is left to others" in one.said


def test_lost_by_staleness(tmp_path: Path) -> None:
    """An executor that was unregistered in the middle of a job gives it up, says so, and goes on once it is approved."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one", "--sign-of-life", "0.5") as one:
            jobs = begun(colony, key)
            work = counts(4, "Work", Loops=6_000_000)
            (job,) = submit(colony, key, evaluation("job", 6, work, 600))
            colony.until(job, RUNNING)
            time.sleep(0.2)
            colony.unregister("one")
            colony.wait(lambda: "evaluate job is left to others" in one.said)
            assert "the colony's owner approves it again" in one.said
            assert len(results(tmp_path / "counter.ao")) == 6
            assert (colony.processes[job]["state"], colony.processes[job]["retries"]) == (WAITING, 0)
            with colony.changed:
                colony.executors["one"]["state"] = 1
            colony.until(job, SUCCESS, 60)
            assert "the colony knows this executor again" in one.said
            check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 4)})


def test_a_sign_of_life_keeps_it(tmp_path: Path) -> None:
    """Whoever works longer than a server waits for a request for work keeps the job, by asking for none that there is."""
    with Colony(stale=1.5) as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one", "--sign-of-life", "0.4"):
            jobs = begun(colony, key)
            (job,) = submit(colony, key, evaluation("job", 6, counts(12, "Work", Loops=12_000_000), 600))
            (next_,) = submit(colony, key, evaluation("next", 18, counts(1), 600))
            colony.until(job, RUNNING)
            start = time.monotonic()
            colony.until(next_, SUCCESS, 60)
            assert time.monotonic() - start > 2
            assert colony.processes[job]["retries"] == colony.processes[next_]["retries"] == 0
            assert colony.executors["one"]["state"] == 1
            check_whole(colony, tmp_path / "counter.ao", {**jobs, job: (6, 12), next_: (18, 1)})


def test_out_of_order(tmp_path: Path) -> None:
    """A job that comes before its turn fails and leaves nothing; one that comes again is answered from the journal."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one"):
            jobs = begun(colony, key)
            (early,) = submit(colony, key, evaluation("third", 10, counts(2)))
            assert colony.until(early, FAILED)["errors"] == [
                "first: out of order: the journal holds 6 messages, and the job begins at 10 (submit jobs in a chain,"
                " each with the number of messages before it)"
            ]
            (second,) = submit(colony, key, evaluation("second", 6, counts(4)))
            colony.until(second, SUCCESS)
            (third,) = submit(colony, key, evaluation("third", 10, counts(2)))
            colony.until(third, SUCCESS)
            (again,) = submit(colony, key, evaluation("second", 6, counts(4)))
            colony.until(again, SUCCESS)
            assert colony.processes[again]["out"][0]["results"] == colony.processes[second]["out"][0]["results"]
            assert colony.processes[again]["out"][0]["digest"] == colony.processes[second]["out"][0]["digest"]
            (other,) = submit(colony, key, evaluation("second", 6, counts(5)))
            assert "has brought other messages, from message 6 on" in colony.until(other, FAILED)["errors"][0]
            (taken,) = submit(colony, key, evaluation("other", 6, counts(4)))
            assert "out of order: the journal holds 12 messages" in colony.until(taken, FAILED)["errors"][0]
            check_whole(colony, tmp_path / "counter.ao", {**jobs, second: (6, 4), third: (10, 2)})


def test_two_executors_at_one_journal(tmp_path: Path) -> None:
    """Jobs to one process that two executors have at the same time: each is done once, or fails for its turn."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one"), Running(colony, tmp_path, "two"):
            jobs = begun(colony, key)
            # All of them begin at the same place: one of them can be right.
            ids = submit(colony, key, *(evaluation(f"job {n}", 6, counts(3, "Work", Loops=200_000)) for n in range(6)))
            colony.wait(lambda: all(colony.processes[id]["state"] in (SUCCESS, FAILED) for id in ids))
            (done,) = [id for id in ids if colony.processes[id]["state"] == SUCCESS]
            check_whole(colony, tmp_path / "counter.ao", {**jobs, done: (6, 3)})
        with Store.open(tmp_path / "counter.ao", write=False) as store:
            assert store.job(colony.processes[done]["spec"]["label"]) is not None
            assert [store.job(f"job {n}") is None for n in range(6)].count(False) == 1


@pytest.mark.parametrize("seconds", ["60", "0.5"])
def test_told_to_end(tmp_path: Path, seconds: str) -> None:
    """On SIGTERM the job under way is finished within the grace, or left to others; no other one is taken."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one", "--grace", seconds) as one:
            jobs = begun(colony, key)
            ids = submit(
                colony, key, *(evaluation(f"job {n}", 6 + 6 * n, counts(6, "Work", Loops=20_000_000)) for n in (0, 1))
            )
            colony.until(ids[0], RUNNING)
            one.kill(signal.SIGTERM)
            assert one.end() == 0
        states = [colony.processes[id]["state"] for id in ids]
        if seconds == "60":
            assert states == [SUCCESS, WAITING]
            check_whole(colony, tmp_path / "counter.ao", {**jobs, ids[0]: (6, 6)})
        else:
            assert states == [RUNNING, WAITING], "left to its lease: to fail it would be for ever"
            assert len(results(tmp_path / "counter.ao")) == 6


def test_interrupted_twice(tmp_path: Path) -> None:
    """The first Ctrl-C lets the job end; the second ends the program at once, in a word, and leaves the job to others."""
    with Colony() as colony:
        key = colony.member()
        with Running(colony, tmp_path, "one") as one:
            begun(colony, key)
            (job,) = submit(colony, key, evaluation("job", 6, counts(20, "Work", Loops=10_000_000)))
            colony.until(job, RUNNING)
            one.kill(signal.SIGINT)
            colony.wait(lambda: "takes no more jobs" in one.said)
            assert one.process.poll() is None
            one.kill(signal.SIGINT)
            assert one.process.wait(10) == 130
        assert one.lines[-1] == "interrupted"
        assert colony.processes[job]["state"] == RUNNING
        assert len(results(tmp_path / "counter.ao")) == 6
