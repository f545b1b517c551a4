"""Plain data as Lua's own text: what the host hands to a test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["literal"]


def literal(value: Any) -> str:
    """A Lua expression whose value is `value`: None, booleans, numbers, text, bytes, lists and mappings of these.

    Text is UTF-8 there. Items of mappings whose value is None are left out, as in Lua. Raises TypeError for anything
    else.
    """
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(2**63) < value < 2**63 else literal(float(value))
    if isinstance(value, float):
        if math.isfinite(value):
            return repr(value)
        return "(0/0)" if math.isnan(value) else "math.huge" if value > 0 else "-math.huge"
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape" if _is_escaped(value) else "surrogatepass")
    if isinstance(value, (bytes, bytearray)):
        return f'"{"".join(map(_LETTERS.__getitem__, value))}"'
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(literal, value)) + "}"
    if isinstance(value, Mapping):
        items = (f"[{literal(name)}]={literal(inner)}" for name, inner in value.items() if inner is not None)
        return "{" + ",".join(items) + "}"
    raise TypeError(f"no plain data: {type(value).__name__}")


def _is_escaped(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)


#: Each byte in quotes: letters as they are, all that may mean something by its number.
_LETTERS = [chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in range(256)]
