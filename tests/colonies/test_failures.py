"""Servers that are not there, hang, break off or talk nonsense: one RPCError each, and `conn_err()` where none answered."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.colonies import AsyncColonies, Colonies, RPCError
from ao_runtime.errors import InputError

from .playing import Client
from .recordings import KEYS, opened
from .scripted import Script, envelope, read_request, refuse, reply, scripted, subscribed
from .server import answer, read_frame, send_text, upgrade

KEY = KEYS["a"]["executor1"]["prvkey"]
#: One that is sent once, and one that is a subscription.
METHODS = {"approve_executor": ("c", "e", KEY), "subscribe_channel": ("p", "c", 0, 1, KEY)}


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """A call, and a subscription."""
    name: str = request.param
    return name


def failure(client: Client, url: str, method: str, **options: Any) -> RPCError:
    """The RPCError that a call raises."""
    (outcome,) = client.calls(url, [(method, list(METHODS[method]), {})], **options)
    assert isinstance(outcome, RPCError), outcome
    return outcome


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def reset(connection: socket.socket) -> None:
    """Break off without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_nobody_listens(client: Client, method: str) -> None:
    """A refused connection is a connection error that says so, and where."""
    url = f"http://127.0.0.1:{free_port()}/api"
    error = failure(client, url, method)
    assert str(error) == f"no answer from {url}: the connection was refused"
    assert (error.conn_err(), error.status, error.exit_code) == (True, None, 6)


def test_no_such_host(client: Client, method: str) -> None:
    """So is a host that there is not (RFC 6761 keeps `.invalid` for that)."""
    error = failure(client, "http://colony.invalid/api", method)
    assert str(error) == "no answer from http://colony.invalid/api: the name of the host cannot be resolved"
    assert error.conn_err()


@pytest.mark.parametrize("host", ["a" * 70 + ".invalid", "a..b", "xn--\u0080", "-", "*"])
def test_strange_hosts(client: Client, method: str, host: str) -> None:
    """What cannot be a host is an RPCError or an InputError, whatever the libraries make of it."""
    (outcome,) = client.calls(f"http://{host}/api", [(method, list(METHODS[method]), {})])
    assert isinstance(outcome, (RPCError, InputError)), outcome


def test_broken_off(client: Client, method: str) -> None:
    """A connection that is reset before an answer is a connection error."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        reset(connection)

    with scripted(script) as url:
        error = failure(client, url, method)
    # A reset within a handshake is the same to websockets as one that was closed.
    assert str(error).removeprefix(f"no answer from {url}: the connection was ") in ("reset", "closed")
    assert error.conn_err()


def test_half_an_answer(client: Client) -> None:
    """So is one that is closed within the answer."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    with scripted(script) as url:
        assert failure(client, url, "approve_executor").conn_err()


def test_no_answer_in_time(client: Client, method: str) -> None:
    """So is one on which nothing comes within the client's timeout."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.recv(1)

    with scripted(script) as url:
        begun = time.monotonic()
        error = failure(client, url, method, timeout=0.3)
        assert 0.3 <= time.monotonic() - begun < 20
    text = "nothing came for 0.3 s" if method == "approve_executor" else "no connection came about in time"
    assert str(error) == f"no answer from {url}: {text}"
    assert error.conn_err()


def test_assign_is_waited_for(client: Client) -> None:
    """`assign` waits as long as the server may, and the client's timeout beyond that; never shorter."""

    def script(connection: socket.socket, number: int) -> None:
        assert opened(read_request(connection)[2])["timeout"] == 1
        time.sleep(0.6)
        refuse(connection, 404, "No process available for assignment")

    with scripted(script) as url:
        (outcome,) = client.calls(url, [("assign", ["c", 1, KEY], {})], timeout=0.1)
    assert (outcome.status, outcome.conn_err()) == (404, False)
    assert str(outcome) == "No process available for assignment"


