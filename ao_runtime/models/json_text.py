"""Strings as text or bytes, and both through JSON.

A string of Lua is bytes: in Python it is `str` where it is UTF-8, else `bytes`. JSON knows text only, so there every
byte that is no UTF-8 stands as the lone surrogate U+DC80 … U+DCFF that Python's `surrogateescape` gives it (`b"\\xff"`
is written `"\\udcff"`): it can be read back, and binary data survives the trip both ways.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import InputError

__all__ = ["from_json", "is_deeper", "restore", "to_json"]

__tracebackhide__ = True

_ESCAPED = re.compile("[\udc80-\udcff]")


def from_json(text: str | bytes) -> Any:
    """JSON text as a value, in which text with escaped bytes is `bytes`.

    Text that is no JSON is an InputError with its line.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    try:
        return restore(json.loads(text, parse_constant=_no_constant))
    except json.JSONDecodeError as error:
        problem = f"is no JSON: {error.msg}, at column {error.colno}"
        raise InputError(problem, line=error.lineno) from None
    except RecursionError:
        raise InputError("is JSON that is nested too deeply") from None
    except ValueError:  # Python makes no number of so many digits.
        raise InputError("is JSON with a number of more digits than can be read") from None


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[{]|[\]}]")


def is_deeper(text: bytes, most: int) -> bool:
    """Whether arrays and objects in JSON text are nested more than `most` deep."""
    if text.count(b"[") + text.count(b"{") <= most:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", text)):
        if bracket[0] in b"[{":
            depth += 1
            if depth > most:
                return True
        else:
            depth -= 1
    return False


def to_json(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON text, on one line unless `indent` is given; only ASCII where bytes ask for it."""
    encoder = _COMPACT if indent is None else _encoder(indent)
    try:
        text = encoder.encode(value)
    except TypeError:  # Bytes as a key, which no encoder takes.
        value = _as_text(value)
        text = encoder.encode(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _encoder(indent, ascii_only=True).encode(value)
    return text


def restore(value: Any) -> Any:
    """The same value, in which every text with escaped bytes is `bytes` again."""
    if isinstance(value, str):
        if not _ESCAPED.search(value):
            return value
        try:
            return value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # Half a surrogate pair that stands for no byte: not written by us.
            return value
    if isinstance(value, dict):
        return {restore(key): restore(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restore(item) for item in value]
    return value


def _as_text(value: Any) -> Any:
    """The same value with every `bytes` in it made text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return {_as_text(key): _as_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(item) for item in value]
    return value


def _bytes_as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise TypeError(f"a {type(value).__name__} is no JSON value")


def _encoder(indent: int | None, *, ascii_only: bool = False) -> json.JSONEncoder:
    separators = None if indent else (",", ":")
    return json.JSONEncoder(indent=indent, separators=separators, ensure_ascii=ascii_only, default=_bytes_as_text)


#: Made once: every result of a process whose journal is on disk is written by it.
_COMPACT = _encoder(None)


def _no_constant(name: str) -> Any:
    raise InputError(f"is no JSON: there is no {name} in JSON")
