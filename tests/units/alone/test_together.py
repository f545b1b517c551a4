"""Single units together are a network: what was recorded from the network's own units comes about in them, too."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.units.replaying import differences
from tests.units.test_vectors import NAMES, VECTORS

from .together import Together

#: One of each kind of thing that a messenger carries; all of them by `-m long`.
SHORT = {"assign", "bad-results", "fan-out", "spawn-boot", "spawn-chain", "tags", "wallets"}


@pytest.fixture(scope="module")
def together() -> Iterator[Together]:
    """Scheduler, messenger and compute unit, each on its own."""
    network = Together()
    try:
        yield network
    finally:
        network.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SHORT else [pytest.mark.long]) for name in NAMES]
)
def test_recorded_scenarios(together: Together, name: str) -> None:
    """What su, cu and gateway show, what is refused, and what dry runs answer, is as it was recorded."""
    vector = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    assert differences(together, vector) == []
