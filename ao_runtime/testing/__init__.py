"""Testing processes, and seeing why they do what they do.

- `tracing`: what each handler did with a message, and which handler would take one
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later

if TYPE_CHECKING:
    from .tracing import LEVELS as LEVELS
    from .tracing import Trace as Trace
    from .tracing import Traced as Traced
    from .tracing import Why as Why
    from .tracing import trace as trace
    from .tracing import trace_html as trace_html
    from .tracing import trace_of as trace_of
    from .tracing import trace_text as trace_text
    from .tracing import trace_tree as trace_tree
    from .tracing import why as why
    from .tracing import why_html as why_html
    from .tracing import why_text as why_text

_TRACING = (
    "LEVELS",
    "Trace",
    "Traced",
    "Why",
    "trace",
    "trace_html",
    "trace_of",
    "trace_text",
    "trace_tree",
    "why",
    "why_html",
    "why_text",
)

__all__ = [*_TRACING]

__getattr__ = later(__name__, dict.fromkeys(_TRACING, ".tracing"))
