"""Seeing why: what each handler did with a message, and which handler would take one.

- `single`: `trace` and `why` of one process; `tree`: `trace_tree` of a message in a network
- `answers`: what they give, `Trace` and `Why`; `model`: what these are made of
- `noted`, `handlers`, `words`, `near`, `changes`, `build`: from what the engine has noted to that
- `levels`: the ladder of verbosity; `text`, `html`: renderers (`to_dict` is the one for programs)
"""

from __future__ import annotations

from .answers import Trace, Why
from .html import trace_html, why_html
from .levels import LEVELS
from .model import Asked, Change, Check, Outgoing, Pattern, Traced
from .single import trace, trace_of, why
from .text import trace_text, why_text
from .tree import trace_tree

__all__ = [
    "LEVELS",
    "Asked",
    "Change",
    "Check",
    "Outgoing",
    "Pattern",
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
]
