"""What a process has seen: the messages that made its state, so that it can be made again."""

from __future__ import annotations

from typing import Any, Protocol

from .errors import InternalError
from .vm.packing import Packed
from .vm.results import failed

__all__ = ["Journal"]


class Evaluates(Protocol):
    """What a journal needs of an engine."""

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come."""

    def evaluate(self, packed: Packed) -> tuple[Any, ...]:
        """Evaluate one message."""


class Journal:
    """The accepted messages of a process, in order, each with the instruction limit that it ran under.

    Messages whose result was an error are not in it: they left no trace.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[Packed, int | None]] = []

    def append(self, packed: Packed, instructions: int | None) -> None:
        """Add a message that was evaluated without an error."""
        self._entries.append((packed, instructions))

    def replay(self, engine: Evaluates) -> None:
        """Evaluate all messages again in `engine`, a new one.

        What once ended in time may take its time, and what had room the room it needs. Raises `InternalError` should a
        message fail that did not fail before.
        """
        for number, (packed, instructions) in enumerate(self._entries):
            engine.limit(instructions, None, None)
            if failed(engine.evaluate(packed)):
                raise InternalError(f"message {number} of the process failed when it was evaluated again")
