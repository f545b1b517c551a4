"""A network in a folder that is killed again and again: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ao_runtime import Network

from ..cli.running import ROOT
from .passing import NAMES


def run(folder: Path, tokens: int, hops: int, after: float | None) -> bool:
    """The program, killed so many seconds after it was ready (below 0: before that); whether it came to its end."""
    command = [sys.executable, "-m", "tests.network.passing", str(folder), str(tokens), str(hops)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        if after is not None and after < 0:
            time.sleep(-after)
            program.kill()
        elif program.stdout.readline() == "ready\n" and after is not None:
            time.sleep(after)
            program.kill()
        _, errors = program.communicate()
        assert program.returncode in (0, -9), errors
        return program.returncode == 0


def check(folder: Path, tokens: int, hops: int) -> None:
    """Every token is held once, and every step of its way was evaluated once."""
    with Network.open(folder, write=False) as net:
        held: dict[str, int] = {}
        seen: dict[str, int] = {}
        for name in NAMES:
            process = net.process(name)
            for found, into in ((process.get("Held"), held), (process.get("Seen"), seen)):
                for key, count in dict(found or {}).items():
                    into[str(key)] = into.get(str(key), 0) + count
        assert held == {str(token): 1 for token in range(1, tokens + 1)}
        assert seen == {f"{token}/{left}": 1 for token in range(1, tokens + 1) for left in range(hops + 1)}
        assert net.pending == []
        # Nobody has evaluated anything else.
        assert sum(process.count for process in net.processes) == 3 + 1 + tokens * (hops + 1)
        for process in net.processes:
            nonces = [one.nonce for one in net.scheduler.schedule(process.id).assignments]
            assert nonces == list(range(len(nonces)))


def killed(folder: Path, kills: int, tokens: int, hops: int) -> int:
    """Kill the program so often, or until it is at its end, and see it there; the number of kills."""
    chance = random.Random(7)
    number = 0
    while number < kills:
        after = -chance.uniform(0.05, 0.6) if number % 8 == 7 else chance.uniform(0.0, 0.25)
        if run(folder, tokens, hops, after):
            break
        number += 1
        if number % 5 == 3:
            (folder / "network.db").unlink(missing_ok=True)
    assert run(folder, tokens, hops, None)
    check(folder, tokens, hops)
    return number


def test_killed(tmp_path: Path) -> None:
    """Eight kills, some while the folder is opened; once the index is deleted as well."""
    assert killed(tmp_path / "net", 8, 10, 200) >= 4


@pytest.mark.long
def test_killed_often(tmp_path: Path) -> None:
    """Two hundred kills."""
    assert killed(tmp_path / "net", 200, 20, 1500) == 200
