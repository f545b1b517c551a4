"""What the globals of a process lead to, as a graph, and how two such graphs differ. Nothing of a process runs."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

__all__ = ["Change", "Graph", "Node", "Value", "differences", "number", "own_differences", "sorted_keys"]

_LENGTH = struct.Struct("<I")
_INTEGER = struct.Struct("<q")
_DOUBLE = struct.Struct("<d")

#: A value of Lua's by the letter of its kind: ("s", bytes), ("i", int), ("d", the float's 8 bytes), ("t", None) and
#: ("f", None) for the booleans, ("r", number of a node), ("x", description) for what cannot be looked into, and
#: ("m", None), the key of a metatable. Equal values are the same for Lua: its 1 is not its 1.0.
Value: TypeAlias = "tuple[str, Any]"
METATABLE: Value = ("m", None)
#: What every function has that uses a global.
_ENVIRONMENT: Value = ("s", b"_ENV")
_GLOBALS: Value = ("r", 0)
#: What belongs to the runtime: it changes with every message, and says nothing of the process.
_OF_THE_RUNTIME = (
    (("s", b"ao"), ("s", b"outbox")),
    (("s", b"ao"), ("s", b"reference")),
    (("s", b"HANDLER_PRINT_LOGS"),),
    (("s", b"Seeded"),),
    (("s", b"Handlers"), ("s", b"coroutines")),
    (("s", b"Handlers"), ("s", b"onceNonce")),
)
#: Handlers of the runtime's own.
_BUILT_IN = frozenset({b"_eval", b"_default", b"_boot"})
#: Keys of a path.
LONGEST_PATH = 100


class Node(NamedTuple):
    """A table; or a function, with its upvalues by name."""

    #: Where the function stands in the code, and a digest of that; None for a table.
    code: tuple[str, bytes] | None
    items: dict[Value, Value]


class Graph:
    """All that the globals lead to; node 0 is the table of the globals."""

    def __init__(self, data: bytes) -> None:
        """Reads what `LuaEngine.look` gives."""
        self.nodes: list[Node] = []
        at = 0
        while at < len(data):
            code = None
            at += 1
            if data[at - 1 : at] == b"F":
                place, at = _string(data, at)
                digest, at = _string(data, at)
                code = place.decode("utf-8", "replace"), digest
            (count,) = _LENGTH.unpack_from(data, at)
            at += 4
            items: dict[Value, Value] = {}
            for _ in range(count):
                key, at = _value(data, at)
                item, at = _value(data, at)
                while key in items:  # two upvalues of the same name
                    key = "s", key[1] + b"'"
                if code is None or key != _ENVIRONMENT or item != _GLOBALS:
                    items[key] = item
            self.nodes.append(Node(code, items))
        self._name_handlers()

    def _name_handlers(self) -> None:
        """The handlers by their names, not by their places: these change with each that comes before."""
        found = self._table(self._table(0, b"Handlers"), b"list")
        if found is None:
            return
        items = self.nodes[found].items
        names = [self._name_of(item) for item in items.values()]
        if None not in names and len(set(names)) == len(names):
            named = {("s", name): item for name, item in zip(names, items.values(), strict=True)}
            self.nodes[found] = Node(None, {key: item for key, item in named.items() if key[1] not in _BUILT_IN})

    def _table(self, node: int | None, name: bytes) -> int | None:
        """The number of the table that a table has under a name."""
        item = None if node is None else self.nodes[node].items.get(("s", name))
        return item[1] if item is not None and item[0] == "r" and self.nodes[item[1]].code is None else None

    def _name_of(self, item: Value) -> bytes | None:
        name = self.nodes[item[1]].items.get(("s", b"name")) if item[0] == "r" else None
        return name[1] if name is not None and name[0] == "s" else None


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _LENGTH.unpack_from(data, at)
    at += 4
    return data[at : at + length], at + length


def _value(data: bytes, at: int) -> tuple[Value, int]:
    kind = chr(data[at])
    at += 1
    if kind == "s":
        text, at = _string(data, at)
        return ("s", text), at
    if kind == "i":
        return ("i", _INTEGER.unpack_from(data, at)[0]), at + 8
    if kind == "d":
        return ("d", data[at : at + 8]), at + 8
    if kind == "r":
        return ("r", _LENGTH.unpack_from(data, at)[0] - 1), at + 4
    if kind == "x":
        text, at = _string(data, at)
        return ("x", text.decode("utf-8", "replace")), at
    return (kind, None), at


def number(value: Value) -> int | float | None:
    """The number that a value is, if it is one."""
    if value[0] == "i":
        return value[1]  # type: ignore[no-any-return]
    return _DOUBLE.unpack(value[1])[0] if value[0] == "d" else None


class Change(NamedTuple):
    """A place where two moments differ: the keys that lead to it, and what was there and is. None is nothing."""

    path: tuple[Value, ...]
    before: Value | None
    after: Value | None


def differences(old: Graph, new: Graph) -> list[Change]:
    """How `new` differs from `old`, in the order of the paths. What several paths lead to is told of once.

    What differs further down than a path may be long is told of as the table there.
    """
    found: list[Change] = []
    waiting: deque[tuple[Change, int, int]] = deque([(Change((), None, None), 0, 0)])
    # Which node is which: each pair is compared once, by the shortest path there.
    seen = {(0, 0)}
    same: dict[int, int] = {0: 0}
    while waiting:
        place, number_before, number_after = waiting.popleft()
        items_before, items_after = old.nodes[number_before].items, new.nodes[number_after].items
        for key, other in _keys(items_before, items_after, same):
            before = items_before.get(key)
            after = None if other is None else items_after.get(other)
            if len(place.path) < LONGEST_PATH:
                change = Change((*place.path, key if other is None else other), before, after)
            else:
                change = place
            if before is not None and after is not None and before[0] == after[0] == "r":
                if old.nodes[before[1]].code == new.nodes[after[1]].code:
                    pair = before[1], after[1]
                    if pair not in seen:
                        seen.add(pair)
                        same.setdefault(*pair)
                        waiting.append((change, *pair))
                    continue
            elif before == after:
                continue
            if change is not place or found[-1:] != [place]:
                found.append(change)
    return sorted(dict.fromkeys(found), key=lambda change: [_order(key) for key in change.path])


def own_differences(old: Graph, new: Graph) -> list[Change]:
    """`differences` of what is the process's own: without what the runtime changes with every message."""
    return [
        change
        for change in differences(old, new)
        if not any(change.path[: len(path)] == path for path in _OF_THE_RUNTIME)
    ]


