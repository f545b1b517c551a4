"""The state that a process begins with: new, or of a journal on disk that is gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import JournalError
from ..models import Result, from_json, wire_of
from ..state import Disk, Genesis, Options, State, UnreadableError, code_id, state_of
from ..store import Entry, Log, Store
from .spawning import Start, boot

if TYPE_CHECKING:
    from ..models import Environment, Packed
    from ..state import Inputs, Progress

__all__ = ["of_journal", "opened", "recorded", "spawned"]

__tracebackhide__ = True


def opened(
    path: Path, environment: Mapping[str, Any] | Environment | None, options: Options, log: Log | None = None
) -> State:
    """The state of `Process.open`; with a `log` what is kept is on the disk when that says so."""
    store = Store.open(path, log=log) if path.exists() else None
    try:
        if store is not None and store.genesis is not None:
            return _continued(store, environment, options)
        # Before a file is made: what is wrong with an option leaves none behind.
        state = State.new(environment, options)
        described = state.genesis.described(state.inputs)
        store = store or Store.open(path, log=log)
        _attach(state, store, described, [])
    except BaseException:
        if store is not None:
            store.close()
        raise
    return state


def spawned(path: Path, start: Start) -> tuple[State, Result | None]:
    """The state of `Process.spawn` with a journal, and the result of the process's own message."""
    store = Store.open(path) if path.exists() else None
    try:
        if store is not None and store.genesis is not None:
            return _gone_on_with(store, start)
        state = State.new(start.environment, start.options)
        results = boot(state, start)
        described = state.genesis.described(state.inputs)
        store = store or Store.open(path)
        _attach(state, store, described, results)
    except BaseException:
        if store is not None:
            store.close()
        raise
    return state, results[-1]


def of_journal(
    store: Store, stop: int, options: Options, start: Start | None = None, progress: Progress | None = None
) -> State:
    """The state of a journal before message `stop`, in memory.

    Raises `JournalError` for a journal that does not lead there, `InputError` where the process was started with
    something else than `start` and the options say.
    """
    genesis, inputs = recorded(store, options)
    first, second = (None, None) if start is None else _first_of(store, genesis.id)
    if start is not None and first is not None:
        start.check(genesis.environment, first.packed, _packed(second), str(store.path))
    return state_of(store, stop, genesis, inputs, progress)


def _gone_on_with(store: Store, start: Start) -> tuple[State, Result | None]:
    """The state of a journal, if it is that of the process that was to be started."""
    state = _continued(store, None, start.options)
    first, second = _first_of(store, state.genesis.id)
    if first is None:
        state.genesis.check_environment(start.environment, str(store.path))
        # Others may have come first: then it is no start any more.
        return state, None if _has_begun(store) else boot(state, start)[-1]
    start.check(state.genesis.environment, first.packed, _packed(second), str(store.path))
    if second is not None and wire_of(second.packed).get("Id") == code_id(state.genesis.id):
        first = second
    return state, Result.of_wire(from_json(first.result), first.gas)


def _continued(store: Store, environment: Mapping[str, Any] | Environment | None, options: Options) -> State:
    """The state of a journal, at its end; what comes now is kept there."""
    genesis, inputs = recorded(store, options)
    if environment is not None:
        genesis.check_environment(environment, str(store.path))
    state = state_of(store, store.count, genesis, inputs)
    state.disk = Disk(store, state.journal.root.position, state.replayed - state.spent)
    state.journal.start_at(state.saved)
    return state


def recorded(store: Store, options: Options) -> tuple[Genesis, Inputs]:
    """How the process of a journal was started, and what it reads. Raises `JournalError` where that is damaged."""
    try:
        genesis, inputs = Genesis.recorded(store.genesis or {}, options)
    except UnreadableError as error:
        raise JournalError(str(error), file=str(store.path)) from None
    genesis.check_options(options, str(store.path))
    return genesis, inputs


#: Messages among which a process's own one is looked for: it may have failed, and come again.
_BEGINNING = 16


def _packed(entry: Entry | None) -> Packed | None:
    return None if entry is None else entry.packed


def _has_begun(store: Store) -> bool:
    """Whether any message was accepted."""
    return any(not entry.failed for entry in store.entries())


def _first_of(store: Store, id: str) -> tuple[Entry | None, Entry | None]:
    """The process's own message, the first that was accepted if any was, and the message after it.

    None as long as no message was accepted at all: the process can still be started.
    """
    entries = [*store.entries(0, _BEGINNING + 1)]
    own = [at for at, entry in enumerate(entries) if wire_of(entry.packed).get("Id") == id]
    if not own or not _has_begun(store):
        return None, None
    at = next((at for at in own if not entries[at].failed), own[0])
    return entries[at], entries[at + 1] if at + 1 < len(entries) else None


def _attach(state: State, store: Store, described: dict[str, Any], results: list[Result]) -> None:
    """From now on the state is kept in a new journal, with the messages that it has seen and these results."""
    if store.genesis is not None:
        raise JournalError("was begun by somebody else just now", file=str(store.path))
    store.begin(described)
    disk = Disk(store, 0)
    with disk.together():
        for number, result in enumerate(results):
            packed, instructions, bad = state.journal.entries[number]
            disk.keep(number, packed, instructions, result, bad, state.journal.reads.get(number, []))
    state.journal.past = store.path
    state.disk = disk
