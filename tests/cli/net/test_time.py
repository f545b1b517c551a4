"""`ao-run net tick`, and a command that is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ao_runtime import Network
from ao_runtime.store import Store

from ..running import COMMAND, ROOT, Ran
from .town import CLOCK, net, shape, town

EVERY_MINUTE = ("--tag", "Cron-Interval=1-minute", "--tag", "Cron-Tag-Action=Tick")


def test_ticks(tmp_path: Path) -> None:
    """The time, the block, and a tree for each tick of what is monitored."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", CLOCK, "--owner", "bob", "--name", "clock", *EVERY_MINUTE, "--monitor")
    net("spawn", folder, "--code", CLOCK, "--owner", "bob", "--name", "alone", *EVERY_MINUTE)
    assert shape(net("tick", folder, "--advance", "2m")) == Ran(
        0,
        "it is 2023-11-14 22:15:20, block 1000001\n"
        "[n] clock.tick(0-1-minute) → 1 message\n  ✉ message Tock to bob(N=1)\n"
        "[n] clock.tick(0-1-minute) → 1 message\n  ✉ message Tock to bob(N=2)\n",
        "",
    )
    assert net("tick", folder) == Ran(0, "it is 2023-11-14 22:15:20, block 1000001\n", "")
    assert net("get", folder, "alone", "Ticks").out == "0\n"
    assert net("log", folder, "bob", "--action", "Tock").out.count("\n") == 2
    assert net("log", folder, "clock").out.splitlines()[2] == (
        "clock#0+  2023-11-14 22:14:20              tick                → bob Tock"
    )


def test_the_clock(tmp_path: Path) -> None:
    """It goes on only: by a time, to a moment, by blocks."""
    folder = town(tmp_path / "town")
    assert net("tick", folder, "--mine", "3").out == "it is 2023-11-14 22:13:20, block 1000003\n"
    assert net("tick", folder, "--set", "2023-11-14T23:13:20").out == "it is 2023-11-14 23:13:20, block 1000033\n"
    [told] = net("tick", folder, "--set", "1700003601000", "--json").results
    assert told == {"now": 1700003601000, "height": 1000033, "ticks": []}
    ran = net("tick", folder, "--set", "2023-11-14T22:13:20")
    assert ran == Ran(2, "", "error: moment: is over: it is 1700003601000 already (a clock goes on only)\n")
    assert net("tick", folder, "--advance", "soon").code == 2
    assert net("tick", folder, "--advance", "1s", "--set", "1700003601000").code == 2


def test_a_tick_that_fails(tmp_path: Path) -> None:
    """Its error stands there, and the exit code is 1."""
    folder = town(tmp_path / "town")
    code = "Handlers.add('Tick', 'Tick', function() error('late') end)"
    net("spawn", folder, "--code", code, "--name", "clock", *EVERY_MINUTE, "--monitor")
    ran = net("tick", folder, "--advance", "1m", "--json")
    assert ran.code == 1
    [tick] = ran.results[0]["ticks"]
    assert (tick["id"], tick["name"], tick["failure"]["message"]) == (None, "clock", "late")


CODE = """
Got = 0
Handlers.add("Fan", "Fan", function(msg)
  for i = 1, 3000 do Send({ Target = i % 2 == 0 and ao.id or msg.Tags.To, Action = "One", N = "0" }) end
end)
Handlers.add("Ring", "Ring", function(msg) Send({ Target = msg.Tags.To, Action = "One", N = "2999" }) end)
Handlers.add("One", "One", function(msg)
  Got = Got + 1
  for i = 1, 4e4 do local x = i * i end
  local left = tonumber(msg.Tags.N)
  if left > 0 then Send({ Target = msg.From, Action = "One", N = tostring(left - 1) }) end
end)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are of Unix")
@pytest.mark.parametrize("way", ["Fan", "Ring"])
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_interrupted(tmp_path: Path, kind: signal.Signals, way: str) -> None:
    """The folder is whole, whatever ends a command: what was on its way is delivered by the next one, once."""
    folder = tmp_path / "town"
    net("init", folder)
    net("spawn", folder, "--code", CODE, "--name", "one")
    net("spawn", folder, "--code", CODE, "--name", "two")
    words = ["net", "send", str(folder), "one", f"Action={way}", "To=two"]
    running = subprocess.Popen([*COMMAND, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while time.monotonic() < until and not _is_busy(folder):
        time.sleep(0.01)
    running.send_signal(kind)
    out, err = running.communicate(timeout=60)
    if kind is signal.SIGINT:
        assert (running.returncode, out, err) == (130, "", "\ninterrupted\n")
    with Network.open(folder, write=False) as network:
        waits = len(network.pending)
        assert 0 < waits < 3000
    ran = net("tick", folder)
    words = "messages are" if waits > 1 else "message is"
    assert ran.err == f"{waits} {words} on the way from before, and delivered now\n"
    got = [int(net("get", folder, name, "Got").out) for name in ("one", "two")]
    assert got == [1500, 1500]
    assert net("verify", folder).code == 0


def _is_busy(folder: Path) -> bool:
    """Whether both processes have been given something."""
    counts = []
    for journal in (folder / "processes").glob("*.ao"):
        with Store.open(journal, write=False, create=False) as store:
            counts.append(store.count)
    return min(counts) > 1