def test_no_http(client: Client, method: str) -> None:
    """Something that speaks no HTTP has not answered."""

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"220 mail.example ESMTP\r\n")
        read_request(connection)

    with scripted(script) as url:
        assert failure(client, url, method).conn_err()


def test_an_answer_of_another_server(client: Client, method: str) -> None:
    """A page of a proxy has been answered: no connection error, with the status of HTTP."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        answer(connection, 502, b"<html>Bad Gateway</html>", "text/html")

    with scripted(script) as url:
        error = failure(client, url, method)
    assert (error.status, error.conn_err()) == (502, False)
    assert str(error) == (
        "the server answered 502, but not as a server of ColonyOS does: <html>Bad Gateway</html>"
        if method == "approve_executor"
        else f"{url} takes no subscriptions: the server answered 502"
    )


def test_signed_calls_are_not_sent_elsewhere(client: Client) -> None:
    """A server that sends us to another one is not followed."""
    asked: list[str] = []

    def script(connection: socket.socket, number: int) -> None:
        asked.append(read_request(connection)[0])
        connection.sendall(b"HTTP/1.1 307 -\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    with scripted(script) as url:
        error = failure(client, url, "approve_executor")
    assert (error.status, error.conn_err(), asked) == (307, False, ["POST /api HTTP/1.1"])


def test_signed_subscriptions_are_not_sent_elsewhere(client: Client) -> None:
    """Where websockets follows to another server, nothing signed is sent to it."""
    heard: list[bytes] = []

    def elsewhere(connection: socket.socket, number: int) -> None:
        upgrade(connection, read_request(connection)[1]["sec-websocket-key"])
        heard.append(read_frame(connection)[1])

    with scripted(elsewhere) as other:

        def script(connection: socket.socket, number: int) -> None:
            read_request(connection)
            where = other.replace("http://", "ws://")
            connection.sendall(f"HTTP/1.1 302 -\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())

        with scripted(script) as url:
            error = failure(client, url, "subscribe_channel")
    assert not error.conn_err()
    assert b"payload" not in b"".join(heard)


def test_large_answers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than the limit is not kept, also where it was packed; it is an RPCError, no connection error."""
    for kind in ("client", "async_client"):
        monkeypatch.setattr(f"ao_runtime.colonies.{kind}.MAX_ANSWER", 100_000)
    body = b" " * 100_001

    def script(connection: socket.socket, number: int) -> None:
        headers = read_request(connection)[1]
        assert headers["accept-encoding"] == "identity"
        if number == 0:
            answer(connection, 200, body, "text/plain")
        else:
            packed = gzip.compress(body)
            head = f"HTTP/1.1 200 -\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
            connection.sendall(head.encode() + packed)

    with scripted(script) as url:
        for _ in range(2):
            error = failure(client, url, "approve_executor")
            assert str(error) == "the server's answer is larger than 256 MiB"
            assert (error.status, error.conn_err()) == (200, False)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"state": "x"}, "Process.state: Input should be a valid integer, unable to parse string as an integer"),
        ([], "Process: Input should be a valid dictionary or instance of Process"),
        ("x", "Process: Input should be a valid dictionary or instance of Process"),
    ],
)
def test_answers_of_another_kind(client: Client, payload: Any, said: str) -> None:
    """An answer that is no object of its type is an RPCError with the field."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        reply(connection, payload)

    with scripted(script) as url:
        (outcome,) = client.calls(url, [("submit", [{}, KEY], {})])
    assert str(outcome) == f"the server's answer to submitfuncspecmsg cannot be read: {said}"
    assert (type(outcome), outcome.status, outcome.conn_err()) == (RPCError, 200, False)


def test_lists_of_another_kind(client: Client) -> None:
    """So is one that is no list."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        reply(connection, {})

    with scripted(script) as url:
        (outcome,) = client.calls(url, [("channel_read", ["p", "c", 0, 0, KEY], {})])
    assert str(outcome) == "the server's answer to channelreadmsg cannot be read: is no list of ChannelEntry"


