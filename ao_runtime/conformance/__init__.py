"""The same messages on two engines, compared: our Lua, published modules, recorded answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later
from .comparison import Comparison, Difference, compare
from .recording import record, record_to
from .report import as_dict, beside, describe, table
from .rules import Differing, differences, equal
from .scenario import Scenario, shipped
from .sides import OurLua, Published, Recorded, Side

if TYPE_CHECKING:
    from .fuzzing import LIMITS as LIMITS
    from .fuzzing import MODULE_LIMITS as MODULE_LIMITS
    from .fuzzing import Fuzzed as Fuzzed
    from .fuzzing import fuzz as fuzz

__all__ = [
    "LIMITS",
    "MODULE_LIMITS",
    "Comparison",
    "Difference",
    "Differing",
    "Fuzzed",
    "OurLua",
    "Published",
    "Recorded",
    "Scenario",
    "Side",
    "as_dict",
    "beside",
    "compare",
    "describe",
    "differences",
    "equal",
    "fuzz",
    "record",
    "record_to",
    "shipped",
    "table",
]

__getattr__ = later(__name__, dict.fromkeys(("LIMITS", "MODULE_LIMITS", "Fuzzed", "fuzz"), ".fuzzing"))
