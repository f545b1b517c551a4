"""Text for a terminal: colours where they are wanted, and nothing else that a process could do to a terminal."""

from __future__ import annotations

import os
import re
from typing import Any

import click

from ..models.text import to_json

__all__ = ["echo", "harmless", "plain", "short", "style", "value"]

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CONTROL = re.compile(r"(\x1b\[[\d;]*m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def echo(text: str = "", *, err: bool = False) -> None:
    """Prints a line; its colours are left out where NO_COLOR is set, or where it is no terminal that we print to."""
    click.echo(text, err=err, color=False if os.environ.get("NO_COLOR") else None)


def style(text: str, **colours: Any) -> str:
    """The text in a colour."""
    return click.style(text, **colours) if text else text


def plain(text: str) -> str:
    """The text without colours."""
    return _COLOUR.sub("", text)


def harmless(text: str) -> str:
    """What a process prints, with its colours, but with every other control character made visible."""
    return _CONTROL.sub(lambda match: match[1] or f"\\x{ord(match[0]):02x}", text)


def short(text: Any) -> str:
    """An id, so short that a line can hold it."""
    text = harmless(plain(text if isinstance(text, str) else value(text)))
    return f"{text[:6]}…{text[-3:]}" if len(text) > 16 else text


def value(item: Any, length: int = 40) -> str:
    """A value of a tag or of Data on one line."""
    if isinstance(item, bytes):
        return f"<{len(item)} bytes>"
    text = item if isinstance(item, str) else to_json(item)
    text = harmless(plain(text).replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r"))
    return f"{text[: length - 1]}…" if len(text) > length else text
