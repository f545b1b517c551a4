"""The state that a process begins with: new, or of a journal on disk that is gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import JournalError
from ..models import Result, from_json
from ..state import Disk, Genesis, Options, State, UnreadableError, state_of
from ..store import Entry, Store
from .spawning import Start, boot

if TYPE_CHECKING:
    from ..models import Environment
    from ..state import Progress

__all__ = ["of_journal", "opened", "spawned"]

__tracebackhide__ = True


def opened(path: Path, environment: Mapping[str, Any] | Environment | None, options: Options) -> State:
    """The state of `Process.open`."""
    store = Store.open(path) if path.exists() else None
    try:
        if store is not None and store.genesis is not None:
            return _continued(store, environment, options)
        # Before a file is made: what is wrong with an option leaves none behind.
        state = State.new(environment, options)
        described = state.genesis.described(state.inputs)
        store = store or Store.open(path)
        _attach(state, store, described, [])
    except BaseException:
        if store is not None:
            store.close()
        raise
    return state


def spawned(path: Path, start: Start) -> tuple[State, Result]:
    """The state of `Process.spawn` with a journal, and the result of the process's own message."""
    store = Store.open(path) if path.exists() else None
    try:
        if store is not None and store.genesis is not None:
            return _gone_on_with(store, start)
        state = State.new(start.environment, start.options)
        result = boot(state, start.message)
        described = state.genesis.described(state.inputs)
        store = store or Store.open(path)
        _attach(state, store, described, [result])
    except BaseException:
        if store is not None:
            store.close()
        raise
    return state, result


def of_journal(
    store: Store, stop: int, options: Options, start: Start | None = None, progress: Progress | None = None
) -> State:
    """The state of a journal before message `stop`, in memory.

    Raises `JournalError` for a journal that does not lead there, `InputError` where the process was started with
    something else than `start` and the options say.
    """
    genesis, inputs = _recorded(store, options)
    first = None if start is None else _first_of(store)
    if start is not None and first is not None:
        start.check(genesis.environment, first.packed, str(store.path))
    return state_of(store, stop, genesis, inputs, progress)


def _gone_on_with(store: Store, start: Start) -> tuple[State, Result]:
    """The state of a journal, if it is that of the process that was to be started."""
    state = _continued(store, None, start.options)
    first = _first_of(store)
    if first is None:
        state.genesis.check_environment(start.environment, str(store.path))
        return state, boot(state, start.message)
    start.check(state.genesis.environment, first.packed, str(store.path))
    return state, Result.of_wire(from_json(first.result), first.gas)


def _continued(store: Store, environment: Mapping[str, Any] | Environment | None, options: Options) -> State:
    """The state of a journal, at its end; what comes now is kept there."""
    genesis, inputs = _recorded(store, options)
    if environment is not None:
        genesis.check_environment(environment, str(store.path))
    state = state_of(store, store.count, genesis, inputs)
    state.disk = Disk(store, state.journal.root.position, state.replayed - state.spent)
    state.journal.start_at(state.saved)
    return state


def _recorded(store: Store, options: Options) -> Any:
    try:
        genesis, inputs = Genesis.recorded(store.genesis or {}, options)
    except UnreadableError as error:
        raise JournalError(str(error), file=str(store.path)) from None
    genesis.check_options(options, str(store.path))
    return genesis, inputs


def _first_of(store: Store) -> Entry | None:
    """The first message that was accepted: the process's own."""
    return next((entry for entry in store.entries() if not entry.failed), None)


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
