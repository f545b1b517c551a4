"""Reading what a caller gives: every shape in, the network's wire form out, or one InputError that says
where.

These functions are the only place that checks input. The pydantic models call them, and so does whoever is in
a hurry: a message is read here in a few microseconds, without a model being made and without pydantic being
imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InputError
from .scheduled import is_node, message_of, nodes_in
from .visible import shown

__all__ = [
    "FIELDS",
    "field_name",
    "is_complete",
    "is_field",
    "kind",
    "read_environment",
    "read_message",
    "read_tags",
]

__tracebackhide__ = True

FIELDS: dict[str, str] = {
    "Id": "id",
    "Signature": "signature",
    "Data": "data",
    "Owner": "owner",
    "Target": "target",
    "Anchor": "anchor",
    "From": "from_",
    "Forwarded-By": "forwarded_by",
    "Tags": "tags",
    "Epoch": "epoch",
    "Nonce": "nonce",
    "Timestamp": "timestamp",
    "Block-Height": "block_height",
    "Hash-Chain": "hash_chain",
    "Cron": "cron",
    "Read-Only": "read_only",
    "Module": "module",
}
"""A message's fields: the network's name of each, and Python's."""

_NAMES: dict[Any, str] = {name: name for name in FIELDS} | {py: name for name, py in FIELDS.items()} | {"from": "From"}


def is_field(name: Any) -> bool:
    """Whether a message has a field of that name, the network's or Python's."""
    return name in _NAMES


def field_name(name: str) -> str:
    """Python's name of a field that the network calls so; any other name as it is."""
    return FIELDS.get(name, name)


_TEXT = frozenset({str})
_NUMBER = frozenset({int, float})
_FLAG = frozenset({bool})
_BYTES = frozenset({str, bytes})
_KINDS: dict[str, frozenset[type]] = {
    **dict.fromkeys(FIELDS, _TEXT),
    **dict.fromkeys(("Epoch", "Nonce", "Timestamp", "Block-Height"), _NUMBER),
    **dict.fromkeys(("Cron", "Read-Only"), _FLAG),
    "Data": _BYTES,
}
_WORDS = {_TEXT: "text", _NUMBER: "a number", _FLAG: "true or false", _BYTES: "text or bytes"}
_READ: dict[Any, tuple[str, frozenset[type]]] = {key: (name, _KINDS[name]) for key, name in _NAMES.items()}
_DIGITS = re.compile(r"-?\d+(\.\d+)?")
_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})
_DATA_ADVICE = "a structure is sent as JSON text: json.dumps(...), with the tag Content-Type=application/json"


def is_complete(message: Mapping[str, Any]) -> bool:
    """Whether a message is in the network's form, with nothing to fill in: it is handed on as it is.

    A cron tick has no `Id` there (spec: units, crons).
    """
    get = message.get
    return (
        get("From") is not None
        and get("Owner") is not None
        and get("Target") is not None
        and get("Timestamp") is not None
        and get("Block-Height") is not None
        and get("Tags") is not None
        and (get("Id") is not None or get("Cron") is True)
    )


