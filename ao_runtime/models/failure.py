"""What is known of an evaluation that failed: `Failure`, and the `Frame`s of the user's code."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

__all__ = ["Failure", "Frame", "LimitName", "SourceLine"]

LimitName = Literal["instructions", "memory", "time"]


class SourceLine(NamedTuple):
    """A line of the code that ran."""

    number: int
    text: str


class Frame(NamedTuple):
    """One call in the user's code."""

    chunk: str
    """The chunk's name as the network writes it: `aos` for evaluated code, `.name` for a module's."""
    line: int
    name: str | None = None
    """What the function is called there, if Lua knows."""
    file: str | None = None
    """The developer's file that the chunk was read from, if it is known."""
    evaluated: int | None = None
    """Number of the Eval that brought the code, if it is known; 0 is the process's own Data."""
    span: tuple[int, int] | None = None
    """First and last line of the function; (0, 0) is the chunk itself."""

    def to_dict(self) -> dict[str, Any]:
        """`{"chunk", "file", "evaluated", "line", "function"}`."""
        return {
            "chunk": self.chunk,
            "file": self.file,
            "evaluated": self.evaluated,
            "line": self.line,
            "function": self.name,
        }


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
    evaluated: int | None = None
    """Number of the Eval that brought the code, if it is known; 0 is the process's own Data."""
    excerpt: tuple[SourceLine, ...] = ()
    """The line that failed and those around it, as the code was when it was read; empty where it is not known."""
    hint: str | None = None
    """What to do about it, where that is known."""

    @property
    def source(self) -> str | None:
        """The line that failed."""
        return next((line.text for line in self.excerpt if line.number == self.line), None)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON: `{"message", "file", "chunk", "evaluated", "line", "source", "handler", "limit", "hint",
        "frames"}`; null is what is not known.
        """
        return {
            "message": self.message,
            "file": self.file,
            "chunk": self.chunk,
            "evaluated": self.evaluated,
            "line": self.line,
            "source": self.source,
            "handler": self.handler,
            "limit": self.limit,
            "hint": self.hint,
            "frames": [frame.to_dict() for frame in self.frames],
        }
