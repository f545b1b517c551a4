"""The network's names of modules, for people who left out the dot."""

from __future__ import annotations

import re

from ..vm import network_has

__all__ = ["dotted"]

_NAME = re.compile(r"[\w-][\w./-]*")


def dotted(name: str) -> str | None:
    """The network's name of a module that is not there under `name`; None where it has none either."""
    return f".{name}" if _NAME.fullmatch(name) and network_has(f".{name}") else None
