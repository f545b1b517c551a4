"""A moment of a state in memory, and the way back there: by what was saved, or by a copy of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..errors import InputError
from .copied import CopiedEngine, Original
from .journal import Mark

if TYPE_CHECKING:
    from .disk import Disk
    from .engine import Engine
    from .genesis import Genesis
    from .journal import Checkpoint, Journal

__all__ = ["marked", "put_back", "usable"]

__tracebackhide__ = True

#: Seconds of evaluation that may be done again rather than to save the state, where there is an engine to copy.
_AGAIN = 0.01


class _State(Protocol):
    """`state.State`."""

    genesis: Genesis
    journal: Journal
    saved: Checkpoint
    disk: Disk | None
    engine: Engine | None
    original: Original | None
    spent: float

    @property
    def copying_pays(self) -> bool:
        """Whether a copy of the engine is cheaper than to load what was saved."""

    def settled(self) -> Checkpoint:
        """The moment to make this state from, as late as it can be."""


def marked(state: _State) -> Mark:
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


def usable(state: _State) -> Original | None:
    """The engine whose copies lead to this state; None where there is none."""
    original = state.original
    if original is None or not state.saved.position <= original.count <= state.journal.count:
        return None
    return original


def put_back(state: _State, mark: Mark) -> bool:
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
