"""All messages again in a new engine, each result beside the one that was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InternalError, JournalError
from ..models import Limits, Result, from_json
from ..state import MORE, Options, Progress, digest_of, written
from ..store import Entry, Store
from ..vm import GAS_RULE
from .opening import of_journal
from .process import TOGETHER, Process

if TYPE_CHECKING:
    import os

    from ..isolation import Pool
    from ..models import GivenLimits
    from ..state import State

__all__ = ["Ends", "Replayed", "replay"]

__tracebackhide__ = True

#: What a result says of a limit that another machine, or this one at another time, does not hit at the same place.
_CHANCE = (b"time limit of ", b"memory limit reached")
#: Messages between two calls of a `Progress`.
_STEP = 512


class Replayed(NamedTuple):
    """A message that was evaluated again."""

    entry: Entry
    result: Result | None
    """What came out now; None where the message had hit a limit on time or memory, which says nothing about it."""
    gas: bool = True
    """Whether its gas is compared: not where that was counted by an older rule (`vm.GAS_RULE`)."""

    @property
    def recorded(self) -> Result:
        """What had come out."""
        return Result.of_wire(from_json(self.entry.result), self.entry.gas)

    @property
    def same(self) -> bool:
        """Whether it is the same, to the byte, as far as that can be told."""
        result = self.result
        if result is None:
            return True
        # Gas is not compared of what failed: where a limit is hit, it is not counted to the last instruction.
        same_gas = not self.gas or self.entry.failed or result.gas_used == self.entry.gas
        return same_gas and written(result) == self.entry.result


@dataclass
class Ends:
    """The states before and after messages that are replayed: their SHA-256 (`state.digest_of`).

    None before the first message, before the replay has come there, and where a state cannot be saved.
    """

    first: str | None = None
    last: str | None = None


def replay(
    source: Store | Process | str | os.PathLike[str],
    first: int = 0,
    stop: int | None = None,
    *,
    module: str | os.PathLike[str] | None = None,
    limits: Limits | GivenLimits | None = None,
    isolated: bool | Pool | None = None,
    progress: Progress | None = None,
    ends: Ends | None = None,
) -> Iterator[Replayed]:
    """Evaluate the messages of a journal on disk from `first` on and before `stop` in a new engine.

    Those that failed are evaluated too; they leave no trace. What was read from outside is what was recorded, and
    nothing else. Where `first` is not 0, a snapshot helps to get there. `source` is a journal, its file, or a process
    that was opened; `module` is the published module, should its file have been moved. Each message runs under the
    instruction limit that it ran under, and within `limits` (the defaults of `Limits` where they are not given).
    `isolated` is that of `Process`. `ends` is told the states that it begins from and ends in.

    Raises `JournalError` where the journal is damaged or has not begun, and where a message that had ended does not end
    within `limits`.
    """
    if isinstance(source, Store):
        yield from _replay(source, first, stop, module, limits, isolated, progress, ends)
        return
    path = source._state.journal.past if isinstance(source, Process) else source
    if path is None:
        raise JournalError("the process has no journal on disk", advice="Process.open makes one")
    with Store.open(path, write=False, create=False) as store:
        yield from _replay(store, first, stop, module, limits, isolated, progress, ends)


def _replay(
    store: Store,
    first: int,
    stop: int | None,
    module: str | os.PathLike[str] | None,
    limits: Limits | GivenLimits | None,
    isolated: bool | Pool | None,
    progress: Progress | None,
    ends: Ends | None,
) -> Iterator[Replayed]:
    file = str(store.path)
    if store.genesis is None:
        raise JournalError("has not begun: no process is in it", file=file)
    stop = store.count if stop is None else min(stop, store.count)
    first = min(max(first, 0), stop)
    name = None if module is None else str(module)
    options = Options(module=name, sources={}, files={}, limits=limits, isolated=isolated)
    state = of_journal(store, first, options)
    if ends is not None:
        ends.first = digest_of(state)
    most = state.genesis.limits_again or Limits()
    same_rule = state.genesis.gas_rule == GAS_RULE
    chance = _CHANCE if same_rule else (*_CHANCE, b"instruction limit of ")
    state.inputs.preset(read for _, read in store.reads(stop))
    allowed: dict[int | None, Limits] = {}
    for entries in _runs(store.entries(first, stop), 1 if state.genesis.pool is None else TOGETHER, chance):
        instructions = entries[0].instructions
        within = allowed.get(instructions)
        if within is None:
            within = allowed[instructions] = Limits(
                min(filter(None, (instructions, most.instructions)), default=None), most.memory, most.seconds
            )
        for entry, result in zip(entries, _evaluated(state, entries, within, chance), strict=True):
            if progress is not None and (entry.nonce - first) % _STEP == 0:
                progress(entry.nonce - first, stop - first)
            failure = None if result is None else result.failure
            own = failure is not None and failure.limit == "instructions" and within.instructions == entry.instructions
            if failure is not None and failure.limit is not None and not own:
                if not entry.failed:
                    raise JournalError(
                        f"message {entry.nonce} does not end within the limits, evaluated again: {failure.message}",
                        advice=MORE,
                        file=file,
                    )
                result = None
            yield Replayed(entry, result, same_rule)
        if state.saved is not state.journal.root:
            # The messages are on disk: memory must not grow with their number.
            state.journal.start_at(state.saved)
    if ends is not None:
        ends.last = digest_of(state)
    if progress is not None:
        progress(stop - first, stop - first)


def _evaluated(
    state: State, entries: list[Entry], limits: Limits, chance: tuple[bytes, ...]
) -> Sequence[Result | None]:
    """The results of entries; None where it says nothing what comes out now."""
    if _by_chance(entries[0], chance):
        return [None]
    try:
        if len(entries) == 1:
            return [state.evaluate(entries[0].packed, limits)]
        return state.evaluate_many([entry.packed for entry in entries], limits)
    except InternalError as error:
        file = None if state.journal.past is None else str(state.journal.past)
        raise JournalError(f"message {state.journal.count} cannot be evaluated again: {error}", file=file) from error


def _by_chance(entry: Entry, chance: tuple[bytes, ...]) -> bool:
    """Whether a message had hit a limit that it does not always hit, or was skipped; `chance` is what such results say.

    What failed has an error; a message that was not evaluated at all has none.
    """
    return entry.failed and (b'"Error"' not in entry.result or any(one in entry.result for one in chance))


def _runs(entries: Iterable[Entry], most: int, chance: tuple[bytes, ...]) -> Iterator[list[Entry]]:
    """The entries in runs of up to `most` under the same limits; what failed by chance stands alone."""
    run: list[Entry] = []
    for entry in entries:
        alone = _by_chance(entry, chance)
        if run and (alone or len(run) == most or entry.instructions != run[0].instructions):
            yield run
            run = []
        if alone:
            yield [entry]
        else:
            run.append(entry)
    if run:
        yield run
