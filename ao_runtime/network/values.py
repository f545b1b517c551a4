"""Values that somebody has written down or handed in, as what they should be."""

from __future__ import annotations

from typing import Any

from ..models import to_bytes

__all__ = ["as_bytes", "as_number"]


def as_bytes(value: str | bytes) -> bytes:
    """Text as UTF-8; bytes as they are."""
    return value if isinstance(value, bytes) else to_bytes(value)


def as_number(value: Any) -> int:
    """A count or a time. Raises `ValueError` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**62:
        raise ValueError("has a number that is none")
    return value
