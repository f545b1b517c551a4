"""Differences between two moments, for people and as JSON: one structure, two renderings."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from ..models import to_json
from ..process import LONGEST_PATH, Change, Graph, Value, number, sorted_keys, step_text, value_text
from ..process import function_text as _function
from ..process import inline_text as _inline
from ..process import key_text as _name
from ..process import scalar_text as _scalar
from .text import style

__all__ = ["json_lines", "lines"]

#: Characters of a table on one line; keys of a table that are shown, and tables in tables.
_SHORT, _MOST, _DEEPEST = 60, 12, 3
#: Tables in one value of the JSON.
_MOST_TABLES = 100_000
_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def lines(changes: list[Change], before: Graph, after: Graph) -> Iterator[str]:
    """The differences as a tree of keys."""
    tree: dict[Value, Any] = {}
    for change in changes:
        branch = tree
        for key in change.path[:-1]:
            branch = branch.setdefault(key, {})
        branch[change.path[-1]] = change
    yield from _branch(tree, before, after, 0)


def _branch(tree: dict[Value, Any], before: Graph, after: Graph, depth: int) -> Iterator[str]:
    for key in sorted_keys(tree):
        item = tree[key]
        if isinstance(item, Change):
            yield from _change(item, before, after, depth)
            continue
        # Tables in which there is but one table that differs stand on one line.
        name = _name(key)
        while len(item) == 1:
            ((inner, only),) = item.items()
            if isinstance(only, Change):
                break
            name += step_text(inner)
            item = only
        yield f"{'  ' * depth}{name}"
        yield from _branch(item, before, after, depth + 1)


def _change(change: Change, before: Graph, after: Graph, depth: int) -> Iterator[str]:
    name = _name(change.path[-1])
    if change.before is not None and change.after is not None:
        old, new = value_text(change.before, before), value_text(change.after, after)
        if old == new:
            old, new = _apart(change.before, change.after, old)
        yield _marked("~", depth, f"{name}: {old} → {new}")
    elif change.after is not None:
        yield from _whole("+", name, change.after, after, depth, ())
    elif change.before is not None:
        yield from _whole("-", name, change.before, before, depth, ())


def _apart(before: Value, after: Value, text: str) -> tuple[str, str]:
    """Two values that look the same in a few words, and are not."""
    if before[0] == after[0] == "s":
        one, other = before[1], after[1]
        at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
        start = max(0, at - 10)
        return f"… {_scalar(('s', one[start:]))}", f"… {_scalar(('s', other[start:]))}"
    return text, "other code in the same place" if text.startswith("function") else f"another {text}"


def _whole(mark: str, name: str, item: Value, graph: Graph, depth: int, within: tuple[int, ...]) -> Iterator[str]:
    """A value that is only there once: on one line if it is short, else with what is in it."""
    inline = _inline(item, graph, _SHORT, within)
    above = item[0] == "r" and item[1] in within
    if inline is not None or above or len(within) >= _DEEPEST:
        text = inline or value_text(item, graph)
        yield _marked(mark, depth, f"{name}: {'(a table above)' if above else text}")
        return
    node = graph.nodes[item[1]]
    yield _marked(mark, depth, f"{name}: {value_text(item, graph)}")
    keys = sorted_keys(node.items)
    for key in keys[:_MOST]:
        yield from _whole(mark, _name(key), node.items[key], graph, depth + 1, (*within, item[1]))
    if len(keys) > _MOST:
        yield _marked(mark, depth + 1, f"… {len(keys) - _MOST} more")


def _marked(mark: str, depth: int, text: str) -> str:
    return style(f"{'  ' * depth}{mark} {text}", fg=_COLOURS[mark])


# ── JSON ───────────────────────────────────────────────────────────────────────────────────────────────────────


def json_lines(changes: list[Change], before: Graph, after: Graph) -> Iterator[str]:
    """The differences as JSON, one a line."""
    for change in changes:
        kind = "added" if change.before is None else "removed" if change.after is None else "changed"
        found: dict[str, Any] = {"path": [_json_key(key) for key in change.path], "change": kind}
        if change.before is not None:
            found["before"] = _Plain(before).of(change.before, ())
        if change.after is not None:
            found["after"] = _Plain(after).of(change.after, ())
        yield to_json(found)


class _Plain:
    """A value as JSON has it: tables with the keys 1…n are arrays; what JSON has no words for is described."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        # Tables in several places are in all of them, but not without end.
        self._left = _MOST_TABLES

    def of(self, item: Value, within: tuple[int, ...]) -> Any:
        """The value; `within` are the tables that it is in."""
        if item[0] != "r":
            return _json_scalar(item)
        node = self._graph.nodes[item[1]]
        if node.code is not None:
            return _function(node.code)
        self._left -= 1
        if item[1] in within:
            return "(a table that holds itself)"
        if len(within) >= LONGEST_PATH or self._left < 0:
            return f"(a table with {len(node.items)} keys)"
        within = (*within, item[1])
        items = node.items
        if all(("i", at) in items for at in range(1, len(items) + 1)):
            return [self.of(items["i", at], within) for at in range(1, len(items) + 1)]
        return {_as_name(_json_key(key)): self.of(items[key], within) for key in sorted_keys(items)}


def _json_scalar(item: Value) -> Any:
    kind, content = item
    if kind == "s":
        return content.decode("utf-8", "surrogateescape")
    found = number(item)
    if found is not None:
        return found if math.isfinite(found) else repr(found)
    return kind == "t" if kind in "tf" else content


def _json_key(key: Value) -> Any:
    return _json_scalar(key) if key[0] not in "rm" else _name(key)


def _as_name(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key)
