"""Pools for the tests of children."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ao_runtime import Pool


@pytest.fixture
def pool() -> Iterator[Pool]:
    """A pool of one child, of which nothing is left after the test."""
    with Pool(1) as one:
        yield one
