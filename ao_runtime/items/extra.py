"""The libraries of the extra `net`: imported where they are first used, and asked for in words where they are not."""

from __future__ import annotations

from ..errors import InputError

__all__ = ["missing"]


def missing(what: str, library: str) -> InputError:
    """The error for a library that is not installed."""
    return InputError(f"{what} needs {library}, which is not installed", advice="pip install cryptography coincurve")
