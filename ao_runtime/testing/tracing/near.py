"""Near misses: what a message has, and what a pattern wants that is nearly that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from .model import Check, Value
from .words import lua

__all__ = ["Known", "hints_of", "hints_of_code"]

#: Characters that are compared, and how alike two words are to be.
_LONGEST, _ALIKE = 64, 0.75
#: Names that are looked at; of a function's code.
_MOST, _MOST_OF_CODE = 200, 10
_PARAMETER = re.compile(r"function[^(\n]{0,60}\(\s*(\w+)")
_COMPARED = re.compile(r"==\s*[\"']([^\"'\n]{1,64})[\"']|[\"']([^\"'\n]{1,64})[\"']\s*==")
_OWNER = re.compile(r"\bOwner\b")
#: What every message has, or is no field.
_OF_ALL = frozenset({"Tags", "TagArray", "From", "Owner", "Id", "Target", "reply", "forward", "Module"})


class Known:
    """What is known of the message and the process that it is for."""

    def __init__(self, fields: Iterable[tuple[str, Value]], sender: str, owner: Value) -> None:
        #: Its fields and tags, the first of each name.
        self.fields: dict[str, Value] = {}
        for name, value in fields:
            if len(self.fields) < _MOST:
                self.fields.setdefault(name, value)
        self.sender = sender
        #: The process's owner now.
        self.owner = owner


def hints_of(check: Check, known: Known, *, exact: bool) -> list[str]:
    """What might be meant where a check says no. `exact`: letter case counts."""
    if check.ok:
        return []
    if check.missing:
        return _missing(check.key, list(known.fields))
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


def hints_of_code(body: str, known: Known) -> list[str]:
    """What might be meant where a function says no, by what stands in its code: fields that are not there, texts that
    are nearly what is there, the owner."""
    found: list[str] = []
    parameter = _PARAMETER.search(body)
    if parameter is not None:
        name = re.escape(parameter[1])
        asked = re.findall(rf"\b{name}(?:\.Tags)?(?:\.([A-Za-z_]\w*)|\[\s*[\"']([^\"']+)[\"']\s*\])", body)
        keys = [key for key in dict.fromkeys(dotted or quoted for dotted, quoted in asked) if key not in _OF_ALL]
        texts = list(dict.fromkeys(one or other for one, other in _COMPARED.findall(body)))
        for key in keys[:_MOST_OF_CODE]:
            if key not in known.fields:
                found += _missing(key, list(known.fields)) or [f"its code asks for {key}, which is not there"]
                continue
            value = known.fields[key]
            if isinstance(value, str) and value not in texts:
                nearly = (_nearly(wanted, value, exact=True) for wanted in texts[:_MOST_OF_CODE])
                found += list(filter(None, nearly))[:1]
    if _OWNER.search(body) and known.sender != known.owner:
        found.append(f"its code asks for the owner, {lua(known.owner)}, and From is {lua(known.sender)}")
    return found


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
