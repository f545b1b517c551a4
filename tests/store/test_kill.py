"""A writer that is killed at any moment: what it acknowledged is in the journal, and nothing else."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ao_runtime.process.replaying import replay
from ao_runtime.store import Store

from ..cli.running import ROOT
from .journals import entries

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are forked")

#: For each line of stdin: a process of its own opens the journal that it names, and adds messages without end; each
#: number that it prints has been acknowledged.
WRITERS = """
import os, random, sys
from tests.store.journals import *
import sqlite3
import ao_runtime.process.opening
from ao_runtime import Process

SIZES = (1, 1, 1, 7, 40)

def say(count):
    os.write(1, b"%d\\n" % count)

def write_store(file):
    with Store.open(file) as store:
        if store.genesis is None:
            store.begin(BIRTH)
        say(store.count)
        while True:
            store.append([entry(store.count + at) for at in range(random.choice(SIZES))])
            say(store.count)
            if random.random() < 0.2:
                store.put_snapshot(store.count, os.urandom(random.choice((100, 20000))))

def message(nonce):
    code = "error('no')" if nonce % 7 == 3 else "Count = (Count or 0) + %d return Count" % nonce
    return {"From": "me", "Action": "Eval", "Data": code}

def write_process(file):
    with Process.spawn(owner="me", state=file) as process:
        say(process.count)
        while True:
            size = random.choice(SIZES)
            messages = [message(process.count + at) for at in range(size)]
            results = [process.handle(messages[0])] if size == 1 else process.handle_many(messages)
            say(process.count)
            if random.random() < 0.05:
                process.snapshot()

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        globals()[sys.argv[1]](line.strip())
    os.write(1, b"child %d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


class Writers:
    """Writers of one kind, one after the other."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    def killed(self, file: Path, seconds: float) -> list[int]:
        """The counts that a writer acknowledged until it was killed, so much later."""
        self._stdin.write(f"{file}\n".encode())
        self._stdin.flush()
        end = time.monotonic() + seconds
        text = b""
        child = None
        while b"gone\n" not in text:
            left = end - time.monotonic() if child is not None else 60.0
            if left <= 0 and child is not None:
                os.kill(child, signal.SIGKILL)
                left = 60.0
            if select.select([self._stdout], [], [], left)[0]:
                text += os.read(self._stdout.fileno(), 65536)
            else:
                assert left < 60
            if child is None and b"child " in text:
                number, whole, _ = text.partition(b"child ")[2].partition(b"\n")
                child = int(number) if whole else None
        return [int(line) for line in text.split(b"\n") if line.isdigit()]


@contextmanager
def writers(kind: str) -> Iterator[Writers]:
    """Writers, each forked from a process that has everything loaded."""
    command = [sys.executable, "-c", WRITERS, kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        yield Writers(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_store_that_is_killed(tmp_path: Path) -> None:
    """After each of many kills every acknowledged entry is there, and at most the one batch that was on its way."""
    rng = random.Random()
    with writers("write_store") as pipe:
        for number in range(80):
            if number % 20 == 0:
                file, count = tmp_path / f"{number}.ao", 0
            # Sometimes while it is being made or opened, sometimes in the middle of things.
            acknowledged = pipe.killed(file, rng.choice((0.005, 0.02, 0.04)) * rng.random())
            with Store.open(file, write=rng.random() < 0.5 or not file.exists()) as store:
                found = list(store.entries())
                last = acknowledged[-1] if acknowledged else count
                assert last <= len(found) <= (last + 40 if acknowledged else last)
                assert found == entries(len(found))
                assert (store.snapshot() or (0, b""))[0] <= len(found)
                count = len(found)


def test_a_process_that_is_killed(tmp_path: Path) -> None:
    """200 kills: every acknowledged message is there, it is gone on with, and all results can be had again."""
    rng = random.Random()
    with writers("write_process") as pipe:
        for number in range(200):
            if number % 40 == 0:
                file, count = tmp_path / f"{number}.ao", 0
            acknowledged = pipe.killed(file, 0.12 * rng.random())
            if file.exists():
                with Store.open(file, write=False) as store:
                    last = acknowledged[-1] if acknowledged else count
                    assert last <= store.count <= last + 40
                    count = store.count
                    if number % 40 == 39:
                        assert [replayed.entry.nonce for replayed in replay(store) if replayed.same] == [*range(count)]
                        assert count > 0
