"""The same messages on two engines, compared: our Lua, published modules, recorded answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later
from .comparison import Comparison, Difference, compare
from .expectations import Unmet, unmet_error, unmet_inbox, unmet_state
from .network_scenario import NetworkScenario, Step
from .recording import record, record_to
from .report import as_dict, beside, describe, table
from .rules import Differing, differences, equal
from .scenario import Scenario, environment_of, read_scenario, shipped
from .sides import OurLua, Published, Recorded, Side

if TYPE_CHECKING:
    from .fuzzing import LIMITS as LIMITS
    from .fuzzing import MODULE_LIMITS as MODULE_LIMITS
    from .fuzzing import Fuzzed as Fuzzed
    from .fuzzing import fuzz as fuzz
    from .playing import Played as Played
    from .playing import play as play

__all__ = [
    "LIMITS",
    "MODULE_LIMITS",
    "Comparison",
    "Difference",
    "Differing",
    "Fuzzed",
    "NetworkScenario",
    "OurLua",
    "Played",
    "Published",
    "Recorded",
    "Scenario",
    "Side",
    "Step",
    "Unmet",
    "as_dict",
    "beside",
    "compare",
    "describe",
    "differences",
    "environment_of",
    "equal",
    "fuzz",
    "play",
    "read_scenario",
    "record",
    "record_to",
    "shipped",
    "table",
    "unmet_error",
    "unmet_inbox",
    "unmet_state",
]

__getattr__ = later(
    __name__,
    {
        **dict.fromkeys(("LIMITS", "MODULE_LIMITS", "Fuzzed", "fuzz"), ".fuzzing"),
        **dict.fromkeys(("Played", "play"), ".playing"),
    },
)
