"""Subscriptions, where servers do what nobody expects."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from typing import Any

import pytest

from ao_runtime.colonies import AsyncColonies, ChannelEntry, Colonies, Process, RPCError
from ao_runtime.colonies.subscription import to_channel

from .playing import Client
from .recordings import KEYS
from .scripted import envelope, refusal, scripted, subscribed, until_gone
from .server import send_text
from .test_failures import reset

KEY = KEYS["a"]["executor1"]["prvkey"]
CLOSE = 8


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ao_runtime.colonies.subscription._GRACE", 0.3)


def entry(sequence: int, sender: str = "s", stamp: str = "", **more: Any) -> dict[str, Any]:
    """An entry on the wire."""
    return {"sequence": sequence, "senderid": sender, "timestamp": stamp or f"t{sequence}", "payload": "", **more}


def numbers(entries: list[ChannelEntry]) -> list[int]:
    """Their numbers."""
    return [found.sequence for found in entries]


def listen(client: Client, url: str, timeout: int = 5, **kwargs: Any) -> list[ChannelEntry]:
    """Subscribe to a channel."""
    entries: list[ChannelEntry] = client.call(url, "subscribe_channel", "p", "c", 0, timeout, KEY, **kwargs)
    return entries


def test_no_pings_and_no_handshake_at_the_end(client: Client) -> None:
    """No pings are sent, which would not be answered; and nobody waits for the answer to a closing handshake."""
    kinds: list[int] = []

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        time.sleep(0.2)
        send_text(connection, envelope([]))
        kinds.extend(until_gone(connection))

    with scripted(script) as url:
        begun = time.monotonic()
        assert listen(client, url) == []
        assert time.monotonic() - begun < 5  # 10 s is what websockets would wait
    assert kinds == [CLOSE]


def test_large_frames(client: Client) -> None:
    """A frame may be larger than what websockets take by default, 1 MiB."""
    large = "A" * (14 << 20)

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1, payload=large)]))
        send_text(connection, envelope([]))
        until_gone(connection)

    with scripted(script) as url:
        (found,) = listen(client, url)
    assert len(found.payload_bytes()) == 14 / 4 * 3 * (1 << 20)


def test_frames_over_the_limit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is over the limit is not kept: an RPCError that says so, and no connection error."""
    monkeypatch.setattr("ao_runtime.colonies.session.MAX_ANSWER", 100_000)

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, " " * 100_001)
        until_gone(connection)

    with (
        scripted(script) as url,
        pytest.raises(RPCError, match=r"^the server's answer is larger than 256 MiB$") as raised,
    ):
        listen(client, url)
    assert not raised.value.conn_err()


def test_silence(client: Client) -> None:
    """When the process is closed nothing comes any more, not even the end: our own clock ends it."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1)]))
        until_gone(connection)

    with scripted(script) as url:
        begun = time.monotonic()
        assert numbers(listen(client, url, timeout=1)) == [1]
        assert 1.3 <= time.monotonic() - begun < 8


def test_dropped_at_the_end(client: Client) -> None:
    """A connection that is dropped when the time is over is the end, with what has come."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1)]))
        time.sleep(1)

    with scripted(script) as url:
        assert numbers(listen(client, url, timeout=1)) == [1]


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_lost(client: Client, how: str) -> None:
    """One that is lost before its time is a connection error, for channels and for processes."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        if how == "reset":
            reset(connection)

    with scripted(script) as url:
        for method, args in (("subscribe_channel", ["p", "c", 0, 5]), ("subscribe_process", [Process(), 1, 5])):
            with pytest.raises(RPCError, match=r"^the connection was lost before its time: ") as raised:
                client.call(url, method, *args, KEY)
            assert raised.value.conn_err()
            assert raised.value.status is None


@pytest.mark.parametrize("how", ["dropped", "silent"])
def test_a_process_that_is_late(client: Client, how: str) -> None:
    """A process that has not come into its state in time is an RPCError, and no connection error."""

    def script(connection: socket.socket, number: int) -> None:
        timeout = subscribed(connection)["timeout"]
        if how == "dropped":
            time.sleep(timeout)
        else:
            until_gone(connection)

    with scripted(script) as url:
        for timeout in (0, 1):
            begun = time.monotonic()
            with pytest.raises(RPCError) as raised:
                client.call(url, "subscribe_process", Process(processid="p"), 2, timeout, KEY)
            assert str(raised.value) == f"the process p has not come into state 2 within {timeout} s"
            assert (raised.value.conn_err(), raised.value.status) == (False, None)
            assert timeout <= time.monotonic() - begun < timeout + 6


def test_what_is_asked_of_a_process(client: Client) -> None:
    """Colony and kind of executor are those of the process; what is pushed is returned, and nothing is None."""
    asked = []

    def script(connection: socket.socket, number: int) -> None:
        asked.append(subscribed(connection))
        send_text(connection, envelope({"processid": "p", "state": 2} if number == 0 else {}))
        until_gone(connection)

    process = Process.from_dict({"processid": "p", "spec": {"conditions": {"executortype": "t", "colonyname": "c"}}})
    with scripted(script) as url:
        assert client.call(url, "subscribe_process", process, 2, 5, KEY).state == 2
        assert client.call(url, "subscribe_process", process, 2, 5, KEY) is None
    assert asked[0] == {
        "msgtype": "subscribeprocessmsg",
        "processid": "p",
        "colonyname": "c",
        "executortype": "t",
        "state": 2,
        "timeout": 5,
    }


def test_duplicates(client: Client) -> None:
    """What comes twice is told once; the same number of another sender, or at another time, is another entry."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1), entry(2)]))
        send_text(connection, envelope([entry(2)]))
        send_text(connection, envelope([entry(2, sender="other")]))
        send_text(connection, envelope([entry(2, stamp="later"), entry(3)]))
        send_text(connection, envelope(None))
        until_gone(connection)

    batches: list[list[int]] = []
    with scripted(script) as url:
        entries = listen(client, url, callback=lambda new: batches.append(numbers(new)))
    assert numbers(entries) == [1, 2, 2, 2, 3]
    assert batches == [[1, 2], [2], [2, 3]]


