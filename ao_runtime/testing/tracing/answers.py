"""What `trace` and `why` give: their parts, and how these are shown."""

from __future__ import annotations

from typing import Any

from .model import TraceParts, WhyParts, plain
from .text import trace_text, why_text

__all__ = ["Trace", "Why"]


class Trace(TraceParts):
    """A message and what it set off: each after what brought it, the first one the root.

    `str(trace)` is the tree with all that there is; `docs/seeing.md` has the renderers.
    """

    def __str__(self) -> str:
        return trace_text(self)

    def to_dict(self) -> dict[str, Any]:
        """The trace as plain data, as JSON may have it."""
        found: dict[str, Any] = plain(self)
        return found


class Why(WhyParts):
    """Which handlers would take a message, and which would not. `str(why)` is for people."""

    def __str__(self) -> str:
        return why_text(self)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, as JSON may have it."""
        found: dict[str, Any] = plain(self)
        return found
