"""What time it is in a network, in milliseconds, and how many blocks the chain has."""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from ..errors import InputError
from ..models import shown
from ..state import FIRST_BLOCK_HEIGHT, FIRST_TIMESTAMP

__all__ = ["BLOCK", "Clock", "RealClock", "milliseconds", "read_mines"]

__tracebackhide__ = True

#: Milliseconds from one block to the next.
BLOCK = 120_000
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PART = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*(ms|s|m|h|d|w)")
#: Moments at which blocks were mined that are known.
_MINES = 10_000
#: No scheduler's timestamp has more digits than this one.
_LAST = 10**15
_DURATION = 'a duration is "90s", "1h30m", "500ms", a number of seconds or a timedelta'


def milliseconds(duration: str | float | timedelta) -> int:
    """The milliseconds of a duration: "90s", "1h30m", "500ms", seconds as a number, or a `timedelta`.

    Raises `InputError` for anything else, and for less than nothing.
    """
    found: float | None = None
    if isinstance(duration, timedelta):
        found = duration / timedelta(milliseconds=1)
    elif isinstance(duration, (int, float)) and not isinstance(duration, bool):
        found = duration * 1000
    elif isinstance(duration, str) and duration.strip() and len(duration) < 100:
        rest = _PART.sub("", duration)
        if not rest.strip():
            found = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(duration))
    if found is None or not 0 <= found <= _LAST:
        raise InputError(f"is no duration: {shown(duration)}", field="duration", advice=_DURATION)
    return round(found)


class Clock:
    """A clock that stands still until it is told to go on. Blocks come every 120 seconds of it, and when they
    are mined.

    now
        Milliseconds since 1970 at its start.
    height
        The height of the chain's last block then.
    """

    def __init__(self, now: int = FIRST_TIMESTAMP, height: int = FIRST_BLOCK_HEIGHT) -> None:
        self._start = _moment(now)
        #: Milliseconds since 1970.
        self.now = self._start
        self._first = height
        self._mined = 0
        #: When blocks were mined, and how many, as far as it is known; and the heights after that (`began`).
        self._mines: list[tuple[int, int]] = []
        self._after: list[tuple[int, int, int, int]] | None = None
        #: The height of the last block: at the start, whole 120 seconds since, and what was mined.
        self.height = height
        #: Called when it has gone on.
        self.changed: Callable[[], None] | None = None

    def advance(self, duration: str | float | timedelta) -> None:
        """Go on by a duration (`milliseconds`)."""
        self._go(self.now + milliseconds(duration))

    def set(self, moment: int | str | datetime) -> None:
        """Go on to a moment: milliseconds since 1970, a `datetime`, or its text in ISO 8601 (without a zone, UTC).

        Raises `InputError` for a moment that is over: what was scheduled would have come after what comes now.
        """
        found = _moment(moment)
        if found < self.now:
            raise InputError(f"is over: it is {self.now} already", field="moment", advice="a clock goes on only")
        self._go(found)

    def mine(self, blocks: int = 1) -> None:
        """Add blocks to the chain."""
        if isinstance(blocks, bool) or not isinstance(blocks, int) or not 0 <= blocks < 10**9:
            raise InputError(f"must be a number of blocks, found {shown(blocks)}", field="blocks")
        self._mined += blocks
        self._note(blocks)
        self._tell()

    def began(self, height: int) -> int:
        """When the block of a height began, in milliseconds since 1970; those before the first one count back from it.

        Of blocks of which it is not known when they were mined, it is the start.
        """
        if self._after is None:
            mined = 0
            self._after = []
            unknown = self._mined - sum(blocks for _, blocks in self._mines)
            for moment, blocks in ((self._start, unknown), *self._mines):
                after = self._first + (moment - self._start) // BLOCK + mined + blocks
                self._after.append((after, moment, blocks, mined))
                mined += blocks
        at = bisect_left(self._after, (height,))
        if at == len(self._after):
            mined = self._mined
        else:
            after, moment, blocks, mined = self._after[at]
            if height > after - blocks:
                return moment
        return self._start + (height - self._first - mined) * BLOCK

    @property
    def mines(self) -> list[tuple[int, int]]:
        """When blocks were mined, in milliseconds since 1970, and how many, as far as it is known: the last 10 000."""
        return [*self._mines]

    @mines.setter
    def mines(self, mines: list[tuple[int, int]]) -> None:
        self._mines, self._after = [*mines], None

    @property
    def mined(self) -> int:
        """How many blocks were added by `mine`."""
        return self._mined

    def read(self) -> tuple[int, int, int, int]:
        """All that it is: what `put` takes."""
        return self._start, self.now, self._first, self._mined

    def put(self, values: tuple[int, int, int, int]) -> None:
        """Be as it was when `read` said so."""
        self._start, self.now, self._first, self._mined = values
        self._take_back()
        self._count()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(now={self.now}, height={self.height})"

    def _note(self, blocks: int) -> None:
        """Know when blocks were mined."""
        mines, now = self._mines, self.now
        if mines and mines[-1][0] >= now:
            now, more = mines.pop()
            blocks += more
        if blocks:
            mines.append((now, blocks))
        if len(mines) > _MINES:
            # Of what is long over it is enough to know how many there were.
            (_, some), (moment, more) = mines[:2]
            mines[:2] = [(moment, some + more)]
        self._after = None

    def _take_back(self) -> None:
        """Know of no more blocks than there are."""
        more = sum(blocks for _, blocks in self._mines) - self._mined
        while more > 0:
            moment, blocks = self._mines.pop()
            if blocks > more:
                self._mines.append((moment, blocks - more))
            more -= blocks
        self._after = None

    def _go(self, moment: int) -> None:
        if moment > _LAST:
            raise InputError("is later than any scheduler can say", field="moment")
        self.now = moment
        self._tell()

    def _count(self) -> None:
        self.height = self._first + (self.now - self._start) // BLOCK + self._mined

    def _tell(self) -> None:
        self._count()
        if self.changed is not None:
            self.changed()


