"""What does state cost? Snapshots, dry runs, messages that fail, replays, and a journal on disk.

    python benchmarks/state.py [snapshot] [dry-run] [failing] [replay] [durable] [--most 1000000]

All parts, each in a program of its own, or those that are named. Sizes are numbers of entries in the process's state:
`flat` is one table from keys of 43 characters to numbers as text; `nested` holds records, each of seven entries in
three tables: its own, four fields, and two in a list.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ao_runtime import Limits, Process
from ao_runtime.process.replaying import replay
from ao_runtime.state import State

COUNT = """
Count = 0
Handlers.add("count", "Count", function(msg)
  Count = Count + 1
  msg.reply({ Action = "Counted", Data = tostring(Count) })
end)
Handlers.add("fail", "Fail", function(msg)
  Count = -1
  error("failed")
end)
"""
#: Keys as addresses are: 43 characters of which each is by chance. (Lua looks at every second one of a long key.)
KEY = """
local function key(i)
  local a = i * 0x9E3779B97F4A7C15
  local b = (a ~ a >> 29) * 0xD1B54A32D192ED03
  return string.format("%016x%016x%011x", a, b, (b ~ b >> 31) & 0xFFFFFFFFFFF)
end
"""
FILL = {
    "flat": KEY + "for i = from, to do Entries[key(i)] = tostring(i * 1000) end",
    "nested": KEY
    + (
        "for i = from, to, 7 do Entries[key(i)] ="
        " { owner = 'o' .. i % 1000, amount = i, tags = { 'a', 'b' }, open = i % 2 == 0 } end"
    ),
}
COUNTED = {"From": "bob", "Tags": [{"name": "Action", "value": "Count"}]}
FAILED = {"From": "bob", "Tags": [{"name": "Action", "value": "Fail"}]}
LIMITS = Limits(memory="4GB", instructions=None, seconds=None)


def filled(kind: str, size: int) -> Process:
    """A process with so many entries, put in by some 1000 at a time."""
    process = Process.spawn(code=COUNT + "Entries = {}", owner="alice", limits=LIMITS)
    for at in range(0, size, 20_000):
        code = f"local from, to = {at + 1}, {min(at + 20_000, size)}\n{FILL[kind]}"
        process.handle(process.eval_message(code)).raise_for_error()
    return process


def timed(run: Callable[[], Any], times: int = 3) -> float:
    """Seconds for one call: the best of a few."""
    found = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1e3:.2f} ms"


def table(title: str, *rows: tuple[str, ...]) -> None:
    """Print a table; the first row is its head."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    print(f"\n{title}\n")
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def sizes(most: int) -> list[int]:
    """10³ … `most`."""
    return [size for size in (1000, 10_000, 100_000, 1_000_000) if size <= most]


def load_anew(state: State, saved: bytes) -> None:
    """A saved state in a new engine."""
    state.genesis.engine(state.inputs).load(saved)


def snapshot(most: int) -> None:
    """Aim: 1.5 µs an entry."""
    rows = [("kind", "entries", "save", "load", "snapshot", "restore", "bytes", "µs an entry, there", "and back")]
    for kind in FILL:
        for size in sizes(most):
            process = filled(kind, size)
            state = process._state
            engine = state.ready()
            saved = engine.save()
            assert saved is not None
            save = timed(engine.save)
            load = timed(partial(load_anew, state, saved))

            def whole(process: Process = process) -> bytes:
                process.handle(COUNTED)  # So that it is saved anew.
                return process.snapshot()

            data = whole()
            there, back = timed(whole), timed(partial(Process.restore, data, limits=LIMITS))
            per = (f"{there / size * 1e6:.2f}", f"{back / size * 1e6:.2f}")
            rows.append((kind, f"{size}", ms(save), ms(load), ms(there), ms(back), f"{len(data)}", *per))
    table("Snapshot and restore", *rows)


def dry_run(most: int) -> None:
    """Aim: 5 ms at 100 000 entries."""
    rows = [("entries", "dry run, best", "median", "handle")]
    for size in [0, *sizes(most)]:
        process = filled("flat", size)
        times = sorted(timed(partial(process.dry_run, COUNTED), 1) for _ in range(30))
        handle = timed(partial(process.handle, COUNTED))
        rows.append((f"{size}", ms(times[0]), ms(times[15]), ms(handle)))
    table("Dry run", *rows)


