"""Differences that are meant. Each has its section, with its reason, in docs/differences.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..models.text import to_json
from .rules import equal

__all__ = ["KNOWN", "Known", "explain"]


@dataclass(frozen=True)
class Known:
    """A difference that is meant: what the message and both results look like, and why they differ.

    `message`, `ours` and `theirs` are patterns searched in their JSON texts. `rewrites` are patterns and replacements
    that must make the results the same by the rules; without them the patterns are enough.
    """

    #: The heading of its section in docs/differences.md.
    name: str
    reason: str
    dialects: tuple[str, ...] = ("2.0.6", "2.0.1", "1")
    message: str = ""
    ours: str = ""
    theirs: str = ""
    rewrites: tuple[tuple[str, str], ...] = ()

    def matches(self, message: str, ours: str, theirs: str) -> bool:
        """Whether a difference is this one; everything as JSON text."""
        if not (re.search(self.message, message) and re.search(self.ours, ours) and re.search(self.theirs, theirs)):
            return False
        if not self.rewrites:
            return True
        for pattern, replacement in self.rewrites:
            ours, theirs = re.sub(pattern, replacement, ours), re.sub(pattern, replacement, theirs)
        try:
            return equal(json.loads(ours), json.loads(theirs))
        except ValueError:
            return False


_SEED = "the documentation that dialect 1 follows has them; the module of that age did not yet"

KNOWN: tuple[Known, ...] = (
    Known(
        "A result that is no JSON",
        "the module ends without an answer; we answer with an Error that says what cannot be written",
        ours=r'^\{"Error":".*(invalid table: |circular reference|unexpected (number value|type) )',
        theirs=r"the module answered nothing|Unexpected end of JSON input",
    ),
    Known(
        "An error that is no text",
        "the network's loader writes it as JavaScript writes an object; we say of which type it is",
        ours=r'^\{"Error":"error object is a ',
        theirs=r'^\{"Error":"(\[object Object\]|undefined|null|true|false)"',
    ),
    Known(
        "Limits",
        "an instruction of Lua is not one of WebAssembly: the limits are hit at other places",
        ours=r'^\{"Error":".*((instruction|memory|time) limit of|stack overflow)',
        theirs=r'^\{"Error":".*((instruction|memory|time) limit of|stack overflow|Maximum call stack)',
    ),
    Known(
        "`coroutine.wrap` in a tail call",
        "ours is a Lua function: such a call leaves no frame whose position an error could name",
        message=r"\bcoroutine\.wrap\b",
        rewrites=((r'(\[string \\"[^"\\]*\\"\]:\d+: )+', "HERE: "),),
    ),
    Known(
        "`after` and `Ref_`",
        "the documentation promises them on what send and spawn return; the modules have them no more",
        message=r"\.(after|Ref_)\b",
    ),
    Known(
        "`ao` in dialect 1",
        _SEED,
        dialects=("1",),
        message=r"\bao\.(sanitize|clone)\b",
        theirs=r"attempt to call a nil value \(field '(sanitize|clone)'\)",
    ),
    Known(
        "`ao` in dialect 1",
        _SEED,
        dialects=("1",),
        message=r"\bao\.(reference|nonExtractableTags|nonForwardableTags)\b",
    ),
)


def explain(
    message: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any], dialect: str | None
) -> Known | None:
    """The entry that explains a difference, if one does. Without a dialect, those of every dialect count."""
    candidates = [known for known in KNOWN if dialect is None or dialect in known.dialects]
    if not candidates:
        return None
    texts = to_json(message), to_json(ours), to_json(theirs)
    return next((known for known in candidates if known.matches(*texts)), None)
