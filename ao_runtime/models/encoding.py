"""Plain values as bytes, both ways across the border (the format is in `lua/vm/border/values.lua`)."""

from __future__ import annotations

import re
import struct
from typing import Any

from ..errors import InputError
from .visible import shown

__all__ = ["MAX_DEPTH", "decode", "encode", "text", "to_bytes"]

__tracebackhide__ = True

MAX_DEPTH = 200
_LENGTH = struct.Struct("<I")
_INTEGER = struct.Struct("<q")
_DOUBLE = struct.Struct("<d")


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def to_bytes(text: str) -> bytes:
    """UTF-8; half a surrogate pair, which no UTF-8 can hold, becomes U+FFFD as in the network's loader."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode()


def encode(value: Any, where: str = "message") -> bytes:
    """Bytes for a value made of None, bool, int, float, str, bytes, lists, tuples and mappings.

    Integers beyond 64 bits become floats, as JSON numbers do in Lua. Raises `InputError` for anything else.
    """
    parts: list[bytes] = []
    _encode(value, parts.append, where, 0)
    return b"".join(parts)


def _field(where: Any) -> str:
    """The field that (where, index) or (where, (key,)) stands for.

    It is made for an error only: a key may be long, and what it leads to much.
    """
    keys: list[str] = []
    while isinstance(where, tuple):
        where, key = where
        if isinstance(key, int):
            keys.append(f"[{key}]")
        else:
            keys.append(f".{key[0] if isinstance(key[0], str) else shown(key[0])}"[:100])
    return where + "".join(reversed(keys))  # type: ignore[no-any-return]


def _encode(value: Any, put: Any, where: Any, depth: int) -> None:
    kind = type(value)
    if kind is str or kind is bytes or isinstance(value, (str, bytes)):
        data = value if isinstance(value, bytes) else to_bytes(value)
        put(b"s" + _LENGTH.pack(len(data)) + data)
    elif value is None:
        put(b"n")
    elif isinstance(value, bool):
        put(b"t" if value else b"f")
    elif isinstance(value, int):
        if -(2**63) <= value < 2**63:
            put(b"i" + _INTEGER.pack(value))
        else:
            try:
                put(b"d" + _DOUBLE.pack(float(value)))
            except OverflowError:
                put(b"d" + _DOUBLE.pack(float("inf") if value > 0 else float("-inf")))
    elif isinstance(value, float):
        put(b"d" + _DOUBLE.pack(value))
    elif depth >= MAX_DEPTH:
        raise InputError(f"nested more than {MAX_DEPTH} deep", field=_field(where))
    elif isinstance(value, (list, tuple)):
        put(b"a" + _LENGTH.pack(len(value)))
        for index, item in enumerate(value):
            _encode(item, put, (where, index), depth + 1)
    elif isinstance(value, dict):
        put(b"o" + _LENGTH.pack(len(value)))
        for key, item in value.items():
            if not isinstance(key, (str, bytes, int, float)) or key != key:
                raise InputError(f"a key is {shown(key)}; keys are text or numbers", field=_field(where))
            _encode(key, put, where, depth + 1)
            _encode(item, put, (where, (key,)), depth + 1)
    else:
        raise InputError(
            f"a {kind.__name__} cannot be given to a process; use text, bytes, numbers, booleans, lists, dicts",
            field=_field(where),
        )


def text(data: bytes) -> str | bytes:
    """`data` as text if it is UTF-8, else as it is."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def decode(data: bytes) -> Any:
    """The value that the bytes hold; strings that are UTF-8 as str, others as bytes. What is shared in it is one.

    Raises `InputError` for bytes that hold none.
    """
    try:
        return _decode(data, 0, [], 0)[0]
    except (IndexError, struct.error, TypeError):
        raise InputError("does not make sense") from None


def _decode(data: bytes, at: int, tables: list[Any], depth: int) -> tuple[Any, int]:
    kind = data[at]
    at += 1
    if kind == 115:  # s
        length = _LENGTH.unpack_from(data, at)[0]
        at += 4
        return text(data[at : at + length]), at + length
    if kind == 105:  # i
        return _INTEGER.unpack_from(data, at)[0], at + 8
    if kind == 100:  # d
        return _DOUBLE.unpack_from(data, at)[0], at + 8
    if kind == 116:  # t
        return True, at
    if kind == 102:  # f
        return False, at
    if kind == 110:  # n
        return None, at
    count = _LENGTH.unpack_from(data, at)[0]
    at += 4
    if kind == 114:  # r: a table that was met before
        return tables[count], at
    if depth > MAX_DEPTH:
        raise InputError(f"nested more than {MAX_DEPTH} deep")
    if kind == 97:  # a
        items: list[Any] = []
        tables.append(items)
        for _ in range(count):
            item, at = _decode(data, at, tables, depth + 1)
            items.append(item)
        return items, at
    table: dict[Any, Any] = {}
    tables.append(table)
    for _ in range(count):
        key, at = _decode(data, at, tables, depth + 1)
        table[key if not isinstance(key, (list, dict)) else str(key)], at = _decode(data, at, tables, depth + 1)
    return table, at
