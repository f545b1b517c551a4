"""What is wrong with a signature."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NOT_BY_OWNER", "Problem"]


class Problem(NamedTuple):
    """What is wrong, in words that follow the field's name, and where in that field."""

    words: str
    field: str = "signature"
    """`signature` or `owner`."""
    offset: int = 0
    """The byte of the field."""


NOT_BY_OWNER = Problem("is not by the owner over what the item holds")
