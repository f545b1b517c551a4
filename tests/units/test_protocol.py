"""HTTP/1.1 as the server speaks it: answers of every kind, and connections that are kept for a while."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from ao_runtime.units.protocol import HEAD, Protocol

#: Seconds for which a connection may say nothing.
QUIET = 1


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers by what the path says."""
    path = scope["path"]
    body = path.encode()
    length = (b"content-length", b"%d" % len(body))
    start = {"type": "http.response.start", "status": 200, "headers": [length]}
    if path == "/parts":
        await send({**start, "headers": []})
        for part in (b"one", b"two"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})
        return
    if path == "/injected":
        start["headers"] = [length, (b"x-a", b"b\r\nset-cookie: c")]
    elif path == "/close":
        start["headers"] = [length, (b"connection", b"close")]
    elif path == "/short":
        start["headers"] = [(b"content-length", b"100")]
    elif path == "/raises":
        raise ValueError("no")
    elif path == "/started":
        await send(start)
        raise ValueError("no")
    elif path == "/slow":
        await asyncio.sleep(2 * QUIET)
    elif path == "/body":
        message = await receive()
        assert (message["more_body"], scope.get("ao.whole", False)) in ((False, True), (True, False))
    await send(start)
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the app is served."""
    config = uvicorn.Config(app, port=0, http=Protocol, lifespan="off", log_config=None, timeout_keep_alive=QUIET)
    config.log_level = None
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def talk(port: int) -> Iterator[Callable[[bytes], bytes]]:
    """Send bytes on one connection; what comes back within a moment."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def talk(data: bytes) -> bytes:
            one.sendall(data)
            one.settimeout(10)
            answer = one.recv(1 << 16)
            one.settimeout(0.3)
            while True:
                try:
                    part = one.recv(1 << 16)
                except TimeoutError:
                    return answer
                if not part:
                    return answer + b"<closed>"
                answer += part

        yield talk


def get(path: str, *headers: str, version: str = "1.1", method: str = "GET") -> bytes:
    """A request."""
    return "\r\n".join((f"{method} {path} HTTP/{version}", "Host: a", *headers, "", "")).encode()


def without_date(answer: bytes) -> list[bytes]:
    """The lines of an answer."""
    return [line for line in answer.split(b"\r\n") if not line.startswith((b"date: ", b"server: "))]


def test_answers(talk: Callable[[bytes], bytes]) -> None:
    """With a length, in chunks, without a body for HEAD; several asked at once come in their order."""
    plain = [b"HTTP/1.1 200 OK", b"content-length: 6", b"", b"/plain"]
    assert without_date(talk(get("/plain"))) == plain
    parts = [b"HTTP/1.1 200 OK", b"transfer-encoding: chunked", b"", b"3", b"one", b"3", b"two", b"0", b"", b""]
    assert without_date(talk(get("/parts"))) == parts
    assert without_date(talk(get("/plain", method="HEAD"))) == [*plain[:3], b""]
    both = without_date(talk(get("/parts") + get("/plain") + get("/plain")))
    assert both == [*parts[:-1], b"HTTP/1.1 200 OK", *plain[1:3], b"/plainHTTP/1.1 200 OK", *plain[1:]]


@pytest.mark.parametrize(
    ("request_", "last"),
    [
        (get("/plain", "Connection: close"), b"/plain<closed>"),
        (get("/plain", version="1.0"), b"/plain<closed>"),
        (get("/close"), b"/close<closed>"),
        (get("/injected"), b"<closed>"),
        (get("/raises"), b"Internal Server Error<closed>"),
        (get("/started"), b"Internal Server Error<closed>"),
        (get("/short"), b"/short<closed>"),
    ],
)
def test_the_last_answer(talk: Callable[[bytes], bytes], request_: bytes, last: bytes) -> None:
    """A connection ends with an answer where one side says so, and where the answer is not what it should be."""
    lines = without_date(talk(request_))
    assert lines[-1] == last
    assert b"set-cookie: c" not in lines
    if b"Error" in last:
        assert lines[0] == b"HTTP/1.1 500 Internal Server Error"


def test_a_body_in_pieces(talk: Callable[[bytes], bytes]) -> None:
    """Only a body that has come whole with its head is said to be whole."""
    whole = get("/body", "Content-Length: 4", method="POST")
    assert without_date(talk(whole + b"some"))[-1] == b"/body"
    assert talk(whole + b"so").endswith(b"/body")


def test_a_body_that_is_waited_for(talk: Callable[[bytes], bytes]) -> None:
    """The client that asks whether it may send its body is told so."""
    answer = talk(get("/body", "Content-Length: 4", "Expect: 100-continue", method="POST"))
    assert answer == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert talk(b"some").endswith(b"/body")


def test_a_connection_is_kept(port: int) -> None:
    """Each answer makes it last; what takes long to answer does not end it; after a while of nothing it is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        for path in ("/plain", "/plain", "/slow", "/plain"):
            one.sendall(get(path))
            assert one.recv(1 << 16).endswith(path.encode())
            time.sleep(0.6 * QUIET)
        begun = time.monotonic()
        assert one.recv(1) == b""
        assert time.monotonic() - begun < 2 * QUIET


def test_a_head_has_an_end(port: int) -> None:
    """One that goes on and on is 400, however it is cut."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        answer = b""
        for _ in range(4 * HEAD // 1000):
            try:
                one.sendall(b"X: " + b"y" * 1000 + b"\r\n")
                time.sleep(0.001)
            except ConnectionError:
                break
        try:
            answer = one.recv(1 << 16)
        except ConnectionError:
            return
        assert answer.startswith(b"HTTP/1.1 400 Bad Request")
