"""Traps of modules are heard whoever has set handlers of signals meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import faulthandler
from pathlib import Path
from ao_runtime.wasm import signals
from tests.wasm.guests import evaluate, guest

folder = Path({folder!r})
before = evaluate(guest("(unreachable)"), folder)
faulthandler.enable()
theirs = {{number: signals._now(number)[:8] for number in signals._handlers}}
after = evaluate(guest("(unreachable)"), folder)
assert after == before and "unreachable" in after["Error"], after
assert theirs == {{number: signals._now(number)[:8] for number in signals._handlers}}
faulthandler._sigsegv()
"""


def test_faulthandler(tmp_path: Path) -> None:
    """A trap after faulthandler.enable() is a trap, and faulthandler hears its own signals after it."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(folder=str(tmp_path))], capture_output=True, text=True, check=False
    )
    assert "Fatal Python error: Segmentation fault" in run.stderr, run.stderr
