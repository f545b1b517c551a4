"""What a network asks of a process: messages that are packed already, and moments to rest at and go back to."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from threading import RLock

    from ..models import Limits, Packed, Result
    from ..state import Mark, State

__all__ = ["Embedded", "Place"]

__tracebackhide__ = True

#: Where a message stands in a network, and what brought it, as a journal keeps that (`Entry.place`, `Entry.origin`).
Place: TypeAlias = "tuple[bytes, bytes | None]"


class Embedded:
    """The part of `Process` that networks use."""

    def _embed(self, state: State, lock: RLock, limits: Limits) -> None:
        self._state = state
        # One message after the other, whichever threads they come from.
        self._lock = lock
        self._limits = limits

    def handle_packed(self, packed: Packed, timestamp: int, block_height: int, place: Place | None = None) -> Result:
        """Evaluate a message in the network's form that is packed already (`models.pack`): for those who make many.

        `place` is written into the journal on disk beside it: where it stands in a network, and what brought it.
        """
        with self._lock:
            state = self._state
            if place is not None and state.disk is not None:
                state.disk.places.append(place)
            state.defaults.saw(timestamp, block_height)
            try:
                return state.evaluate(packed, self._limits)
            except BaseException:
                if state.disk is not None:
                    state.disk.places.clear()
                raise

    def skip(
        self,
        packed: Packed,
        timestamp: int,
        block_height: int,
        result: Result,
        place: Place | None = None,
    ) -> None:
        """Note a message that is not evaluated, as one that left no trace, with what is answered in its place."""
        with self._lock:
            state = self._state
            if place is not None and state.disk is not None:
                state.disk.places.append(place)
            state.defaults.saw(timestamp, block_height)
            state.skip(packed, result, self._limits)

    def together(self) -> AbstractContextManager[None]:
        """The messages that are evaluated in here are kept together: all of them, or after an exception none.

        A journal on disk is written once, at the end; nobody is to be told of their results before.
        """
        return self._state.together()

    def rest(self) -> None:
        """Keep the state as its bytes until somebody needs it: a process at rest takes a tenth of the memory.

        The next message, or look, loads it: some milliseconds. Where a handler waits inside of a message, the messages
        since the state was last saved are evaluated again then.
        """
        with self._lock:
            if self._state.engine is not None:
                self._state.settled()
                self._state.engine = self._state.original = None

    def mark(self) -> Mark:
        """This moment, for `back_to`; only for a process in memory, and it holds as long as the history goes back."""
        with self._lock:
            return self._state.mark()

    def back_to(self, mark: Mark) -> None:
        """Be as at the moment of `mark` again: what came after it is forgotten.

        Raises `InputError` for a process with a journal on disk, which forgets nothing.
        """
        with self._lock:
            self._state.back_to(mark)
