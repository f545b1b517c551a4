"""What a message has changed in the globals: bounded, and in Lua's words."""

from __future__ import annotations

from ...process import Change as Difference
from ...process import Graph, key_text, own_differences, step_text, value_text
from .model import Change

__all__ = ["changes_of"]

#: Changes that are told; bytes of a state that is compared.
_MOST, _LARGEST = 200, 32 << 20
#: Keys of a path that are told.
_DEEPEST = 12


def changes_of(before: bytes, after: bytes) -> tuple[tuple[Change, ...], int, str | None]:
    """The changes between two looks, how many there are more, and why nobody has compared them."""
    if before == after:
        return (), 0, None
    if len(before) + len(after) > _LARGEST:
        return (), 0, "the globals are too large to be compared"
    old, new = Graph(before), Graph(after)
    found = [one for one in own_differences(old, new) if not _of_the_start(one)]
    told = tuple(_change(one, old, new) for one in found[:_MOST])
    return told, len(found) - len(told), None


def _of_the_start(one: Difference) -> bool:
    """Whether the first message of any process changes that: what it is told of itself, modules that it has read."""
    first, second = (key[1] for key in (*one.path, ("", None))[:2])
    if first == b"package":
        return second == b"loaded" and one.before is None
    return first == b"ao" and second in (b"authorities", b"env", b"id", b"_module")


def _change(one: Difference, old: Graph, new: Graph) -> Change:
    first, *rest = one.path
    steps = [key_text(first), *map(step_text, rest)]
    if len(steps) > _DEEPEST:
        steps = [*steps[: _DEEPEST - 1], ".…", steps[-1]]
    before = None if one.before is None else value_text(one.before, old)
    after = None if one.after is None else value_text(one.after, new)
    if before is not None and before == after:
        after = f"another {after}"
    return Change(
        "".join(steps), "added" if before is None else "removed" if after is None else "changed", before, after
    )
