"""What does isolation cost, and what do two children gain? All figures are of one run.

The echo is the floor: a bare Python program that sends back what it gets, over the same kind of pipe, with frames of
the sizes that a message and its answer have. Aims: a message one by one at most twice the echo, with `handle_many` at
most 15 µs more than without isolation, a process at most 1 ms more than without in a child that is warm, two children
at least 1.6 times one for messages of 1 ms of work.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from struct import pack, unpack
from time import perf_counter

from common import best, micro, row

from ao_runtime import Pool, Process

CODE = """
Count = 0
Handlers.add("count", "Count", function(msg)
  Count = Count + 1
  msg.reply({ Action = "Counted", Data = tostring(Count) })
end)
Handlers.add("work", "Work", function(msg)
  local n = 0
  for i = 1, tonumber(msg.Loops) do n = n + i end
  msg.reply({ Data = tostring(n) })
end)
"""
ECHO = """
import os
from struct import unpack
answer = b"x" * {size}
while True:
    data = os.read(0, 65536)
    if not data:
        break
    while len(data) < unpack("<Q", data[:8])[0] + 8:
        data += os.read(0, 65536)
    os.write(1, answer)
"""
#: Bytes of the request and of the answer of one message below, as they are in this run.
REQUEST, ANSWER = 330, 260


@contextmanager
def echo():  # type: ignore[no-untyped-def]
    """A call that sends so many bytes to a program and waits for so many."""
    program = subprocess.Popen(
        [sys.executable, "-c", ECHO.format(size=ANSWER)], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert program.stdin is not None
    assert program.stdout is not None
    writer, reader = program.stdin.fileno(), program.stdout.fileno()
    request = pack("<Q", REQUEST - 8) + b"x" * (REQUEST - 8)
    assert unpack("<Q", request[:8])[0] == REQUEST - 8

    def call() -> None:
        os.write(writer, request)
        left = ANSWER
        while left:
            left -= len(os.read(reader, 65536))

    try:
        yield call
    finally:
        program.stdin.close()
        program.wait()
        program.stdout.close()


def message(process: Process, action: str, **tags: str) -> dict[str, object]:
    """A message in the network's form."""
    return {
        "Id": "m000000000000000000000000000000000000000516",
        "Target": process.id,
        "From": "bob",
        "Owner": "bob",
        "Module": "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s",
        "Block-Height": 1234567,
        "Timestamp": 1700000000516,
        "Tags": [{"name": name, "value": value} for name, value in {"Action": action, **tags}.items()],
    }


def medians(*calls: Callable[[], object]) -> list[float]:
    """The middle of the seconds that each call takes; they take turns, a hundred in a row.

    Not the best: two programs that hand over to each other are fastest where they share a processor, and nothing else
    comes in between.
    """
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(60):
        for call, spent in zip(calls, times, strict=True):
            for _ in range(100):
                began = perf_counter()
                call()
                spent.append(perf_counter() - began)
    return [median(spent) for spent in times]


@contextmanager
def placed(child: int):  # type: ignore[no-untyped-def]
    """This program on the first processor that it may use, all its children on the first or on the last one.

    Where the system places them by itself, the echo mostly stays on one processor and a message does not, so that the
    two cannot be compared.
    """
    before = os.sched_getaffinity(0)
    usable = sorted(before)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    os.sched_setaffinity(0, {usable[0]})
    for pid in children:
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), {usable[child]})
    try:
        yield
    finally:
        for task in ["0"] + [task for pid in children for task in os.listdir(f"/proc/{pid}/task")]:
            os.sched_setaffinity(int(task), before)


def many(process: Process) -> float:
    """Seconds a message of `handle_many`."""
    messages = [message(process, "Count")] * 2000
    return best(lambda: process.handle_many(messages), 5) / 2000


def up(start: Callable[[], object]) -> float:
    """Seconds to start a process, best of many."""
    times = []
    for _ in range(40):
        began = perf_counter()
        kept = start()
        times.append(perf_counter() - began)
        del kept
    return min(times)


def loops(process: Process) -> int:
    """So many rounds of the loop take about 1 ms."""
    count = 10_000
    work = message(process, "Work", Loops=str(count))
    process.handle(work)
    return int(count * 0.001 / best(lambda: process.handle(work), 20))


def rate(children: int, work: int) -> float:
    """Messages of 1 ms of work a second, by four processes in so many children."""
    with Pool(children) as pool, ThreadPoolExecutor(4) as threads:
        processes = [Process.spawn(code=CODE, owner=f"alice{n}", isolated=pool) for n in range(4)]

        def run(process: Process) -> None:
            process.handle_many([message(process, "Work", Loops=str(work))] * 250)

        list(threads.map(run, processes))
        began = perf_counter()
        list(threads.map(run, processes))
        return 1000 / (perf_counter() - began)


def main() -> None:
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    with Pool(1) as pool, echo() as call:
        plain = Process.spawn(code=CODE, owner="alice")
        apart = Process.spawn(code=CODE, owner="alice", isolated=pool)
        one, other = message(plain, "Count"), message(apart, "Count")
        for _ in range(1000):
            plain.handle(one)
            apart.handle(other)
            call()
        bare, single, isolated = medians(call, lambda: plain.handle(one), lambda: apart.handle(other))
        row("Process.handle, not isolated", micro(single), "")
        row("echo of a message's and an answer's bytes", micro(bare), "1.0×")
        row("Process.handle, isolated (aim: 2×)", micro(isolated), f"{isolated / bare:.1f}×")
        if hasattr(os, "sched_setaffinity"):
            for where, child in (("one processor for both", 0), ("each on its own", -1)):
                with placed(child):
                    bare, isolated = medians(call, lambda: apart.handle(other))
                row(f"… {where}: echo", micro(bare), "1.0×")
                row(f"… {where}: isolated", micro(isolated), f"{isolated / bare:.1f}×")
        together, batch = many(plain), many(apart)
        row("handle_many, a message, not isolated", micro(together), "")
        row("handle_many, a message, isolated (aim: + 15 µs)", micro(batch), f"+ {micro(batch - together)}")
        alone = up(lambda: Process.spawn(code="", owner="alice"))
        inside = up(lambda: Process.spawn(code="", owner="alice", isolated=pool))
        row("a process up, not isolated", micro(alone), "")
        row("a process up in a warm child (aim: + 1 ms)", micro(inside), f"+ {micro(inside - alone)}")
        work = loops(plain)
    began = perf_counter()
    with Pool(1) as pool:
        Process.spawn(code="", owner="alice", isolated=pool)
        row("a process up in a child that is started for it", micro(perf_counter() - began), "")
    first, second = rate(1, work), rate(2, work)
    row("messages of 1 ms of work a second, one child", f"{first:.0f}", "1.0×")
    row("… two children (aim: 1.6×)", f"{second:.0f}", f"{second / first:.2f}×")


if __name__ == "__main__":
    main()
