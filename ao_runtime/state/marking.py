"""A moment of a state in memory, and the way back there: by what was saved, or by a copy of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError
from .copied import CopiedEngine, Original
from .journal import Mark

if TYPE_CHECKING:
    from .state import State

__all__ = ["marked", "put_back", "usable"]

__tracebackhide__ = True

#: Seconds of evaluation that may be done again rather than to save the state, where there is an engine to copy.
_AGAIN = 0.01


def marked(state: State) -> Mark:
    """This moment of a state."""
    count = state.journal.count
    if usable(state) is None or state.spent > _AGAIN:
        state.settled()
        engine, genesis = state.engine, state.genesis
        copies = engine is None or isinstance(engine, CopiedEngine)
        if not copies and genesis.pool is None and genesis.wasm is None and state.copying_pays:
            assert engine is not None
            state.original, state.engine = Original(engine, count), None
    return Mark(count, state.saved)


def usable(state: State) -> Original | None:
    """The engine whose copies lead to this state; None where there is none."""
    original = state.original
    if original is None or not state.saved.position <= original.count <= state.journal.count:
        return None
    return original


def put_back(state: State, mark: Mark) -> bool:
    """Whether what came after a mark is to be forgotten; what the state is made from is put back.

    Raises `InputError` for one with a journal on disk.
    """
    if state.disk is not None:
        raise InputError("what is in a journal on disk stays there", advice="process.fork() goes on elsewhere")
    if state.journal.count == mark.count and state.saved.position <= mark.count:
        return False
    state.saved = mark.saved
    if state.original is not None and state.original.count > mark.count:
        state.original = None
    return True
