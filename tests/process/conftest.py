"""Engines for all tests of processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.state.engines import ENGINES, playing


@pytest.fixture(params=sorted(ENGINES))
def counts(request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Every engine in turn."""
    with playing(request.param) as calls:
        yield calls
