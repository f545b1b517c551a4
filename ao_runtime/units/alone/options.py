"""What the options of every single unit have in common: its port, and the URLs of others' units."""

from __future__ import annotations

from urllib.parse import urlsplit

from ...errors import InputError
from ...models import shown
from ..listening import PORT, UNITS

__all__ = ["port_of", "unit_url"]


def port_of(unit: str, port: int | None) -> int:
    """The port of a unit: that which was given, else its own of a whole network."""
    return PORT + UNITS.index(unit) if port is None else port


def unit_url(text: str, name: str) -> str:
    """The URL of somebody's unit, without a slash at the end. Raises `InputError` for anything else."""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment or parts.username or not text.isascii() or not text.isprintable():
        raise InputError(f"must be an http or https URL, found {shown(text)}", field=name)
    return text.rstrip("/")
