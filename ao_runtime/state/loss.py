"""An engine in a child process may be lost at any time: what was asked of it is asked again, of a new one.

A child that ends says nothing of the message that it was evaluating: somebody may have killed it. Where it ends again
and again with the same message, it is the message that does that, and the message fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..errors import InternalError
from ..isolation import EngineLostError
from ..models import FAILED
from .engine import hold

if TYPE_CHECKING:
    from ..models import Answer, Limits
    from .engine import Engine

__all__ = ["again", "asked"]

__tracebackhide__ = True

_T = TypeVar("_T")
#: So many children may end with a message before the message is taken for the cause.
_DEATHS = 3
#: And so many before they have come to what they were asked.
_TRIES = 20
#: So many times others may come first, and keep a child busy, before somebody gives up.
_MOVES = 1000


class _State(Protocol):
    """`state.State`."""

    engine: Engine | None

    def ready(self) -> Engine:
        """A new engine, if there is none."""


def again(
    state: _State,
    limits: Limits,
    error: EngineLostError,
    evaluate: Callable[[Engine], _T],
    give_up: Callable[[Answer], _T],
) -> _T:
    """What `evaluate` gives, after it has raised `error`: called with new engines until one of them lives.

    Where they end with the message, it is what `give_up` makes of the answer that says so.
    """
    deaths = tries = moves = 0
    while tries < _TRIES and moves < _MOVES:
        tries, moves = (tries, moves + 1) if error.moved else (tries + 1, moves)
        deaths += error.at_work
        if deaths >= _DEATHS:
            text = f"the evaluation has ended the program that it ran in, {deaths} times: {error.how}".encode()
            return give_up((FAILED, 0, text, None, text, None))
        state.engine = None
        engine = state.ready()
        hold(engine, limits)
        try:
            return evaluate(engine)
        except EngineLostError as another:
            error = another
    raise InternalError(f"no child process lives long enough: {error.how}")


def asked(state: _State, question: Callable[[], _T]) -> _T:
    """What `question` gives; it is asked again, of a new engine, where the child has ended meanwhile."""
    tries = moves = 0
    while True:
        try:
            return question()
        except EngineLostError as error:
            state.engine = None
            tries, moves = (tries, moves + 1) if error.moved else (tries + 1, moves)
            if tries >= _TRIES or moves >= _MOVES:
                raise InternalError(f"no child process lives long enough: {error.how}") from None
