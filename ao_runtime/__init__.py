"""Evaluate ao processes on your own machine: the network's answers, in microseconds."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    AoError,
    CodeError,
    InputError,
    InstructionLimitError,
    InternalError,
    ItemError,
    JournalError,
    LimitError,
    LoadError,
    MemoryLimitError,
    ModuleError,
    ProcessError,
    SnapshotError,
    StateError,
    TimeLimitError,
)
from .models import Failure, Frame, Limits, Result, Tag, Tags
from .process import Process

if TYPE_CHECKING:
    from .items import Bundle as Bundle
    from .items import DataItem as DataItem
    from .items import Wallet as Wallet
    from .models import Assignment as Assignment
    from .models import Environment as Environment
    from .models import Message as Message
    from .models import Spawn as Spawn

__version__ = "0.1.0"

__all__ = [
    "AoError",
    "Assignment",
    "Bundle",
    "CodeError",
    "DataItem",
    "Environment",
    "Failure",
    "Frame",
    "InputError",
    "InstructionLimitError",
    "InternalError",
    "ItemError",
    "JournalError",
    "LimitError",
    "Limits",
    "LoadError",
    "MemoryLimitError",
    "Message",
    "ModuleError",
    "Process",
    "ProcessError",
    "Result",
    "SnapshotError",
    "Spawn",
    "StateError",
    "Tag",
    "Tags",
    "TimeLimitError",
    "Wallet",
]

# Imported when they are first asked for, since a command that starts in a moment needs none: the pydantic models, and
# what signs.
_LATER = {
    **dict.fromkeys(("Assignment", "Environment", "Message", "Spawn"), "models"),
    **dict.fromkeys(("Bundle", "DataItem", "Wallet"), "items"),
}


def __getattr__(name: str) -> Any:
    """Imports a name when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LATER[name]}", __name__), name)
