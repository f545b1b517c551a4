"""Messages that have their place and are not evaluated yet; and whoever waits too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import httpx
import pytest

from ao_runtime import Network
from ao_runtime.network import RealClock
from ao_runtime.network.item import item_of_signed
from ao_runtime.units.front import app
from ao_runtime.units.hub import Hub
from ao_runtime.units.sdk import messages
from ao_runtime.units.worker import Worker
from tests.units.serving import message

_T = TypeVar("_T")
HOST = "localhost:4000"
URLS = {unit: f"http://{HOST}/{unit}" for unit in ("gateway", "mu", "su", "cu", "ur")}


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A network and its worker, without a server."""
    network = Network(clock=RealClock(), signed=True, seed="pending")
    worker = Worker(network)
    yield Hub(network, worker, URLS, frozenset({HOST}))
    worker.close()
    network.close()


def do(hub: Hub, job: Callable[[], _T]) -> _T:
    """Something with the network, in its thread."""
    done: Future[_T] = Future()
    hub.worker.submit(job, done)
    return done.result(60)


def ask(hub: Hub, *requests: tuple[str, str, Any]) -> list[httpx.Response]:
    """Requests, one after the other, to the app itself."""

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app(hub, {}))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return [await client.request(method, path, json=body) for method, path, body in requests]

    return asyncio.run(run())


def test_a_message_that_waits_for_its_evaluation(hub: Hub) -> None:
    """It is `pending`, its output 202; nothing is evaluated for whoever looks."""
    [made] = ask(hub, ("POST", "/process", {"module": {"lua": "N = 1"}}))
    process = made.json()["process_id"]
    item = message(process, Action="Ping")
    place = do(hub, lambda: hub.network.scheduler.accept(item_of_signed(item)))
    path = f"/compute/{process}/message/{item.id}"
    status, output, execution = ask(
        hub, ("GET", f"/message/{item.id}", None), ("GET", path, None), ("POST", path, None)
    )
    assert (status.json()["status"], status.json()["result"], status.json()["slot"]) == ("pending", None, 1)
    assert (output.status_code, output.json()) == (202, {"status": "pending"})
    assert (execution.status_code, execution.json()["code"]) == (409, "conflict")
    do(hub, lambda: hub.network.compute.evaluate(place))
    [status] = ask(hub, ("GET", f"/message/{item.id}", None))
    assert status.json()["status"] == "processed"


def test_whoever_waits_too_long(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """504 after the server's time; the message goes its way, and its result can be asked for."""
    monkeypatch.setattr(messages, "WAIT", 0.1)
    [made] = ask(hub, ("POST", "/process", {"module": {"lua": "N = 1"}}))
    process = made.json()["process_id"]
    code = "for i = 1, 2e8 do end return 'done'"
    [answer] = ask(hub, ("POST", "/message", {"to": process, "action": "Eval", "data": code, "wait": True}))
    assert (answer.status_code, answer.json()["code"]) == (504, "timeout")
    pending, execution, output = ask(
        hub, *((method, f"/compute/{process}/message/latest", None) for method in ("GET", "POST", "GET"))
    )
    assert (pending.status_code, pending.json()) == (202, {"status": "pending"})
    assert execution.json()["result"]["Output"]["data"] == output.json()["output"]["data"] == "done"