class RealClock(Clock):
    """The machine's clock. `advance` and `set` put it forward.

    A network that is opened again goes on at the machine's time, however long it was closed; what the clock was put
    forward by stays.
    """

    def __init__(self, height: int = FIRST_BLOCK_HEIGHT) -> None:
        self._ahead = 0
        super().__init__(_machine(), height)

    @property
    def now(self) -> int:
        """Milliseconds since 1970, by the machine, and by how much it was put forward."""
        return _machine() + self._ahead

    @now.setter
    def now(self, moment: int) -> None:
        self._ahead = moment - _machine()

    def put(self, values: tuple[int, int, int, int]) -> None:
        """Have the start and the height that `read` gave; never behind the machine."""
        self._start, now, self._first, self._mined = values
        self._take_back()
        self._ahead = max(0, now - _machine())

    @property
    def height(self) -> int:
        """The height of the last block."""
        return self._first + (self.now - self._start) // BLOCK + self._mined

    @height.setter
    def height(self, _: int) -> None:
        """It follows from the time."""


def read_mines(told: Any, mined: int) -> list[tuple[int, int]]:
    """`Clock.mines`, of a clock that has mined so many, as a file has them. Raises `ValueError` for what is none."""
    mines = [(moment, blocks) for moment, blocks in told]
    numbers = [number for mine in mines for number in mine]
    if any(isinstance(number, bool) or not isinstance(number, int) or number < 0 for number in numbers):
        raise ValueError("blocks that were never mined")
    if len(mines) > _MINES or mines != sorted(mines) or sum(blocks for _, blocks in mines) > mined:
        raise ValueError("more blocks than were mined")
    return mines


def _machine() -> int:
    return time.time_ns() // 1_000_000


def _moment(moment: int | str | datetime) -> int:
    found: int | None = None
    if isinstance(moment, int) and not isinstance(moment, bool):
        found = moment
    else:
        if isinstance(moment, str):
            with suppress(ValueError):
                moment = datetime.fromisoformat(moment)
        if isinstance(moment, datetime):
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=timezone.utc)
            found = (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)
    if found is None or not 0 <= found <= _LAST:
        advice = "milliseconds since 1970, a datetime, or its text: 2026-11-26T12:00:00Z"
        raise InputError(f"is no moment: {shown(moment)}", field="moment", advice=advice)
    return found
