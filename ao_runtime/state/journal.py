"""What a process has seen, in memory: its messages, and what they read from outside. Any moment is made from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import InputError, InternalError, LimitError
from ..isolation import EngineLostError
from ..models import FAILED, FAST, decode, failed
from .defaults import FIRST_BLOCK_HEIGHT, FIRST_TIMESTAMP
from .engine import isolated
from .reads import Read

if TYPE_CHECKING:
    from pathlib import Path

    from ..models import Answer, Limits, Packed
    from .engine import Engine, Isolated

__all__ = ["Checkpoint", "Journal", "Kept", "Mark", "Progress", "evaluate_again", "time_of"]

__tracebackhide__ = True

#: A message as the engine took it, the instruction limit that it ran under, and whether it failed.
Kept: TypeAlias = "tuple[Packed, int | None, bool]"
#: Told how many messages of how many have been evaluated again.
Progress: TypeAlias = "Callable[[int, int], object]"
#: Messages between two calls of a `Progress`.
_STEP = 512
#: Bytes beyond a memory limit that a message may use which is evaluated again.
_SLACK = 64 << 20


@dataclass(frozen=True)
class Checkpoint:
    """A moment that a process can be made from: after `position` messages."""

    position: int = 0
    #: What the engine saved; None is an engine that has seen nothing.
    state: bytes | None = None
    #: Of the last message.
    timestamp: int | float | str = FIRST_TIMESTAMP - 1
    height: int | float | str = FIRST_BLOCK_HEIGHT
    #: Whether no message was accepted yet.
    unstarted: bool = True


@dataclass(frozen=True)
class Mark:
    """A moment of a state to go back to: after `count` messages, and what it is made from again."""

    count: int
    saved: Checkpoint


@dataclass
class Journal:
    """The messages from one moment on (`root`), failed ones too, and all that was ever read from outside."""

    root: Checkpoint = Checkpoint()
    entries: list[Kept] = field(default_factory=list)
    #: What was read first while a message was evaluated, by the message's position, in order.
    reads: dict[int, list[Read]] = field(default_factory=dict)
    #: The journal on disk that has the messages before `root`.
    past: Path | None = None

    @property
    def count(self) -> int:
        """Messages so far."""
        return self.root.position + len(self.entries)

    def since(self, position: int, stop: int | None = None) -> list[Kept]:
        """The messages from `position` on, which is not before `root`, and before `stop`."""
        first = self.root.position
        return self.entries[position - first : None if stop is None else stop - first]

    def read_before(self, stop: int) -> list[Read]:
        """What the messages before `stop` have read."""
        return [read for position, reads in self.reads.items() if position < stop for read in reads]

    def upto(self, stop: int) -> Journal:
        """A copy that ends before message `stop`, which is not before `root`."""
        reads = {position: list(reads) for position, reads in self.reads.items() if position < stop}
        return Journal(self.root, self.since(self.root.position, stop), reads, self.past)

    def cut(self, stop: int) -> None:
        """Forget the messages from `stop` on, and what they read."""
        del self.entries[stop - self.root.position :]
        for position in [position for position in self.reads if position >= stop]:
            del self.reads[position]

    def start_at(self, base: Checkpoint) -> None:
        """Forget the messages before a moment, which are on disk."""
        del self.entries[: base.position - self.root.position]
        self.root = base


def evaluate_again(
    engine: Engine,
    entries: Sequence[Kept],
    position: int,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> None:
    """Evaluate messages again; the first has `position`. Those that failed left no trace and are passed over.

    Each runs under the instruction limit that it ran under. Without `limits` these are messages that have ended here
    before: they may take their time, and what room they need. With `limits` they come from somewhere else, and each is
    held to these as well.

    Raises `InternalError` should a message fail that did not fail before, `LimitError` where that is for `limits`.
    """
    evaluate = engine.evaluate
    seconds = memory = most = None
    if limits is not None:
        seconds, most = limits.seconds, limits.instructions
        # A state made again may have garbage at other times than it had.
        memory = None if limits.memory is None else limits.memory + _SLACK
    apart = isolated(engine)
    if apart is not None:
        _evaluate_together(apart, entries, position, progress, (most, seconds, memory))
        return
    engine.limit(most, seconds, memory)
    limit = most
    total = len(entries)
    for number, (packed, instructions, bad) in enumerate(entries):
        if progress is not None and number % _STEP == 0:
            progress(number, total)
        if bad:
            continue
        if instructions is None or (most is not None and most < instructions):
            instructions = most
        if instructions != limit:
            limit = instructions
            engine.limit(limit, seconds, memory)
        raw = evaluate(packed)
        if raw[0] != FAST and failed(raw):
            raise _fails_now(position + number, raw, limits is not None)
    if progress is not None:
        progress(total, total)


def _fails_now(position: int, raw: Answer, held: bool) -> InternalError | LimitError:
    """The error that a message fails now, which was `held` to limits of its own, or was not."""
    what = f"message {position} of the process failed when it was evaluated again"
    if held and raw[0] == FAILED and raw[3] is not None:
        return LimitError(f"{what}: {raw[4].decode('utf-8', 'replace')}")
    return InternalError(what)


def _evaluate_together(
    engine: Isolated,
    entries: Sequence[Kept],
    position: int,
    progress: Progress | None,
    limits: tuple[int | None, float | None, int | None],
) -> None:
    """Evaluate messages again in an engine that is given many at once, within limits as `Engine.limit` takes them."""
    total = len(entries)
    most, seconds, memory = limits
    held = limits != (None, None, None)
    engine.limit(*limits)
    for number in range(0, total, _STEP):
        if progress is not None:
            progress(number, total)
        good = [(at, entries[at]) for at in range(number, min(number + _STEP, total)) if not entries[at][2]]
        for instructions, group in groupby(good, lambda item: item[1][1]):
            same = list(group)
            done = 0
            engine.limit(min(filter(None, (instructions, most)), default=None), seconds, memory)
            try:
                with closing(engine.evaluate_many([kept[0] for _, kept in same])) as answers:
                    for raw in answers:
                        if raw[0] != FAST and failed(raw):
                            raise _fails_now(position + same[done][0], raw, held)
                        done += 1
            except EngineLostError as error:
                if error.limit is None:
                    raise
                # It was killed at a limit, and would be again. Of those without an answer it is the first, or close.
                what = f"message {position + same[done][0]} of the process failed when it was evaluated again"
                raise LimitError(f"{what}: {error.limit} limit reached") from None
    if progress is not None:
        progress(total, total)


def time_of(packed: Packed) -> tuple[Any, Any]:
    """Timestamp and Block-Height of a message."""
    if isinstance(packed, bytes):
        try:
            wire = decode(packed)
        except InputError:
            wire = None
        if type(wire) is not dict:  # Bytes that none of ours has written: its evaluation will say so.
            wire = {}
    else:
        names, values = packed
        wire = dict(zip(names[: names.index(None)], values, strict=False))
    timestamp, height = wire.get("Timestamp", FIRST_TIMESTAMP), wire.get("Block-Height", FIRST_BLOCK_HEIGHT)
    return (
        timestamp.decode("utf-8", "replace") if isinstance(timestamp, bytes) else timestamp,
        height.decode("utf-8", "replace") if isinstance(height, bytes) else height,
    )
