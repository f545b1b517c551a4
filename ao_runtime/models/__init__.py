"""What crosses the border of a process: messages in, results out, and how both are read and written.

The pydantic models (`Message`, `Environment`, `Spawn`, `Assignment`) are imported when they are first asked for:
reading input and results need none of them, and a command that starts in a moment cannot wait for pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later
from .answer import FAILED, FAST, JSON, NO_MEMORY, Answer, failed, to_wire
from .cron import Cron, Moment, Tick, most_ticks, read_crons, ticks_between
from .encoding import decode, encode, text, to_bytes
from .error_text import message_in, place_in, printed_in
from .explanation import excerpt, explain, relative, told
from .failure import Failure, Frame, LimitName, SourceLine
from .json_text import from_json, restore, to_json
from .limits import GivenLimits, Limits, read_memory
from .near import check_keywords
from .packing import Packed, Shape, id_of, pack, pack_as_it_is, pack_complete, unpack, wire_of
from .reading import FIELDS, field_name, is_complete, kind, read_environment, read_message
from .regular import read_regular
from .result import Result
from .scheduled import Slot, is_node, message_of, nodes_in, slot_of
from .tags import Tag, Tags
from .visible import harmless, legible, plain, shown
from .waiting import Waiting

if TYPE_CHECKING:
    from .environment import DataItem as DataItem
    from .environment import Environment as Environment
    from .message import Message as Message
    from .outgoing import Assignment as Assignment
    from .outgoing import Spawn as Spawn
    from .source_map import MAPS as MAPS
    from .source_map import SourceMap as SourceMap

__all__ = [
    "FAILED",
    "FAST",
    "FIELDS",
    "JSON",
    "MAPS",
    "NO_MEMORY",
    "Answer",
    "Assignment",
    "Cron",
    "DataItem",
    "Environment",
    "Failure",
    "Frame",
    "GivenLimits",
    "LimitName",
    "Limits",
    "Message",
    "Moment",
    "Packed",
    "Result",
    "Shape",
    "Slot",
    "SourceLine",
    "SourceMap",
    "Spawn",
    "Tag",
    "Tags",
    "Tick",
    "Waiting",
    "check_keywords",
    "decode",
    "encode",
    "excerpt",
    "explain",
    "failed",
    "field_name",
    "from_json",
    "harmless",
    "id_of",
    "is_complete",
    "is_node",
    "kind",
    "legible",
    "message_in",
    "message_of",
    "most_ticks",
    "nodes_in",
    "pack",
    "pack_as_it_is",
    "pack_complete",
    "place_in",
    "plain",
    "printed_in",
    "read_crons",
    "read_environment",
    "read_memory",
    "read_message",
    "read_regular",
    "relative",
    "restore",
    "shown",
    "slot_of",
    "text",
    "ticks_between",
    "to_bytes",
    "to_json",
    "to_wire",
    "told",
    "unpack",
    "wire_of",
]

__getattr__ = later(
    __name__,
    {
        "Assignment": ".outgoing",
        "DataItem": ".environment",
        "Environment": ".environment",
        "Message": ".message",
        "MAPS": ".source_map",
        "SourceMap": ".source_map",
        "Spawn": ".outgoing",
    },
)
