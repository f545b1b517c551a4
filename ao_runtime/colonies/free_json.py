"""JSON that people choose themselves (arguments, outputs, specs): refused if it would not arrive as it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..errors import InputError
from ..models import shown

__all__ = ["checked_json"]


def checked_json(value: Any, field: str) -> Any:
    """The value, if it is JSON that reaches the other side unchanged.

    A server of ColonyOS keeps numbers as 64-bit floats and writes them with as few digits as tell them apart, so most
    integers beyond 2^53 come back as others (12345678901234567890 as 12345678901234567000), and those from 10^21 on as
    floats. They are refused here, as are NaN, bytes, and keys that are no text: InputError with the place.
    """
    try:
        _check(value, field)
    except RecursionError:
        raise InputError("is nested too deeply to be sent", field=field) from None
    return value


def _check(value: Any, field: str) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if not _comes_back(value):
            raise InputError(
                f"{_short(value)} would arrive as another number: a colony's server keeps 64-bit floats",
                field=field,
                advice="send it as text",
            )
    elif isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise InputError(f"there is no {value} in JSON", field=field)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InputError(f"the key {shown(key)} is no text", field=field, advice="keys of JSON are text")
            _check(item, f"{field}.{key}")
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            _check(item, f"{field}[{place}]")
    else:
        advice = "send bytes as base64 or hexadecimal text" if isinstance(value, (bytes, bytearray)) else None
        raise InputError(f"a {type(value).__name__} is no JSON", field=field, advice=advice)


def _comes_back(number: int) -> bool:
    if -(2**53) <= number <= 2**53:
        return True
    return abs(number) < 10**21 and int(Decimal(repr(float(number)))) == number


def _short(number: int) -> str:
    # Numbers of thousands of digits can be made by shifts, and Python refuses to write them.
    return str(number) if number.bit_length() < 1000 else f"an integer of {number.bit_length()} bits"
