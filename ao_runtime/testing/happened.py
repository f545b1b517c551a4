"""What happened, for people: the tree of a message, the lines of a result; and the error that shows it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..models import Message, Result, harmless, legible, told
from ..network import QUIET_TAGS, Sent, Tree

if TYPE_CHECKING:
    from .current import AtWork

__all__ = ["Unmet", "happened", "in_line", "line_of", "story"]

__tracebackhide__ = True

#: So many messages of a test are shown, and so many lines.
_MOST_TREES, _MOST_LINES = 3, 60
_LONGEST = 200


class Unmet(AssertionError):
    """An expectation that is not met. Its text says what was expected, and what did happen."""

    # pytest writes the whole name before the text.
    __module__ = "ao_runtime.testing"


def happened(what: Any) -> str:
    """The tree of a `Sent`, or the lines of a `Result`."""
    if isinstance(what, Sent):
        return _shortened(str(what.tree))
    if isinstance(what, Result):
        return _shortened("\n".join(_lines(what)))
    return harmless(repr(what))


def story(world: AtWork) -> str:
    """The trees of the last messages that a test has sent; nothing where it has sent none."""
    roots = world.roots()
    trees = [str(Tree(root, world.network.label)) for root in roots[-_MOST_TREES:]]
    if len(roots) > _MOST_TREES:
        trees.insert(0, f"… {len(roots) - _MOST_TREES} messages before")
    return _shortened("\n".join(trees))


def line_of(message: Message, label: Callable[[str], str] = str) -> str:
    """A message in a line: `Credit-Notice to bob(Quantity=250)`; `label` gives names to addresses."""
    tags = [f"{one.name}={label(str(one.value))}" for one in message.tags if one.name not in QUIET_TAGS]
    to = label(str(message.target)) if message.target else "nobody"
    return in_line(f"{message.action or 'message'} to {to}({', '.join(tags)})")


def in_line(text: str, longest: int = _LONGEST) -> str:
    """What a process wrote, in one line that moves nothing."""
    return legible(text, longest)


def _lines(result: Result) -> list[str]:
    if result.failure is not None:
        return ["✗ the message failed: " + told(result.failure)]
    if result.error is not None:
        return [f"✗ the message failed: {in_line(result.error)}"]
    lines = [f"✉ {line_of(one)}" for one in result.messages]
    if result.text:
        lines.append(f"output: {in_line(result.text)}")
    return lines or ["nothing was sent"]


def _shortened(text: str) -> str:
    lines = text.split("\n")
    if len(lines) <= _MOST_LINES:
        return text
    return "\n".join([*lines[:_MOST_LINES], f"… and {len(lines) - _MOST_LINES} lines more"])
