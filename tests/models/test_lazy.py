"""ao_runtime.models: pydantic is not imported before a pydantic model is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ao_runtime.models as models


def test_every_public_name_is_there() -> None:
    """All that `__all__` promises can be imported."""
    assert all(getattr(models, name) for name in models.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nope'"):
        _ = models.Nope


def test_reading_needs_no_pydantic() -> None:
    """A command that reads a message and writes a result never waits for pydantic."""
    code = """
import sys, types
sys.modules["ao_runtime"] = package = types.ModuleType("ao_runtime")  # the package without its own imports
package.__path__ = [sys.argv[1]]
from ao_runtime.models.reading import read_message
from ao_runtime.models import Result, Tags, Limits
read_message({"Action": "Ping"})
Result({"Output": "x"}).to_json()
print("pydantic" in sys.modules)
"""
    folder = models.__path__[0].removesuffix("models").rstrip("/\\")
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
