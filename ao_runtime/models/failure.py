"""What is known of an evaluation that failed: `Failure`, and the `Frame`s of the user's code."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Failure", "Frame", "LimitName"]

LimitName = Literal["instructions", "memory", "time"]


class Frame(NamedTuple):
    """One call in the user's code."""

    chunk: str
    """The chunk's name as the network writes it: `aos` for evaluated code, `.name` for a module's."""
    line: int
    name: str | None = None
    """What the function is called there, if Lua knows."""
    file: str | None = None
    """The developer's file that the chunk was read from, if it is known."""


class Failure(NamedTuple):
    """Why an evaluation ended in an error."""

    message: str
    """The error's text, without the printed lines and colours around it in a result's `Error`."""
    chunk: str | None = None
    line: int | None = None
    handler: str | None = None
    """Name of the handler that ran."""
    frames: tuple[Frame, ...] = ()
    """Calls in the user's code, innermost first."""
    limit: LimitName | None = None
    """Which limit was hit, if it was that."""
    file: str | None = None
    """The developer's file that the chunk was read from, if it is known."""
