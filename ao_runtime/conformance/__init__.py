"""The same messages on two engines, compared: our Lua, published modules, recorded answers."""

from __future__ import annotations

from .compare import Comparison, Difference, compare
from .record import record
from .rules import Differing, differences, equal
from .scenario import Scenario
from .sides import OurLua, Published, Recorded, Side

__all__ = [
    "Comparison",
    "Difference",
    "Differing",
    "OurLua",
    "Published",
    "Recorded",
    "Scenario",
    "Side",
    "compare",
    "differences",
    "equal",
    "record",
]
