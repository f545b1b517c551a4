"""A message as the VM takes it: its shape (the names) and its values, or bytes where it has no simple shape."""

from __future__ import annotations

from typing import Any, TypeAlias

from ..errors import InputError
from .encoding import decode, encode, text, to_bytes
from .reading import is_complete

__all__ = ["Packed", "Shape", "id_of", "pack", "pack_as_it_is", "pack_complete", "unpack", "wire_of"]

#: Names of the root keys, None, names of the tags.
Shape: TypeAlias = "tuple[str | None, ...]"
#: What the engine evaluates and the journal keeps.
Packed: TypeAlias = "tuple[Shape, tuple[Any, ...]] | bytes"

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def pack(wire: dict[str, Any]) -> Packed:
    """Pack a message with the network's names.

    `Tags` is a list of {"name", "value"}. None means that a key is not there. Raises `InputError` for values that
    cannot be given to a process.
    """
    names: list[str | None] = []
    values: list[Any] = []
    tags: Any = ()
    for name, value in wire.items():
        kind = type(value)
        if kind is str:
            try:
                value = value.encode()
            except UnicodeEncodeError:
                value = to_bytes(value)
        elif kind is int:
            if not _LOWEST <= value <= _HIGHEST:
                return encode(wire)
        elif name == "Tags" and kind is list:
            tags = value
            continue
        elif value is None:
            continue
        elif kind is not bytes and kind is not bool and kind is not float:
            return encode(wire)
        names.append(name)
        values.append(value)
    names.append(None)
    for tag in tags:
        if type(tag) is not dict or len(tag) != 2:
            return encode(wire)
        key = tag.get("name")
        value = tag.get("value")
        if type(value) is str:
            try:
                value = value.encode()
            except UnicodeEncodeError:
                value = to_bytes(value)
        elif type(value) is not bytes:
            return encode(wire)
        if type(key) is not str:
            return encode(wire)
        names.append(key)
        values.append(value)
    return tuple(names), tuple(values)


_TEXT, _NUMBER, _FLAG, _TAGS = 1, 2, 3, 4
#: What a field of the network holds.
_KINDS = {
    **dict.fromkeys(
        ("Id", "From", "Owner", "Target", "Data", "Module", "Anchor", "Signature", "Hash-Chain", "Forwarded-By"), _TEXT
    ),
    **dict.fromkeys(("Timestamp", "Block-Height", "Nonce", "Epoch"), _NUMBER),
    **dict.fromkeys(("Cron", "Read-Only"), _FLAG),
    "Tags": _TAGS,
}


def pack_complete(message: dict[str, Any]) -> Packed | None:
    """Pack a message in the network's form, with nothing to fill in, in one go; None for any other.

    What it takes and what `read_message`, `Defaults.fill` and `pack` make of it are the same. It is only faster, for
    messages as compute units and loaders' tests make them (spec: units, "Message that the process gets").
    """
    if not is_complete(message):
        return None
    names: list[str | None] = []
    values: list[Any] = []
    tags: Any = None
    kinds = _KINDS
    try:
        for name, value in message.items():
            kind = type(value)
            of_field = kinds.get(name)
            if kind is str:
                if of_field == _NUMBER:
                    if not (value.isdecimal() and value.isascii()):
                        return None
                elif of_field != _TEXT:
                    return None
                values.append(value.encode())
            elif kind is int:
                if of_field != _NUMBER or not _LOWEST <= value <= _HIGHEST:
                    return None
                values.append(value)
            elif kind is list and of_field == _TAGS:
                tags = value
                continue
            elif value is None and of_field is not None:
                continue
            elif kind is bool and of_field == _FLAG:
                values.append(value)
            else:
                return None
            names.append(name)
        names.append(None)
        for tag in tags:
            # A name and a value, and nothing else: KeyError and ValueError are for other dicts.
            if type(tag) is not dict or len(tag) != 2:
                return None
            name, value = tag["name"], tag["value"]
            if type(name) is not str or type(value) is not str:
                return None
            names.append(name)
            values.append(value.encode())
    except (KeyError, TypeError, UnicodeEncodeError):
        return None
    return tuple(names), tuple(values)


def pack_as_it_is(message: dict[str, Any]) -> Packed | None:
    """As `pack_complete`, for a published module: the order of the keys stays, and fields that are null stay null.

    Both are in the text that a module gets, and so in its memory.
    """
    return None if pack_complete(message) is None else encode(message)


def unpack(packed: tuple[Shape, tuple[Any, ...]]) -> dict[str, Any]:
    """The message that a shape and its values stand for."""
    names, values = packed
    middle = names.index(None)
    wire: dict[str, Any] = dict(zip(names[:middle], values, strict=False))  # type: ignore[arg-type]
    wire["Tags"] = [
        {"name": name, "value": value} for name, value in zip(names[middle + 1 :], values[middle:], strict=True)
    ]
    return wire


def wire_of(packed: Packed) -> dict[str, Any]:
    """The message in the network's form; strings are text where they can be."""
    wire: Any = decode(packed) if isinstance(packed, bytes) else _texts(unpack(packed))
    if type(wire) is not dict:
        raise InputError("does not make sense", field="message")
    wire.setdefault("Tags", [])
    return wire


def _texts(wire: Any) -> Any:
    if isinstance(wire, bytes):
        return text(wire)
    if isinstance(wire, dict):
        return {key: _texts(item) for key, item in wire.items()}
    return [_texts(item) for item in wire] if isinstance(wire, list) else wire


def id_of(packed: Packed) -> str | None:
    """The message's id."""
    if isinstance(packed, bytes):
        found = wire_of(packed).get("Id")
        return found if isinstance(found, str) else None
    names, values = packed
    for name, value in zip(names, values, strict=False):
        if name is None:
            break
        if name == "Id":
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else None
    return None
