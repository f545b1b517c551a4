"""What does a message cost in a network? Ping-pong, fan-out to 1 000, 1 000 spawns in a chain; 10 000 idle processes.

Each figure stands beside what the same processes take without a network, in the same run: `Process.handle` of the same
messages in their order, in the network's form, and `to_dict` of their results, by forks of the network's processes. The
best of several rounds, in turn; the machine may be busy: its load is told.

    python benchmarks/network.py [--rounds N] [--aolite FOLDER]
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from common import micro, row

from ao_runtime import Process
from ao_runtime.network import Network, wire_of

PING = """
Handlers.add("Ping", "Ping", function(msg)
  local left = tonumber(msg.Tags.Left)
  if left > 0 then ao.send({ Target = msg.Tags.Other or msg.From, Action = "Ping", Left = tostring(left - 1) }) end
end)
"""
HUB = """
Members = Members or {}
Handlers.add("Join", "Join", function(msg) Members[#Members + 1] = msg.From end)
Handlers.add("Say", "Say", function(msg)
  for _, member in ipairs(Members) do ao.send({ Target = member, Action = "Said", Data = msg.Data }) end
end)
"""
MEMBER = """
Heard = 0
Handlers.add("Said", "Said", function(msg) Heard = Heard + 1; Last = msg.Data end)
"""
CHAIN = """
local left = tonumber(ao.env.Process.Tags.Left)
if left > 0 then
  Spawn(ao.env.Module.Id, {
    Data = "",
    Tags = {
      Left = tostring(left - 1),
      Authority = ao.env.Process.Tags.Authority,
      ["On-Boot"] = ao.env.Process.Tags["On-Boot"],
    },
  })
end
"""
PINGS = 2000
MEMBERS = 1000
SPAWNS = 1000


def timed(run: Callable[[], object]) -> float:
    """Seconds that it takes."""
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compared(net: Network, run: Callable[[], object]) -> tuple[float, float]:
    """Seconds for one message of what `run` sets off: in the network, and by the same processes outside of it."""
    forks = {process.id: process.fork() for process in net.processes}
    before = {process.id: process.count for process in net.processes}
    for fork in forks.values():
        fork.get("Name")  # from now on it is ready
    together = timed(run)
    places = [one for id, count in before.items() for one in net.scheduler.schedule(id).assignments[count:]]
    places.sort(key=lambda one: one.timestamp)
    messages = [(forks[one.process], wire_of(one)) for one in places]

    def again() -> None:
        for fork, message in messages:
            fork.handle(message).to_dict()

    return together / len(places), timed(again) / len(places)


def ping_pong(rounds: int, signed: bool) -> tuple[float, float]:
    """Two processes that answer one another."""
    net = Network(signed=signed, most=10 * PINGS)
    user = net.wallet("user")
    ping, pong = net.spawn(code=PING, owner=user), net.spawn(code=PING, owner=user)
    user.send(ping, Action="Ping", Other=pong, Left="200")
    return best_of(rounds, lambda: compared(net, lambda: user.send(ping, Action="Ping", Other=pong, Left=str(PINGS))))


def fan_out(rounds: int, signed: bool) -> tuple[float, float]:
    """One process that writes to a thousand others."""
    net = Network(signed=signed, most=10 * MEMBERS)
    user = net.wallet("user")
    hub = net.spawn(code=HUB, owner=user)
    for number in range(MEMBERS):
        member = net.spawn(code=MEMBER, owner=user, name=f"m{number}")
        member.handle(Action="Eval", Data=f"ao.send({{ Target = '{hub.id}', Action = 'Join' }})")
    for number in range(3):
        user.send(hub, Action="Say", Data=f"warm {number}")
    return best_of(rounds, lambda: compared(net, lambda: user.send(hub, Action="Say", Data="hello")))


def best_of(rounds: int, run: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    """The least of each of both figures."""
    found = [run() for _ in range(rounds)]
    return min(one for one, _ in found), min(one for _, one in found)


def spawn_chain(signed: bool) -> tuple[float, float]:
    """Seconds for one spawn with its boot and what the parent hears of it: in the network, and alone."""
    net = Network(signed=signed, most=10 * SPAWNS)
    user = net.wallet("user")
    code = net.store(CHAIN)
    first = net.spawn(owner=user, tags={"Left": "2", "On-Boot": code})
    start = {"Left": str(SPAWNS), "On-Boot": code}
    together = timed(lambda: net.spawn(owner=user, tags=start)) / SPAWNS
    boots = [net.process(one.id) for one in net.processes[4:104]]
    messages = [[wire_of(one) for one in net.scheduler.schedule(boot.id).assignments] for boot in boots]
    environments = [net.compute.process(boot.id).environment for boot in boots]

    def run() -> None:
        for environment, own in zip(environments, messages, strict=True):
            process = Process(environment, files=net.storage.find)
            for message in own:
                process.handle(message).to_dict()

    apart = min(timed(run) for _ in range(3)) / len(boots)
    assert first.count == 2
    net.close()
    return together, apart


def idle(count: int) -> None:
    """Memory and the way back of many processes."""
    net = Network(live=200)
    user = net.wallet("user")
    before = resident()
    start = time.perf_counter()
    for number in range(count):
        net.spawn(code=PING, owner=user, name=f"p{number}")
    seconds = time.perf_counter() - start
    row(f"{count} idle processes, 200 of them ready", f"{(resident() - before) / 2**30:.2f} GB", "≤ 4 GB")
    row("  each of them spawned in", f"{seconds / count * 1e3:.2f} ms")
    back = []
    for process in net.processes[:200:2]:
        start = time.perf_counter()
        net.send(user, process, Action="Ping", Left="0")
        back.append(time.perf_counter() - start)
    back.sort()
    row("  a message to one at rest, median", f"{back[len(back) // 2] * 1e3:.2f} ms", "≤ 5 ms")
    net.close()


def resident() -> int:
    """Bytes of memory that this program has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


AOLITE = """
package.path = arg[1] .. "/lua/?.lua;" .. arg[1] .. "/lua/?/init.lua;" .. arg[1] .. "/?.lua;" .. package.path
local aolite = require("aolite")
local code, count = arg[2], tonumber(arg[3])
aolite.spawnProcess("ping", code)
aolite.spawnProcess("pong", code)
local function go(left)
  local tags = { Action = "Ping", Other = "pong", Left = tostring(left) }
  aolite.send({ From = "ping", Target = "ping", Action = "Ping", Tags = tags })
  aolite.runScheduler()
end
go(20)
local start = os.clock()
go(count)
print((os.clock() - start) / count)
"""


def aolite(folder: Path) -> float | None:
    """Seconds for one message of ping-pong in aolite; None where there is no Lua 5.3 for it."""
    lua = shutil.which("lua5.3")
    if lua is None:
        return None
    driver = folder / "ao_runtime_benchmark.lua"
    code = folder / "ao_runtime_ping.lua"
    driver.write_text(AOLITE, encoding="utf-8")
    code.write_text(PING, encoding="utf-8")
    try:
        done = subprocess.run(
            [lua, str(driver), str(folder), str(code), str(PINGS)], capture_output=True, text=True, check=False
        )
    finally:
        driver.unlink()
        code.unlink()
    if done.returncode:
        raise SystemExit(f"aolite failed: {done.stderr}")
    return float(done.stdout.split()[-1])


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--aolite", type=Path, help="a folder with aolite")
    parser.add_argument("--idle", type=int, default=10_000, help="so many idle processes")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if given.idle:
        idle(given.idle)
    for signed in (False, True):
        kind = "signed" if signed else "unsigned"
        for name, found in (
            ("ping-pong, a message", ping_pong(given.rounds, signed)),
            ("fan-out to 1 000, a message", fan_out(given.rounds, signed)),
            ("1 000 spawns in a chain, a spawn", spawn_chain(signed)),
        ):
            together, apart = found
            row(f"{name}, {kind}", micro(together), f"{together / apart:.2f}×")
            row("  handle and to_dict of the same", micro(apart))
            if given.aolite and not signed and name.startswith("ping"):
                other = aolite(given.aolite)
                if other is not None:
                    row("  aolite, the same Lua", micro(other), f"{other / together:.1f}× ours")


if __name__ == "__main__":
    main()
