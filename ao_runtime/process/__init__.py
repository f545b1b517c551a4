"""One process, as people use it.

- `process`: `Process`
- `spawning`, `opening`: how it comes to be: started, opened from a journal
- `inspection`: what its globals lead to, and how two moments differ
- `draft`: messages after a journal's end, written there later or never
- `replaying`: all messages of a journal again, each result beside the recorded one
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later
from .embedded import Place
from .process import Process
from .spawning import Start, evaluation_of, folder_of, read_code

if TYPE_CHECKING:
    from .draft import Draft as Draft
    from .inspection import LONGEST_PATH as LONGEST_PATH
    from .inspection import Change as Change
    from .inspection import Graph as Graph
    from .inspection import Value as Value
    from .inspection import differences as differences
    from .inspection import number as number
    from .inspection import sorted_keys as sorted_keys
    from .opening import of_journal as of_journal
    from .replaying import Ends as Ends
    from .replaying import Replayed as Replayed
    from .replaying import replay as replay

__all__ = [
    "LONGEST_PATH",
    "Change",
    "Draft",
    "Ends",
    "Graph",
    "Place",
    "Process",
    "Replayed",
    "Start",
    "Value",
    "differences",
    "evaluation_of",
    "folder_of",
    "number",
    "of_journal",
    "read_code",
    "replay",
    "sorted_keys",
]

_INSPECTION = ("LONGEST_PATH", "Change", "Graph", "Value", "differences", "number", "sorted_keys")
__getattr__ = later(
    __name__,
    {
        **dict.fromkeys(_INSPECTION, ".inspection"),
        "Draft": ".draft",
        "of_journal": ".opening",
        "Ends": ".replaying",
        "Replayed": ".replaying",
        "replay": ".replaying",
    },
)
