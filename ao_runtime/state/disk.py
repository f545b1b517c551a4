"""A state whose journal is on disk: every message is written there before its result is given."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import JournalError, StateError
from ..store import Entry
from .checkpointing import Checkpointing
from .journal import Checkpoint, Journal, time_of
from .snapshot import Moment, write_snapshot

if TYPE_CHECKING:
    from ..models import Packed, Result
    from .reads import Read

__all__ = ["Disk", "written"]

_log = logging.getLogger("ao_runtime.state")
#: A snapshot on disk serves the next program that opens the journal: so much rarer than one in memory.
_RARER = 20.0


class Pages(Protocol):
    """What a journal is written to: a `Store`, or what becomes part of one later."""

    @property
    def count(self) -> int:
        """The number of messages."""

    @property
    def closed(self) -> bool:
        """Whether it takes nothing any more."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Add messages, all or none."""

    def put_snapshot(self, count: int, state: bytes) -> None:
        """Keep the state after `count` messages."""

    def close(self) -> None:
        """Let go of it."""


class Disk:
    """The journal on disk of a state that goes on, and the snapshots beside it.

    `snapshot_at` is the number of messages after which there is one already; `spent` seconds of evaluation since then.
    """

    def __init__(self, store: Pages, snapshot_at: int, spent: float = 0.0) -> None:
        self._store = store
        self._batch: list[Entry] | None = None
        self._checkpointing = Checkpointing(_RARER)
        self._snapshot_at = snapshot_at
        self._spent = spent
        #: Where the messages that come next stand in a network, and what brought them (`Entry.place`, `Entry.origin`).
        self.places: deque[tuple[bytes, bytes | None]] = deque()

    @property
    def count(self) -> int:
        """The number of messages that are on disk."""
        return self._store.count

    def keep(
        self, nonce: int, packed: Packed, instructions: int | None, result: Result, bad: bool, reads: list[Read]
    ) -> None:
        """Write a message down; when it returns it is on the disk, or among those that are written together."""
        entry = Entry(nonce, packed, instructions, _number(packed), written(result), result.gas_used, bad, reads)
        if self.places:
            entry.place, entry.origin = self.places.popleft()
        if self._batch is None:
            self._store.append((entry,))
        else:
            self._batch.append(entry)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All messages in here are written at its end, in one go."""
        batch = self._batch = []
        try:
            yield
            self._batch = None
            self._store.append(batch)
        finally:
            self._batch = None

    def rest(self, journal: Journal, saved: Checkpoint, spent: float) -> None:
        """A state was saved, after so many seconds of evaluation: what is before it need not be in memory."""
        self._spent += spent
        if self._batch is not None:
            return
        if self._spent > self._checkpointing.due:
            self._put(saved)
        journal.start_at(saved)

    def close(self, settled: Callable[[], Checkpoint], spent: float) -> None:
        """Leave a snapshot for whoever opens the journal next, if that is worth it, and close it.

        `settled` saves the state that there is.
        """
        try:
            # A store that an error has closed takes no snapshot either.
            if not self._store.closed and self._spent + spent > max(self._checkpointing.cost, 0.02):
                with suppress(StateError):
                    self._put(settled())
        finally:
            self._store.close()

    def _put(self, base: Checkpoint) -> None:
        if base.position <= self._snapshot_at or base.state is None:
            return
        began = perf_counter()
        try:
            self._store.put_snapshot(base.position, write_snapshot(Moment({}, base, [], [])))
        except JournalError as error:
            # It is only an economy: the messages are there.
            _log.warning("no snapshot was written: %s", error)
            self._checkpointing.missed(self._spent)
            return
        self._snapshot_at = base.position
        self._checkpointing.saved(perf_counter() - began, self._spent)
        self._spent = 0.0


def written(result: Result) -> bytes:
    """A result as the journal has it: JSON as the network writes it."""
    return result.to_json().encode()


def _number(packed: Packed) -> int | None:
    """A message's timestamp, if it is a whole number."""
    timestamp: Any = time_of(packed)[0]
    convert: Callable[[Any], int] = int
    try:
        return convert(timestamp)
    except (TypeError, ValueError, OverflowError):
        return None
