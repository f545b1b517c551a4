"""One process, as people use it.

- `process`: `Process`
- `spawning`, `opening`: how it comes to be: started, opened from a journal
- `inspection`: what its globals lead to, and how two moments differ
- `values_text`: values of a state in Lua's own words
- `draft`: messages after a journal's end, written there later or never
- `tracing`: one message, evaluated as ever and once more watched
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
    from .inspection import own_differences as own_differences
    from .inspection import sorted_keys as sorted_keys
    from .opening import of_journal as of_journal
    from .replaying import Ends as Ends
    from .replaying import Replayed as Replayed
    from .replaying import replay as replay
    from .tracing import Watched as Watched
    from .tracing import asked as asked
    from .tracing import watched as watched
    from .tracing import watched_again as watched_again
    from .tracing import watched_in as watched_in
    from .values_text import function_text as function_text
    from .values_text import inline_text as inline_text
    from .values_text import key_text as key_text
    from .values_text import scalar_text as scalar_text
    from .values_text import step_text as step_text
    from .values_text import value_text as value_text

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
    "Watched",
    "asked",
    "differences",
    "evaluation_of",
    "folder_of",
    "function_text",
    "inline_text",
    "key_text",
    "number",
    "of_journal",
    "opened",
    "own_differences",
    "read_code",
    "replay",
    "scalar_text",
    "sorted_keys",
    "step_text",
    "value_text",
    "watched",
    "watched_again",
    "watched_in",
]

_INSPECTION = ("LONGEST_PATH", "Change", "Graph", "Value", "differences", "number", "own_differences", "sorted_keys")
_TEXTS = ("function_text", "inline_text", "key_text", "scalar_text", "step_text", "value_text")
__getattr__ = later(
    __name__,
    {
        **dict.fromkeys(_INSPECTION, ".inspection"),
        "Draft": ".draft",
        "of_journal": ".opening",
        "opened": ".opening",
        "Ends": ".replaying",
        "Replayed": ".replaying",
        "replay": ".replaying",
        **dict.fromkeys(("Watched", "asked", "watched", "watched_again", "watched_in"), ".tracing"),
        **dict.fromkeys(_TEXTS, ".values_text"),
    },
)
