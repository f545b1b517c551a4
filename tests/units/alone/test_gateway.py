"""What a unit on its own asks its gateway: whatever that answers, it ends in good time, and in one kind of error."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from ao_runtime.errors import HttpError
from ao_runtime.models import Moment
from ao_runtime.units.alone.gateway import Gateway
from ao_runtime.units.alone.others import Others
from ao_runtime.units.answers import Refusal

from .gateways import gateway, raw_server

ID = "i" * 42 + "A"
Ask = Callable[[Gateway], Awaitable[Any]]
ASKS: dict[str, Ask] = {
    "height": lambda one: one.height(),
    "knows": lambda one: one.knows(ID),
    "item": lambda one: one.item(ID, with_data=False),
    "blocks": lambda one: one.blocks(Moment(0, 10), Moment(0, 12)),
    "has_data": lambda one: one.has_data(ID),
    "data": lambda one: one.data(ID),
}


def asked(url: str, ask: Ask, seconds: float = 10) -> Any:
    """What comes of a question."""

    async def run() -> Any:
        async with Others({"gateway": url}, retries=0) as others:
            return await ask(Gateway(others, seconds))

    return asyncio.run(run())


def slowly() -> Iterator[bytes]:
    """An answer of which a byte comes now and then."""
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        time.sleep(0.05)
        yield b"A: b\r\n"


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("answer", [slowly, lambda: iter([b"\x16\x03\x01\r\n\r\n"]), lambda: iter([])])
def test_answers_that_are_none(name: str, answer: Callable[[], Iterator[bytes]]) -> None:
    """Slow, no HTTP, nothing at all: an error within the seconds that it has."""
    began = time.monotonic()
    with raw_server(answer) as found, pytest.raises(HttpError, match="did not answer"):
        asked(found.url, ASKS[name], 1)
    assert time.monotonic() - began < 5


def nodes(name: str, *found: Any) -> bytes:
    """An answer of GraphQL."""
    return json.dumps({"data": {name: {"edges": [{"node": one} for one in found]}}}).encode()


@pytest.mark.parametrize("name", ["height", "knows", "item", "blocks"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"height": 7, "data": {"transactions": {"edges": []}, "blocks": {"edges": []}}}' + b" " * (5 << 20),
        b'{"data": null}',
        b'{"data": {"transactions": null, "blocks": 7}}',
        b'{"data": {"transactions": {"edges": [1]}, "blocks": {"edges": "node"}}}',
        b'{"data": {"transactions": {"edges": [{"node": 1}]}, "blocks": {"edges": [{"node": []}]}}}',
        b'{"data": {"blocks": {"edges": [{"node": {"height": true, "timestamp": 1}}]}}}',
        nodes("blocks", {"height": 11, "timestamp": 10**12}),
        nodes("blocks", {"height": -1, "timestamp": 1}),
        nodes("blocks", {"height": 7, "timestamp": 1}),
        b'{"height": true}',
        b'{"height": -1}',
        b'{"height": 1e3}',
        b'{"height": 1000000000000}',
    ],
)
def test_answers_that_make_no_sense(name: str, body: bytes) -> None:
    """What is no JSON, not what was asked for, or too long."""
    with gateway() as found:
        found.answers["/info"] = found.answers["/graphql"] = (200, {}, body)
        with pytest.raises(HttpError):
            asked(found.url, ASKS[name])


def test_somebody_elses_message() -> None:
    """It is not known; and it is no answer to whoever wants a message."""
    other = {"id": "o" * 42 + "A", "owner": {"address": ID, "key": "k"}, "tags": [], "recipient": ""}
    with gateway() as found:
        found.answers["/graphql"] = (200, {}, nodes("transactions", other))
        assert asked(found.url, ASKS["knows"]) is False
        with pytest.raises(HttpError, match=f"gives {other['id']} for {ID}"):
            asked(found.url, ASKS["item"])
        found.answers["/graphql"] = (200, {}, nodes("transactions", {**other, "id": ID}))
        assert (asked(found.url, ASKS["knows"]), asked(found.url, ASKS["item"]).id) == (True, ID)
        found.answers["/graphql"] = (200, {}, nodes("transactions"))
        with pytest.raises(Refusal, match="not found"):
            asked(found.url, ASKS["item"])


def test_data() -> None:
    """What there is, and None where there is none; anything else is an error."""
    with gateway() as found:
        assert (asked(found.url, ASKS["data"]), asked(found.url, ASKS["has_data"])) == (None, False)
        found.answers[f"/raw/{ID}"] = found.answers[f"/{ID}"] = (200, {}, b"\x00\xff")
        assert (asked(found.url, ASKS["data"]), asked(found.url, ASKS["has_data"])) == (b"\x00\xff", True)
        found.answers[f"/raw/{ID}"] = (500, {}, b"no")
        with pytest.raises(HttpError, match="no"):
            asked(found.url, ASKS["data"])
