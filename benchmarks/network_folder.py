"""What does a network in a folder cost? Messages, durable in batches and one by one; opening 1 000 processes.

Every figure is of this disk: beside it stands how often a second it makes a small write durable.

    python benchmarks/network_folder.py [--folder FOLDER] [--processes N]
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from common import row

from ao_runtime.network import Network

PASS = """
Handlers.add("Give", "Give", function(msg)
  for _ = 1, tonumber(msg.Tags.Count) do
    ao.send({ Target = msg.Tags.First, Action = "Pass", Left = msg.Tags.Left, Next = msg.Tags.Next })
  end
end)
Handlers.add("Pass", "Pass", function(msg)
  Got = (Got or 0) + 1
  local left = tonumber(msg.Tags.Left)
  if left > 0 then ao.send({ Target = msg.Tags.Next, Action = "Pass", Left = tostring(left - 1), Next = msg.From }) end
end)
"""


def durable(folder: Path) -> float:
    """Small writes a second, each on the disk before the next."""
    file = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY)
    try:
        start, count = time.perf_counter(), 0
        while time.perf_counter() < start + 1:
            os.write(file, b"x" * 4096)
            os.fdatasync(file)
            count += 1
        return count / (time.perf_counter() - start)
    finally:
        os.close(file)
        (folder / "probe").unlink()


def passing(folder: Path, count: int, left: int) -> float:
    """Messages a second: `count` of them go around among three processes, so many times."""
    with Network.open(folder, most=10**9) as net:
        user = net.wallet("user")
        ring = [net.spawn(code=PASS, owner=user, name=f"p{number}") for number in range(3)]
        user.send(ring[0], Action="Give", Count="5", Left="20", First=ring[1], Next=ring[2])
        best = 0.0
        for _ in range(3):
            before = sum(process.count for process in ring)
            start = time.perf_counter()
            user.send(ring[0], Action="Give", Count=str(count), Left=str(left), First=ring[1], Next=ring[2])
            seconds = time.perf_counter() - start
            best = max(best, (sum(process.count for process in ring) - before) / seconds)
        return best


def opening(folder: Path, count: int) -> tuple[float, float, float]:
    """Seconds to open a folder of so many processes, to open it without its index, and to open one process of it."""
    with Network.open(folder) as net:
        user = net.wallet("user")
        for number in range(count):
            process = net.spawn(code=PASS, owner=user, name=f"p{number}")
            user.send(process, Action="Hello")
    times = []
    for _ in range(3):
        start = time.perf_counter()
        net = Network.open(folder)
        times.append(time.perf_counter() - start)
        net.close()
    with Network.open(folder) as net:
        start = time.perf_counter()
        net.process(f"p{count // 2}").get("Got")
        one = time.perf_counter() - start
    (folder / "network.db").unlink()
    start = time.perf_counter()
    Network.open(folder).close()
    return min(times), time.perf_counter() - start, one


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to make folders; the disk matters")
    parser.add_argument("--processes", type=int, default=1000)
    given = parser.parse_args()
    base = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        row("small writes, each durable before the next", f"{durable(base):.0f}/s")
        row("messages of 500 on their way at a time", f"{passing(base / 'many', 500, 10):.0f}/s", "≥ 3000/s")
        row("messages one after the other", f"{passing(base / 'one', 1, 300):.0f}/s", "≥ 800/s")
        seconds, without, one = opening(base / "wide", given.processes)
        row(f"a folder of {given.processes} processes opens in", f"{seconds * 1e3:.0f} ms", "≤ 1 s")
        row("  without its index (after a kill)", f"{without:.2f} s")
        row("  one process of it", f"{one * 1e3:.1f} ms")
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
