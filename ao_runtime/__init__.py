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

if TYPE_CHECKING:
    from .client import connect as connect
    from .isolation import Pool as Pool
    from .items import Bundle as Bundle
    from .items import DataItem as DataItem
    from .items import Wallet as Wallet
    from .models import Assignment as Assignment
    from .models import Environment as Environment
    from .models import Failure as Failure
    from .models import Frame as Frame
    from .models import Limits as Limits
    from .models import Message as Message
    from .models import Result as Result
    from .models import Spawn as Spawn
    from .models import Tag as Tag
    from .models import Tags as Tags
    from .network import Clock as Clock
    from .network import Faults as Faults
    from .network import Network as Network
    from .network import RealClock as RealClock
    from .process import Process as Process
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

# Imported when they are first asked for: the pytest plugin is a part of this package, and is there in every run of
# pytest, whatever that tests; a command that starts in a moment needs neither the pydantic models nor what signs.
_MODELS = ("Assignment", "Environment", "Failure", "Frame", "Limits", "Message", "Result", "Spawn", "Tag", "Tags")
__getattr__ = later(
    __name__,
    {
        **dict.fromkeys(_MODELS, ".models"),
        **dict.fromkeys(("Bundle", "DataItem", "Wallet"), ".items"),
        **dict.fromkeys(("Clock", "Faults", "Network", "RealClock"), ".network"),
        "Pool": ".isolation",
        "Process": ".process",
        "connect": ".client",
        "replay": ".process",
    },
)
