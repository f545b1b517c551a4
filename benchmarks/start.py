"""How long until a process is up, what does an idle one weigh, and how long does `ao-run handle` take, cold?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import best, row

from ao_runtime import Process

ROOT = Path(__file__).resolve().parent.parent
CODE = 'Handlers.add("ping", "Ping", function(msg) msg.reply({ Data = "pong" }) end)'


def resident() -> int:
    """Bytes of this Python process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cold() -> float:
    """Seconds of one `ao-run handle` on the token example, best of 15."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        messages = Path(folder) / "messages.json"
        messages.write_text(json.dumps([{"From": "bob", "Action": "Info"}]))
        command = [
            sys.executable,
            "-m",
            "ao_runtime.cli",
            "handle",
            "-p",
            str(ROOT / "examples/token/token.lua"),
            str(messages),
        ]
        for _ in range(15):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
    return min(times)


def bare_python() -> float:
    """Seconds of a Python that does nothing, best of 15."""
    times = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    Process.spawn(code=CODE)
    up = best(lambda: Process.spawn(code=CODE), 2)
    row("a process up (environment, first message, one handler)", f"{up * 1e3:.2f} ms")
    if Path("/proc/self/statm").exists():
        before = resident()
        kept = [Process.spawn(code=CODE, owner=f"owner{i}") for i in range(200)]
        row("memory of an idle process", f"{(resident() - before) / len(kept) / 1024:.0f} KB")
    python, command = bare_python(), cold()
    row("python -c pass", f"{python * 1e3:.0f} ms", "1.0×")
    row("ao-run handle, cold", f"{command * 1e3:.0f} ms", f"{command / python:.1f}×")


if __name__ == "__main__":
    main()
