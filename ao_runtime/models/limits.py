"""How much an evaluation may use: `Limits`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from ..errors import InputError
from .visible import shown

__all__ = ["GivenLimits", "Limits", "read_memory"]

__tracebackhide__ = True

_SIZE = re.compile(r"(\d+(?:\.\d+)?)[ -]?(?:([kmgt])?i?b?)", re.IGNORECASE)
_MOST = 2**63 - 1
"""What the VM can count to. More is a slip, or means no limit, and that is said by `None`."""
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def read_memory(value: Any) -> int:
    """Bytes, from a number or a text: `64MB`, `64MiB` and the network's `64-mb` are all 64 · 1024 · 1024."""
    if isinstance(value, int) and not isinstance(value, bool):
        size = value
    else:
        match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise InputError(f"{shown(value)} is no size", advice="give bytes, or a size such as 64MB", field="memory")
        number = float(match[1]) * _UNITS[(match[2] or "").lower()]
        size = int(min(number, 2.0 * _MOST))  # a float of very many digits is infinite
    if size <= 0:
        raise InputError(f"must be more than 0, found {shown(value)}", field="memory")
    if size > _MOST:
        raise InputError(f"is too large: {shown(value)}", advice="None is no limit", field="memory")
    return size


def _positive(name: str, value: Any, kinds: tuple[type, ...], what: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise InputError(f"must be {what}, found {shown(value)}", field=name)
    if not cast("float", value) > 0:
        raise InputError(f"must be more than 0, found {shown(value)}", field=name)
    if isinstance(value, int) and value > _MOST:
        raise InputError(f"is too large: {shown(value)}", advice="None is no limit", field=name)
    return value


class GivenLimits(TypedDict, total=False):
    """Some limits as a mapping; those that are left out have their defaults."""

    instructions: int | None
    memory: int | str | None
    seconds: float | None


@dataclass(frozen=True, init=False)
class Limits:
    """What one evaluation may use. `None` is no limit."""

    instructions: int | None
    """Lua instructions; 1 000 000 000 unless said otherwise."""
    memory: int | None
    """Bytes of the whole process; 512 MiB unless said otherwise. May be given as text: `64MB`."""
    seconds: float | None
    """Seconds of wall-clock time; 60 unless said otherwise."""
    hard: bool
    """Whether memory and seconds must hold against everything, which only a process in a child process can promise
    (`isolated`, docs/isolation.md). Where that cannot be had, it is an error."""

    def __init__(
        self,
        instructions: int | None = 1_000_000_000,
        memory: int | str | None = 512 << 20,
        seconds: float | None = 60.0,
        hard: bool = False,
    ) -> None:
        """Limits, each with its default; wrong ones are an InputError."""
        if not isinstance(hard, bool):
            raise InputError(f"must be true or false, found {shown(hard)}", field="hard")
        if instructions is not None:
            instructions = _positive("instructions", instructions, (int,), "a whole number")
        if seconds is not None:
            seconds = float(_positive("seconds", seconds, (int, float), "a number of seconds"))
        object.__setattr__(self, "instructions", instructions)
        object.__setattr__(self, "memory", None if memory is None else read_memory(memory))
        object.__setattr__(self, "seconds", seconds)
        object.__setattr__(self, "hard", hard)

    @classmethod
    def read(cls, value: Any) -> Limits:
        """Limits from limits, from a mapping of some of them, or the defaults from `None`."""
        if value is None:
            return cls()
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise InputError("must be Limits or a mapping", advice="Limits(seconds=5)", field="limits")
        unknown = sorted(set(value) - {"instructions", "memory", "seconds", "hard"}, key=str)
        if unknown:
            raise InputError(
                f"there is no limit called {shown(unknown[0])}",
                advice="the limits are instructions, memory, seconds and hard",
                field="limits",
            )
        return cls(**value)
