"""Comparisons for people and for programs: one structure, two renderings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ..models import to_json
from .comparison import Comparison, Difference
from .rules import MISSING

__all__ = ["as_dict", "beside", "describe", "table"]

_WIDTH = 120
#: Equal lines that are shown before and after different ones.
_AROUND = 2


def as_dict(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """`{"ours", "theirs", "totals", "scenarios"}`, JSON all the way down: the shape of `ao-run conform --json`.

    A scenario: `{"scenario", "messages", "equal", "explained", "different", "differences"}`. A difference: `{"index",
    "message", "ours", "theirs", "differs": [{"path", "ours", "theirs"}], "explained"}`, where `ours` or `theirs` of a
    place is left out if nothing is there, and `explained` is the heading in docs/differences.md, or null.
    """
    scenarios = [
        {"scenario": comparison.scenario, **_counts([comparison])}
        | {"differences": [_difference(difference) for difference in comparison.differences]}
        for comparison in comparisons
    ]
    first = comparisons[0] if comparisons else None
    document = {
        "ours": first.ours if first else None,
        "theirs": first.theirs if first else None,
        "totals": {"scenarios": len(comparisons), **_counts(comparisons)},
        "scenarios": scenarios,
    }
    plain: dict[str, Any] = json.loads(to_json(document))
    return plain


def _counts(comparisons: Sequence[Comparison]) -> dict[str, int]:
    return {
        "messages": sum(comparison.messages for comparison in comparisons),
        "equal": sum(comparison.equal for comparison in comparisons),
        "explained": sum(len(comparison.explained) for comparison in comparisons),
        "different": sum(len(comparison.unexplained) for comparison in comparisons),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    differs = []
    for place in difference.differing:
        row: dict[str, Any] = {"path": place.path}
        row |= {name: value for name, value in (("ours", place.ours), ("theirs", place.theirs)) if value is not MISSING}
        differs.append(row)
    return {
        "index": difference.index,
        "message": difference.message,
        "ours": difference.ours,
        "theirs": difference.theirs,
        "differs": differs,
        "explained": difference.known.name if difference.known else None,
    }


def table(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """One line for each scenario, and one for all of them."""
    rows = [(comparison.scenario, [comparison]) for comparison in comparisons]
    rows.append((f"{len(comparisons)} scenario{'s' * (len(comparisons) != 1)}", list(comparisons)))
    width = max(len(name) for name, _ in rows)
    yield f"{'':{width}}  messages   equal  explained  different"
    for name, part in rows:
        counts = _counts(part)
        cells = (f"{counts[key] or '-':>{size}}" for key, size in _COLUMNS)
        yield f"{name:{width}}  {'  '.join(cells)}"


_COLUMNS = (("messages", 8), ("equal", 6), ("explained", 9), ("different", 9))


def describe(comparison: Comparison, difference: Difference, width: int = _WIDTH) -> Iterator[str]:
    """The lines that tell of one difference: the message, what differs, and both results side by side."""
    yield f"── {comparison.scenario}[{difference.index}] · {_name(difference.message)}"
    if difference.known is not None:
        yield f"explained: {difference.known.name}: {difference.known.reason}"
    yield "message"
    yield from _message(difference.message)
    yield "what differs"
    label = max(len(comparison.ours), len(comparison.theirs))
    for place in difference.differing:
        yield f"  {place.path}"
        for side, value in ((comparison.ours, place.ours), (comparison.theirs, place.theirs)):
            yield f"    {side:{label}}  {value if value is MISSING else to_json(value)}"
    yield from beside((comparison.ours, comparison.theirs), difference.ours, difference.theirs, width)


def _name(message: Mapping[str, Any]) -> str:
    tags = message.get("Tags") or []
    action = next((tag["value"] for tag in tags if tag["name"] == "Action"), "message")
    return f"{action} from {message.get('From', '?')}"


def _message(message: Mapping[str, Any]) -> Iterator[str]:
    """A message: its fields, a line each, and its Data as the lines that it has."""
    for name, value in message.items():
        if name == "Tags":
            shown = ", ".join(f"{_text(tag['name'])}={_text(tag['value'])}" for tag in value)
            yield f"  Tags: {shown or '(none)'}"
        elif name == "Data" and isinstance(value, str) and "\n" in value:
            yield "  Data:"
            for line in value.split("\n"):
                yield f"    {line}"
        else:
            yield f"  {name}: {_text(value)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)


def beside(
    names: tuple[str, str], one: Mapping[str, Any], other: Mapping[str, Any], width: int = _WIDTH
) -> Iterator[str]:
    """Two results side by side, what differs marked; of long equal parts the lines next to a difference."""
    half = max(20, (width - 5) // 2)
    rows = list(_rows(_lines(one, half), _lines(other, half)))
    changed = [index for index, (mark, _, _) in enumerate(rows) if mark]
    yield f"  {names[0]:{half}} │ {names[1]}"
    left_out = False
    for index, (mark, left, right) in enumerate(rows):
        if any(abs(index - at) <= _AROUND for at in changed):
            yield f"{mark or ' '} {left:{half}} │ {right}".rstrip()
            left_out = False
        elif not left_out:
            yield f"  {'…':{half}} │ …"
            left_out = True


def _rows(left: list[str], right: list[str]) -> Iterator[tuple[str, str, str]]:
    """The lines of both, what is equal beside one another: mark, line, line."""
    for tag, start, end, from_, to in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        count = max(end - start, to - from_)
        ours, theirs = left[start:end], right[from_:to]
        ours, theirs = ours + [""] * (count - len(ours)), theirs + [""] * (count - len(theirs))
        for mine, other in zip(ours, theirs, strict=True):
            yield "" if tag == "equal" else "≠", mine, other


def _lines(result: Mapping[str, Any], width: int) -> list[str]:
    """A result as lines of JSON, keys sorted, long lines broken."""
    text = json.dumps(json.loads(to_json(result)), indent=1, sort_keys=True, ensure_ascii=False)
    return [line[at : at + width] for line in text.split("\n") for at in range(0, len(line), width)]
