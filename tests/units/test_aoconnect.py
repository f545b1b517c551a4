"""The published client of the network, unmodified, in node: each of its calls. Skipped where npm cannot be had."""

from __future__ import annotations

import pytest

from tests.differential.fetch import OracleMissingError

from .npm import VERSIONS, ask
from .serving import Served


@pytest.mark.parametrize("version", VERSIONS)
def test_every_call(mu: Served, version: str) -> None:
    """What is sent is evaluated, delivered and found again; errors are results; large and binary data arrive whole."""
    try:
        told = ask(mu, version)
    except OracleMissingError as missing:
        pytest.skip(str(missing))
    assert told.pop("median") > 0
    expected = {
        "keys": ["Messages", "Assignments", "Spawns", "Output", "GasUsed"],
        "result": "a1",
        "results": [[], ["a1"]],
        "next": ["b2"],
        "cursor": ["timestamp", "ordinate", "sort"],
        "dryrun": "dry3",
        "again": "dry3",
        "pushed": True,
        "error": True,
        "unknown": ["error"],
        "refused": True,
        "assign": True,
        "large": str(1 << 20),
        "binary": "512",
        "monitor": 43,
        "ticks": True,
        "unmonitor": 43,
        "unmonitored": "refused",
    }
    if version == VERSIONS[0]:
        expected |= {"messages": [True, True], "byId": True, "slot": True}
    assert told == expected
