"""Evaluate ao processes on your own machine: the network's answers, in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import (
    AoError,
    CodeError,
    EndlessChainError,
    HttpError,
    InputError,
    InstructionLimitError,
    InternalError,
    ItemError,
    JournalError,
    LimitError,
    LoadError,
    MemoryLimitError,
    ModuleError,
    NetworkError,
    ProcessError,
    RefusedError,
    SnapshotError,
    StandInError,
    StateError,
    TerminatedError,
    TimeLimitError,
)
from .lazy import later
from .models import Failure, Frame, Limits, Result, Tag, Tags
from .process import Process

if TYPE_CHECKING:
    from .client import connect as connect
    from .isolation import Pool as Pool
    from .items import Bundle as Bundle
    from .items import DataItem as DataItem
    from .items import Wallet as Wallet
    from .models import Assignment as Assignment
    from .models import Environment as Environment
    from .models import Message as Message
    from .models import Spawn as Spawn
    from .network import Clock as Clock
    from .network import Faults as Faults
    from .network import Network as Network
    from .network import RealClock as RealClock
    from .process import replay as replay

__version__ = "0.2.0"

__all__ = [
    "AoError",
    "Assignment",
    "Bundle",
    "Clock",
    "CodeError",
    "DataItem",
    "EndlessChainError",
    "Environment",
    "Failure",
    "Faults",
    "Frame",
    "HttpError",
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
    "Network",
    "NetworkError",
    "Pool",
    "Process",
    "ProcessError",
    "RealClock",
    "RefusedError",
    "Result",
    "SnapshotError",
    "Spawn",
    "StandInError",
    "StateError",
    "Tag",
    "Tags",
    "TerminatedError",
    "TimeLimitError",
    "Wallet",
    "connect",
    "replay",
]

# Imported when they are first asked for, since a command that starts in a moment needs none: the pydantic models,
# SQLite, and what signs.
__getattr__ = later(
    __name__,
    {
        **dict.fromkeys(("Assignment", "Environment", "Message", "Spawn"), ".models"),
        **dict.fromkeys(("Bundle", "DataItem", "Wallet"), ".items"),
        **dict.fromkeys(("Clock", "Faults", "Network", "RealClock"), ".network"),
        "Pool": ".isolation",
        "connect": ".client",
        "replay": ".process",
    },
)
