"""A whole network for the tests of a file: its scheduler and its gateway are others' to a unit on its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.units.serving import Served


@pytest.fixture(scope="module")
def whole() -> Iterator[Served]:
    """A whole network."""
    served = Served()
    try:
        yield served
    finally:
        served.close()
