"""The network's names of modules, for people who left out the dot."""

from __future__ import annotations

import re

from ..vm import network_has

__all__ = ["dotted"]

_NOT_FOUND = re.compile(r"module '([\w-][\w./-]*)' not found:")


def dotted(message: str) -> str | None:
    """The network's name of the module that an error's text says is not there; None where it has none either."""
    found = _NOT_FOUND.match(message)
    return f".{found[1]}" if found and network_has(f".{found[1]}") else None
