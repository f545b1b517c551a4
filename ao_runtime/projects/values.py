"""What the values of settings may be; what is wrong is an `InputError` that says what is expected."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from ..errors import InputError
from ..models import read_memory, shown
from ..vm import DIALECTS

__all__ = [
    "count",
    "dialect",
    "lua_file",
    "number",
    "pairs",
    "paths",
    "seconds",
    "size",
    "tag",
    "text",
    "texts",
    "url",
]

_MOST = 2**63 - 1


def _found(value: Any) -> str:
    """A value in words."""
    return "a table" if isinstance(value, dict) else "an array" if isinstance(value, list) else shown(value)


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise InputError(f"must be a text, found {_found(value)}")
    if "\0" in value:
        raise InputError(f"holds a character that no name has: {_found(value)}")
    return value


def lua_file(value: Any) -> str:
    """The name of a file of Lua: nothing else is ever written over."""
    if not text(value).endswith(".lua"):
        raise InputError(f"must end in .lua, found {shown(value)}")
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    """A text, or an array of texts."""
    found = tuple(map(text, value)) if isinstance(value, list) else (text(value),)
    if not found:
        raise InputError("is empty", advice="leave it out")
    return found


def tag(value: Any) -> tuple[str, ...]:
    """The values of the tags of a name: a text or a whole number, or an array of those."""
    found = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, bool) or not isinstance(one, (str, int)):
            raise InputError(f"must be a text or a whole number, found {_found(one)}")
        found.append(str(one))
    return tuple(found)


def dialect(value: Any) -> str:
    """The name of a generation of aos."""
    if value not in DIALECTS:
        raise InputError(f"there is no dialect {_found(value)}", advice=f"the dialects are {', '.join(DIALECTS)}")
    return str(value)


def count(value: Any) -> int:
    """A whole number above zero."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST:
        raise InputError(f"must be a whole number above 0, found {_found(value)}")
    return value


def seconds(value: Any) -> float:
    """A number above zero."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
        raise InputError(f"must be a number above 0, found {_found(value)}")
    return value


def size(value: Any) -> int | str:
    """A number of bytes, or a size such as 64MB; as it is written."""
    read_memory(value)
    return value if isinstance(value, int) else str(value)


def url(value: Any) -> str:
    """An address of HTTP."""
    parts = None
    if isinstance(value, str):
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"must be an http or https URL, found {_found(value)}")
    return str(value)


# ── from the text of a variable ──────────────────────────────────────────────────────────────────────────────────


def number(given: str) -> Any:
    """A number, or the text as it is, for whoever says what is wrong with it."""
    for kind in (int, float):
        try:
            return kind(given)
        except ValueError:
            continue
    return given


def paths(given: str) -> list[str]:
    """Paths, with what stands between those of PATH."""
    return [part for part in given.split(os.pathsep) if part]


def pairs(given: str) -> dict[str, Any]:
    """`NAME=VALUE`, one a line; a name that comes again has several values."""
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, given.splitlines())):
        name, sign, value = line.partition("=")
        if not (sign and name):
            raise InputError(f"{shown(line)} is not NAME=VALUE", advice="one a line")
        known = found.get(name)
        found[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return found
