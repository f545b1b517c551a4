"""The libraries of the extra `colonies`, or an error that says how to get them."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import InputError

__all__ = ["library"]


def library(name: str) -> Any:
    """The module of that name; InputError if its package is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise InputError(
            f"a colony needs {package}, which is not installed", advice="pip install httpx websockets coincurve"
        ) from None
