"""Values on their way between Lua, whose strings are bytes, and SQLite, whose texts are `str` here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any


@cache
def null() -> Any:
    """Return what stands for parameters that are all null."""
    import apsw

    class Nulls(dict[str, None]):
        def __missing__(self, _name: str) -> None:
            return None

    try:
        return getattr(apsw, "_null_bindings")  # noqa: B009
    except AttributeError:
        return Nulls()


def plain(row: tuple[Any, ...]) -> list[Any]:
    """Return the values of a row, texts as bytes."""
    return [value.encode() if value.__class__ is str else value for value in row]


def mixed(kinds: bytes, values: Sequence[Any]) -> list[Any]:
    """Return the values of parameters, some of which are blobs: b in `kinds`, which has one more letter before them.

    Raises `UnicodeDecodeError` where a text is not UTF-8.
    """
    return [
        value.decode() if value.__class__ is bytes and kinds[i + 1 : i + 2] != b"b" else value
        for i, value in enumerate(values)
    ]


def not_utf8(kinds: bytes | None, values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """Return the same where texts are not UTF-8: those stay bytes, and their indices are told."""
    given: list[Any] = []
    broken: list[int] = []
    for i, value in enumerate(values):
        if value.__class__ is bytes and (kinds is None or kinds[i + 1 : i + 2] != b"b"):
            try:
                value = value.decode()
            except UnicodeDecodeError:
                broken.append(i)
        given.append(value)
    return given, broken


def size(values: Any) -> int:
    """Return about how many bytes Lua needs for an answer."""
    if values.__class__ is bytes:
        return len(values)
    total = 0
    if values.__class__ is tuple or values.__class__ is list:
        for value in values:
            if value.__class__ is bytes:
                total += len(value) + 32
    return total


def to_bytes(value: Any) -> bytes:
    """Return a text of Lua's, or what else stands there, as bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
