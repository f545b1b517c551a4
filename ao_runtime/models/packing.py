"""A message as the VM takes it: its shape (the names) and its values, or bytes where it has no simple shape."""

from __future__ import annotations

from typing import Any, TypeAlias

from .encoding import decode, encode, text, to_bytes

__all__ = ["Packed", "Shape", "pack", "pack_complete", "unpack", "wire_of"]

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


#: Fields that hold text, and whether a message must have them to be complete.
_TEXTS = frozenset(
    {"Id", "From", "Owner", "Target", "Data", "Module", "Anchor", "Signature", "Hash-Chain", "Forwarded-By"}
)
_NUMBERS = frozenset({"Timestamp", "Block-Height", "Nonce", "Epoch"})
_NEEDED = {"Id", "From", "Owner", "Target", "Module", "Timestamp", "Block-Height", "Tags"}


def pack_complete(message: dict[str, Any]) -> Packed | None:
    """Pack a message that comes as the network writes it, with nothing to fill in, in one go; None for any other.

    What it takes and what `read_message`, `Defaults.fill` and `pack` make of it are the same; it is only faster.
    """
    if not message.keys() >= _NEEDED:
        return None
    names: list[str | None] = []
    values: list[Any] = []
    tags: Any = None
    for name, value in message.items():
        kind = type(value)
        if kind is str and name in _TEXTS:
            try:
                value = value.encode()
            except UnicodeEncodeError:
                return None
        elif kind is int and name in _NUMBERS:
            if not _LOWEST <= value <= _HIGHEST:
                return None
        elif kind is list and name == "Tags":
            tags = value
            continue
        else:
            return None
        names.append(name)
        values.append(value)
    names.append(None)
    if tags is None:
        return None
    for tag in tags:
        if type(tag) is not dict or len(tag) != 2 or "name" not in tag or "value" not in tag:
            return None
        name = tag["name"]
        value = tag["value"]
        if type(name) is not str or type(value) is not str:
            return None
        try:
            value = value.encode()
        except UnicodeEncodeError:
            return None
        names.append(name)
        values.append(value)
    return tuple(names), tuple(values)


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
    wire: dict[str, Any] = decode(packed) if isinstance(packed, bytes) else _texts(unpack(packed))
    wire.setdefault("Tags", [])
    return wire


def _texts(wire: Any) -> Any:
    if isinstance(wire, bytes):
        return text(wire)
    if isinstance(wire, dict):
        return {key: _texts(item) for key, item in wire.items()}
    return [_texts(item) for item in wire] if isinstance(wire, list) else wire
