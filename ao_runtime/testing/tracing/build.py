"""One message of a trace: from what was seen of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...models import explain, printed_in
from ...network import QUIET_TAGS, Labels
from ...process import Watched
from .changes import changes_of
from .handlers import walked_of
from .model import Change, Outgoing, Traced, Value
from .noted import count_of, text_of, value_of

__all__ = ["action_of", "labelled", "outgoing_of", "tags_of", "traced_of"]

#: The fields of a message that are told, in order.
_FIELDS = ("Id", "From", "Owner", "Target", "Anchor", "Timestamp", "Block-Height", "Hash-Chain", "Reference", "Data")
#: Characters of Data.
_LONGEST = 400

Label = Callable[[str], str]


#: What addresses are called where nobody has given them names: a part of themselves.
labelled: Label = Labels().name


def tags_of(wire: Mapping[str, Any], label: Label) -> tuple[tuple[str, str], ...]:
    """The tags of a message that say something."""
    tags = [(text_of(tag.get("name")), tag.get("value")) for tag in wire.get("Tags") or []]
    return tuple((name, label(_shown(value))) for name, value in tags if name not in QUIET_TAGS)


def _shown(value: Any) -> str:
    return text_of(value) if isinstance(value, (str, bytes)) else str(value)


def action_of(wire: Mapping[str, Any]) -> str:
    """What a message is for, in a word."""
    tags = {text_of(tag.get("name")).casefold(): text_of(tag.get("value")) for tag in reversed(wire.get("Tags") or [])}
    return tags.get("action") or ("boot" if tags.get("type") == "Process" else "message")


def outgoing_of(watched: Watched, label: Label) -> tuple[tuple[Outgoing, ...], dict[tuple[str, int], int]]:
    """What a message sends; and where each stands, by its kind and its place in the result."""
    found: list[Outgoing] = []
    places: dict[tuple[str, int], int] = {}
    wire = {} if watched.result is None else watched.result.to_dict()
    kinds = (("message", "Messages"), ("spawn", "Spawns"), ("assignment", "Assignments"))
    for kind, name in kinds:
        items = wire.get(name)
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, Mapping):
                places[kind, number] = len(found)
                found.append(_outgoing(kind, item, label))
    return tuple(found), places


def _outgoing(kind: Any, item: Mapping[str, Any], label: Label) -> Outgoing:
    raw = item.get("Tags")
    tags = [tag for tag in raw if isinstance(tag, Mapping)] if isinstance(raw, list) else []
    action = next((_shown(tag.get("value")) for tag in tags if tag.get("name") == "Action"), None)
    to = item.get("Target")
    if kind == "assignment":
        processes = item.get("Processes")
        names = [label(_shown(one)) for one in processes] if isinstance(processes, list) else []
        to = ", ".join(names) or None
    elif to is not None:
        to = label(_shown(to))
    return Outgoing(kind, to, action, tags_of({"Tags": tags}, label))


def traced_of(
    watched: Watched,
    *,
    name: str | None = None,
    label: Label = labelled,
    depth: int = 0,
    parent: int | None = None,
    sent: tuple[Outgoing, ...] | None = None,
    places: Mapping[tuple[str, int], int] | None = None,
    notes: Iterable[str] = (),
) -> Traced:
    """A message of a trace. `sent` and `places` are given where it is known what became of what it sends."""
    wire, result, noted = watched.wire, watched.result, watched.noted
    assert result is not None
    if sent is None or places is None:
        sent, places = outgoing_of(watched, label)
    told = [*notes]
    if "problem" in noted:
        told.append(f"the handlers cannot be seen: {text_of(noted.get('problem'))}")
    elif not watched.same:
        told.append("watched, the message has ended otherwise; what handlers did is of that evaluation")
    changes: tuple[Change, ...] = ()
    more, unseen = 0, watched.unseen
    if watched.before is not None and watched.after is not None:
        changes, more, unseen = changes_of(watched.before, watched.after)
    if unseen is not None:
        told.append(f"what has changed is not known: {unseen}")
    failure, error = result.failure, result.error
    lines: tuple[str, ...] = ()
    if failure is not None:
        error, lines = failure.message, tuple(explain(failure))
    return Traced(
        depth,
        parent,
        watched.process,
        name or watched.name or label(watched.process),
        watched.nonce,
        text_of(wire.get("Id")) or None,
        action_of(wire),
        label(text_of(wire.get("From"))),
        tags_of(wire, label),
        _fields(wire),
        result.gas_used,
        error,
        None if failure is None else failure.limit,
        lines,
        walked_of(noted, wire, places, ok=result.ok),
        count_of(noted.get("skipped")),
        result.text if result.error is None else printed_in(result.error),
        sent,
        changes,
        more,
        tuple(told),
    )


def _fields(wire: Mapping[str, Any]) -> tuple[tuple[str, Value], ...]:
    found = []
    for name in _FIELDS:
        value = wire.get(name)
        if value is not None:
            found.append((name, value_of(value[:_LONGEST] if isinstance(value, (str, bytes)) else value)))
    return tuple(found)
