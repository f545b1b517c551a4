"""Mutated journals and snapshots, in an interpreter of their own: a crash or a hang is seen, and which one it was.

`python -m tests.fuzz journals 100000 [SEED]`. Each kind is a module here with a `run(count, seed, note)`.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Seconds for one of them.
PATIENCE = 20.0


def fuzz(kind: str, count: int, seed: int) -> Counter[str]:
    """What became of so many. Raises `AssertionError` with the number of the one that went wrong."""
    with tempfile.TemporaryFile("w+") as out, tempfile.NamedTemporaryFile("w+") as note:
        command = [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "tests.fuzz",
            "--child",
            kind,
            str(count),
            str(seed),
        ]
        child = subprocess.Popen([*command, note.name], stdout=out, stderr=subprocess.STDOUT, cwd=ROOT)
        last, since = b"", time.monotonic()
        try:
            while child.poll() is None:
                time.sleep(0.05)
                number = Path(note.name).read_bytes()
                if number != last:
                    last, since = number, time.monotonic()
                assert time.monotonic() - since < PATIENCE, f"{kind} {number.decode()} of seed {seed} takes too long"
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        said = out.read()
        if child.returncode != 0:
            number = Path(note.name).read_bytes()
            raise AssertionError(f"{kind} {number.decode()} of seed {seed}: exit code {child.returncode}\n{said}")
    return Counter(json.loads(said.splitlines()[-1]))


def _child(kind: str, count: int, seed: int, note: str) -> None:
    module = importlib.import_module(f"tests.fuzz.{kind}")
    descriptor = os.open(note, os.O_WRONLY)
    print(json.dumps(module.run(count, seed, lambda number: os.pwrite(descriptor, b"%d" % number, 0))))


def main() -> None:
    """The command."""
    if sys.argv[1] == "--child":
        _child(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    else:
        seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
        began = time.monotonic()
        outcomes = fuzz(sys.argv[1], int(sys.argv[2]), seed)
        for words, times in outcomes.most_common():
            print(f"{times:8} {words}")
        print(f"{outcomes.total():8} in {time.monotonic() - began:.0f} s, seed {seed}")
