"""What evaluates messages: the one interface of Lua VMs (`vm`) and of published modules (`wasm`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ..models import Answer, Limits, Packed

__all__ = ["Engine", "Isolated", "hold", "isolated"]


class Engine(Protocol):
    """The state of one process, and what evaluates messages against it.

    After a result that is an error, or an exception, an engine is never used again: whoever uses it makes the state
    anew, from bytes that were saved and the messages since.
    """

    #: What `limit` was last told; None when that is not known.
    limits: object

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come; None is no limit."""

    def evaluate(self, packed: Packed) -> Answer:
        """Evaluate one message."""

    def get(self, path: str) -> Any:
        """The value at `path` among the process's globals. Raises `InputError` where it cannot be looked at."""

    def outline(self, keys: Sequence[Any], first: int, most: int) -> Any:
        """What is at the path `keys` among the globals, and some of what it holds (`lua/vm/border/outline.lua`).

        Raises `InputError` where it cannot be looked at.
        """

    def owner(self) -> str | None:
        """The owner that the process names now, if it does; None where that cannot be looked at."""

    def settle(self) -> None:
        """Free what a start has left behind."""

    def save(self) -> bytes | None:
        """The state now, as bytes; None where it cannot be written down now (something waits inside of a message)."""

    def load(self, state: bytes) -> None:
        """Take over a state that an engine made with the same arguments has saved; this one must be new.

        Raises `SnapshotError` for bytes that are damaged or foreign; the engine is not to be used then.
        """


class Isolated(Engine, Protocol):
    """An engine in a child process (`isolation`). Any of its methods may raise `EngineLostError`."""

    @property
    def lost(self) -> bool:
        """Whether its child has ended; it is not to be used then."""

    def evaluate_many(self, many: Sequence[Packed]) -> Generator[Answer, None, None]:
        """Evaluate messages one after the other, up to the first that fails, which is then the last answer.

        To close it before that ends the child.
        """

    def evaluate_aside(self, packed: Packed) -> Answer | None:
        """Evaluate one message in a copy of the child, of which nothing stays; None where no copy can be made."""


def hold(engine: Engine, limits: Limits) -> None:
    """Hold the evaluations to come to these limits."""
    engine.limit(limits.instructions, limits.seconds, limits.memory)
    engine.limits = limits


def isolated(engine: Engine) -> Isolated | None:
    """The same engine, if it lives in a child."""
    return cast("Isolated", engine) if hasattr(engine, "evaluate_aside") else None
