"""ao_runtime.cli.watchdog: ends the command when nothing else can."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from ao_runtime.cli.watchdog import Watchdog

PROGRAM = """
import time
from ao_runtime.cli.watchdog import Watchdog
def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
watchdog = Watchdog(0.05, lambda: print("last words", flush=True))
for _ in range(3):
    with watchdog.watch():
        work(0.01)
work(0.5)  # nobody watches
with watchdog.watch():
    time.sleep(1)  # not at work
with watchdog.watch(allowance=0.3):
    work(0.45)
print("still here", flush=True)
with watchdog.watch():
    work(30)
"""


def test_it_bites_only_what_takes_too_long() -> None:
    """What ends in time is left alone, and so is the time between; what does not ends everything, with code 4."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr, done.returncode) == ("still here\nlast words\n", "", 4)
    assert time.perf_counter() - begin < 25


def test_no_limit() -> None:
    """Without a limit nothing is watched."""
    with Watchdog(None, lambda: None).watch():
        time.sleep(0.01)


def test_a_limit_beyond_all_clocks() -> None:
    """A limit that no clock of the system can wait for is none."""
    with Watchdog(1e300, lambda: None).watch():
        time.sleep(0.01)


RUN = [sys.executable, "-m", "ao_runtime.cli", "eval", "--limit-seconds", "2"]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="there is no stopping a program")
def test_a_command_that_was_stopped() -> None:
    """A command that was stopped over the end of its time is not taken for stuck: the limit proper ends its message."""
    running = subprocess.Popen([*RUN, "while true do end"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    running.send_signal(signal.SIGSTOP)
    time.sleep(2.5)
    running.send_signal(signal.SIGCONT)
    out, err = running.communicate(timeout=30)
    assert "time limit of 2.0 seconds reached" in out + err
    assert "cannot be interrupted" not in err
    assert running.returncode == 4


FILL = "T = {} for i = 1, 1e8 do T[i] = { { { { { { {} } } } } } } end"


def test_a_loop_that_fills_memory() -> None:
    """A loop of plain Lua that has filled much memory by the end of its time is ended by the limit proper, too."""
    done = subprocess.run([*RUN, "--limit-memory", "1500MB", FILL], capture_output=True, text=True, timeout=60)
    assert "limit" in done.stdout + done.stderr
    assert "cannot be interrupted" not in done.stderr
    assert done.returncode == 4
