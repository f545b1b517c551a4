"""A chain of messages without end: what comes again and again in it."""

from __future__ import annotations

from collections.abc import Callable

from ..models import legible
from .evaluation import Evaluation

__all__ = ["cycle_of"]

#: So far back the chain is looked at.
_MOST = 200


def cycle_of(last: Evaluation, label: Callable[[str], str]) -> tuple[str, ...]:
    """The steps that come again and again, the last one first: `("ping.Ping", "pong.Pong")`; maybe none."""
    steps: list[str] = []
    one: Evaluation | None = last
    while one is not None and len(steps) < _MOST:
        action = "tick" if one.item is None else one.item.action or "message"
        steps.append(f"{label(one.process)}.{legible(action, 40)}")
        one = None if one.cause is None else one.cause.origin
    for length in range(1, len(steps) // 2 + 1):
        if steps[:length] == steps[length : 2 * length]:
            return tuple(steps[:length])
    return ()
