"""What a scenario expects, beside what is there: of a process's state, of what was sent to somebody, of a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..models import FIELDS, Message, message_in, read_message, to_json

__all__ = ["Unmet", "unmet_error", "unmet_inbox", "unmet_state"]

_LONGEST = 200
#: Tags that messages have from the network, not from their process.
_QUIET = frozenset(
    ("Data-Protocol", "Variant", "Type", "Reference", "From-Process", "From-Module", "Pushed-For", "X-Reference")
)


@dataclass(frozen=True)
class Unmet:
    """An expectation that is not met.

    at
        Where it stands in the scenario: `steps[3].expect.token`.
    what
        What it is about: a path into a state, a wallet's message, a message's error.
    expected, found
        As plain data; addresses are called by their names.
    """

    at: str
    what: str
    expected: Any
    found: Any

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {"at": self.at, "what": self.what, "expected": self.expected, "found": self.found}

    def __str__(self) -> str:
        """`steps[3].expect.token: Balances.bob is 240, and 250 was expected`."""
        return f"{self.at}: {self.what} is {_told(self.found)}, and {_told(self.expected)} was expected"


def unmet_state(
    at: str, wanted: Mapping[str, Any], get: Callable[[str], Any], same: Callable[[Any], Any]
) -> list[Unmet]:
    """What is not so in a process: `wanted` are values by path, `get` looks one up, `same` calls addresses by names."""
    found = []
    for path, value in wanted.items():
        try:
            seen = same(get(path))
        except InputError as error:
            seen = f"({error.problem})"
        if not _equal(seen, same(value)):
            found.append(Unmet(at, path, value, seen))
    return found


def unmet_inbox(
    at: str, name: str, wanted: Sequence[Mapping[str, Any]], came: Sequence[Message], same: Callable[[Any], Any]
) -> list[Unmet]:
    """What is not so with what was sent to somebody; of a message only what is named in `wanted` counts."""
    if len(wanted) != len(came):
        told = [same(_brief(message)) for message in came]
        return [Unmet(at, f"what {name} has got", [dict(one) for one in wanted], told)]
    found = []
    for number, (fields, message) in enumerate(zip(wanted, came, strict=True)):
        try:
            wire = read_message(fields)
        except InputError as error:
            raise error.within(f"{at}.{name}[{number}]") from None
        for field in wire:
            if field != "Tags":
                seen = same(getattr(message, FIELDS[field]))
                if seen != same(wire[field]):
                    found.append(Unmet(at, f"{name}[{number}].{field}", wire[field], seen))
        for tag in wire["Tags"]:
            seen = same(message.tags.get(tag["name"]))
            if seen != same(tag["value"]):
                found.append(Unmet(at, f"{name}[{number}].{tag['name']}", tag["value"], seen))
    return found


def unmet_error(at: str, wanted: bool | str | None, error: str | None) -> list[Unmet]:
    """What is not so with a result: `wanted` is True for an error, a part of its text, False for none."""
    seen = None if error is None else message_in(error)
    if wanted is None or (isinstance(wanted, bool) and wanted == (seen is not None)):
        return []
    if isinstance(wanted, str) and seen is not None and wanted in seen:
        return []
    expected = "no error" if wanted is False else "any error" if wanted is True else wanted
    return [Unmet(at, "the error", expected, seen)]


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same as JSON has them; 1 is not true, and an empty table is a list or an object."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return bool(one == other) or (one in ([], {}) and other in ([], {}))


def _brief(message: Message) -> dict[str, Any]:
    """A message as far as people want to see it."""
    told: dict[str, Any] = {"From": message.from_}
    told |= {tag.name: tag.value for tag in message.tags if tag.name not in _QUIET}
    if isinstance(message.data, str) and message.data.strip():
        told["Data"] = message.data
    return told


def _told(value: Any) -> str:
    text = "nothing" if value is None else to_json(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
