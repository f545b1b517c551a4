"""One server for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .serving import Served

#: A process that answers Ping, forwards, and counts.
CODE = """
Count = 0
Handlers.add("Ping", "Ping", function(msg) Count = Count + 1 msg.reply({ Action = "Pong", Data = msg.Data }) end)
Handlers.add("Forward", "Forward", function(msg) Send({ Target = msg.Tags.To, Action = "Ping", Data = "on" }) end)
Handlers.add("Fail", "Fail", function() error("it failed") end)
Handlers.add("Bytes", "Bytes", function(msg) msg.reply({ Action = "Bytes", Data = tostring(#msg.Data) }) end)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server in memory."""
    served = Served()
    try:
        yield served
    finally:
        served.close()


@pytest.fixture(scope="module", params=["whole", "alone"])
def su(request: pytest.FixtureRequest, server: Served) -> Iterator[Served]:
    """A scheduler unit: that of a whole network, and one alone, whose gateway is that network."""
    if request.param == "whole":
        yield server
        return
    served = Served("--unit", "su", "--gateway", server.urls["gateway"])
    try:
        yield served
    finally:
        served.close()


@pytest.fixture(scope="module")
def ping(server: Served) -> str:
    """A process there."""
    return server.spawn(CODE, Name="ping")
