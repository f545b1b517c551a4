"""The server of recordings, and both clients behind one interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .playing import CLIENTS, Client
from .server import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server for the tests of a file."""
    running = Server()
    yield running
    running.stop()


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
def client(request: pytest.FixtureRequest) -> Client:
    """How to call: from threads, or from asyncio."""
    chosen: Client = request.param
    return chosen
