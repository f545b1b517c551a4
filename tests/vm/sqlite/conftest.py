"""A host with a database, for the tests of this folder."""

from __future__ import annotations

import pytest

from .calling import Caller


@pytest.fixture
def call() -> Caller:
    """A host with one open database that has one table."""
    caller = Caller()
    assert caller.exec(b"create table t(a, b)") == 0
    return caller
