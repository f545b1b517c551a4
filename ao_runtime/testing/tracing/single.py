"""`trace` and `why` of one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import InputError
from ...models import plain as without_colours
from ...process import Watched, asked, watched
from .answers import Trace, Why
from .build import action_of, labelled, traced_of
from .handlers import asked_of
from .model import Value
from .noted import as_list, count_of, text_of, value_of
from .words import lua

if TYPE_CHECKING:
    from ...models import GivenLimits, Limits, Message
    from ...process import Process

__all__ = ["trace", "trace_of", "why"]

__tracebackhide__ = True


def trace(
    process: Process,
    message: Mapping[str, Any] | Message | None = None,
    *,
    limits: Limits | GivenLimits | None = None,
    keep: bool = False,
    globals: bool = True,
    **fields: Any,
) -> Trace:
    """Evaluate a message as `process.handle` does, and tell what each handler did with it.

    Nothing of it stays in the process, unless it is to `keep` what the message leaves. `globals` says whether the
    globals are compared before and after. Result, bytes and instructions are those of an evaluation that nobody
    watches: what handlers do is seen in a copy that is thrown away. Of a published module only the result is known.

    Raises `InputError` as `handle` does.
    """
    seen = watched(process, message, limits=limits, keep=keep, globals=globals, **fields)
    return trace_of(seen)


def trace_of(seen: Watched) -> Trace:
    """The trace of one message, from what was seen of it."""
    return Trace((traced_of(seen),))


def why(
    process: Process,
    message: Mapping[str, Any] | Message | None = None,
    *,
    limits: Limits | GivenLimits | None = None,
    **fields: Any,
) -> Why:
    """Which handler would take a message, and which would not, and why: no handler runs, and nothing stays.

    Patterns that are functions are called in a copy of the process, each within limits of its own.

    Raises `InputError` as `handle` does, and for a process whose handlers cannot be asked: a published module.
    """
    seen = asked(process, message, limits=limits, **fields)
    problem = text_of(seen.noted.get("problem"))
    if problem:
        raise InputError(
            f"the handlers cannot be asked: {problem}", advice="trace shows the result of a message in any case"
        )
    return _why(seen)


def _why(seen: Watched) -> Why:
    handlers, taken, broken = asked_of(seen.noted, seen.wire)
    refused: str | None = None
    hints: tuple[str, ...] = ()
    if seen.noted.get("reached") is not True:
        handlers, taken, broken = (), None, None
        refused, hints = _refused(seen)
    notes = []
    if seen.noted.get("own") is False:
        notes.append("the process gives messages to its handlers in a way of its own, which may be another")
    return Why(
        seen.process,
        text_of(seen.wire.get("Id")) or None,
        action_of(seen.wire),
        labelled(text_of(seen.wire.get("From"))),
        handlers,
        count_of(seen.noted.get("skipped")),
        taken,
        broken,
        refused,
        hints,
        tuple(notes),
    )


def _refused(seen: Watched) -> tuple[str, tuple[str, ...]]:
    """Why a message gets to no handler, in the process's words; and what that means."""
    said = without_colours(seen.said or "").strip() or "it has ended before its handlers were asked"
    sender, owner = text_of(seen.wire.get("From")), text_of(seen.wire.get("Owner"))
    if sender == owner or "trusted" not in said:
        return said, ()
    of = seen.noted.get("of")
    trusted: list[Value] = [value_of(one) for one in as_list(of.get("authorities"))] if isinstance(of, dict) else []
    known = ", ".join(lua(one) for one in trusted) if trusted else "nobody"
    return said, (
        f"From is {lua(sender)} and Owner is {lua(owner)}: who sends for another must be an Authority of the process",
        f"its authorities are {known}" if trusted else "the process has no Authority: it trusts nobody",
    )
