"""Values of a process's state in Lua's own words, on one line, harmless for terminals."""

from __future__ import annotations

import re

from ..models import harmless, plain
from .inspection import Graph, Value, number, sorted_keys

__all__ = ["SHORT", "function_text", "inline_text", "key_text", "scalar_text", "step_text", "value_text"]

_NAME = re.compile(rb"[A-Za-z_]\w*\Z", re.ASCII)
#: Characters of a text, and of a table on one line.
SHORT = 60


def key_text(key: Value) -> str:
    """A key as it stands in a path: its name, or `[…]`."""
    if key[0] == "s" and _NAME.match(key[1]):
        return str(key[1].decode())
    return f"[{scalar_text(key)}]" if key[0] not in "xrm" else "(metatable)" if key[0] == "m" else "[a table]"


def step_text(key: Value) -> str:
    """A key behind another one: `.name`, `[…]`."""
    name = key_text(key)
    return name if name[0] in "[(" else f".{name}"


def scalar_text(item: Value) -> str:
    """A value that is no table and no function of the process's."""
    kind, content = item
    if kind == "s":
        text = content.decode("utf-8", "backslashreplace").replace("\x1b", "\\x1b").replace('"', '\\"')
        return f'"{_on_a_line(text)}"'
    found = number(item)
    if found is not None:
        return repr(found)
    return {"t": "true", "f": "false"}.get(kind) or harmless(str(content))


def value_text(item: Value, graph: Graph) -> str:
    """A value in a few words."""
    if item[0] != "r":
        return scalar_text(item)
    node = graph.nodes[item[1]]
    if node.code is not None:
        return function_text(node.code)
    inline = inline_text(item, graph, SHORT, ())
    return inline if inline is not None else f"table with {len(node.items)} {'key' if len(node.items) == 1 else 'keys'}"


def function_text(code: tuple[str, bytes]) -> str:
    """A function by its place."""
    place = re.sub(r'^\[string "(.*)"\]', r"\1", code[0])
    return harmless(f"function ({place})")


def inline_text(item: Value, graph: Graph, room: int, within: tuple[int, ...]) -> str | None:
    """A value in Lua's own words, if that takes no more room."""
    if item[0] != "r":
        return scalar_text(item)
    node = graph.nodes[item[1]]
    if node.code is not None:
        return function_text(node.code) if not node.items or within else None
    if item[1] in within or len(node.items) > room // 2 or len(within) > room // 2:
        return None
    parts = []
    at = 1
    for key in sorted_keys(node.items):
        text = inline_text(node.items[key], graph, room, (*within, item[1]))
        if text is None:
            return None
        if key == ("i", at):
            at += 1
        else:
            text = f"{key_text(key)} = {text}"
        parts.append(text)
        room -= len(text) + 2
        if room < 0:
            return None
    return f"{{{', '.join(parts)}}}"


def _on_a_line(text: str) -> str:
    """A text cut short, on one line."""
    text = harmless(plain(text).replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r"))
    return f"{text[: SHORT - 1]}…" if len(text) > SHORT else text
