"""The state of a process as a tree of values; and the keys of a path as a query has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ...models import shown
from ..answers import Refusal
from .rows import ROOT
from .text import cut, group, line, size

__all__ = ["PAGE", "keys_of", "state_tree"]

#: Entries of a table on a page.
PAGE = 100
_LONGEST_PATH = 30
_LONGEST_KEY = 240
#: What every process has, by the names of its globals; of any other kind of value it is the process's own.
_RUNTIME = frozenset(
    re.findall(
        r"\S+",
        "_G _ENV _VERSION assert bit32 collectgarbage coroutine debug dofile error getmetatable io ipairs load "
        "loadfile math next os package pairs pcall print rawequal rawget rawlen rawset require select setmetatable "
        "string table tonumber tostring type utf8 xpcall ao Assign Bell Colors Dump HANDLER_PRINT_LOGS Handlers Nonce "
        "Prompt Receive Seeded Send Spawn Tab Utils Version",
    )
)


def keys_of(told: Iterable[str]) -> list[Any]:
    """The keys of a path: `s.` and text, `x.` and bytes in hexadecimal, `i.` and a whole number, or `true`, `false`.

    Raises a `Refusal` (400) for anything else.
    """
    keys: list[Any] = []
    for one in told:
        kind, _, text = one.partition(".")
        try:
            if len(keys) == _LONGEST_PATH or len(text) > 4 * _LONGEST_KEY:
                raise ValueError(text)
            if kind == "s":
                text.encode()
                keys.append(text)
            elif kind == "x":
                keys.append(bytes.fromhex(text))
            elif kind == "i" and len(text) <= 20 and -(2**63) <= int(text) < 2**63:
                keys.append(int(text))
            elif one in ("true", "false"):
                keys.append(one == "true")
            else:
                raise ValueError(text)
        except ValueError:
            raise Refusal(400, f"this is no key of a path: {shown(one[:80])}") from None
    return keys


def state_tree(id: str, keys: list[Any], first: int, told: Any) -> dict[str, Any]:
    """What `Process.outline` tells of a value, for a page: its entries, the way to it, and where there are more.

    `told` comes of a child in which a stranger's code has run: nothing in it is taken for granted.
    """
    base = f"{ROOT}/process/{id}/state"
    value = _value(told, base, [_written(key) for key in keys], 0)
    total = value.get("count", 0)
    way = [{"name": "globals", "href": base}]
    for at, key in enumerate(keys):
        way.append({"name": _named(key), "href": _href(base, [_written(one) for one in keys[: at + 1]])})
    shown_here = value.get("items") or []
    here = [_written(key) for key in keys]
    own = shown_here if keys else [one for one in shown_here if not one["runtime"]]
    return {
        "way": way,
        "value": value,
        "items": own,
        "runtime": [] if keys else [one for one in shown_here if one["runtime"]],
        "first": first,
        "last": first + len(shown_here),
        "previous": _href(base, here, max(0, first - PAGE)) if first else None,
        "next": _href(base, here, first + PAGE) if first + len(shown_here) < total else None,
    }


def _value(told: Any, base: str, path: list[str | None], depth: int) -> dict[str, Any]:
    if not isinstance(told, dict) or depth > 8:
        return {"kind": "?", "text": "", "size": None}
    kind = line(told.get("kind"), 20)
    if kind == "table":
        return _table(told, base, path, depth)
    text = told.get("text")
    count = told.get("size")
    found: dict[str, Any] = {"kind": kind, "text": cut(text, 400), "size": None}
    if kind == "string":
        length = len(text.encode("utf-8", "replace") if isinstance(text, str) else text or b"")
        if isinstance(count, int) and count > length:
            found["size"] = size(count)
    return found


def _table(told: dict[Any, Any], base: str, path: list[str | None], depth: int) -> dict[str, Any]:
    count = told.get("size")
    count = count if isinstance(count, int) else 0
    items: list[dict[str, Any]] | None = None
    if isinstance(told.get("items"), list):
        items = []
        for one in told["items"]:
            if isinstance(one, dict):
                key = one.get("key")
                inner = _value(one.get("value"), base, [*path, _key(key)], depth + 1)
                name = _value(key, base, [], 8)
                text = name["text"] if name["kind"] in ("string", "number", "boolean") else f"({name['kind']})"
                own = not depth and not path and text in _RUNTIME
                items.append({"key": text, "kind": name["kind"], "value": inner, "runtime": own})
    return {
        "kind": "table",
        "count": count,
        "many": f"{group(count)}{' or more' if told.get('more') else ''}",
        "items": items,
        "rest": count > len(items or ()),
        "href": None if None in path or len(path) > _LONGEST_PATH else _href(base, path),
    }


def _key(told: Any) -> str | None:
    """A key as a query has it; None for one that cannot be gone through."""
    if not isinstance(told, dict):
        return None
    kind, text = told.get("kind"), told.get("text")
    if kind == "string":
        data = text.encode("utf-8", "replace") if isinstance(text, str) else text
        return _written(text) if isinstance(data, bytes) and len(data) == told.get("size") else None
    if kind == "number" and isinstance(text, str) and text.removeprefix("-").isdecimal():
        return f"i.{text}"
    return text if kind == "boolean" and isinstance(text, str) else None


def _written(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return f"i.{key}"
    return f"x.{key.hex()}" if isinstance(key, bytes) else f"s.{key}"


def _named(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return f"[{key}]" if isinstance(key, int) else line(key, 60)


def _href(base: str, path: list[Any], first: int = 0) -> str:
    query = [f"k={quote(one, safe='')}" for one in path]
    if first:
        query.append(f"first={first}")
    return f"{base}?{'&'.join(query)}" if query else base
