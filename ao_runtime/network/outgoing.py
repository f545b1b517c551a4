"""The tags that a messenger gives to what it delivers, exactly and in their order (spec: units, mu)."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from ..models import shown
from .evaluation import Delivery
from .ids import is_id
from .item import lossy

__all__ = ["Parts", "message_parts", "message_tags", "sender_tail", "spawn_tags", "spawned_tags"]

#: Names and values of tags.
Parts = tuple[tuple[bytes, ...], tuple[bytes, ...]]

_OURS = frozenset({b"Data-Protocol", b"Type", b"From-Process", b"From-Module", b"Assignments"})
#: By the names of a message's tags and of what comes after them: the names that stay, and how to get their values.
_kept: dict[tuple[tuple[bytes, ...], tuple[bytes, ...]], tuple[tuple[bytes, ...], Any]] = {}
_MOST = 4096
_ANCHOR = 32


def message_parts(
    delivery: Delivery, tail: Parts, *, known: bool
) -> tuple[bytes, tuple[bytes, ...], tuple[bytes, ...], bytes] | None:
    """Anchor, names and values of the tags, and data of the item that a message becomes.

    `tail` is what its sender's messages end with, `known` whether its target is known, and need be no address. None
    where no messenger can deliver it; it has a `problem` then.
    """
    anchor = lossy(delivery.anchor)
    if len(anchor) != _ANCHOR:
        delivery.problem = "has an Anchor that has no 32 bytes"
        return None
    if not known and not is_id(delivery.target):
        delivery.problem = f"{shown(delivery.target)} is no address: an address has 43 characters"
        return None
    flat = delivery.flat
    whole = b"\xff".join(flat)
    if not whole.isascii():
        flat = tuple([lossy(part) for part in flat])
    if b"+link" in whole and any(part.endswith(b"+link") for part in flat):
        delivery.problem = "has a tag that ends in +link, which schedulers refuse"
        return None
    names, values = message_tags(flat, tail, delivery.pushed_for)
    return anchor, names, values, lossy(delivery.data or b" ")


def sender_tail(process: str, module: bytes | None) -> Parts:
    """What every message of a process ends with; `Pushed-For` comes after it."""
    names: tuple[bytes, ...] = (b"Data-Protocol", b"Type", b"From-Process")
    values: tuple[bytes, ...] = (b"ao", b"Message", process.encode())
    if module is None:
        return names, values
    return (*names, b"From-Module"), (*values, module)


def message_tags(flat: tuple[bytes, ...], tail: Parts, pushed_for: str | None) -> Parts:
    """Tags of the item that a message becomes: its own without those that are the messenger's to say, and the tail."""
    names, ends = flat[::2], tail[0]
    values = tail[1]
    if pushed_for is not None:
        ends += (b"Pushed-For",)
        values += (pushed_for.encode(),)
    found = _kept.get((names, ends))
    if found is None:
        kept = [index for index, name in enumerate(names) if name not in _OURS]
        pick = itemgetter(*kept) if len(kept) > 1 else None
        found = tuple(names[index] for index in kept) + ends, pick
        if len(_kept) >= _MOST:
            _kept.clear()
        _kept[names, ends] = found
    all_names, pick = found
    if pick is not None:
        return all_names, pick(flat[1::2]) + values
    return all_names, tuple(flat[at + 1] for at in range(0, len(flat), 2) if flat[at] not in _OURS) + values


def spawn_tags(flat: tuple[bytes, ...], parent: str, pushed_for: str | None, scheduler: str) -> Parts:
    """Tags of the process that a spawn becomes."""
    pairs = [pair for pair in _pairs(flat) if pair[0] not in (b"Data-Protocol", b"Type")]
    has_scheduler = any(name == b"Scheduler" for name, _ in pairs)
    pairs += [(b"Variant", b"ao.TN.1"), (b"Data-Protocol", b"ao"), (b"Type", b"Process")]
    pairs.append((b"From-Process", parent.encode()))
    if pushed_for is not None:
        pairs.append((b"Pushed-For", pushed_for.encode()))
    if not has_scheduler:
        pairs.append((b"Scheduler", scheduler.encode()))
    return _parts(pairs)


def spawned_tags(flat: tuple[bytes, ...], child: str) -> Parts:
    """Tags of the message by which a parent learns of its child."""
    pairs = [
        pair for pair in _pairs(flat) if pair != (b"Data-Protocol", b"ao") and pair[0] not in (b"Variant", b"Type")
    ]
    pairs += [(b"Data-Protocol", b"ao"), (b"Type", b"Message"), (b"Process", child.encode())]
    pairs += [(b"Action", b"Spawned"), (b"Variant", b"ao.TN.1")]
    return _parts(pairs)


def _pairs(flat: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _parts(pairs: list[tuple[bytes, bytes]]) -> Parts:
    return tuple(name for name, _ in pairs), tuple(value for _, value in pairs)