def test_no_key(client: Client) -> None:
    """Without a key nothing is sent: an InputError says where to give one."""
    for name, args in (("get_colony", ["c"]), ("subscribe_channel", ["p", "c", 0, 1])):
        (outcome,) = client.calls("http://127.0.0.1:1/api", [(name, args, {})])
        assert isinstance(outcome, InputError)
        assert str(outcome) == ("prvkey: there is no private key to sign with (give one to the call or to the client)")


def test_frames_that_are_none(client: Client) -> None:
    """A frame that is no envelope is an RPCError; one with a refusal is that refusal."""
    frames = iter(["hello", envelope({"no": "list"}), envelope([{"sequence": []}])])

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        send_text(connection, next(frames))
        connection.recv(100)

    said = []
    with scripted(script) as url:
        for _ in range(3):
            error = failure(client, url, "subscribe_channel")
            assert not error.conn_err()
            said.append(str(error))
    assert said == [
        "the server answered, but not as a server of ColonyOS does: hello",
        "the server's answer to subscribechannelmsg cannot be read: is no list of ChannelEntry",
        "the server's answer to subscribechannelmsg cannot be read: ChannelEntry.sequence: Input should be a valid integer",
    ]


def test_binary_frames_and_broken_ones(client: Client) -> None:
    """A frame of bytes is read as text is; one against the protocol ends the connection: a connection error."""

    def script(connection: socket.socket, number: int) -> None:
        subscribed(connection)
        data = envelope([]).encode()
        connection.sendall(struct.pack("!BB", 0x82, len(data)) + data if number == 0 else b"\xff\xff")
        connection.recv(100)

    with scripted(script) as url:
        assert client.call(url, *["subscribe_channel", *METHODS["subscribe_channel"]]) == []
        assert failure(client, url, "subscribe_channel").conn_err()


def test_a_wrong_handshake(client: Client) -> None:
    """A server that answers a websocket's handshake wrongly has not answered."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        upgrade(connection, "another key")
        connection.recv(100)

    with scripted(script) as url:
        assert failure(client, url, "subscribe_channel").conn_err()


def test_connections_are_kept(client: Client) -> None:
    """Calls one after the other go over one connection."""
    connections: list[int] = []

    def script(connection: socket.socket, number: int) -> None:
        connections.append(number)
        while True:
            read_request(connection)
            reply(connection, {"name": str(number)})

    with scripted(script) as url:
        outcomes = client.calls(url, [("get_colony", ["c", KEY], {})] * 5)
    assert [colony.name for colony in outcomes] == ["0"] * 5
    assert connections == [0]


def test_a_kept_connection_that_has_died() -> None:
    """A server that has closed a kept connection meanwhile is called on a new one, without an error."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        reply(connection, {"name": str(number)})

    names = []
    with scripted(script) as url, Colonies(url, KEY) as colonies:
        for _ in range(3):
            names.append(colonies.get_colony("c").name)
            time.sleep(0.05)
    assert names == ["0", "1", "2"]


def test_many_at_once(client: Client) -> None:
    """One client carries many calls at a time, each on a connection of its own."""
    together = threading.Barrier(40)

    def script(connection: socket.socket, number: int) -> None:
        body = read_request(connection)[2]
        together.wait(10)  # Nobody is answered before all have asked.
        reply(connection, {"name": opened(body)["colonyname"]})

    with scripted(script) as url:
        asked = [("get_colony", [f"c{number}", KEY], {}) for number in range(40)]
        outcomes = client.calls(url, asked, at_once=True)
    assert [outcome.name for outcome in outcomes] == [f"c{number}" for number in range(40)]