def failing(most: int) -> None:
    """Aim: a few times a snapshot, whatever came before."""

    def pair(process: Process) -> Callable[[], None]:
        def run() -> None:
            process.handle(FAILED)
            process.handle(COUNTED)  # The state is made again when it is needed.

        return run

    rows = [("entries", "a failing message and the next", "engine's save")]
    for size in [0, *sizes(most)]:
        process = filled("flat", size)
        run = pair(process)
        run()
        rows.append((f"{size}", ms(timed(run, 5)), ms(timed(process._state.ready().save))))
    table("A failing message against the size of the state", *rows)
    rows = [("messages before it", "a failing message and the next", "mean of 20")]
    process = filled("flat", 0)
    for count in (100, 1000, 10_000, 100_000):
        process.handle_many([COUNTED] * (count - process.count))
        run = pair(process)
        first = timed(run, 1)
        rest = sum(timed(run, 1) for _ in range(20)) / 20
        rows.append((f"{count}", ms(first), ms(rest)))
    table("A failing message against the number of messages before it", *rows)


def replaying(_: int) -> None:
    """Aim: 40 000 simple messages a second."""
    number = 50_000
    rows = [("replay of", "messages a second")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.ao"
        with Process.spawn(code=COUNT, owner="alice", state=path) as process:
            process.handle_many([COUNTED] * number)
        memory = Process.spawn(code=COUNT, owner="alice")
        memory.handle_many([COUNTED] * number)

        def from_memory() -> None:
            memory._state.saved = memory._state.journal.root
            memory.at(number)

        def from_disk() -> None:
            from ao_runtime.state.genesis import Genesis
            from ao_runtime.state.options import Options
            from ao_runtime.state.recovery import state_of
            from ao_runtime.store import Store

            with Store.open(path) as store:
                store.drop_snapshots()
                assert store.genesis is not None
                genesis, inputs = Genesis.recorded(store.genesis, Options())
                state_of(store, store.count, genesis, inputs)

        rows.append(("a journal in memory", f"{number / timed(from_memory):.0f}"))
        rows.append(("a journal on disk", f"{number / timed(from_disk):.0f}"))
        compared = timed(lambda: all(one.same for one in replay(path)))
        rows.append(("a journal on disk, every result compared", f"{number / compared:.0f}"))
    table("Replay", *rows)


def durable(_: int) -> None:
    """Aim: 1 000 a second one by one, 5 000 in batches."""
    rows = [("messages", "a second")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.ao"
        with Process.spawn(code=COUNT, owner="alice", state=path) as process:
            for batch, number in ((1, 1000), (10, 3000), (100, 10_000), (1000, 20_000)):

                def run(process: Process = process, batch: int = batch, number: int = number) -> None:
                    if batch == 1:
                        for _ in range(number):
                            process.handle(COUNTED)
                        return
                    for _ in range(number // batch):
                        process.handle_many([COUNTED] * batch)

                rows.append((f"durable in batches of {batch}", f"{number / timed(run, 2):.0f}"))
        opened = timed(lambda: Process.open(path).close())
        rows.append((f"opened again, {number} messages and more", ms(opened)))
    memory = Process.spawn(code=COUNT, owner="alice")
    rows.append(("in memory", f"{5000 / timed(lambda: [memory.handle(COUNTED) for _ in range(5000)]):.0f}"))
    table("A journal on disk", *rows)


PARTS = {"snapshot": snapshot, "dry-run": dry_run, "failing": failing, "replay": replaying, "durable": durable}


def main(arguments: list[str]) -> None:
    most = 1_000_000
    if "--most" in arguments:
        at = arguments.index("--most")
        most = int(arguments[at + 1])
        del arguments[at : at + 2]
    for name in arguments:
        PARTS[name](most)
    if not arguments:
        for name in PARTS:
            # A copy of a program takes the longer the more memory that has, whatever it is used for.
            subprocess.run([sys.executable, __file__, name, "--most", str(most)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