def test_too_slow(client: Client) -> None:
    """An entry with an error says that some are missing, and nothing comes after it: that is the end."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1)]))
        send_text(connection, envelope([entry(1, error="subscriber too slow")]))
        until_gone(connection)

    with scripted(script) as url:
        begun = time.monotonic()
        entries = listen(client, url, timeout=60)
        assert time.monotonic() - begun < 30
    assert [found.error for found in entries] == ["", "subscriber too slow"]


@pytest.mark.parametrize("answer", [False, None, True, 0, "coroutine"])
def test_callbacks(client: Client, answer: Any) -> None:
    """False ends a subscription, and nothing else does; with asyncio a callback may be a coroutine function."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        for sequence in (1, 2, 3):
            send_text(connection, envelope([entry(sequence)]))
        send_text(connection, envelope([]))
        until_gone(connection)

    async def later(new: list[ChannelEntry]) -> bool:
        await asyncio.sleep(0)
        return new[-1].sequence != 2

    if answer == "coroutine" and client.name == "sync":
        return
    callback = later if answer == "coroutine" else lambda new: answer
    with scripted(script) as url:
        entries = listen(client, url, callback=callback)
    assert numbers(entries) == ([1] if answer is False else [1, 2] if answer == "coroutine" else [1, 2, 3])


def test_a_callback_that_fails(client: Client) -> None:
    """What a callback raises comes out as it is, and the connection is let go."""
    gone = []

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1)]))
        gone.append(until_gone(connection))

    def fail(new: list[ChannelEntry]) -> None:
        raise ZeroDivisionError

    with scripted(script) as url, pytest.raises(ZeroDivisionError):
        listen(client, url, callback=fail)
    assert gone == [[CLOSE]]


def test_refused_in_the_middle(client: Client) -> None:
    """A refusal that comes later is one, too."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, envelope([entry(1)]))
        send_text(connection, refusal(403, "Not authorized to subscribe to channel"))
        until_gone(connection)

    with scripted(script) as url, pytest.raises(RPCError, match=r"^Not authorized to subscribe to channel$") as raised:
        listen(client, url)
    assert raised.value.status == 403


def live(connection: socket.socket, number: int) -> None:
    """Three entries, and no end."""
    asked = subscribed(connection)
    assert asked == {
        "msgtype": "subscribechannelmsg",
        "processid": "p",
        "name": "c",
        "afterseq": 2,
        "timeout": 5,
    }
    try:
        send_text(connection, envelope([entry(1), entry(2)]))
        time.sleep(0.1)
        send_text(connection, envelope([entry(3)]))
        send_text(connection, envelope([]))
    finally:
        gone.append(until_gone(connection))


gone: list[list[int]] = []


def test_an_iterator() -> None:
    """`iter_channel` gives entries one by one as they come; whoever stops lets go of the connection."""
    gone.clear()
    with scripted(live) as url, Colonies(url, KEY) as colonies:
        assert numbers(list(colonies.iter_channel("p", "c", 2, 5))) == [1, 2, 3]
        entries = colonies.iter_channel("p", "c", 2, 5)
        assert next(entries).sequence == 1
        entries.close()
        for found in colonies.iter_channel("p", "c", 2, 5):
            assert found.sequence == 1
            break
    assert gone == [[CLOSE]] * 3


def test_an_asynchronous_iterator() -> None:
    """So does that of `AsyncColonies`, and a task that is cancelled lets go as well."""
    gone.clear()

    async def run(url: str) -> None:
        async with AsyncColonies(url, KEY) as colonies:
            assert numbers([found async for found in colonies.iter_channel("p", "c", 2, 5)]) == [1, 2, 3]
            async with contextlib.aclosing(colonies.iter_channel("p", "c", 2, 5)) as entries:
                async for found in entries:
                    assert found.sequence == 1
                    break
            heard: list[int] = []
            task = asyncio.create_task(colonies.subscribe_channel("p", "c", 2, 5, None, lambda new: heard.append(1)))
            while not heard:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with scripted(live) as url:
        asyncio.run(run(url))
    assert [kinds for kinds in gone if kinds not in ([CLOSE], [])] == []
    assert len(gone) == 3


def test_many_at_once(client: Client) -> None:
    """Each subscription has a connection of its own: ten on one client take no longer than one."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        time.sleep(1)
        send_text(connection, envelope([entry(number)]))
        send_text(connection, envelope([]))
        until_gone(connection)

    with scripted(script) as url:
        begun = time.monotonic()
        asked = [("subscribe_channel", ["p", "c", 0, 60, KEY], {})] * 10
        outcomes = client.calls(url, asked, at_once=True)
        assert time.monotonic() - begun < 9
    assert sorted(numbers(entries)[0] for entries in outcomes) == list(range(10))


def test_timeout_of_nothing_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel's timeout of 0 is sent as it is, and is the server's own to our clock: 30 s."""
    asked = to_channel("p", "c", 0, 0, KEY)
    asked.begin()
    monkeypatch.setattr("ao_runtime.colonies.subscription._LOOK", 100.0)
    assert 30 < asked.left() <= 30.3
