"""Messages after the end of a journal that are evaluated now and written there later, or never.

Whoever evaluates for others may lose the right to it meanwhile: so nothing is written while it is evaluated, and the
journal may be another's to write until the very end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import JournalError
from ..state import Disk, Options, State, state_of
from ..store import JOB, Entry, Store
from .opening import recorded
from .process import Process

if TYPE_CHECKING:
    from types import TracebackType

    from ..models import Environment

__all__ = ["Draft"]

__tracebackhide__ = True


class _Pages:
    """What a state writes to in place of a journal: `state.Pages`, in memory."""

    closed = False

    def __init__(self, first: int) -> None:
        self.first = first
        self.entries: list[Entry] = []
        #: The newest state, and after how many messages it is.
        self.snapshot: tuple[int, bytes] | None = None

    @property
    def count(self) -> int:
        return self.first + len(self.entries)

    def append(self, entries: Sequence[Entry]) -> None:
        self.entries += entries

    def put_snapshot(self, count: int, state: bytes) -> None:
        self.snapshot = count, state

    def close(self) -> None:
        """What was written stays: it is to be written once more."""


class Draft:
    """The process of the journal `path` as it is now, and what is evaluated on it from now on (`process.handle`).

    The journal is read when the draft is made, and `write` adds to it what was evaluated since, all at once. Where
    there is no such file yet, the process is a new one with this environment. The options are those of `Process`. To
    be closed, or used as a context manager.

    Raises what `Process.open` raises.
    """

    def __init__(
        self,
        path: Path,
        environment: Mapping[str, Any] | Environment | None = None,
        options: Options | None = None,
    ) -> None:
        self.path = path
        options = options or Options()
        self._genesis: dict[str, Any] | None = None
        self._history: bytes | None = None
        if path.exists():
            with Store.open(path, write=False, create=False) as store:
                state = self._continued(store, environment, options)
        else:
            state = self._new(environment, options)
        self.process = Process._of(state)

    def _new(self, environment: Mapping[str, Any] | Environment | None, options: Options) -> State:
        state = State.new(environment, options)
        self._genesis = state.genesis.described(state.inputs)
        self._pages = _Pages(0)
        state.disk = Disk(self._pages, 0)
        return state

    def _continued(self, store: Store, environment: Mapping[str, Any] | Environment | None, options: Options) -> State:
        if store.genesis is None:
            return self._new(environment, options)
        genesis, inputs = recorded(store, options)
        if environment is not None:
            genesis.check_environment(environment, str(store.path))
        state = state_of(store, store.count, genesis, inputs)
        self._pages = _Pages(store.count)
        self._history = store.history(store.count)
        state.disk = Disk(self._pages, state.journal.root.position, state.replayed - state.spent)
        state.journal.start_at(state.saved)
        return state

    @property
    def first(self) -> int:
        """The number of messages that the journal had: the number of the first one of the draft."""
        return self._pages.first

    @property
    def entries(self) -> Sequence[Entry]:
        """The messages that were evaluated since, with their results."""
        return self._pages.entries

    def save(self) -> None:
        """Save the state as well, if that is worth it, for whoever opens the journal next: `write` puts it there."""
        state = self.process._state
        if state.disk is not None:
            state.disk.close(state.settled, state.spent)

    def write(self, store: Store, job: str | None = None, note: bytes = b"") -> None:
        """Add what was evaluated to the journal, open for writing: all or nothing; it is on the disk then.

        With `job`, `store.job(job)` gives the first message of the draft and `note` from then on.

        Raises `JournalError` where the journal is not what it was when the draft was made, and where it cannot be
        written.
        """
        history = None if store.genesis is None else store.history(store.count)
        if store.count != self.first or history != self._history:
            raise JournalError(
                f"holds {store.count} messages now, and what was evaluated comes after {self.first} of before",
                file=str(store.path),
            )
        entries = list(self._pages.entries)
        if not entries:
            return
        if job is not None:
            head = entries[0]
            entries[0] = Entry(
                head.nonce,
                head.packed,
                head.instructions,
                head.timestamp,
                head.result,
                head.gas,
                head.failed,
                [*head.reads, (JOB, job, note)],
            )
        if self._genesis is not None:
            store.begin(self._genesis)
        store.append(entries)
        if self._pages.snapshot is not None:
            store.put_snapshot(*self._pages.snapshot)

    def close(self) -> None:
        """Let go of the process; what was not written is gone. It can be done more than once."""
        self.process.close()

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
