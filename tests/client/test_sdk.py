"""Every call of `Sdk`, for threads and for asyncio, on a network that is served."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from ao_runtime import HttpError, InputError, Process
from ao_runtime.client import AsyncSdk, Sdk
from tests.units.sdk.api import CODE
from tests.units.serving import Served, eventually, message


class Awaited:
    """An `AsyncSdk` whose calls are awaited in a loop of its own."""

    def __init__(self, url: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._sdk = AsyncSdk(url, **options)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._sdk, name)
        return lambda *arguments, **fields: self._loop.run_until_complete(method(*arguments, **fields))

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._sdk.close())
        self._loop.close()


@pytest.fixture(params=[Sdk, Awaited], ids=["threads", "asyncio"])
def kind(request: pytest.FixtureRequest) -> Any:
    """Both."""
    return request.param


def test_every_call(server: Served, kind: Any) -> None:
    """A process from its creation to its end."""
    with kind(server.urls["gateway"]) as sdk:
        assert sdk.info()["authority"] == server.messenger
        made = sdk.create(lua=CODE, name="ours", cron_interval="1-hour", cron_tags={"Action": "Cron"})
        other = sdk.create(lua=CODE, compute_limit=500_000, tags=[{"name": "A", "value": "b"}]).process_id
        process = made.process_id
        assert (made.slot, made.error, sdk.process(process).name) == (0, None, "ours")
        sent = sdk.send(process, "hello", action="Ping", wait=True)
        assert sent.result is not None
        assert (sent.slot, sent.result.messages[0].data) == (1, "hello")
        assert sdk.send(process, b"\xff\x00", action="Ping").result is None
        read = sdk.send(process, action="Ping", read_only=True)
        assert (read.message_id, read.result is not None) == (None, True)
        as_other = sdk.send(process, action="Ping", from_process=other, wait=True)
        assert as_other.result is not None
        assert as_other.result.messages[0].target == other
        status = sdk.status(sent.message_id, process)
        assert (status.status, status.processes, status.result) == ("processed", [process], sent.result)
        assert sdk.compute(process, sent.message_id) == sent.result
        assert sdk.output(process, sent.message_id).messages[0]["Data"] == "hello"
        failed = sdk.send(process, action="Fail")
        assert sdk.status(failed.message_id).status == "failed"
        assert not sdk.compute(process).ok
        item = message(process, Action="Ping")
        assert sdk.submit(item) == item.id
        assert sdk.message(process, item.id)["message"]["id"] == item.id
        assigned = sdk.assign(other, item.id, exclude=["Data"])
        relayed = sdk.relay(sent.message_id, other)
        found = [node["assignment"]["id"] for node in sdk.messages(other)]
        assert [one in found for one in (assigned, relayed)] == [True, True]
        ids = [node["assignment"]["id"] for node in sdk.messages(process, after=sent.message_id, limit=2)]
        assert len(ids) == 2
        tick = sdk.tick(process)
        assert sdk.cron(process)[-1].timestamp == tick.timestamp
        assert sdk.cron(process, after=tick.timestamp) == []
        sdk.monitor(process)
        assert sdk.process(process).monitored
        sdk.unmonitor(process)
        eventually(lambda: sdk.messages(process)[-1]["message"]["data"] == "1")
        state = sdk.state(process)
        assert Process.restore(state, files={}).get("Ticks") == 1
        assert Process.restore(sdk.state(process, to=made.timestamp), files={}).get("Ticks") == 0
        sdk.terminate(process)
        assert sdk.process(process).status == "terminated"
        with pytest.raises(HttpError) as gone:
            sdk.send(process, action="Ping")
        assert (gone.value.status, "terminated" in gone.value.problem) == (410, True)


def test_what_makes_no_sense(server: Served, kind: Any) -> None:
    """It is an `InputError` before anything is asked, or an `HttpError` with what the server said."""
    with kind(server.urls["gateway"]) as sdk:
        for call in (
            lambda: sdk.create(),
            lambda: sdk.create("x" * 43, lua=""),
            lambda: sdk.process("../info"),
            lambda: sdk.send("x"),
            lambda: sdk.compute("x" * 43, "first"),
            lambda: sdk.send("x" * 43, tags={"a": object()}),
        ):
            with pytest.raises(InputError):
                call()
        with pytest.raises(HttpError) as refused:
            sdk.create(lua="", memory_limit="much")
        assert (refused.value.status, "memory_limit" in refused.value.problem) == (400, True)
    with pytest.raises(InputError):
        Sdk("no url")


def test_both_have_the_same_calls() -> None:
    """Names, arguments and words of the two are the same."""

    def calls(kind: type) -> dict[str, Any]:
        return {
            name: (inspect.signature(found), found.__doc__)
            for name, found in vars(kind).items()
            if callable(found) and not name.startswith("_")
        }

    assert calls(Sdk) == calls(AsyncSdk)
    assert len(calls(Sdk)) == 18