def _keys(
    before: dict[Value, Value], after: dict[Value, Value], same: dict[int, int]
) -> Iterator[tuple[Value, Value | None]]:
    """Each key of one of two tables, and the one that it is in the other."""
    strange = [key for key in after if key[0] == "r"]
    taken: set[Value] = set()
    for key in before:
        if key[0] != "r":
            taken.add(key)
            yield key, key
    # A table as a key is the one that it was found to be elsewhere, or else the next one that is none of these.
    known = {("r", same[key[1]]) for key in before if key[0] == "r" and key[1] in same}
    free = iter([key for key in strange if key not in known])
    for key in before:
        if key[0] == "r":
            other: Value | None = ("r", same[key[1]]) if key[1] in same else next(free, None)
            if other is None or other not in after or other in taken:
                yield key, None
            else:
                taken.add(other)
                yield key, other
    for key in after:
        if key not in taken:
            yield key, key


def _order(key: Value) -> tuple[Any, ...]:
    """Numbers first, in their order, then texts, then the rest; the metatable is the last."""
    value = number(key)
    if value is not None:
        return 0, value, b""
    if key[0] == "s":
        return 1, 0, key[1]
    return (3 if key == METATABLE else 2), 0, repr(key).encode()


def sorted_keys(keys: Iterable[Value]) -> list[Value]:
    """Keys in the order in which people read them."""
    return sorted(keys, key=_order)
