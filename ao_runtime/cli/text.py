"""Text for a terminal: colours where they are wanted, and nothing else that a process could do to a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..models import harmless, plain, to_json

__all__ = ["document", "echo", "emphasis", "harmless", "plain", "short", "style", "uncut", "value"]

_EMPHASIS: dict[str, dict[str, Any]] = {"place": {"fg": "cyan"}, "handler": {"bold": True}, "source": {"fg": "red"}}


def echo(text: str = "", *, err: bool = False) -> None:
    """Prints a line.

    Its colours are left out where NO_COLOR is set, and, unless FORCE_COLOR is set, where it is no terminal that we
    print to or one that knows none (TERM=dumb).
    """
    click.echo(text, err=err, color=_coloured())


def document(value: Any) -> None:
    """One JSON object on a line of stdout."""
    click.echo(to_json(value).encode())


def _coloured() -> bool | None:
    """True and False say it; None leaves it to whether there is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def style(text: str, **colours: Any) -> str:
    """The text in a colour."""
    return click.style(text, **colours) if text else text


def emphasis(text: str, what: str) -> str:
    """The style of `models.explain`."""
    return style(text, **_EMPHASIS[what])


#: Whether nothing is cut short now.
_wide = False


@contextmanager
def uncut(wanted: bool) -> Iterator[None]:
    """In here, addresses and values are as long as they are, if that is wanted."""
    global _wide
    before, _wide = _wide, wanted
    try:
        yield
    finally:
        _wide = before


def short(text: Any) -> str:
    """An id, so short that a line can hold it."""
    text = harmless(plain(text if isinstance(text, str) else value(text)))
    if _wide:
        return str(text)
    return f"{text[:6]}…{text[-3:]}" if len(text) > 16 else text


def value(item: Any, length: int = 40) -> str:
    """A value of a tag or of Data on one line."""
    if isinstance(item, bytes):
        return f"<{len(item)} bytes>"
    text = item if isinstance(item, str) else to_json(item)
    text = harmless(plain(text).replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r"))
    return f"{text[: length - 1]}…" if len(text) > length and not _wide else text
