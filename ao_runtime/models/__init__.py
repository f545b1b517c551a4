"""What crosses the border of a process: messages in, results out.

The pydantic models (`Message`, `Environment`, `Spawn`, `Assignment`) are imported when they are first asked
for: reading input (`reading`) and results need none of them, and a command that starts in a moment cannot
wait for pydantic.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .failure import Failure, Frame, LimitName
from .limits import Limits
from .result import Result
from .tags import Tag, Tags

if TYPE_CHECKING:
    from .environment import DataItem as DataItem
    from .environment import Environment as Environment
    from .message import Message as Message
    from .outgoing import Assignment as Assignment
    from .outgoing import Spawn as Spawn

__all__ = [
    "Assignment",
    "DataItem",
    "Environment",
    "Failure",
    "Frame",
    "LimitName",
    "Limits",
    "Message",
    "Result",
    "Spawn",
    "Tag",
    "Tags",
]

_LATER = {
    "Assignment": "outgoing",
    "DataItem": "environment",
    "Environment": "environment",
    "Message": "message",
    "Spawn": "outgoing",
}


def __getattr__(name: str) -> Any:
    """Imports a pydantic model when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value
