"""Cron: which ticks of a process are due between two messages, and the message that a tick is.

A process says by its tags what wakes it (spec: units, crons)::

    Cron-Interval: 5-minutes      one cron; its tags follow it
    Cron-Tag-Action: Tick
    Cron-Interval: 10-blocks      the next one

The compute unit makes the messages; no scheduler knows of them. From a message on it goes in steps of a whole second:
so a tick has the milliseconds of the message before it. An interval of time is due where whole seconds since the
process began are a multiple of it, an interval of blocks in the first second of such a block. Everything here is
arithmetic: no clock is read.
"""

from __future__ import annotations

import bisect
import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import InputError

__all__ = ["Cron", "Moment", "Tick", "most_ticks", "read_crons", "ticks_between"]

__tracebackhide__ = True

_DAY = 86_400_000
#: Milliseconds of each unit. A year is a Julian one, a month a twelfth of it.
_UNITS = {
    "millisecond": 1,
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": _DAY,
    "week": 7 * _DAY,
    "month": _DAY * 1461 // 48,
    "year": _DAY * 1461 // 4,
}
_INTERVAL = re.compile(r"\s*([0-9]{1,15})\s*-\s*([A-Za-z]+)\s*")
_TAG = "Cron-Tag-"
_ADVICE = "an interval is a number and its unit: 30-seconds, 5-minutes, 1-hour, 2-days, 10-blocks"


class Moment(NamedTuple):
    """A point in time: milliseconds since 1970, and the block height that the scheduler saw then."""

    timestamp: int
    height: int


