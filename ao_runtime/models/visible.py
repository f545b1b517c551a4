"""What a stranger wrote, for a terminal: colours stay, everything else that could move or hide text is made visible."""

from __future__ import annotations

import re

__all__ = ["harmless", "plain"]

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CONTROL = re.compile(r"(\x1b\[[\d;]*m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """The text without colours."""
    return _COLOUR.sub("", text)


def harmless(text: str) -> str:
    """What a process prints, with its colours, but with every other control character made visible."""
    return _CONTROL.sub(lambda match: match[1] or f"\\x{ord(match[0]):02x}", text)
