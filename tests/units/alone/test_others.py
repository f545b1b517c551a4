"""How others' units are asked: answers of any kind, connections that were closed, and nobody else asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from ao_runtime.client import Ask, Reply
from ao_runtime.errors import HttpError
from ao_runtime.units.alone.others import Others

from ..serving import message
from .gateways import gateway, raw_server

ID = "i" * 42 + "A"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def post(url: str, *bodies: bytes, within: float = 20) -> list[Reply]:
    """Send them one after the other, as what is uploaded; the answers."""

    async def run() -> list[Reply]:
        async with Others({"uploader": url}, retries=1) as others:
            asks = [Ask("uploader", "POST", "/tx", content=body, most=64 << 10) for body in bodies]
            return [await others.ask(ask, within) for ask in asks]

    return asyncio.run(run())


def test_many_and_large_ones() -> None:
    """Each arrives whole, also 10 MB; a redirect to somebody else is an error, and that one is not asked."""
    with gateway() as found, gateway() as elsewhere:
        items = [message(ID, b"x" * size) for size in (0, 1, 10_000_000, 70_000)]
        replies = post(found.url, *map(bytes, items))
        assert [(one.status, one.body) for one in replies] == [(200, b"{}")] * 4
        assert found.ids == [item.id for item in items]
        for url in (f"{elsewhere.url}/tx", f"//127.0.0.1:{elsewhere.port}/tx", "file:///etc/passwd"):
            found.answers["/tx"] = (307, {"Location": url}, b"gone")
            with pytest.raises(HttpError) as error:
                post(found.url, bytes(items[0]))
            assert (error.value.status, elsewhere.asked) == (307, [])


def test_a_connection_that_was_closed_meanwhile() -> None:
    """What is sent on it is sent once more, on a new one."""
    with raw_server(lambda: iter([OK])) as found:
        replies = post(found.url, b"a", b"b", b"c")
        assert ([one.status for one in replies], found.connections) == ([200] * 3, 3)


def test_a_connection_that_breaks_off() -> None:
    """It is tried once more, and then it is an error."""
    with raw_server(lambda: iter([])) as found:
        with pytest.raises(HttpError, match="did not answer"):
            post(found.url, b"x")
        assert found.connections == 2


def slowly() -> Iterator[bytes]:
    """An answer of which a byte comes now and then."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    while True:
        time.sleep(0.05)
        yield b"x"


def forever(head: bytes, more: bytes) -> Callable[[], Iterator[bytes]]:
    """An answer without an end."""

    def chunks() -> Iterator[bytes]:
        yield head
        while True:
            yield more

    return chunks


@pytest.mark.parametrize(
    ("chunks", "problem"),
    [
        (forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 9999), "the answer is too long"),
        (
            forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", (b"63\r\n" + b"x" * 99 + b"\r\n") * 99),
            "the answer is too long",
        ),
        (forever(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 99), "did not answer: Receive buffer too long"),
        (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "did not answer within 3 seconds"),
        (lambda: iter([b"\x16\x03\x01 no HTTP\r\n\r\n"]), "did not answer: illegal status line"),
        (
            lambda: iter([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"]),
            "did not answer: (peer closed connection|ReadError)",
        ),
        (slowly, "did not answer within 3 seconds"),
    ],
)
def test_answers_that_are_none(chunks: Callable[[], Iterator[bytes]], problem: str) -> None:
    """Endless, slow, broken off, no HTTP: an error in good time."""
    began = time.monotonic()
    with raw_server(chunks) as found, pytest.raises(HttpError, match=problem):
        post(found.url, b"x", within=3)
    assert time.monotonic() - began < 10
