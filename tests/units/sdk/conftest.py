"""The endpoints of one server, and a process there."""

from __future__ import annotations

import pytest

from tests.units.serving import Served

from .api import Api


@pytest.fixture(scope="module")
def api(server: Served) -> Api:
    """The endpoints."""
    return Api(server)


@pytest.fixture(scope="module")
def pinged(api: Api) -> str:
    """A process of the local user's."""
    return api.spawn(name="pinged")
