"""A state whose journal is on disk: every message is written there before its result is given."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any

from . import snapshot
from .errors import InputError, InternalError, JournalError, SnapshotError, StateError
from .journal import Base, Journal, Progress, time_of
from .models.text import to_json
from .pace import Pace
from .snapshot import Moment
from .state import State
from .store import Entry, Store

if TYPE_CHECKING:
    from pathlib import Path

    from .birth import Birth
    from .models.limits import Limits
    from .models.result import Result
    from .sources import Outside, Read
    from .vm.packing import Packed

__all__ = ["Disk", "state_before", "state_of", "written"]

_log = logging.getLogger("ao_runtime.state")
#: A snapshot on disk serves the next program that opens the journal: so much rarer than one in memory.
_RARER = 20.0
#: Messages that are read from disk in one go.
_STEP = 512


class Disk:
    """The journal on disk of a state that goes on, and the snapshots beside it.

    `snapshot_at` is the number of messages after which there is one already; `spent` seconds of evaluation since then.
    """

    def __init__(self, store: Store, snapshot_at: int, spent: float = 0.0) -> None:
        self._store = store
        self._batch: list[Entry] | None = None
        self._pace = Pace(_RARER)
        self._snapshot_at = snapshot_at
        self._spent = spent

    @property
    def count(self) -> int:
        """The number of messages that are on disk."""
        return self._store.count

    def keep(
        self, nonce: int, packed: Packed, instructions: int | None, result: Result, bad: bool, reads: list[Read]
    ) -> None:
        """Write a message down; when it returns it is on the disk, or among those that are written together."""
        entry = Entry(nonce, packed, instructions, _number(packed), written(result), result.gas_used, bad, reads)
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

    def rest(self, state: State, spent: float) -> None:
        """A state was saved, after so many seconds of evaluation: what is before it need not be in memory."""
        self._spent += spent
        if self._batch is not None:
            return
        if self._spent > self._pace.due:
            self._put(state)
        state.journal.start_at(state.saved)

    def close(self, state: State, spent: float) -> None:
        """Leave a snapshot for whoever opens the journal next, if that is worth it, and close it."""
        try:
            if self._spent + spent > max(self._pace.cost, 0.02):
                with suppress(StateError):
                    state.settled()
                    self._put(state)
        finally:
            self._store.close()

    def _put(self, state: State) -> None:
        base = state.saved
        if base.position <= self._snapshot_at or base.state is None:
            return
        began = perf_counter()
        try:
            self._store.put_snapshot(base.position, snapshot.write(Moment({}, base, [], [])))
        except JournalError as error:
            # It is only an economy: the messages are there.
            _log.warning("no snapshot was written: %s", error)
            self._pace.missed(self._spent)
            return
        self._snapshot_at = base.position
        self._pace.saved(perf_counter() - began, self._spent)
        self._spent = 0.0


def written(result: Result) -> bytes:
    """A result as the journal has it: JSON as the network writes it.

    What a process has nested so deeply that nobody can read it is `{"Unreadable": why}`: it must not keep a message, or
    others that are written together with it, out of the journal.
    """
    try:
        return result.to_json().encode()
    except (InputError, RecursionError) as error:
        return to_json({"Unreadable": getattr(error, "problem", "is nested too deeply")}).encode()


def state_of(store: Store, stop: int, birth: Birth, outside: Outside, progress: Progress | None = None) -> State:
    """The state before message `stop`: from the newest snapshot that an engine can load, and the messages since.

    Raises `JournalError` where the messages do not lead there any more.
    """
    reads: dict[int, list[Read]] = {}
    for nonce, read in store.reads(stop):
        reads.setdefault(nonce, []).append(read)
    for base in _bases(store, stop, birth.limits):
        journal = Journal(base, [], reads, store.path)
        again = outside.again()
        again.preset(journal.read_before(stop))
        state = State(birth, again, journal)
        try:
            state.ready()
        except SnapshotError as error:
            _log.info("the snapshot after %d messages is passed over: %s", base.position, error)
            continue
        try:
            _advance(state, store, stop, progress)
        except InternalError as error:
            raise JournalError(f"does not lead to its state: {error}", file=str(store.path)) from error
        return state
    raise JournalError("does not lead to its state", file=str(store.path))


def _advance(state: State, store: Store, stop: int, progress: Progress | None) -> None:
    """Bring a state to the moment before message `stop`. What is behind a save on the way is not kept in memory."""
    journal = state.journal
    first = journal.count
    entries = store.entries(first, stop)
    while chunk := [(entry.packed, entry.instructions, entry.failed) for entry in islice(entries, _STEP)]:
        if progress is not None:
            progress(journal.count - first, stop - first)
        state.advance(chunk)
        if state.saved is not journal.root:
            journal.start_at(state.saved)
    if progress is not None:
        progress(stop - first, stop - first)


def state_before(path: Path, stop: int, birth: Birth, outside: Outside, progress: Progress | None) -> State:
    """The state before message `stop` of a journal that somebody else may have open."""
    with Store.open(path, write=False, create=False) as store:
        return state_of(store, stop, birth, outside, progress)


def _bases(store: Store, stop: int, limits: Limits) -> Iterator[Base]:
    """The moments that the way to `stop` may begin at, the latest first."""
    most = stop
    while most > 0:
        found = store.snapshot(most)
        if found is None:
            break
        count, data = found
        with suppress(SnapshotError):
            base = snapshot.read(data, limits).base
            if base.position == count:
                yield base
        most = count - 1
    yield Base()


def _number(packed: Packed) -> int | None:
    """A message's timestamp, if it is a whole number."""
    timestamp: Any = time_of(packed)[0]
    convert: Callable[[Any], int] = int
    try:
        return convert(timestamp)
    except (TypeError, ValueError, OverflowError):
        return None