@dataclass(frozen=True, slots=True)
class Cron:
    """One interval of a process and the tags of its ticks."""

    #: `INDEX-INTERVAL`: its place among those of its kind (time or blocks), and the interval as the tag has it.
    name: str
    #: Every so many seconds, or blocks.
    every: int
    blocks: bool
    #: Name and value, the prefix `Cron-Tag-` taken away.
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A cron that is due, and when."""

    cron: Cron
    moment: Moment

    def message(self, process: str, owner: str) -> dict[str, Any]:
        """The message in the network's form: it comes from the process's owner and has no Id, no Data and no Nonce."""
        return {
            "Owner": owner,
            "Target": process,
            "From": owner,
            "Tags": [{"name": name, "value": value} for name, value in self.cron.tags],
            "Timestamp": self.moment.timestamp,
            "Block-Height": self.moment.height,
            "Cron": True,
            "Read-Only": False,
        }


def read_crons(tags: Iterable[Mapping[str, Any]]) -> tuple[Cron, ...]:
    """The crons that a process's tags (`{name, value}`, in order) ask for; none for most processes.

    Raises `InputError` for an interval that is none or is shorter than a second, and for a `Cron-Tag-` before any
    `Cron-Interval`.
    """
    found: list[tuple[str, int, bool, list[tuple[str, str]]]] = []
    for tag in tags:
        name, value = tag.get("name"), tag.get("value")
        if not (isinstance(name, str) and isinstance(value, str)):
            continue
        if name == "Cron-Interval":
            found.append((value, *_interval(value), []))
        elif name.startswith(_TAG) and name != _TAG:
            if not found:
                raise InputError("stands before any Cron-Interval", field=name, advice="its Cron-Interval comes first")
            found[-1][3].append((name[len(_TAG) :], value))
    count = {False: 0, True: 0}
    crons = []
    for text, every, blocks, own in found:
        crons.append(Cron(f"{count[blocks]}-{text}", every, blocks, tuple(own)))
        count[blocks] += 1
    return tuple(crons)


def ticks_between(
    crons: Iterable[Cron],
    origin: Moment,
    left: Moment,
    right: Moment,
    *,
    last: int | None = None,
    blocks: Iterable[Moment] | None = None,
) -> Iterator[Tick]:
    """The ticks that are due from one point to another, in order; in one second those of blocks come first.

    `origin` is the process's own message, which is no tick itself; `left` the message before (or `origin`), `right` the
    next one, or now: a tick's timestamp is at least `left`'s and less than `right`'s. `last` is the timestamp of the
    last tick that was given before `left`: what was due in its second is not given twice. `blocks` are the blocks that
    began in between, by height; where nobody knows them, those between the two heights are spread evenly. The number
    of ticks has no bound but the time between the points (`most_ticks`): take what you need of them.
    """
    # Steps of a second, counted from `left`.
    steps = -((left.timestamp - right.timestamp) // 1000)
    if steps <= 0:
        return
    began = left.timestamp // 1000 - origin.timestamp // 1000
    # The second that the process began in is no tick; neither is one before it.
    first = max(0, 1 - began)
    if last is not None:
        first = max(first, last // 1000 - left.timestamp // 1000 + 1)
    new = _Even(left, right, steps) if blocks is None else _Known(left, right, steps, blocks)
    kinds: dict[bool, list[Cron]] = {True: [], False: []}
    for cron in crons:
        kinds[cron.blocks].append(cron)
    streams = [_of_blocks(new, cron.every, origin.height, index) for index, cron in enumerate(kinds[True])]
    for index, cron in enumerate(kinds[False]):
        start = first + -(began + first) % cron.every
        streams.append(_of_time(range(start, steps, cron.every), index))
    for step, timed, height, index in heapq.merge(*streams):
        if timed:
            height = new.height_at(step)
        yield Tick(kinds[not timed][index], Moment(left.timestamp + 1000 * step, height))


def most_ticks(crons: Iterable[Cron], left: Moment, right: Moment) -> int:
    """How many ticks may be due from one point to another, at most."""
    seconds, blocks = (right.timestamp - left.timestamp) // 1000 + 1, right.height - left.height
    return sum(max(0, blocks if cron.blocks else seconds) // cron.every + 1 for cron in crons)


#: Step, 0 for blocks and 1 for time, height, index of the cron: what ticks are ordered by.
_Place = tuple[int, int, int, int]


def _of_time(steps: Iterable[int], index: int) -> Iterator[_Place]:
    return ((step, 1, 0, index) for step in steps)


def _of_blocks(new: _Even | _Known, every: int, origin: int, index: int) -> Iterator[_Place]:
    for number in new.multiples(every, origin):
        height = new.heights[number]
        if height > origin:
            yield (new.step(number), 0, height, index)


def _interval(text: str) -> tuple[int, bool]:
    """How many seconds, or blocks, and whether it is blocks."""
    found = _INTERVAL.fullmatch(text)
    number, unit = (int(found[1]), found[2].lower().removesuffix("s")) if found else (0, "")
    if not number or (unit != "block" and unit not in _UNITS):
        raise InputError(f"is no interval: {text[:40]!r}", field="Cron-Interval", advice=_ADVICE)
    if unit == "block":
        return number, True
    seconds = number * _UNITS[unit] // 1000
    if not seconds:
        raise InputError(f"is less than a second: {text[:40]!r}", field="Cron-Interval", advice=_ADVICE)
    return seconds, False


class _Even:
    """Blocks of which only the first and the last height are known, spread evenly. There may be any number of them."""

    def __init__(self, left: Moment, right: Moment, steps: int) -> None:
        self.heights = range(left.height + 1, right.height + 1)
        self._before = left
        self._steps = steps
        self._time = right.timestamp - left.timestamp

    def step(self, number: int) -> int:
        """The step that a block begins in."""
        start = self._before.timestamp % 1000 + self._time * (number + 1) // (len(self.heights) + 1)
        return min(start // 1000, self._steps - 1)

    def multiples(self, every: int, origin: int) -> Iterable[int]:
        """The blocks, by number, whose height is a multiple of blocks away from the process's own."""
        return range((origin - self._before.height - 1) % every, len(self.heights), every)

    def height_at(self, step: int) -> int:
        """The height that a step lies in."""
        return self._before.height + bisect.bisect_right(range(len(self.heights)), step, key=self.step)


class _Known:
    """Blocks that somebody knows; what does not lie between the points is left out."""

    def __init__(self, left: Moment, right: Moment, steps: int, blocks: Iterable[Moment]) -> None:
        new = sorted(
            (block.height, min(block.timestamp // 1000 - left.timestamp // 1000, steps - 1))
            for block in blocks
            if left.height < block.height and left.timestamp <= block.timestamp < right.timestamp
        )
        self.heights = [height for height, _ in new]
        self._began = [step for _, step in new]
        self._before = left.height

    def step(self, number: int) -> int:
        """The step that a block begins in."""
        return self._began[number]

    def multiples(self, every: int, origin: int) -> Iterable[int]:
        """The blocks, by number, whose height is a multiple of blocks away from the process's own."""
        return [number for number, height in enumerate(self.heights) if (height - origin) % every == 0]

    def height_at(self, step: int) -> int:
        """The height that a step lies in."""
        at = bisect.bisect_right(self._began, step)
        return self.heights[at - 1] if at else self._before
