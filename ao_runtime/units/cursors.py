"""Places among the results of a process: the cursors of the compute unit (spec: units, cu)."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..network import Evaluation
from .answers import Refusal

__all__ = ["Place", "cursor", "in_order", "place_of", "read_cursor"]

#: Timestamp, nonce, cron: results are in this order.
Place = tuple[int, float, str]


def place_of(one: Evaluation) -> Place:
    """Where a result stands."""
    return one.timestamp, one.nonce, "" if one.tick is None else one.tick.cron.name


def in_order(evaluations: Sequence[Evaluation], sort: str) -> Iterator[Evaluation]:
    """A process's evaluations by their places, "ASC" or "DESC".

    They were evaluated in this order but for the ticks of one second: those stand by the names of their crons.
    """
    down = sort == "DESC"
    for _, group in groupby(reversed(evaluations) if down else evaluations, lambda one: (one.timestamp, one.nonce)):
        yield from sorted(group, key=place_of, reverse=down)


def cursor(one: Evaluation, sort: str) -> str:
    """The cursor of a result: base64 of `{"timestamp", "ordinate", "cron"?, "sort"}`."""
    told: dict[str, Any] = {"timestamp": one.timestamp, "ordinate": str(one.nonce)}
    if one.tick is not None:
        told["cron"] = one.tick.cron.name
    told["sort"] = sort
    return b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def read_cursor(text: str, name: str) -> tuple[Place, str | None]:
    """The place that a cursor names, and the order that it was given in; a plain number is a timestamp.

    Raises a `Refusal` (400) for anything else.
    """
    if text.isascii() and text.isdecimal() and len(text) < 17:
        return (int(text), float("inf"), ""), None
    try:
        told = json.loads(b64decode(text + "=" * (-len(text) % 4), validate=True))
        timestamp, ordinate, cron = int(told["timestamp"]), int(told.get("ordinate", 0)), told.get("cron") or ""
        sort = told.get("sort")
        if not isinstance(cron, str) or sort not in (None, "ASC", "DESC"):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Refusal(400, f"{name} is no cursor") from None
    return (timestamp, ordinate, cron), sort