def read_message(value: Any, fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A message as the network writes it: a new dict of the fields that were given, and `Tags`, always an
    array.

    Reads a mapping with the network's names or Python's, or anything with a `to_wire` method; or what a scheduler
    gives, `{message, assignment}` (`scheduled.message_of`). `fields`
    (keyword arguments) join it. Root keys that are no field become tags, after the other tags, in their
    order; in a message in the network's form (`is_complete`) they stay where they are, as on the network.
    `None` is the same as not given, but stays in the network's form: a published module gets null there.
    Values keep their type: a Block-Height may be a number or digits, as the message has it.
    """
    if value is None:
        value = {}
    elif not isinstance(value, dict):
        value = _mapping(value, 'a message is an object: {"Action": "Ping", ...}')
    if "assignment" in value and is_node(value):
        value = message_of(value)
    elif "edges" in value and nodes_in(value) is not None:
        raise InputError("is a scheduler's page, not a message", advice="handle_many takes the messages of pages")
    if fields:
        value = _join(value, fields)
    wire: dict[str, Any] = {}
    tags: list[dict[str, Any]] = []
    more: list[dict[str, Any]] = []
    complete = is_complete(value)
    for key, item in value.items():
        if item is None:
            if complete and key in FIELDS:
                wire[key] = None
            continue
        field = _READ.get(key)
        if field is None:
            tag = _root_tag(key, item)
            if complete:
                wire[key] = item
            else:
                more.append(tag)
            continue
        name, kinds = field
        if name in wire:
            raise InputError("is given twice, under two names", field=name, advice="keep one of them")
        if name == "Tags":
            tags = wire["Tags"] = read_tags(item)
        elif type(item) in kinds:
            wire[name] = item
        else:
            wire[name] = _other(name, item)
    tags.extend(more)
    wire["Tags"] = tags
    return wire


def _mapping(value: Any, advice: str) -> dict[str, Any]:
    """A dict from a model (by `to_wire`) or from any mapping."""
    to_wire = getattr(value, "to_wire", None)
    if callable(to_wire):
        return dict(to_wire())
    if isinstance(value, Mapping):
        return dict(value)
    raise InputError(f"must be an object, found {kind(value)}", advice=advice)


def _join(value: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A message's mapping with keyword arguments: a keyword takes the place of the same field."""
    given = {_NAMES[key] for key in fields if key in _NAMES}
    kept = {key: item for key, item in value.items() if _NAMES.get(key) not in given and key not in fields}
    return {**kept, **fields}


def _root_tag(key: Any, item: Any) -> dict[str, Any]:
    if not isinstance(key, (str, bytes)):
        raise InputError(f"keys of a message must be text, found {shown(key)}")
    if type(item) not in _SCALARS:
        _check_json(item, str(key), f"a root key that is no field becomes a tag; {_TAG_ADVICE}")
    return {"name": key, "value": item}


def _other(name: str, item: Any) -> Any:
    """A field's value of a type that is seldom met there, or an error."""
    kinds = _KINDS[name]
    if kinds is _BYTES and isinstance(item, (bytes, bytearray, memoryview)):
        return bytes(item)
    if kinds is _NUMBER and isinstance(item, str) and _DIGITS.fullmatch(item):
        return item
    if kinds is _FLAG and isinstance(item, str):
        return item
    for expected in (str, int, float):
        if expected in kinds and isinstance(item, expected) and not isinstance(item, bool):
            return expected(item)
    advice = _DATA_ADVICE if name == "Data" else None
    raise InputError(f"must be {_WORDS[kinds]}, found {kind(item)}", field=name, advice=advice)


_TAG_ADVICE = "a tag's value is text, or JSON: numbers, true and false, arrays, objects"
_TAGS_ADVICE = 'tags are [{"name": "Action", "value": "Ping"}], [("Action", "Ping")] or {"Action": "Ping"}'


def read_tags(value: Any, field: str = "Tags") -> list[dict[str, Any]]:
    """Tags as the network writes them, from an array of {name, value}, (name, value) pairs or a mapping."""
    if type(value) is list:
        return [_tag(item, index, field) for index, item in enumerate(value)]
    if value is None:
        return []
    to_list = getattr(value, "to_list", None)
    if callable(to_list):
        tags: list[dict[str, Any]] = to_list()
        return tags
    if isinstance(value, Mapping):
        return [_pair(name, item, f"{field}[{shown(name)}]") for name, item in value.items()]
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_tag(item, index, field) for index, item in enumerate(value)]
    raise InputError(f"must be an array or an object, found {kind(value)}", field=field, advice=_TAGS_ADVICE)


def _tag(item: Any, index: int, field: str) -> dict[str, Any]:
    if type(item) is dict:
        if type(item.get("name")) is str and type(item.get("value")) in _SCALARS:
            return item.copy()
        if "name" not in item:
            raise InputError('has no "name"', field=f"{field}[{index}]", advice=_TAGS_ADVICE)
        return {**item, **_pair(item["name"], item.get("value"), f"{field}[{index}]")}
    to_wire = getattr(item, "to_wire", None)
    if callable(to_wire):
        return dict(to_wire())
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return _pair(item[0], item[1], f"{field}[{index}]")
    if isinstance(item, Mapping):
        return _tag(dict(item), index, field)
    raise InputError(f"is no tag but {kind(item)}", field=f"{field}[{index}]", advice=_TAGS_ADVICE)


