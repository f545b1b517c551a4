"""A message and all that it set off, as rows; and what it comes of. Both have an end, however much there is."""

from __future__ import annotations

from typing import Any

from ...network import Delivery, Evaluation, Network
from .rows import ROOT, action_of, error_of, who
from .text import group, line

__all__ = ["causes", "tree"]

#: Rows of a tree; how far down it goes; how far back causes are followed.
ROWS = 200
DEEPEST = 50
_BACK = 20


def tree(network: Network, root: Evaluation) -> tuple[list[dict[str, Any]], bool]:
    """Rows of what a message set off, in the order of `Tree`'s lines, and whether there are more."""
    rows: list[dict[str, Any]] = []
    stack: list[tuple[Evaluation | Delivery, int]] = [(root, 0)]
    cut = False
    while stack:
        one, depth = stack.pop()
        if len(rows) == ROWS:
            return rows, True
        if isinstance(one, Delivery):
            rows.append(_unanswered(network, one, depth))
            continue
        rows.append(_answered(network, one, depth))
        if depth == DEEPEST:
            cut = cut or bool(one.effects)
            continue
        # No more of them could be shown, however many there are.
        inner: list[Evaluation | Delivery] = []
        for delivery in one.effects[: ROWS - len(rows) + 1]:
            inner += delivery.outcomes or (delivery,)
        stack.extend((child, depth + 1) for child in reversed(inner))
    return rows, cut


def causes(network: Network, one: Evaluation) -> list[dict[str, Any]]:
    """What a message comes of, the first first."""
    found: list[dict[str, Any]] = []
    while one.cause is not None and len(found) < _BACK:
        one = one.cause.origin
        found.append(_answered(network, one, 0))
    return found[::-1]


def _answered(network: Network, one: Evaluation, depth: int) -> dict[str, Any]:
    # What a stand-in has got has no page.
    known = one.process in network.scheduler
    told: dict[str, Any] = {
        "depth": depth,
        "step": min(depth, 12),
        "href": f"{ROOT}/process/{one.process}/{one.number}" if known else None,
        "process": who(network, one.process),
        "action": action_of(one),
        "sender": None if one.item is None else who(network, one.item.sender),
        "state": "ok",
        "note": "",
        "gas": "" if one.result is None else group(one.result.gas_used),
    }
    if one.skipped:
        told["state"], told["note"] = "skipped", "was there already, not evaluated again"
    elif one.result is not None and not one.result.ok:
        told["state"], told["note"] = "error", error_of(one)
    elif one.problem is not None:
        told["note"] = f"nothing is sent of it: {line(one.problem)}"
    return told


def _unanswered(network: Network, one: Delivery, depth: int) -> dict[str, Any]:
    """A row for what nobody has evaluated: mail, what was lost, what is on its way."""
    told: dict[str, Any] = {
        "depth": depth,
        "step": min(depth, 12),
        "href": None,
        "process": who(network, one.target) if one.target else None,
        "action": line(one.action or one.kind, 60),
        "sender": None,
        "state": "waits",
        "note": "is on its way",
        "gas": "",
    }
    if one.problem is not None:
        told["state"], told["note"] = "error", line(one.problem)
    elif one.item is not None:
        told["state"], told["note"], told["href"] = "mail", "mail", f"{ROOT}/item/{one.item.id}"
    return told
