"""A state again: from a snapshot, from a journal on disk, or at an earlier moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from typing import Any

from ..errors import InputError, InternalError, JournalError, LimitError, SnapshotError
from ..models import Limits
from ..store import Store
from .genesis import Genesis, UnreadableError
from .inputs import Inputs
from .journal import Checkpoint, Journal, Progress
from .options import Options
from .reads import Read
from .snapshot import Moment, read_snapshot, write_snapshot
from .state import State

__all__ = ["MORE", "digest_of", "genesis_of", "kept_digest", "restored", "snapshot_of", "state_at", "state_of"]

__tracebackhide__ = True

_log = logging.getLogger("ao_runtime.state")
#: Messages that are read from disk in one go.
_STEP = 512
#: What to do where the limits are not enough.
MORE = "limits= gives more (--limit-seconds, --limit-memory, --limit-instructions of the command)"
#: What an engine says of a state that knows other Lua of ours.
_OTHER_VERSION = "was made by another version of ao_runtime"
#: What it says of one that does not come back within the limits.
_TOO_MUCH = "to be taken over"


def snapshot_of(state: State) -> bytes:
    """The moment of a state as bytes."""
    base = state.settled()
    journal = state.journal
    genesis = state.genesis.described(state.inputs)
    return write_snapshot(Moment(genesis, base, journal.since(base.position), journal.read_before(journal.count)))


def genesis_of(snapshot: bytes, limits: Limits) -> dict[str, Any]:
    """How the process of a snapshot was started, as the snapshot says: nothing of it is believed, or made.

    Raises `SnapshotError` for bytes that are no snapshot.
    """
    return read_snapshot(snapshot, limits).genesis


def digest_of(state: State) -> str | None:
    """The SHA-256 of a state as an engine saves it, hexadecimal; None where it cannot be saved now.

    The same state has the same one, whichever way it came about: from its first message on, or from a saved state.
    """
    base = state.settled()
    if base.position != state.journal.count or base.state is None:
        return None
    return sha256(base.state).hexdigest()


def kept_digest(store: Store, count: int, limits: Limits) -> str | None:
    """The `digest_of` the state that a journal keeps after exactly `count` messages; None where there is none.

    A state that needs more memory than `limits` allow is none.
    """
    found = store.snapshot(count)
    if found is None or found[0] != count:
        return None
    with suppress(SnapshotError):
        base = read_snapshot(found[1], limits).base
        if base.position == count and base.state is not None:
            return sha256(base.state).hexdigest()
    return None


def restored(data: bytes, options: Options) -> State:
    """The state of a snapshot.

    Raises `SnapshotError` for bytes that are no snapshot of ours or do not lead to a state, `InputError` for options
    that do not go with it.
    """
    moment = read_snapshot(data, Limits.read(options.limits))
    try:
        genesis, inputs = Genesis.recorded(moment.genesis, options)
    except UnreadableError as error:
        raise SnapshotError(str(error)) from None
    genesis.check_options(options, "the snapshot")
    inputs.preset(moment.reads)
    before = {moment.base.position - 1: moment.reads} if moment.reads else {}
    state = State(genesis, inputs, Journal(moment.base, moment.since, before), history=options.history)
    try:
        state.ready(limits=genesis.limits_again)
    except SnapshotError as error:
        if error.problem.endswith(_OTHER_VERSION):
            advice = "use the ao-runtime that wrote it; a journal on disk outlives versions"
        elif error.problem.endswith(_TOO_MUCH):
            advice = MORE
        else:
            raise
        raise SnapshotError(error.problem, advice=advice) from None
    except LimitError as error:
        raise SnapshotError(f"does not lead to its state: {error}", advice=MORE) from None
    except InternalError as error:
        raise SnapshotError(f"does not lead to its state: {error}") from error
    return state


def state_at(state: State, stop: int, progress: Progress | None = None) -> State:
    """A state of its own: `state` before message `stop`. Raises `InputError` where that is not known any more."""
    journal = state.journal
    root = journal.root
    if stop >= root.position:
        return state.at(stop, progress)
    if journal.past is None:
        if state.history is not None:
            why = f"only the last {journal.count - root.position} are kept (history={state.history})"
        else:
            why = f"the process was restored from a snapshot after {root.position} messages"
        raise InputError(
            f"message {stop - 1} is not known: {why}",
            field="nonce",
            advice=f"the first moment is at({root.position - 1})",
        )
    # Somebody else may have the journal open.
    with Store.open(journal.past, write=False, create=False) as store:
        return state_of(store, stop, state.genesis, state.inputs, progress)


def state_of(store: Store, stop: int, genesis: Genesis, inputs: Inputs, progress: Progress | None = None) -> State:
    """The state before message `stop`: from the newest snapshot that an engine can load, and the messages since.

    Raises `JournalError` where the messages do not lead there any more.
    """
    reads: dict[int, list[Read]] = {}
    for nonce, read in store.reads(stop):
        reads.setdefault(nonce, []).append(read)
    for base in _bases(store, stop, genesis.limits):
        journal = Journal(base, [], reads, store.path)
        again = inputs.again()
        again.preset(journal.read_before(stop))
        state = State(genesis, again, journal)
        try:
            state.ready(limits=genesis.limits_again)
        except SnapshotError as error:
            _log.info("the snapshot after %d messages is passed over: %s", base.position, error)
            continue
        try:
            _advance(state, store, stop, progress)
        except LimitError as error:
            raise JournalError(f"does not lead to its state: {error}", advice=MORE, file=str(store.path)) from None
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
        state.advance(chunk, state.genesis.limits_again)
        if state.saved is not journal.root:
            journal.start_at(state.saved)
    if progress is not None:
        progress(stop - first, stop - first)


def _bases(store: Store, stop: int, limits: Limits) -> Iterator[Checkpoint]:
    """The moments that the way to `stop` may begin at, the latest first."""
    most = stop
    while most > 0:
        found = store.snapshot(most)
        if found is None:
            break
        count, data = found
        with suppress(SnapshotError):
            base = read_snapshot(data, limits).base
            if base.position == count:
                yield base
        most = count - 1
    yield Checkpoint()
