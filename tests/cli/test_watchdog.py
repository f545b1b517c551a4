"""ao_runtime.cli.watchdog: ends the command when nothing else can."""

from __future__ import annotations

import subprocess
import sys
import time

from ao_runtime.cli.watchdog import Watchdog

PROGRAM = """
import time
from ao_runtime.cli.watchdog import Watchdog
watchdog = Watchdog(0.05, lambda: print("last words", flush=True))
for _ in range(3):
    with watchdog.watch():
        time.sleep(0.01)
time.sleep(0.5)  # nobody watches
with watchdog.watch(allowance=0.3):
    time.sleep(0.45)
print("still here", flush=True)
with watchdog.watch():
    time.sleep(30)
"""


def test_it_bites_only_what_takes_too_long() -> None:
    """What ends in time is left alone, and so is the time between; what does not ends everything, with code 4."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr, done.returncode) == ("still here\nlast words\n", "", 4)
    assert time.perf_counter() - begin < 10


def test_no_limit() -> None:
    """Without a limit nothing is watched."""
    with Watchdog(None, lambda: None).watch():
        time.sleep(0.01)


def test_a_limit_beyond_all_clocks() -> None:
    """A limit that no clock of the system can wait for is none."""
    with Watchdog(1e300, lambda: None).watch():
        time.sleep(0.01)
