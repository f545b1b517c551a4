"""One message, evaluated as ever, and once more in a copy of the process that is watched and thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..models import FAILED, Limits, Result, check_keywords, failed, read_message, shown, wire_of
from ..state import look, placed, state_at, traced
from ..store import Store
from .process import Process

if TYPE_CHECKING:
    from ..models import Answer, GivenLimits, Message, Packed
    from ..state import Genesis, Read, State

__all__ = ["Watched", "asked", "evaluated_at", "watched", "watched_again", "watched_in"]

__tracebackhide__ = True


@dataclass(frozen=True)
class Watched:
    """A message, and what was seen while it was evaluated."""

    #: The process's id.
    process: str
    #: The message as it was evaluated, in the network's form.
    wire: dict[str, Any]
    #: What came of it: of an evaluation that nobody watched. None where handlers were asked only.
    result: Result | None
    #: What was noted (`lua/vm/trace`): {steps, skipped, of, reached, problem}.
    noted: dict[str, Any]
    #: What the watched evaluation printed, or its error; None where nothing was evaluated.
    said: str | None = None
    #: Whether the watched evaluation ended as the other one.
    same: bool = True
    #: All that the globals lead to, before and after (`Graph`); None where nobody has looked, or nothing has changed.
    before: bytes | None = None
    after: bytes | None = None
    #: Why nobody has looked.
    unseen: str | None = None
    #: The number of the message in its process.
    nonce: int | None = None
    #: What people call the process: its tag Name, or its file; None where it has neither.
    name: str | None = None


def watched(
    process: Process,
    message: Mapping[str, Any] | Message | None = None,
    *,
    limits: Limits | GivenLimits | None = None,
    keep: bool = False,
    globals: bool = True,
    **fields: Any,
) -> Watched:
    """Evaluate a message as `process.handle` does, and once more in a copy that is watched.

    Nothing stays in the process, unless it is to `keep` what the message leaves. `globals` says whether the globals are
    looked at before and after. Raises `InputError` as `handle` does.
    """
    allowed = process.limits if limits is None else Limits.read(limits)
    if fields:
        check_keywords(fields)
    with process._lock:
        wire = process.fill(message, **fields)
        twin = process.fork()._state
        answer, noted = traced(twin, twin.filled(deepcopy(wire)), allowed, asking=False)
        there = process if keep else process.fork()
        before, unseen = _looked(there._state) if globals else (None, None)
        result = there.handle(message, limits=limits, **fields)
        return _told(wire, result, answer, noted, there._state, before, unseen, there.count - 1)


def watched_again(process: Process, number: int, *, globals: bool = True) -> Watched:
    """As `watched`, of message `number` that the process has had, in the state that it was evaluated in.

    Raises `InputError` where there is no such message, or where it is not known any more.
    """
    with process._lock:
        packed = evaluated_at(process, number)
        before, again = state_at(process._state, number), state_at(process._state, number)
        for state in (before, again):
            state.inputs.preset(_reads_at(process._state, number))
    return _again(packed, before, again, process.limits, number, globals=globals)


def watched_in(store: Store, number: int, twin: State, there: State, *, globals: bool = True) -> Watched:
    """As `watched`, of message `number` of a journal on disk: `twin` and `there` are the state before it, twice."""
    entry = next(iter(store.entries(number, number + 1)))
    for state in (twin, there):
        state.inputs.preset(read for _, read in store.reads(number + 1))
    return _again(entry.packed, twin, there, there.genesis.limits, number, globals=globals)


def _again(packed: Packed, twin: State, there: State, limits: Limits, number: int, *, globals: bool) -> Watched:
    answer, noted = traced(twin, packed, limits, asking=False)
    before, unseen = _looked(there) if globals else (None, None)
    result = there.evaluate(packed, limits)
    return _told(wire_of(packed), result, answer, noted, there, before, unseen, number)


def evaluated_at(process: Process, number: int) -> Packed:
    """Message `number` as the process has evaluated it. Raises `InputError` where it is not known."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < process.count:
        known = f"there are 0 to {process.count - 1}" if process.count else "there is none yet"
        raise InputError(f"there is no message {shown(number)}", advice=known, field="number")
    journal = process._state.journal
    first = journal.root.position
    if number >= first:
        return journal.entries[number - first][0]
    if journal.past is None:
        raise InputError(f"message {number} is not known any more", advice=f"the first is {first}", field="number")
    with Store.open(journal.past, write=False, create=False) as store:
        return next(iter(store.entries(number, number + 1))).packed


def _reads_at(state: State, number: int) -> list[Read]:
    """What was read from outside up to message `number`, and by it: it reads the same again."""
    journal = state.journal
    if number >= journal.root.position or journal.past is None:
        return journal.reads.get(number, [])
    with Store.open(journal.past, write=False, create=False) as store:
        return [read for _, read in store.reads(number + 1)]


def _name(genesis: Genesis) -> str | None:
    """What people call a process."""
    for tag in genesis.environment["Process"].get("Tags") or []:
        if tag.get("name") == "Name" and tag.get("value"):
            return str(tag["value"])
    file = genesis.known_boot_file
    return Path(file).stem if file else None


def asked(
    process: Process,
    message: Mapping[str, Any] | Message | None = None,
    *,
    limits: Limits | GivenLimits | None = None,
    **fields: Any,
) -> Watched:
    """Ask each handler whether it would take a message, in a copy of the process; none is run, and nothing stays.

    Patterns that are functions are called, each within limits of its own. Raises `InputError` as `handle` does.
    """
    allowed = process.limits if limits is None else Limits.read(limits)
    if fields:
        check_keywords(fields)
    with process._lock:
        wire = process.fill(message, **fields)
        twin = process.fork()._state
        answer, noted = traced(twin, twin.filled(read_message(deepcopy(wire))), allowed, asking=True)
        placed(process._state, noted)
        return Watched(process.id, wire, None, noted, None if answer is None else _said(answer))


def _looked(state: State) -> tuple[bytes | None, str | None]:
    """All that the globals lead to; or why that cannot be told."""
    try:
        found = look(state)
    except InputError as error:
        return None, error.problem
    return found, None if found is not None else "a published module cannot be looked into"


def _told(
    wire: dict[str, Any],
    result: Result,
    answer: Answer | None,
    noted: dict[str, Any],
    state: State,
    before: bytes | None,
    unseen: str | None,
    nonce: int,
) -> Watched:
    after = None
    if before is not None and result.ok:
        after, unseen = _looked(state)
    if after is None:
        before = None
    placed(state, noted)
    same = answer is None or _is_same(answer, result)
    said = None if answer is None else _said(answer)
    genesis = state.genesis
    return Watched(genesis.id, wire, result, noted, said, same, before, after, unseen, nonce, _name(genesis))


def _is_same(answer: Answer, result: Result) -> bool:
    """Whether the watched evaluation has ended as the other one. Its limits are wider, which the error says."""
    failure = result.failure
    if failure is not None and failure.limit is not None and answer[0] == FAILED:
        return bool(answer[3] == failure.limit.encode())
    return _without_gas(Result.of_answer(answer)) == _without_gas(result)


def _without_gas(result: Result) -> dict[str, Any]:
    told = result.to_dict()
    told.pop("GasUsed", None)
    return told


def _said(answer: Answer) -> str:
    """What an evaluation printed; of one that failed the error."""
    result = Result.of_answer(answer)
    if answer[0] == FAILED or failed(answer):
        return result.error or ""
    return result.text
