"""What is new is told by events: soon, to so many, to none that is slow, and to nobody else's page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ao_runtime.network import Network
from ao_runtime.units.explorer import events as module
from ao_runtime.units.explorer.events import Events

from ..serving import Served
from .asking import Asked, asked


@pytest.fixture
def explorer() -> Iterator[Asked]:
    """A network."""
    network = Network(seed="events")
    network.spawn(code="N = 0", owner="alice", name="p")
    with asked(network) as one:
        yield one


def lines(answer: httpx.Response) -> Iterator[str]:
    """The lines of a stream that are no blanks."""
    return (line for line in answer.iter_lines() if line)


def test_a_message_is_told(server: Served) -> None:
    """Within two seconds of it, once for all that came together; no other page may listen; the server stops at once."""
    process = server.spawn("N = 0")
    with server.http.stream(
        "GET", server.urls["gateway"] + "/explorer/events", headers={"Origin": "http://a.b"}
    ) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "access-control-allow-origin" not in answer.headers
        told = lines(answer)
        assert next(told) == "retry: 2000"
        time.sleep(0.7)
        begun = time.monotonic()
        for _ in range(20):
            server.message(process, "Hello")
        assert next(told) == "event: change"
        assert time.monotonic() - begun < 4
        assert next(told).startswith("data: ")


def test_a_server_that_stops_waits_for_no_listener() -> None:
    """A page that is open somewhere does not keep a server from ending."""
    served = Served()
    try:
        with httpx.Client(timeout=30, trust_env=False) as client:
            url = served.urls["gateway"] + "/explorer/events"
            with client.stream("GET", url) as answer:
                told = lines(answer)
                assert next(told) == "retry: 2000"
                begun = time.monotonic()
                assert served.stop() == 0
                assert time.monotonic() - begun < 5
                assert list(told) == []
    finally:
        served.close()


class Listener:
    """Somebody who listens to an ASGI app: takes what is sent, or not."""

    def __init__(self, taking: bool = True) -> None:
        self.sent: list[dict[str, Any]] = []
        self.taking = taking
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """It has gone, when it has."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a piece; who is slow never does."""
        if not self.taking:
            await asyncio.Event().wait()
        self.sent.append(dict(message))

    @property
    def text(self) -> str:
        """All that it was told."""
        return b"".join(one.get("body", b"") for one in self.sent).decode()


def test_who_is_slow_is_cut(explorer: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that takes nothing is let go of after its time, while another one is told; nothing is left behind."""
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    monkeypatch.setattr(module, "POLL", 0.02)

    async def run() -> tuple[float, str]:
        events = Events(explorer.hub)
        slow, quick = Listener(), Listener()
        begun = time.monotonic()
        listening = asyncio.create_task(events({}, quick.receive, quick.send))
        other = asyncio.create_task(events({}, slow.receive, slow.send))
        await asyncio.sleep(0.2)
        slow.taking = False
        await explorer.hub.call(lambda: explorer.network.wallet("alice").send("p", Action="Hello"))
        await asyncio.wait_for(other, 10)
        took = time.monotonic() - begun
        await asyncio.sleep(0.1)
        quick.gone.set()
        await asyncio.wait_for(listening, 10)
        assert events._listeners == 0
        assert events._looking is None
        return took, quick.text

    took, text = asyncio.run(run())
    assert 0.3 < took < 5
    assert text.startswith("retry: 2000\n\n")
    assert "event: change\ndata: 1\n\n" in text


def test_listeners_have_an_end(explorer: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many listen and no more; each for so long, with signs of life; nothing is asked of the network without any."""
    monkeypatch.setattr(module, "LISTENERS", 3)
    monkeypatch.setattr(module, "ALIVE", 0.05)
    monkeypatch.setattr(module, "LIFE", 0.4)

    async def run() -> list[str]:
        events = Events(explorer.hub)
        listeners = [Listener() for _ in range(3)]
        tasks = [asyncio.create_task(events({}, one.receive, one.send)) for one in listeners]
        await asyncio.sleep(0.1)
        assert events.full
        await asyncio.wait_for(asyncio.gather(*tasks), 10)
        assert not events.full
        assert events._looking is None
        assert all(one.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False} for one in listeners)
        return [one.text for one in listeners]

    for text in asyncio.run(run()):
        assert text.startswith("retry: 2000\n\n: alive\n\n: alive\n\n")


def test_one_too_many_is_told_so(explorer: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, and when to come again."""
    monkeypatch.setattr(module, "LISTENERS", 0)
    answer = explorer.get("/explorer/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_what_changes_is_noticed(explorer: Asked) -> None:
    """A message, a process, what is on its way, mail: each is another state; looking is none."""
    network = explorer.network
    events = Events(explorer.hub)
    alice = network.wallet("alice")
    seen = [events._state()]
    for change in (
        lambda: alice.send("p", Action="Hello"),
        lambda: network.spawn(code="", owner=alice),
        lambda: alice.send("p", Action="Eval", Data="Send({ Target = '" + "w" * 43 + "' })"),
    ):
        change()
        seen.append(events._state())
        assert explorer.page("").status == 200
        assert events._state() == seen[-1]
    assert len(set(seen)) == len(seen)
