"""What goes into a module and what comes out: JSON, as the network's loader writes and reads it."""

from __future__ import annotations

import json
import math
from typing import Any

from ..models import FAILED, JSON, Packed, decode, unpack

__all__ = ["FAILED", "answer", "failed", "message_text", "text_of", "words"]

__tracebackhide__ = True

#: The largest whole number below which JavaScript's numbers are exact.
_EXACT = 1 << 53


def message_text(packed: Packed) -> bytes:
    """A message as the JSON text that a module gets.

    The order of its keys can show in the order in which a process's `pairs` gives them. A packed message has forgotten
    where its tags stood: they go right before the data, as on the network.
    """
    if isinstance(packed, bytes):
        return text_of(decode(packed))
    wire = unpack(packed)
    if "Data" in wire:
        tags = wire.pop("Tags")
        wire = {key: item for name, value in wire.items() for key, item in _before_data(name, value, tags)}
    return text_of(wire)


def _before_data(name: str, value: Any, tags: Any) -> tuple[tuple[str, Any], ...]:
    return (("Tags", tags), (name, value)) if name == "Data" else ((name, value),)


def text_of(value: Any) -> bytes:
    """A value as JSON text, as JavaScript writes it; bytes that are no text stand as they are."""
    try:
        return _encoder(_plain(value)).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half a surrogate pair: JavaScript writes it escaped.
        return json.dumps(_plain(value), separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is bytes:
        return value.decode("utf-8", "surrogateescape")
    if kind is int:
        return value if -_EXACT <= value <= _EXACT else _number(_as_double(value))
    if kind is float:
        return _number(value)
    if kind is dict:
        return {key if type(key) is str else _key(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value]


def _key(key: Any) -> str:
    if isinstance(key, bytes):
        return key.decode("utf-8", "surrogateescape")
    return str(_plain(key))


def _as_double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _number(value: float) -> Any:
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < 1e21:
        return int(_digits(value))
    return value


def _digits(value: float) -> str:
    """A whole double below 1e21 as JavaScript writes it: its shortest digits, then zeros."""
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa.partition(".")[0]
    whole, _, fraction = mantissa.partition(".")
    return whole + fraction.ljust(int(exponent), "0")


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


# ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def failed(gas: int, text: str, *, hit: str | None = None, message: str | None = None) -> tuple[Any, ...]:
    """A failed evaluation, as engines return it."""
    return (
        FAILED,
        gas,
        text.encode("utf-8", "replace"),
        hit.encode() if hit else None,
        message.encode("utf-8", "replace") if message else None,
        None,
    )


def words(result: tuple[Any, ...]) -> str:
    """The text of a failed evaluation."""
    text = result[2]
    assert isinstance(text, bytes)
    return text.decode()


def _no_constant(name: str) -> Any:
    raise ValueError(f"there is no {name} in JSON")


_decoder = json.JSONDecoder(parse_constant=_no_constant)
_BEFORE, _AFTER = '{"ok":true,"response":', "}"
_FIRST, _LAST = '{"response":', ',"ok":true}'


def answer(gas: int, raw: bytes) -> tuple[Any, ...]:
    """What a module has answered as an engine's result: what the network's loader makes of it."""
    # As JavaScript reads text: what is no UTF-8 becomes U+FFFD.
    text = raw.decode("utf-8", "replace")
    response: Any = None
    inner = None
    # Usually the text of the response can be cut out, if it is JSON by itself.
    if text.startswith(_BEFORE) and text.endswith(_AFTER):
        inner = text[len(_BEFORE) : -len(_AFTER)]
    elif text.startswith(_FIRST) and text.endswith(_LAST):
        inner = text[len(_FIRST) : -len(_LAST)]
    try:
        if inner is not None:
            try:
                response = _decoder.decode(inner)
            except ValueError:
                inner = None
        if inner is None:
            whole = _decoder.decode(text)
            if whole is None:
                return failed(gas, "the module answered null")
            whole = whole if isinstance(whole, dict) else {}
            response = whole.get("response", _NOTHING)
            if not _truthy(whole.get("ok", _NOTHING)):
                return failed(gas, _thrown(response))
            if response is not _NOTHING:
                inner = json.dumps(response)
    except ValueError as error:
        return failed(gas, f"the module answered {f'something that is no JSON: {error}' if text else 'nothing'}")
    except RecursionError:
        return failed(gas, "the module answered something that is nested too deeply")
    if response is None or response is _NOTHING:
        return failed(gas, "the module answered without a response")
    if isinstance(response, dict):
        problem = response.get("Error")
        if isinstance(problem, str) and problem:
            return failed(gas, problem)
    assert inner is not None
    return JSON, gas, inner.encode("utf-8", "replace")


_NOTHING = object()


def _truthy(value: Any) -> bool:
    return value is not _NOTHING and value not in (None, False, 0, "")


def _thrown(value: Any) -> str:
    """The text of what a module says instead of a result, as JavaScript makes a text of it."""
    if isinstance(value, dict) and value.get("message") is not None:
        value = value["message"]
    if isinstance(value, list):
        return ",".join("" if item is None else _thrown_item(item) for item in value)
    return _thrown_item(value)


def _thrown_item(value: Any) -> str:
    if value is _NOTHING:
        return "undefined"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, list):
        return ",".join("" if item is None else _thrown_item(item) for item in value)
    return json.dumps(_plain(value))
