"""What sends uploads: connections that stay open, answers of any kind, and nobody else asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from ao_runtime.client import Reply
from ao_runtime.errors import HttpError
from ao_runtime.units.alone import poster
from ao_runtime.units.alone.poster import Poster

from ..serving import message
from .gateways import gateway, raw_server

ID = "i" * 42 + "A"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def post(url: str, *bodies: bytes) -> list[Reply]:
    """Send them one after the other; the answers."""

    async def run() -> list[Reply]:
        one = Poster(url)
        try:
            return [await one.post(body) for body in bodies]
        finally:
            one.close()

    return asyncio.run(run())


def test_many_and_large_ones() -> None:
    """Each arrives whole, also 10 MB; a redirect is an answer."""
    with gateway() as found, gateway() as elsewhere:
        items = [message(ID, b"x" * size) for size in (0, 1, 10_000_000, 70_000)]
        replies = post(f"{found.url}/tx", *map(bytes, items))
        assert [(one.status, one.body) for one in replies] == [(200, b"{}")] * 4
        assert found.ids == [item.id for item in items]
        found.answers["/tx"] = (307, {"Location": f"{elsewhere.url}/tx"}, b"gone")
        assert [one.status for one in post(f"{found.url}/tx", bytes(items[0]))] == [307]
        assert elsewhere.asked == []


def test_a_connection_that_was_closed_meanwhile() -> None:
    """What is sent on it is sent once more, on a new one."""
    with raw_server(lambda: iter([OK])) as found:
        replies = post(found.url, b"a", b"b", b"c")
        assert ([one.status for one in replies], found.connections) == ([200] * 3, 3)


def slowly() -> Iterator[bytes]:
    """An answer of which a byte comes now and then."""
    import time

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
            forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 999),
            "the answer is too long",
        ),
        (forever(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 99), "does not speak HTTP"),
        (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "did not answer within"),
        (lambda: iter([b"\x16\x03\x01 no HTTP\r\n\r\n"]), "does not speak HTTP"),
        (lambda: iter([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"]), "does not speak HTTP"),
        (lambda: iter([]), "the connection was closed"),
        (slowly, "did not answer within"),
    ],
)
def test_answers_that_are_none(
    chunks: Callable[[], Iterator[bytes]], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endless, slow, broken off, no HTTP: an error in good time."""
    monkeypatch.setattr(poster, "_SECONDS", 1.0)
    with raw_server(chunks) as found, pytest.raises(HttpError, match=problem):
        post(found.url, b"x")
