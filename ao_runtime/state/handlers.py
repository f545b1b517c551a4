"""What a look at a process's handlers tells people: who waits inside of a message, and who has no function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import InternalError
from ..isolation import EngineLostError
from ..models import Waiting, id_of
from .hints import no_function

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import Packed
    from .engine import Engine
    from .journal import Journal

__all__ = ["adds_handlers", "functionless", "is_eval", "waiting"]

__tracebackhide__ = True


def functionless(engine: Engine, packed: Packed) -> tuple[str, ...]:
    """Words for the handlers that have no function, where the code of a message (`packed`) may have added some."""
    look = getattr(engine, "functionless", None)
    if look is None or not adds_handlers(packed):
        return ()
    try:
        names = look()
    except (EngineLostError, InternalError):
        return ()  # Whatever is wrong shows when the engine is used next; these are hints only.
    return tuple(no_function(name) for name in names)


def waiting(found: list[dict[str, Any]], journal: Journal, position: int) -> tuple[Waiting, ...]:
    """The handlers that an engine has found to wait.

    What waits cannot be saved, so that its message is one of those from `position` on, where the state was saved.
    """
    if not found:
        return ()
    numbers = {id_of(packed): position + at for at, (packed, _, _) in enumerate(journal.since(position))}
    return tuple(Waiting(one["pattern"], one.get("handler"), numbers.get(one.get("id"))) for one in found)


def adds_handlers(packed: Packed) -> bool:
    """Whether the code of a message may add handlers."""
    if isinstance(packed, bytes):
        return b"Handlers" in packed
    return any(type(value) is bytes and b"Handlers" in value for value in packed[1])


def is_eval(wire: Mapping[str, Any]) -> bool:
    """Whether a message brings code to evaluate."""
    return any(tag["name"] in ("Action", "action") and tag["value"] == "Eval" for tag in wire.get("Tags") or [])
