"""What came of a Lua test, as data: what reports are made of."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from ...models import SourceLine

__all__ = ["Outcome", "Problem", "Status"]

Status = Literal["passed", "failed", "pending"]


class Problem(NamedTuple):
    """Why a test failed, or a file cannot be loaded."""

    message: str
    """What is wrong."""
    file: str | None = None
    """The file in which that is, and its line."""
    line: int | None = None
    excerpt: tuple[SourceLine, ...] = ()
    """The line and those around it."""
    callers: tuple[str, ...] = ()
    """Who called, innermost first: `token.lua:24`."""

    def to_dict(self) -> dict[str, Any]:
        """`{"message", "file", "line", "source", "callers"}`."""
        source = next((one.text for one in self.excerpt if one.number == self.line), None)
        return {
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "source": source,
            "callers": [*self.callers],
        }


class Outcome(NamedTuple):
    """What came of one test."""

    file: str
    """The test's file, as people write it from here."""
    name: str
    """The test: `describe > it`, or the function."""
    status: Status
    seconds: float = 0.0
    problem: Problem | None = None
    """Why it failed; of a pending one the reason, where it gave one."""
    printed: str = ""
    """What it printed."""
    tree: str = ""
    """What its messages set off, in words; of one that failed."""

    def to_dict(self) -> dict[str, Any]:
        """`{"file", "name", "status", "seconds", "problem", "printed", "tree"}`."""
        return {
            "file": self.file,
            "name": self.name,
            "status": self.status,
            "seconds": round(self.seconds, 6),
            "problem": None if self.problem is None else self.problem.to_dict(),
            "printed": self.printed,
            "tree": self.tree,
        }
