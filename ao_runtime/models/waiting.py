"""`Waiting`: a handler that has stopped inside of a message, until another one comes (`Receive`, `msg.receive`)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .json_text import to_json

__all__ = ["Waiting"]


class Waiting(NamedTuple):
    """A handler that waits for a message."""

    pattern: Any
    """What it waits for: an Action, or fields and tags with their values; a function by its place."""
    handler: str | None = None
    """Name of the handler."""
    since: int | None = None
    """Number of the message in which it stopped, if that is known."""

    def __str__(self) -> str:
        """`From = prices, X-Reference = 1`."""
        pattern = self.pattern
        if isinstance(pattern, dict):
            return ", ".join(f"{_word(name)} = {_word(value)}" for name, value in pattern.items()) or "any message"
        return f"Action = {_word(pattern)}" if _is_action(pattern) else _word(pattern)

    def to_dict(self) -> dict[str, Any]:
        """`{"pattern", "handler", "since"}`."""
        return {"pattern": self.pattern, "handler": self.handler, "since": self.since}


def _is_action(pattern: Any) -> bool:
    return isinstance(pattern, (str, bytes)) and not _word(pattern).startswith("a function")


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else to_json(value)
