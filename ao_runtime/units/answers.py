"""What units answer: JSON as JavaScript writes it, and refusals."""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from starlette.responses import Response

from ..errors import AoError, TerminatedError

__all__ = ["Refusal", "answer", "javascript", "number", "refusal_of"]


class Refusal(Exception):
    """A request that is answered with an error: its status and the text."""

    def __init__(self, status: int, text: str, *, close: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        #: Whether the connection ends with it.
        self.close = close


def refusal_of(error: AoError, status: int = 400) -> Refusal:
    """An error of ours as an answer; a process that was ended is gone (410), whoever asks."""
    return Refusal(410 if isinstance(error, TerminatedError) else status, str(error))


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(javascript(value), status, headers, "application/json; charset=utf-8")


def javascript(value: Any) -> bytes:
    """JSON as `JSON.stringify` has it: `1` for 1.0, no exponent below 1e21, U+FFFD for bytes that are no UTF-8.

    What nests too deeply for JSON of Python is a `Refusal`.
    """
    parts: list[str] = []
    try:
        _write(value, parts)
    except RecursionError:
        raise Refusal(500, "the result is nested too deeply") from None
    return "".join(parts).encode()


def number(value: float) -> str:
    """A number as JavaScript writes it: with the fewest digits that read as the same."""
    if isinstance(value, int):
        # JavaScript knows no other integers than those of its floating-point numbers.
        if -(2**53) <= value <= 2**53:
            return str(value)
        try:
            value = float(value)
        except OverflowError:
            return "null"
    if not isfinite(value):
        return "null"
    if value == 0:
        return "0"
    text = repr(value)
    size = abs(value)
    if 1e-6 <= size < 1e21:
        if "e" not in text and not text.endswith(".0"):
            return text
        text = f"{Decimal(text):f}"
        return text.removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa.removesuffix('.0')}e{'-' if exponent.startswith('-') else '+'}{exponent.lstrip('+-0')}"


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, (str, bytes)):
        parts.append(_string(value))
    elif value is None or isinstance(value, bool):
        parts.append("null" if value is None else "true" if value else "false")
    elif isinstance(value, (int, float)):
        parts.append(number(value))
    elif isinstance(value, dict):
        mark = "{"
        for key, inner in value.items():
            parts += (mark, _string(key if isinstance(key, (str, bytes)) else str(key)), ":")
            _write(inner, parts)
            mark = ","
        parts.append("{}" if mark == "{" else "}")
    elif isinstance(value, (list, tuple)):
        mark = "["
        for inner in value:
            parts.append(mark)
            _write(inner, parts)
            mark = ","
        parts.append("[]" if mark == "[" else "]")
    else:
        raise TypeError(f"a {type(value).__name__} is no JSON value")


def _string(value: str | bytes) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    quoted = encode_basestring(text)
    if quoted.isascii():
        return quoted
    try:
        quoted.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair stands as an escape, as in JavaScript.
        return json.dumps(text)
    return quoted
