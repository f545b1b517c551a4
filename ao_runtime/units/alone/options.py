"""What the options of every single unit have in common: its port, and the URLs of others' units."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import InputError
from ...models import shown
from ..listening import PORT, UNITS

__all__ = ["KeptOptions", "port_of", "unit_url"]


@dataclass(kw_only=True)
class KeptOptions:
    """How a unit is served that has a key, and keeps what it takes.

    gateway
        The URL of the gateway that it asks.
    folder
        Where its key is kept, and what it takes; None is in memory.
    port
        None is the unit's own in a whole network; 0 any that is free.
    reset
        Whether what such a unit has in the folder is deleted before.
    host, names, token
        As of a whole network (`Options`).
    keys
        Of the unit: "ed25519" or "rsa", made at first. None is Ed25519, or the one that the folder has.
    """

    gateway: str | None = None
    folder: Path | None = None
    port: int | None = None
    reset: bool = False
    host: str | None = None
    names: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    keys: str | None = None


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
