"""Fixtures: a network that is served, and the kinds of clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.units.serving import Served

from .both import KINDS, Connect


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server in memory."""
    served = Served()
    try:
        yield served
    finally:
        served.close()


@pytest.fixture(params=KINDS)
def connecting(request: pytest.FixtureRequest) -> Connect:
    """`connect`, for threads and for asyncio."""
    return KINDS[request.param]