def test_many_loops() -> None:
    """One `AsyncColonies` serves several loops, one after the other, each with connections of its own."""

    def script(connection: socket.socket, number: int) -> None:
        while True:
            read_request(connection)
            reply(connection, {"name": str(number)})

    async def once() -> str:
        async with colonies:
            return (await colonies.get_colony("c")).name + (await colonies.get_colony("c")).name

    with scripted(script) as url:
        colonies = AsyncColonies(url, KEY)
        assert [asyncio.run(once()) for _ in range(3)] == ["00", "11", "22"]


def test_after_disconnect() -> None:
    """Letting go of the connections ends nothing: the next call makes new ones."""

    def script(connection: socket.socket, number: int) -> None:
        while True:
            read_request(connection)
            reply(connection, {"name": str(number)})

    with scripted(script) as url:
        colonies = Colonies(url, KEY)
        names = []
        for _ in range(2):
            names.append(colonies.get_colony("c").name)
            colonies.disconnect()
            colonies.disconnect()
        assert names == ["0", "1"]


@contextmanager
def certified(folder: Path, script: Script) -> Iterator[str]:
    """A server that speaks TLS with a certificate that nobody has signed but itself."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(
        [*command.split(), "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    def secured(connection: socket.socket, number: int) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            script(inner, number)

    with scripted(secured) as url:
        yield url.replace("http://127.0.0.1", "https://localhost")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that is not trusted is a connection error; one that is (SSL_CERT_FILE) serves calls and subscriptions."""

    def script(connection: socket.socket, number: int) -> None:
        first, headers, _ = read_request(connection)
        if first.startswith("POST"):
            reply(connection, {})
        else:
            upgrade(connection, headers["sec-websocket-key"])
            send_text(connection, envelope([]))
            connection.recv(1000)

    with certified(tmp_path, script) as url:
        for method in METHODS:
            error = failure(client, url, method)
            assert str(error) == f"no answer from {url}: its certificate is not trusted (self-signed certificate)"
            assert error.conn_err()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        for method, args in METHODS.items():
            assert client.call(url, method, *args) in (None, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        for method, args in METHODS.items():
            (outcome,) = client.calls(url, [(method, list(args), {})])
            assert isinstance(outcome, InputError), outcome
    gc.collect()  # asyncio of Python 3.10 forgets a connection whose handshake has failed, and warns of it here.


def test_proxies(client: Client, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Calls to this machine go to no proxy; others go to the environment's, which is an InputError where it is none."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    asked: list[str] = []

    def script(connection: socket.socket, number: int) -> None:
        asked.append(read_request(connection)[0])
        reply(connection, {})

    with scripted(script) as url:
        client.calls(url, [(method, list(METHODS[method]), {})])
        assert len(asked) == 1
    error = failure(client, "http://colony.example/api", method)
    assert error.conn_err()
    assert str(error).startswith("no answer from http://colony.example/api: ")
    monkeypatch.setenv("http_proxy", "nonsense://x")
    monkeypatch.setenv("https_proxy", "nonsense://x")
    (outcome,) = client.calls("http://colony.example/api", [(method, list(METHODS[method]), {})])
    assert isinstance(outcome, (InputError, RPCError)), outcome


def test_a_process_that_is_none() -> None:
    """`subscribe_process` takes a Process; what is none is an InputError, before anything is asked."""
    with Colonies("http://127.0.0.1:1/api", KEY) as client, pytest.raises(InputError, match=r"^Process: "):
        client.subscribe_process("p", 1, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("library", ["httpx", "coincurve", "websockets"])
def test_a_library_that_is_not_installed(client: Client, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Without the extra, what needs it is an InputError that says how to get it."""
    for name in [library, *(name for name in sys.modules if name.partition(".")[0] == library)]:
        monkeypatch.setitem(sys.modules, name, None)
    method = "subscribe_channel" if library == "websockets" else "get_colony"
    args = METHODS.get(method, ("c", KEY))
    (outcome,) = client.calls("http://127.0.0.1:1/api", [(method, list(args), {})])
    assert isinstance(outcome, InputError)
    assert str(outcome) == f"a colony needs {library}, which is not installed (pip install httpx websockets coincurve)"
