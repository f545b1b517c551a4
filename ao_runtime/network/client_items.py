"""The parts of the items that a client makes: messages and processes as `@permaweb/aoconnect` sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError, RefusedError
from ..items import message_parts
from ..models import Message, kind, read_message, shown
from .item import lossy
from .values import as_bytes

__all__ = ["message_item", "named_message", "named_values", "own_tags", "process_item", "raw_tags"]

__tracebackhide__ = True

#: Target, anchor, names and values of tags, data.
Parts = tuple[str, bytes, tuple[bytes, ...], tuple[bytes, ...], bytes]


def message_item(target: str, message: Mapping[str, Any] | Message | None, fields: Mapping[str, Any]) -> Parts:
    """The parts of a message to a process.

    Raises `InputError` for a message that makes no sense or holds what is no text, `RefusedError` for one that no
    scheduler takes.
    """
    wire = read_message(named_message(message), named_values(fields))
    data, _, anchor, tags = message_parts(wire, "aoconnect")
    _check_type(wire["Tags"])
    raw_anchor = as_bytes(anchor or "")
    if raw_anchor and len(raw_anchor) != 32:
        raise InputError(f"must have 32 bytes, found {len(raw_anchor)}", field="Anchor")
    return target, raw_anchor, *_tags(tags), as_bytes(data)


def _check_type(tags: list[dict[str, Any]]) -> None:
    """Beside another protocol the client leaves a Type as it is, and schedulers know two of them."""
    named = {tag["name"]: tag.get("value") for tag in reversed(tags)}
    if named.get("Data-Protocol", "ao") != "ao" and named.get("Type", "Message") != "Message":
        raise RefusedError("Unsupported Type tag value")


def process_item(tags: list[tuple[str, Any]], data: str | bytes | None, module: str, scheduler: str, now: int) -> Parts:
    """The parts of a process that is spawned: its own tags, then what the client adds."""
    given = [(name, value) for name, value in tags if name not in ("Variant", "Type", "Data-Protocol")]
    named = {name for name, _ in given}
    if not data and "Content-Type" not in named:
        given.append(("Content-Type", "text/plain"))
    given += [("SDK", "aoconnect"), ("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Process")]
    given += [("Module", module)] if "Module" not in named else []
    given += [("Scheduler", scheduler)] if "Scheduler" not in named else []
    given.append(("Timestamp", str(now)))
    return "", b"", *_tags(given), as_bytes(data or " ")


def own_tags(tags: Any) -> list[tuple[str, str | bytes]]:
    """Names and values of tags in any form; processes and wallets among the values stand for their ids.

    Raises `InputError` for what is no tag, or no text.
    """
    found = []
    for tag in read_message(named_values({"Tags": [] if tags is None else tags}))["Tags"]:
        name, value = tag["name"], tag.get("value")
        if not isinstance(value, (str, bytes)):
            raise InputError(f"must be text on the network, found {kind(value)}", field=f"tags[{name!r}]")
        found.append((name, value))
    return found


def raw_tags(tags: Any) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """The same as bytes, names and values."""
    own = own_tags(tags)
    return tuple(as_bytes(name) for name, _ in own), tuple(as_bytes(value) for _, value in own)


def named_values(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Fields in which processes and wallets stand for their addresses."""
    return {name: _address(value) for name, value in fields.items()}


def named_message(message: Mapping[str, Any] | Message | None) -> Mapping[str, Any] | Message | None:
    """A message in which processes and wallets stand for their addresses."""
    return named_values(dict(message)) if isinstance(message, Mapping) else message


def _address(value: Any) -> Any:
    address = getattr(value, "address", None)
    if isinstance(address, str):
        return address
    if isinstance(value, Mapping):
        return {key: _address(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_address(item) for item in value]
    return value


def _tags(tags: list[tuple[Any, Any]]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    names = tuple(lossy(as_bytes(name)) for name, _ in tags)
    values = tuple(lossy(as_bytes(value)) for _, value in tags)
    for part in (*names, *values):
        if part.endswith(b"+link"):
            raise RefusedError(f"a tag ends in +link: {shown(part.decode('utf-8', 'replace'))}")
    return names, values
