"""Scenarios recorded from the network's own messenger and compute unit, played over HTTP on a running server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .replaying import differences
from .serving import Served

VECTORS = Path(__file__).parents[1] / "network" / "vectors"
#: How many ticks there are depends on real seconds: `tests/network` plays it by its own clock.
NAMES = sorted(path.stem for path in VECTORS.glob("*.json") if path.stem != "cron")
#: One of each kind; all of them by `-m long`.
SHORT = {"assign-user", "bad-results", "binary", "dryrun", "error", "forged", "spawn-boot", "tags-user", "unknown"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SHORT else [pytest.mark.long]) for name in NAMES]
)
def test_over_http(server: Served, name: str) -> None:
    """What su, cu and gateway show of it, what is refused, and what dry runs answer, is as it was recorded."""
    vector = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    assert differences(server, vector) == []
