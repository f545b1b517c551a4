"""The library against the reference, with a fixed seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .compare import Module, compare
from .fetch import OracleMissingError, folder
from .modules import MODULES

SEED = "ao"
CALLS = 500


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of the reference; what needs it is skipped, with the reason, where it cannot be had."""
    try:
        return folder()
    except OracleMissingError as missing:
        pytest.skip(f"not compared with the reference: {missing}")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_equal(module: Module, reference: Path, record_property: Callable[[str, object], None]) -> None:
    """Every generated call has the outcome that the reference has, but for the differences that are meant."""
    result = compare(module, reference, seed=SEED, calls=CALLS)
    record_property("differential", str(result))
    shown = "\n".join(str(difference) for difference in result.differences[:10])
    assert not result.differences, f"{result}\n{shown}"
    assert result.calls == CALLS
