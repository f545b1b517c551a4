"""Fixtures for the tests of the ao side's modules."""

from __future__ import annotations

import pytest

from .harness import Harness


@pytest.fixture
def bare_lua() -> Harness:
    """A fresh Lua state with the modules, without a sandbox."""
    return Harness()


@pytest.fixture(scope="module")
def shared_lua() -> Harness:
    """A Lua state for tests that leave nothing behind in it."""
    return Harness()
