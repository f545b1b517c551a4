"""Many messages at once, over connections that stay open: nothing is lost, nothing is there twice, order is kept."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .serving import Served, eventually, message

CONNECTIONS = 50
CODE = 'Got = {} Handlers.add("Add", "Add", function(msg) Got[#Got + 1] = msg.Data end)'
#: Messages and processes, of the test in every run and of the one that takes longer.
SIZES = [(600, 20), pytest.param(10_000, 100, marks=pytest.mark.long)]


class Load:
    """Signed messages, dealt out to connections; `taken` are the ids that were acknowledged, by process, in order."""

    def __init__(self, server: Served, messages: int, processes: int) -> None:
        self.processes = [server.spawn(CODE) for _ in range(processes)]
        self.queues: list[list[tuple[str, str, bytes]]] = [[] for _ in range(CONNECTIONS)]
        for number in range(messages):
            # A process belongs to one connection: so there is an order that must be kept.
            process = self.processes[number % processes]
            item = message(process, str(number // processes), Action="Add")
            body = bytes(item)
            head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            self.queues[number % processes % CONNECTIONS].append((process, item.id, head.encode() + body))
        self.taken: dict[str, list[str]] = defaultdict(list)

    def send(self, server: Served, kill_after: int | None = None) -> None:
        """Send all of them; or kill the server when so many were acknowledged."""
        port = urlsplit(server.urls["mu"]).port
        left = kill_after

        async def connection(queue: list[tuple[str, str, bytes]]) -> None:
            nonlocal left
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                for process, id, request in queue:
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
                    answer = await reader.readexactly(int(length.split(b":")[1]))
                    assert head.startswith(b"HTTP/1.1 202"), answer
                    self.taken[process].append(id)
                    if left is not None:
                        left -= 1
                        if left == 0:
                            server.process.kill()
            except (OSError, asyncio.IncompleteReadError):
                if kill_after is None:
                    raise
            finally:
                writer.close()

        async def all_of_them() -> None:
            await asyncio.gather(*map(connection, self.queues))

        asyncio.run(all_of_them())

    def check(self, server: Served, *, whole: bool) -> None:
        """Every acknowledged message is at the scheduler, once and in order, and has been evaluated."""
        for process in self.processes:
            edges = server.get("su", f"/{process}", limit=1000).json()["edges"][1:]
            found = [edge["node"]["message"]["id"] for edge in edges]
            taken = self.taken[process]
            # What was not acknowledged any more may be there or not.
            assert found[: len(taken)] == taken
            assert len(found) - len(taken) in ((0,) if whole else (0, 1))
            code = "local all = true for i, n in ipairs(Got) do all = all and n == tostring(i - 1) end return tostring(all) .. #Got"
            assert server.eval(process, code) == f"true{len(found)}"


@pytest.mark.parametrize(("messages", "processes"), SIZES)
def test_nothing_is_lost(tmp_path: Path, messages: int, processes: int) -> None:
    """All are acknowledged, and each process has had its own, once, in the order in which they were sent."""
    server = Served(str(tmp_path), "-q")
    try:
        load = Load(server, messages, processes)
        load.send(server)
        assert sum(map(len, load.taken.values())) == messages
        load.check(server, whole=True)
    finally:
        server.close()


@pytest.mark.parametrize(("messages", "processes"), SIZES)
def test_a_kill_in_the_middle(tmp_path: Path, messages: int, processes: int) -> None:
    """Started again, the network has every message that was acknowledged, and goes on."""
    server = Served(str(tmp_path), "-q")
    try:
        load = Load(server, messages, processes)
        load.send(server, kill_after=messages // 2)
        server.process.wait()
    finally:
        server.close()
    again = Served(str(tmp_path), "-q")
    try:
        eventually(lambda: again.get("gateway", "/healthcheck").text == "OK")
        load.check(again, whole=False)
    finally:
        again.close()
