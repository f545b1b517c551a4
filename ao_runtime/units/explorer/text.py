"""How people read what strangers write, and numbers, sizes and times. All of it is escaped by the templates."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ...models import harmless, plain, to_json

__all__ = ["as_text", "cut", "group", "line", "moment", "preview", "size"]

#: Characters of a text that a page shows; of one on a line.
LONGEST = 20_000
LINE = 160
#: Bytes of binary data that are shown.
_BYTES = 256


def as_text(value: Any) -> str:
    """Anything that a process left anywhere, as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else to_json(value)


def cut(value: Any, most: int = LONGEST) -> str:
    """Text of any number of lines, at most so long, in which nothing is hidden or moves anything."""
    text = as_text(value)
    # Cut off before it is looked at: it may have megabytes.
    shown = harmless(plain(text[:most]))
    return shown if len(text) <= most else f"{shown}…"


def line(value: Any, most: int = LINE) -> str:
    """The same on one line."""
    return " ".join(cut(value, most).split())


def size(count: int) -> str:
    """A number of bytes."""
    if count < 1000:
        return f"{count} B"
    amount, unit = count / 1000, "kB"
    for larger in ("MB", "GB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.3g} {unit}"


def group(count: int) -> str:
    """A number with thin spaces, as people read it."""
    return f"{count:,}".replace(",", "\u2009")


def moment(timestamp: int) -> tuple[str, str] | None:
    """Milliseconds since 1970 for machines and for people; None for what is no time."""
    try:
        when = datetime.fromtimestamp(timestamp / 1000, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None
    return when.strftime("%Y-%m-%dT%H:%M:%SZ"), when.strftime("%Y-%m-%d %H:%M:%S")


def preview(data: bytes) -> dict[str, Any]:
    """Data: `{text, size, binary, cut}`; of what is no text the first bytes in hexadecimal."""
    head = data[: 4 * LONGEST]
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        # A character may be cut in two at the end.
        if len(data) == len(head) or error.start < len(head) - 3:
            rows = (data[at : at + 16] for at in range(0, min(len(data), _BYTES), 16))
            shown = "\n".join(row.hex(" ") for row in rows)
            return {"text": shown, "size": size(len(data)), "binary": True, "cut": len(data) > _BYTES}
        text = head[: error.start].decode()
    more = len(text) > LONGEST or len(head) < len(data)
    return {"text": cut(text), "size": size(len(data)), "binary": False, "cut": more}
