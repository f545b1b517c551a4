"""Near misses: what a message has, and what a pattern wants that is nearly that."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from .model import Check, Value
from .words import lua

__all__ = ["Known", "hints_of"]

#: Characters that are compared, and how alike two words are to be.
_LONGEST, _ALIKE = 64, 0.75
#: Names that are looked at.
_MOST = 200


class Known:
    """What is known of the message and the process that it is for."""

    def __init__(self, names: Iterable[str], sender: str, owner: Value) -> None:
        #: Names of its fields and tags.
        self.names = list(dict.fromkeys(names))[:_MOST]
        self.sender = sender
        #: The process's owner now.
        self.owner = owner


def hints_of(check: Check, known: Known, *, exact: bool) -> list[str]:
    """What might be meant where a check says no. `exact`: letter case counts."""
    if check.ok:
        return []
    if check.missing:
        return _missing(check.key, known.names)
    found = check.found
    for one in check.any:
        wanted = one.wanted
        if check.key in ("From", "Owner") and wanted == known.owner and found != known.owner:
            return [f"{check.key} is not the owner of the process, {lua(known.owner)}"]
        if isinstance(wanted, str) and isinstance(found, str):
            hint = _nearly(wanted, found, exact)
            if hint:
                return [hint]
        elif isinstance(wanted, str) and isinstance(found, (int, float)):
            return ["it is a number here, and a text is wanted"]
    return []


def _missing(key: str, names: list[str]) -> list[str]:
    for name in names:
        if name != key and _bare(name) == _bare(key):
            return [f"there is {lua(name)}"]
    near = [(alike(name, key), name) for name in names]
    best = max(near, default=(0.0, ""))
    return [f"there is {lua(best[1])}: is {lua(key)} meant?"] if best[0] >= _ALIKE else []


def _nearly(wanted: str, found: str, exact: bool) -> str | None:
    if wanted == found:
        return None
    if wanted.strip() == found.strip():
        return "there is a blank more, or less"
    if wanted.casefold() == found.casefold():
        return "letter case counts here" if exact else None
    if _bare(wanted) == _bare(found):
        return f"{lua(found)} is nearly {lua(wanted)}"
    return f"{lua(found)} is nearly {lua(wanted)}" if alike(wanted, found) >= _ALIKE else None


def _bare(text: str) -> str:
    return text[:_LONGEST].replace("-", "").replace("_", "").replace(" ", "").casefold()


def alike(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1; short ones are compared as they are."""
    one, other = one[:_LONGEST].casefold(), other[:_LONGEST].casefold()
    if min(len(one), len(other)) < 3:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
