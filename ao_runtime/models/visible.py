"""What a stranger wrote, for a terminal: colours stay, everything else that could move or hide text is made visible."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["harmless", "legible", "plain", "shown"]

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
#: Control characters; those that turn the direction of text, end a line, take no room or belong to nobody.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_CONTROL = re.compile(rf"(\x1b\[[\d;]*m)|(?<=[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f])(\u200d)|[{_HIDDEN}]")


def plain(text: str) -> str:
    """The text without colours."""
    return _COLOUR.sub("", text)


def harmless(text: str) -> str:
    """What a process prints, with its colours, but with everything else that moves or hides text made visible.

    (The joiner within an emoji is let be.)
    """
    return _CONTROL.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    if match[1] or match[2]:
        return match[0]
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def legible(text: str, longest: int = 64) -> str:
    """Text on one line of at most so many characters, in which nothing is hidden, coloured or moves the cursor."""
    # Cut off before it is looked at: it may have megabytes.
    shown = harmless(plain(text[: 4 * longest])).replace("\n", "⏎").replace("\t", " ")
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


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
