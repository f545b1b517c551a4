"""How long an attempt may go on, from what a server says."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from math import inf

import pytest

from ao_runtime.colonies import Process
from ao_runtime.executor.lease import Lease, age, clock

STARTED = "2026-11-26T13:42:43.645561Z"


@pytest.mark.parametrize(
    ("deadline", "seconds"),
    [
        ("2026-11-26T13:42:44.645561Z", 1.0),
        ("2026-11-26T13:57:43.645561123Z", 900.0),
        ("2026-11-26T13:42:43.645561Z", 0.0),
        ("2026-11-26T13:42:40Z", 0.0),
        ("0001-01-01T00:00:00Z", inf),
        ("nonsense", inf),
        ("", inf),
    ],
)
def test_its_length(deadline: str, seconds: float) -> None:
    """A lease is as long as the server says, whatever our clock is; without a deadline it never ends."""
    lease = Lease(Process(starttime=STARTED, execdeadline=deadline), clock())
    assert lease.seconds == pytest.approx(seconds, abs=1e-3)


def test_its_last_seconds() -> None:
    """Work ends five seconds before the end and writing two, or a quarter and a tenth of a short one."""
    long = Lease(Process(starttime=STARTED, execdeadline="2026-11-26T13:57:43.645561Z"), clock())
    assert (round(long.left - long.for_work, 3), round(long.left - long.for_writing, 3)) == (5.0, 2.0)
    short = Lease(Process(starttime=STARTED, execdeadline="2026-11-26T13:42:47.645561Z"), clock())
    assert (round(short.left - short.for_work, 3), round(short.left - short.for_writing, 3)) == (1.0, 0.4)
    assert Lease(Process(starttime=STARTED, execdeadline="2026-11-26T13:42:47.645561Z"), clock() - 5).left < 0


def test_the_age_of_a_process() -> None:
    """A process that runs already has run since it was started, and not less than no time."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 10))
    assert 9 < age(Process(starttime=now)) < 15
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1000))
    assert (age(Process(starttime=later)), age(Process(starttime="0001-01-01T00:00:00Z"))) == (0.0, 0.0)


def test_the_clock_goes_on_while_we_are_stopped() -> None:
    """A program that was stopped sees the time that has passed."""
    code = "from ao_runtime.executor.lease import clock; a = clock(); print(flush=True); input(); print(clock() - a)"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGSTOP)
    time.sleep(1)
    child.send_signal(signal.SIGCONT)
    out, _ = child.communicate("\n", timeout=10)
    assert float(out) > 1
