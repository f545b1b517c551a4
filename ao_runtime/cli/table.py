"""A short table of what a process sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..models import Result
from .text import short, style, uncut, value

__all__ = ["table"]

# Tags that every message has, or that say nothing to a reader.
_PROTOCOL = frozenset(
    {"Data-Protocol", "Variant", "Type", "Reference", "Ref_", "From-Process", "From-Module", "Action", "Module"}
)
_COLOURS: tuple[dict[str, Any], ...] = ({"fg": "cyan"}, {"fg": "yellow"}, {"bold": True})


def table(result: Result, *, wide: bool = False) -> Iterator[str]:
    """The lines of the table: what it is, where it goes, its action, its tags and data; `wide` cuts nothing short."""
    with uncut(wide):
        rows = [*map(_message, _dicts(result, "Messages")), *map(_spawn, _dicts(result, "Spawns"))]
        rows += map(_assignment, _dicts(result, "Assignments"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    for row in rows:
        cells = (
            style(cell, **colours) + " " * (width - len(cell))
            for cell, width, colours in zip(row, widths, _COLOURS, strict=False)
            if width
        )
        yield "  ".join((*cells, row[3])).rstrip()


def _dicts(result: Result, name: str) -> list[dict[str, Any]]:
    """What is there in wire form; a process may leave anything there, and we show what can be shown."""
    items = result.to_dict().get(name)
    items = items if isinstance(items, list) else []
    return [item if isinstance(item, dict) else {"Data": item} for item in items]


def _message(item: dict[str, Any]) -> tuple[str, str, str, str]:
    return "message", f"→ {short(item.get('Target', '?'))}", _tag(item, "Action"), _details(item)


def _spawn(item: dict[str, Any]) -> tuple[str, str, str, str]:
    return "spawn", f"of {short(_tag(item, 'Module') or '?')}", _tag(item, "Action"), _details(item)


def _assignment(item: dict[str, Any]) -> tuple[str, str, str, str]:
    processes = item.get("Processes")
    names = [short(name) for name in processes] if isinstance(processes, list) else ["?"]
    return "assignment", f"→ {', '.join(names)}", "", f"of message {short(item.get('Message', '?'))}"


def _tags(item: dict[str, Any]) -> list[tuple[str, Any]]:
    tags = item.get("Tags")
    tags = tags if isinstance(tags, list) else []
    return [(value(tag.get("name")), tag.get("value")) for tag in tags if isinstance(tag, dict)]


def _tag(item: dict[str, Any], wanted: str) -> str:
    return next((value(found) for name, found in _tags(item) if name == wanted), "")


def _value(item: Any) -> str:
    """A tag's value; what is no text, which the network does not deliver, is marked."""
    return value(item) if isinstance(item, (str, bytes)) else style(f"{value(item)} (no text)", fg="red")


def _details(item: dict[str, Any]) -> str:
    parts = [f"{style(name, dim=True)}={_value(text)}" for name, text in _tags(item) if name not in _PROTOCOL]
    if item.get("Data") not in (None, ""):
        parts.append(f"{style('Data', dim=True)}={value(item['Data'])}")
    return "  ".join(parts)
