"""What a stranger wrote, for a terminal: colours stay, everything else that could move or hide text is made visible."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["harmless", "plain", "shown"]

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CONTROL = re.compile(r"(\x1b\[[\d;]*m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """The text without colours."""
    return _COLOUR.sub("", text)


def harmless(text: str) -> str:
    """What a process prints, with its colours, but with every other control character made visible."""
    return _CONTROL.sub(lambda match: match[1] or f"\\x{ord(match[0]):02x}", text)


_LONGEST = 200


def shown(value: Any) -> str:
    """A value that somebody gave in the text of an error: `repr`, cut off, also where Python can write none."""
    try:
        text = repr(value)
    except ValueError:  # A whole number of more digits than Python writes.
        return "a number of very many digits"
    except RecursionError:
        return f"a {type(value).__name__} that is nested too deeply"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