def _pair(name: Any, value: Any, field: str) -> dict[str, Any]:
    if not isinstance(name, (str, bytes)):
        raise InputError(f"must be text, found {kind(name)}", field=f"{field}.name")
    if type(value) not in _SCALARS:
        _check_json(value, f"{field}.value", _TAG_ADVICE)
    return {"name": name, "value": value}


_DEEPEST = 200
"""Levels of arrays and objects; no message of the network has so many."""
_NAMED = 8
"""Levels of them that an error names."""


def _check_json(value: Any, field: str, advice: str, within: tuple[int, ...] = ()) -> None:
    """Raises unless the value is JSON's (or bytes), all the way down."""
    if isinstance(value, (str, int, float, bytes)) or value is None:
        return
    if id(value) in within:
        raise InputError("holds itself", field=field, advice=advice)
    if len(within) >= _DEEPEST:
        raise InputError(f"is nested more than {_DEEPEST} deep", field=field.partition("[")[0])
    within = (*within, id(value))
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, (str, bytes)):
                raise InputError(f"has a key that is {kind(key)}", field=field, advice="keys are text")
            _check_json(item, f"{field}[{shown(key)}]" if len(within) < _NAMED else field, advice, within)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check_json(item, f"{field}[{index}]" if len(within) < _NAMED else field, advice, within)
    else:
        raise InputError(f"cannot be {kind(value)}", field=field, advice=advice)


_ENVIRONMENT_ADVICE = 'an environment is {"Process": {"Id", "Owner", "Tags"}, "Module": {"Id", "Owner", "Tags"}}'
_ENTITY_NAMES = {"id": "Id", "owner": "Owner", "tags": "Tags", "Id": "Id", "Owner": "Owner", "Tags": "Tags"}


def read_environment(value: Any) -> dict[str, Any]:
    """An environment as the network writes it: a new {Process: {Id, Owner, Tags}, Module: {…}} and all else
    as given.

    What is left out of Process and Module stays out; `Process` itself must be there, unless nothing is given
    at all.
    """
    if value is None:
        return {}
    given = _mapping(value, _ENVIRONMENT_ADVICE)
    wire: dict[str, Any] = {}
    for key, item in given.items():
        name = {"process": "Process", "module": "Module"}.get(key, key)
        if name in wire:
            raise InputError("is given twice, under two names", field=name, advice="keep one of them")
        if name in ("Process", "Module"):
            if item is not None:
                wire[name] = _entity(item, name)
        else:
            wire[name] = item
    if wire and "Process" not in wire:
        raise InputError("is missing", field="Process", advice=_ENVIRONMENT_ADVICE)
    return wire


def _entity(value: Any, field: str) -> dict[str, Any]:
    try:
        given = _mapping(value, _ENVIRONMENT_ADVICE)
    except InputError as error:
        raise error.within(field) from None
    wire: dict[str, Any] = {}
    for key, item in given.items():
        name = _ENTITY_NAMES.get(key, key)
        if name in wire:
            raise InputError("is given twice, under two names", field=f"{field}.{name}", advice="keep one of them")
        if item is None:
            continue
        if name == "Tags":
            item = read_tags(item, f"{field}.Tags")
        elif name in ("Id", "Owner") and not isinstance(item, str):
            raise InputError(f"must be text, found {kind(item)}", field=f"{field}.{name}")
        wire[name] = item
    wire.setdefault("Tags", [])
    return wire


_MOST_BITS = 1000
"""Of a number that is shown; Python refuses to write one of more than some thousand digits."""


def kind(value: Any) -> str:
    """What a value is, in the words of JSON: `an array`, `a number`, …"""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a number of very many digits"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) <= 40 else f"the text {value[:37] + '...'!r}"
    if isinstance(value, bytes):
        return "bytes"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "an array"
    return f"a {type(value).__name__}"
