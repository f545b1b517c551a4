"""A network over HTTP: what it takes in, and how long a message and its result take through the published client.

    python benchmarks/serve.py [--messages 10000] [--keys rsa] [--scheduler] [--aoconnect FOLDER] [--wao FOLDER]

`--aoconnect` names a folder with `node_modules/@permaweb/aoconnect`, `--wao` one with `node_modules/wao` (`npm install
--ignore-scripts wao`): both are asked in the same run, by the same client, in turn. Messages are signed before the
clock runs; 50 connections stay open, each sends the next message when it has the answer to the last; 100 processes in a
folder, units with Ed25519 keys, and with `--keys rsa` such ones, too, beside them. `--scheduler` asks a scheduler unit
alone in a folder, whose gateway is such a network, instead.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from common import row

from ao_runtime import Wallet
from ao_runtime.items import DataItem
from ao_runtime.network import AOS, KNOWN_MESSENGERS

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
CONNECTIONS, PROCESSES = 50, 100
CODE = 'Got = {} Handlers.add("Add", "Add", function(msg) Got[#Got + 1] = msg.Data end)'
ALICE = Wallet.generate("ed25519")
WAO_SCHEDULER = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"


class Served:
    """`ao-run serve` on free ports, in a folder or in memory."""

    def __init__(self, *arguments: str, unit: str = "mu") -> None:
        command = [sys.executable, "-m", "ao_runtime.cli", "serve", "--port", "0", "-q", *arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.url: str = self.ready["urls"][unit]

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def post(self, item: DataItem) -> str:
        """Send an item; its id."""
        answer = httpx.post(self.url, content=bytes(item), timeout=60, trust_env=False)
        answer.raise_for_status()
        return item.id

    def spawn(self) -> str:
        """A process that notes what it gets."""
        tags = {"Data-Protocol": "ao", "Type": "Process", "Module": AOS, "On-Boot": "Data", "Variant": "ao.TN.1"}
        tags["Scheduler"] = self.ready["addresses"]["scheduler"]
        return self.post(DataItem.create(CODE, tags=tags, anchor=os.urandom(32), wallet=ALICE))


def requests(processes: list[str], count: int) -> list[list[bytes]]:
    """The requests of each connection. A process belongs to one."""
    queues: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    tags = {"Data-Protocol": "ao", "Type": "Message", "Variant": "ao.TN.1", "Action": "Add"}
    for number in range(count):
        at = number % len(processes)
        item = DataItem.create(str(number), target=processes[at], tags=tags, anchor=os.urandom(32), wallet=ALICE)
        body = bytes(item)
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        queues[at % CONNECTIONS].append(head + body)
    return queues


async def send(url: str, queues: list[list[bytes]], status: bytes) -> None:
    """Send all of them, each connection one after the other."""

    async def connection(queue: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        for request in queue:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.split(b":")[1]))
            if not head.startswith(b"HTTP/1.1 " + status):
                raise SystemExit(f"it answered {head!r}")
        writer.close()

    await asyncio.gather(*map(connection, queues))


def taken_in(messages: int, keys: list[str]) -> None:
    """How many messages a second a server takes in, and how many requests that do nothing."""
    with tempfile.TemporaryDirectory() as home:
        runs = [(f"in a folder, {kind}", [str(Path(home) / kind), "--keys", kind]) for kind in keys]
        runs += [(f"in memory, {kind}", ["--keys", kind]) for kind in keys]
        for name, arguments in runs:
            with Served(*arguments) as server:
                queues = requests([server.spawn() for _ in range(PROCESSES)], messages)
                began = time.perf_counter()
                asyncio.run(send(server.url, queues, b"202"))
                rate = messages / (time.perf_counter() - began)
                row(f"messages a second, {name}", f"{rate:.0f}")
        with Served() as server:
            nothing = [
                [b"GET /healthcheck HTTP/1.1\r\nHost: localhost\r\n\r\n"] * (messages // CONNECTIONS)
            ] * CONNECTIONS
            began = time.perf_counter()
            asyncio.run(send(server.url, nothing, b"200"))
            row("requests a second that do nothing", f"{messages / (time.perf_counter() - began):.0f}")
    row("small writes to the disk a second, one after the other", f"{disk():.0f}")


def scheduled(messages: int) -> None:
    """How many messages a second a scheduler alone puts in order, and with all of it at the gateway."""
    with tempfile.TemporaryDirectory() as home, Served() as network:
        words = ["--unit", "su", "--gateway", network.ready["urls"]["gateway"]]
        for name, folder in (("in a folder", [str(Path(home) / "scheduler")]), ("in memory", [])):
            with Served(*folder, *words, unit="su") as server:
                queues = requests([server.spawn() for _ in range(PROCESSES)], messages)
                began = time.perf_counter()
                asyncio.run(send(server.url, queues, b"200"))
                row(f"a scheduler alone, messages a second, {name}", f"{messages / (time.perf_counter() - began):.0f}")
                while waiting(server):
                    time.sleep(0.1)
                row("… and with all of it uploaded", f"{messages / (time.perf_counter() - began):.0f}")


def waiting(server: Served) -> int:
    """How much the gateway does not have yet."""
    lines = httpx.get(f"{server.url}/metrics", trust_env=False).text.splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("ao_uploads "))


def disk() -> float:
    """Writes a second that are on the disk."""
    with tempfile.TemporaryFile() as file:
        began = time.perf_counter()
        for _ in range(300):
            os.write(file.fileno(), b"x" * 4096)
            os.fsync(file.fileno())
        return 300 / (time.perf_counter() - began)


def asked(folder: Path, **told: Any) -> dict[str, list[float]]:
    """Milliseconds that the published client takes for a message and its result."""
    command = ["node", "--no-warnings", str(HERE / "serve_client.mjs"), str(folder), json.dumps(told)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


class Wao:
    """wao's local network."""

    def __init__(self, folder: Path) -> None:
        self.port = free_ports()
        run = folder / "node_modules" / "wao" / "esm" / "run.js"
        command = [
            "node",
            "--no-warnings",
            "--experimental-wasm-memory64",
            str(run),
            "--port",
            str(self.port),
            "--memory",
        ]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                if httpx.get(f"http://localhost:{self.port + 4}/", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise SystemExit("wao does not start")

    def __enter__(self) -> Wao:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def free_ports() -> int:
    """The first of five ports that nobody listens on."""
    for first in range(7400, 9000, 10):
        try:
            for port in range(first, first + 5):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise SystemExit("no free ports")


def through_the_client(client: Path, wao: Path | None) -> None:
    """A message and its result, ours and wao's in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    signing: list[float] = []
    with tempfile.TemporaryDirectory() as home, Served(str(Path(home) / "network")) as server:
        urls = server.ready["urls"]
        own = {"gateway": urls["gateway"], "mu": urls["mu"], "cu": urls["cu"], "module": AOS, "messages": 40}
        own |= {"scheduler": server.ready["addresses"]["scheduler"], "authority": KNOWN_MESSENGERS[0]}
        for _ in range(3):
            found = asked(client, **own)
            ours += found["times"]
            signing += found["signing"]
            if wao is not None:
                with Wao(wao) as other:
                    units = {name: f"http://localhost:{other.port + at}" for name, at in (("mu", 2), ("cu", 4))}
                    told = {**units, "gateway": f"http://localhost:{other.port}", "module": AOS, "messages": 10}
                    told |= {"scheduler": WAO_SCHEDULER, "authority": KNOWN_MESSENGERS[1]}
                    theirs += asked(client, **told)["times"]
    row("a message and its result through aoconnect, median", f"{statistics.median(ours):.1f} ms")
    row("… 95 of 100 take no longer than", f"{statistics.quantiles(ours, n=20)[-1]:.1f} ms")
    row("… of which the client signs for", f"{statistics.median(signing):.1f} ms")
    if theirs:
        ratio = statistics.median(theirs) / statistics.median(ours)
        row("the same against wao, median", f"{statistics.median(theirs):.1f} ms", f"{ratio:.1f}×")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--keys", choices=["ed25519", "rsa"], default="ed25519")
    parser.add_argument("--aoconnect", type=Path)
    parser.add_argument("--wao", type=Path)
    parser.add_argument("--scheduler", action="store_true")
    given = parser.parse_args()
    if given.scheduler:
        scheduled(given.messages)
    else:
        taken_in(given.messages, ["ed25519"] + ["rsa"] * (given.keys == "rsa"))
    if given.aoconnect is not None:
        through_the_client(given.aoconnect, given.wao)
    load = os.getloadavg()[0]
    row("load of the machine at the end", f"{load:.1f}")


if __name__ == "__main__":
    main()
