"""How people read what strangers write: names, actions, tags."""

from __future__ import annotations

from ..models import harmless, plain

__all__ = ["legible"]


def legible(text: str, longest: int = 64) -> str:
    """Text on one line of at most so many characters, in which nothing is hidden, coloured or moves the cursor."""
    # Cut off before it is looked at: it may have megabytes.
    shown = harmless(plain(text[: 4 * longest])).replace("\n", "⏎").replace("\t", " ")
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
