"""A look into a process waits for its turn, and no message for a look."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from ao_runtime.network import Network
from ao_runtime.units.answers import Refusal
from ao_runtime.units.explorer.looks import AT_A_TIME, Looks

from ..serving import Served
from .asking import Asked, asked


@pytest.fixture
def explorer() -> Iterator[Asked]:
    """A network with a process."""
    network = Network(seed="looks")
    network.spawn(code="N = 0", owner="alice", name="p")
    with asked(network) as one:
        yield one


def test_few_wait_at_a_time(explorer: Asked) -> None:
    """More are refused; those that nobody waits for any more do nothing, and count until their turn has come."""
    id = explorer.network.found("p")
    free, looked = threading.Event(), []

    async def run() -> None:
        looks = Looks(explorer.hub)
        first = asyncio.create_task(looks.ask(id, lambda: free.wait(20), 20))
        await asyncio.sleep(0.1)
        others = [asyncio.create_task(looks.ask(id, lambda: looked.append(1), 0.2)) for _ in range(AT_A_TIME - 1)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refusal, match="at work"):
            await looks.ask(id, lambda: looked.append(2), 5)
        for other in others:
            with pytest.raises(asyncio.TimeoutError):
                await other
        with pytest.raises(Refusal, match="at work"):
            await looks.ask(id, lambda: looked.append(2), 5)
        free.set()
        assert await first
        for _ in range(200):
            if not looks._waiting:
                break
            await asyncio.sleep(0.02)
        assert not looks._waiting
        assert await looks.ask(id, lambda: "again", 5) == "again"

    asyncio.run(run())
    assert looked == []


def test_a_process_at_work_hinders_no_page() -> None:
    """While a message takes seconds, the pages are there at once, the process's too; its state comes when it may."""
    server = Served("--limit-seconds", "4")
    try:
        process = server.spawn("N = 0", Name="busy")
        other = server.spawn("N = 0", Name="other")
        assert "globals" in server.get("gateway", f"/explorer/process/{other}/state").text
        sending = threading.Thread(target=server.message, args=(process, "Eval", "while true do end"))
        sending.start()
        time.sleep(0.7)
        begun = time.monotonic()
        for path in ("", "/processes", "/messages", f"/process/{process}/0", f"/process/{other}/state"):
            assert server.get("gateway", f"/explorer{path}").status_code == 200
        page = server.get("gateway", f"/explorer/process/{process}").text
        took = time.monotonic() - begun
        assert "on its way" in server.get("gateway", "/explorer/messages").text
        assert "busy" in page
        assert took < 3
        assert "globals" in server.get("gateway", f"/explorer/process/{process}/state").text
        sending.join()
        assert "error" in server.get("gateway", f"/explorer/process/{process}/1").text
    finally:
        server.close()
