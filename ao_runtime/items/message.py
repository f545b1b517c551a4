"""A message of ao as the parts of an item, as the network's client makes them; and back, as its compute unit does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ItemError
from ..models import field_name, kind, read_message
from .tags import Pair

__all__ = ["message_fields", "message_parts"]

_TYPES = ("Message", "Process")
_VARIANT = "ao.TN.1"
_PROTOCOL = "Data-Protocol"

Named = tuple[Any, Any]


def message_parts(message: Any, sdk: str | None) -> tuple[str | bytes, str | None, str | None, list[Named]]:
    """Data, target, anchor and tags of the item that a client makes of a message."""
    wire = read_message(message)
    tags: list[Named] = []
    for index, tag in enumerate(wire["Tags"]):
        name, value = tag.get("name"), tag.get("value")
        if not isinstance(value, (str, bytes)):
            problem = f"must be text on the network, found {kind(value)}"
            raise ItemError(problem, field=f"Tags[{index}].value", advice="str(…) or json.dumps(…) makes text")
        tags.append((name, value))
    data = wire.get("Data")
    if not data:
        data = " "
        tags = _with(tags, "Content-Type", "text/plain")
    if sdk is not None:
        tags = _with(tags, "SDK", sdk)
    return data, wire.get("Target"), wire.get("Anchor"), _with_protocol(tags)


def message_fields(
    *,
    item_id: str,
    signature: str,
    owner: str,
    target: str,
    anchor: bytes,
    tags: Sequence[Pair],
    data: memoryview,
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """The fields of the message that a process gets, by their names in Python.

    A process's own item is its first message, and for itself; it has no data if its data is no text.
    """
    texts = [(_lossy(name), _lossy(value)) for name, value in tags]
    named = dict(reversed(texts))
    sender = named.get("From-Process")
    is_process = named.get("Type") == "Process"
    fields: dict[str, Any] = {
        "id": item_id,
        "signature": signature,
        "data": (_strict if is_process else _lossy)(data),
        "owner": owner,
        "target": item_id if is_process else target or None,
        "anchor": _strict(anchor) or None,
        "from_": owner if sender is None else sender,
        "forwarded_by": None if sender is None else owner,
        "tags": [(name, value) for name, value in texts if name not in ("From", "Owner")],
        "cron": False,
        "read_only": False,
    }
    return fields | {field_name(name): value for name, value in given.items()}


def _with(tags: list[Named], name: str, value: str) -> list[Named]:
    """The tags with one more before those of a protocol, if there is none of that name."""
    if any(known == name for known, _ in tags):
        return tags
    at = next((index for index, (known, _) in enumerate(tags) if known == _PROTOCOL), len(tags))
    return [*tags[:at], (name, value), *tags[at:]]


def _with_protocol(tags: list[Named]) -> list[Named]:
    """The tags with those of ao after them: as they are, if they were all there already."""
    if _has_protocol(tags):
        return tags
    named = {name.lower() if isinstance(name, str) else name: value for name, value in reversed(tags)}
    kept = [tag for tag in tags if tag[0] not in ("Variant", "Type") and tag != (_PROTOCOL, "ao")]
    wanted = next((value for name, value in tags if name == "Type" and value in _TYPES), _TYPES[0])
    return [*kept, (_PROTOCOL, "ao"), ("Variant", named.get("variant") or _VARIANT), ("Type", wanted)]


def _has_protocol(tags: list[Named]) -> bool:
    """Whether a Variant and a Type that there is follow Data-Protocol=ao, and no such tag is before it."""
    if (_PROTOCOL, "ao") not in tags:
        return False
    start = tags.index((_PROTOCOL, "ao"))
    if any(name == "Type" for name, _ in tags[:start]):
        return False
    section: dict[Any, Any] = {}
    for name, value in tags[start + 1 :]:
        if name == _PROTOCOL and value != "ao":
            break
        section.setdefault(name, value)
    return "Variant" in section and section.get("Type") in _TYPES


def _lossy(data: bytes | memoryview) -> str:
    """Text as the scheduler writes it: what is no UTF-8 is lost."""
    return str(data, "utf-8", "replace")


def _strict(data: bytes | memoryview) -> str | None:
    """Text, or `None` for what is none."""
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        return None
