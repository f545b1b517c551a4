"""What a process has seen: the messages that made its state, so that it can be made again."""

from __future__ import annotations

from typing import Protocol

from .vm.packing import Packed

__all__ = ["Journal"]


class Evaluates(Protocol):
    """What a journal needs of an engine."""

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come."""

    def evaluate(self, packed: Packed) -> tuple[object, ...]:
        """Evaluate one message."""


class Journal:
    """The accepted messages of a process, in order, each with the instruction limit that it ran under.

    Messages whose result was an error are not in it: they left no trace.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[Packed, int | None]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, packed: Packed, instructions: int | None) -> None:
        """Add a message that was evaluated without an error."""
        self._entries.append((packed, instructions))

    def replay(self, engine: Evaluates, memory: int | None) -> None:
        """Evaluate all messages again in `engine`, a new one. What once ended in time may take its time."""
        for packed, instructions in self._entries:
            engine.limit(instructions, None, memory)
            engine.evaluate(packed)
