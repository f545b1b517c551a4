"""`Sent`: a message that somebody sent into a network, its result, and what it set off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..models import Message, Result
from .evaluation import Evaluation
from .tree import Tree

__all__ = ["Sent"]

__tracebackhide__ = True


class Sent:
    """A message that was sent: `result` is what its process answered, `tree` what came of it all.

    The tree grows as long as something of it is on its way.
    """

    __slots__ = ("_label", "evaluation")

    def __init__(self, evaluation: Evaluation, label: Callable[[str], str]) -> None:
        self.evaluation = evaluation
        self._label = label

    @property
    def id(self) -> str:
        """The message's id."""
        assert self.evaluation.item is not None
        return self.evaluation.item.id

    @property
    def nonce(self) -> int:
        """Its place in the order of the process."""
        return self.evaluation.nonce

    @property
    def result(self) -> Result:
        """The result of that message."""
        assert self.evaluation.result is not None
        return self.evaluation.result

    @property
    def tree(self) -> Tree:
        """The message and all that it set off."""
        return Tree(self.evaluation, self._label)

    # What people look at first in a result.

    @property
    def ok(self) -> bool:
        """Whether the message itself was evaluated without an error."""
        return self.result.ok

    @property
    def error(self) -> str | None:
        """The error of the message itself."""
        return self.result.error

    @property
    def output(self) -> Any:
        """The `Output` of the message itself."""
        return self.result.output

    @property
    def text(self) -> str:
        """What is there to read in it."""
        return self.result.text

    @property
    def messages(self) -> tuple[Message, ...]:
        """What the message itself made its process send."""
        return self.result.messages

    def raise_for_error(self) -> Sent:
        """As that of a result."""
        self.result.raise_for_error()
        return self

    def __repr__(self) -> str:
        return f"Sent(id={self.id!r}, nonce={self.nonce}, {self.result!r})"
