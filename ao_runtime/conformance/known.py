"""Differences that are meant. Each has its section, with its reason, in docs/differences.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..models import to_json
from ..vm import DIALECTS

__all__ = ["KNOWN", "Known", "explain"]


@dataclass(frozen=True)
class Known:
    """A difference that is meant: what the message and both results look like, and why they differ.

    `message`, `ours` and `theirs` are patterns, all of which must be found in their JSON texts.
    """

    #: The heading of its section in docs/differences.md.
    name: str
    reason: str
    dialects: tuple[str, ...] = DIALECTS
    message: str = ""
    ours: str = ""
    theirs: str = ""

    def matches(self, message: str, ours: str, theirs: str) -> bool:
        """Whether a difference is this one; everything as JSON text."""
        places = ((self.message, message), (self.ours, ours), (self.theirs, theirs))
        return all(re.search(pattern, text) for pattern, text in places)


#: What a text of JSON may hold before its end.
_TEXT = r'(?:[^"\\]|\\.)*'
#: How a module shows that something is not there.
_NIL = r'\bnil\b|"json":"undefined"'
#: A key of a pattern that cannot be matched: it fails in the module that matches, and nowhere else.
_NO_MATCH = rf'^\{{"Error":"{_TEXT}utils\\"\]:\d+: (malformed pattern|bad argument #1 to .match.)'
#: What the other side may have then: no match, a match, or the error of another key.
_ANYTHING_ELSE = f"^(?!{_NO_MATCH[1:]})"
_ORDER = "which key is looked at first is the hash table's choice there; one of them fails, or each in its own way"
_SEED = "the documentation that dialect 1 follows has them; the module of that age did not yet"

KNOWN: tuple[Known, ...] = (
    Known(
        "A result that is no JSON",
        "the module ends without an answer; we answer with an Error that says what cannot be written",
        ours=rf'^\{{"Error":"{_TEXT}(invalid table: |circular reference|unexpected (number value|type) )',
        theirs=r'^\{"Error":"(the module answered nothing|Unexpected end of JSON input)"',
    ),
    Known(
        "An error that is no text",
        "the network's loader writes it as JavaScript writes an object; we say of which type it is",
        ours=r'^\{"Error":"error object is a ',
        theirs=r'^\{"Error":"(\[object Object\]|undefined|null|true|false)"',
    ),
    Known(
        "An error that is no text",
        "the network's loader has no text for it; we tell what its `__tostring` says",
        # Only an error: a message that fails on one side alone is another difference.
        ours=r'^\{"Error":"(?!")',
        theirs=r'^\{"Error":""',
    ),
    Known(
        "An error while an error is told",
        "a global that the module needs for that is gone: its error is the result there, and the first one here",
        # What tells of errors here stands elsewhere: a failure of ours in `.process` is a difference.
        ours=r'^\{"Error":"(?!\[string \\"\.process\\"\])',
        theirs=r'^\{"Error":"\[string \\"\.process\\"\]:\d+: '
        r"(attempt to [a-z ]+ value \(global '\w+'\)|bad argument #1 to 'insert')",
    ),
    Known(
        "An error before the message",
        "what a process has put in the place of `ao.init` or `ao.normalize` fails: the module has no answer then",
        dialects=("1", "0.2.0"),
        # It is raised in the process's code, or in what that calls, and has its place; other errors are another
        # difference. Not what cannot be written as JSON: that has an entry of its own.
        ours=r'^\{"Error":"\[string \\"(?!json)[^"\\]*\\"\]:\d+: ',
        theirs=r'^\{"Error":"(the module answered nothing|Unexpected end of JSON input)"',
    ),
    Known(
        "Limits",
        "an instruction of Lua is not one of WebAssembly: the limits are hit at other places",
        ours=rf'^\{{"Error":"{_TEXT}((instruction|memory|time) limit of|stack overflow)',
        theirs=rf'^\{{"Error":"{_TEXT}((instruction|memory|time) limit of|stack overflow|Maximum call stack)',
    ),
    Known("Order of keys in a pattern", _ORDER, ours=_NO_MATCH, theirs=_ANYTHING_ELSE),
    Known("Order of keys in a pattern", _ORDER, ours=_ANYTHING_ELSE, theirs=_NO_MATCH),
    Known(
        "`after` and `Ref_`",
        "the documentation promises them on what send and spawn return; the modules have them no more",
        dialects=DIALECTS[:-1],
        # Not `Handlers.after`, nor the tag of a message that came.
        message=r"(?i:\bsend|\bspawn)\b.*(?<!\bHandlers)\.(after|Ref_)\b",
        theirs=_NIL,
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
        theirs=_NIL,
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
