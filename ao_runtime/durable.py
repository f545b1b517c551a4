"""Processes whose journal is on disk: opened, gone on with, started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .birth import Birth, UnreadableError
from .disk import Disk, state_of
from .errors import InputError, JournalError
from .models.result import Result
from .models.text import from_json
from .store import Store

if TYPE_CHECKING:
    from .models import Environment
    from .process import Process
    from .spawning import Start

__all__ = ["check_known", "opened", "spawned"]


def opened(
    kind: type[Process], path: Path, environment: Mapping[str, Any] | Environment | None, options: dict[str, Any]
) -> Process:
    """`Process.open`."""
    store = Store.open(path) if path.exists() else None
    try:
        if store is not None and store.birth is not None:
            return _continued(kind, store, environment, options)
        # Before a file is made: what is wrong with an option leaves none behind.
        dialect = options.pop("dialect")
        process = kind(environment, **options, dialect="2.0.6" if dialect is None else dialect)
        described = process._state.birth.described(process._state.outside)
        store = store or Store.open(path)
        _attach(process, store, described, [])
    except BaseException:
        if store is not None:
            store.close()
        raise
    return process


def spawned(kind: type[Process], path: Path, start: Start, new: dict[str, Any], again: dict[str, Any]) -> Process:
    """`Process.spawn` with a journal: `new` are the options of a new process, `again` those that were given."""
    store = Store.open(path) if path.exists() else None
    try:
        if store is not None and store.birth is not None:
            return _gone_on_with(kind, store, start, again)
        process = kind(start.environment, **new)
        process._boot(start.message)
        described = process._state.birth.described(process._state.outside)
        store = store or Store.open(path)
        _attach(process, store, described, [process.spawn_result])
    except BaseException:
        if store is not None:
            store.close()
        raise
    return process


def _gone_on_with(kind: type[Process], store: Store, start: Start, options: dict[str, Any]) -> Process:
    """The process of a journal, if it is the one that was to be started."""
    process = _continued(kind, store, None, options)
    first = next((entry for entry in store.entries() if not entry.failed), None)
    if first is None:
        if not process._state.birth.same_environment(start.environment):
            raise InputError(f"{store.path} holds a process with another environment", field="environment")
        process._boot(start.message)
        return process
    start.check(process.environment, first, str(store.path))
    process.spawn_result = Result.from_raw(from_json(first.result), first.gas)
    return process


def _continued(
    kind: type[Process],
    store: Store,
    environment: Mapping[str, Any] | Environment | None,
    options: dict[str, Any],
) -> Process:
    """The process of a journal, at its end."""
    described = store.birth or {}
    dialect, format_ = options.pop("dialect"), options.pop("format")
    try:
        birth, outside = Birth.again(described, **options)
    except UnreadableError as error:
        raise JournalError(str(error), file=str(store.path)) from None
    if environment is not None and not birth.same_environment(environment):
        raise InputError(
            f"{store.path} holds a process with another one",
            advice="leave it out to go on with that process",
            field="environment",
        )
    check_known(store, ("dialect", dialect, birth.dialect), ("format", format_, birth.format))
    state = state_of(store, store.count, birth, outside)
    state.disk = Disk(store, state.journal.root.position, state.replayed - state.spent)
    state.journal.start_at(state.saved)
    return kind._of(state)


def check_known(store: Store, *options: tuple[str, Any, Any]) -> None:
    """Raises `InputError` for an option (name, what is given, what the journal says) that is not as it was."""
    for name, value, known in options:
        if value is not None and value != known:
            raise InputError(
                f"{store.path} holds a process with {known!r}, found {value!r}",
                advice="leave it out to go on with that process",
                field=name,
            )


def _attach(process: Process, store: Store, described: dict[str, Any], results: list[Result | None]) -> None:
    """From now on the process is kept in a new journal, with the messages that it has seen and these results."""
    state = process._state
    if store.birth is not None:
        raise JournalError("was begun by somebody else just now", file=str(store.path))
    store.begin(described)
    disk = Disk(store, 0)
    with disk.together():
        for number, result in enumerate(results):
            packed, instructions, bad = state.journal.entries[number]
            if result is not None:
                disk.keep(number, packed, instructions, result, bad, state.journal.reads.get(number, []))
    state.journal.past = store.path
    state.disk = disk
