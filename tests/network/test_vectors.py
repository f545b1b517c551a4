"""Scenarios recorded from the network's own messenger and compute unit, played in ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .replaying import differences

VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.json"))
#: Where a wallet sends the same twice: a real signature differs each time, that of Ed25519 does not, so that ours has an
#: anchor of its own then.
TWICE = {"anchors", "binary", "data-types", "dryrun", "eval-owner", "forged", "tags"}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_unsigned(path: Path) -> None:
    """Messages, assignments, what processes see, results and mail are those of the real network."""
    assert differences(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", [path for path in VECTORS if path.stem not in TWICE], ids=lambda path: path.stem)
def test_signed(path: Path) -> None:
    """The same with real signatures."""
    pytest.importorskip("cryptography", reason="signing needs the extra net")
    assert differences(json.loads(path.read_text(encoding="utf-8")), signed=True) == []
