"""From what the engine has noted to the structures of a trace. It is a stranger's: any of it may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import Alternative, Check, Opaque, Pattern, Value

__all__ = ["as_list", "count_of", "pattern_of", "text_of", "value_of"]

_KINDS = {"string": "action", "table": "spec", "tag": "tag", "function": "function"}


def value_of(noted: Any) -> Value:
    """A value as `lua/vm/trace/plain.lua` writes it."""
    if isinstance(noted, Mapping):
        place = text_of(noted.get("text"))
        file = noted.get("file")
        if isinstance(file, str) and isinstance(noted.get("line"), int):
            place = f"{file}:{noted['line']}"
        code = noted.get("code")
        of, body = noted.get("of"), noted.get("body")
        return Opaque(
            text_of(noted.get("kind")) or "value",
            place or None,
            code if isinstance(code, str) else None,
            text_of(of) if of is not None else None,
            body if isinstance(body, str) else None,
        )
    if noted is None or isinstance(noted, (str, bytes, bool, int, float)):
        return noted
    return Opaque("table")


def text_of(value: Any) -> str:
    """A text; of bytes that are none the text that is nearest to them."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, str) else ""


def count_of(value: Any) -> int:
    """A number of things; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def as_list(value: Any) -> list[Any]:
    """A list; Lua's empty table and anything else is an empty one."""
    return value if isinstance(value, list) else []


def pattern_of(noted: Any) -> Pattern:
    """A pattern as `lua/vm/trace/explain.lua` writes it."""
    if not isinstance(noted, Mapping):
        return Pattern("other")
    function = value_of(noted.get("value"))
    return Pattern(
        _KINDS.get(text_of(noted.get("kind")), "other"),  # type: ignore[arg-type]
        tuple(_check(one) for one in as_list(noted.get("checks")) if isinstance(one, Mapping)),
        function if isinstance(function, Opaque) else None,
        noted.get("go_on") is True,
        noted.get("veiled") is True,
        count_of(noted.get("more")),
    )


def _check(noted: Mapping[str, Any]) -> Check:
    return Check(
        text_of(noted.get("key")),
        value_of(noted.get("found")),
        tuple(
            Alternative(value_of(one.get("wanted")), _truth(one.get("ok")), text_of(one.get("problem")) or None)
            for one in as_list(noted.get("any"))
            if isinstance(one, Mapping)
        ),
        _truth(noted.get("ok")),
        noted.get("missing") is True,
        count_of(noted.get("more")),
    )


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
