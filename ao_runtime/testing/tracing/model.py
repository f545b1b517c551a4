"""What a trace is made of: plain values, which renderers show. Texts are as the process has them.

Nothing in here is harmless for a terminal or a browser: whoever shows it makes it so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "Alternative",
    "Asked",
    "Change",
    "Check",
    "Opaque",
    "Outgoing",
    "Pattern",
    "TraceParts",
    "Traced",
    "Value",
    "WhyParts",
    "plain",
]


@dataclass(frozen=True)
class Opaque:
    """A value of Lua's that is no text, number or boolean."""

    #: "function", "table", "thread", "userdata".
    kind: str
    #: Of a function: where it stands, `token.lua:12`.
    place: str | None = None
    #: The line of code that it begins with.
    code: str | None = None
    #: Of one of the runtime's own: its module.
    of: str | None = None
    #: All of its code, as far as that is known.
    body: str | None = None


#: A value that a process compares, or is told.
Value = str | bytes | int | float | bool | Opaque | None


@dataclass(frozen=True)
class Alternative:
    """One value that a field may have."""

    wanted: Value
    #: Whether it has; None where nobody knows: a function that was not called by itself.
    ok: bool | None
    problem: str | None = None


@dataclass(frozen=True)
class Check:
    """One field that a pattern asks for."""

    key: str
    found: Value
    #: One of these is wanted.
    any: tuple[Alternative, ...]
    ok: bool | None
    missing: bool = False
    #: So many alternatives more than are told.
    more: int = 0


@dataclass(frozen=True)
class Pattern:
    """What a handler asks of a message."""

    kind: Literal["action", "spec", "tag", "function", "other"]
    checks: tuple[Check, ...] = ()
    #: Of a function.
    function: Opaque | None = None
    #: Whether it lets the walk go on (`Handlers.utils.continue`).
    goes_on: bool = False
    #: Whether it has a metatable, which may say something else than what stands in it.
    veiled: bool = False
    #: So many fields more than are told.
    more: int = 0


#: What became of a handler: `no`, it does not match; `took`, it ran and the walk stopped; `ran`, and the walk went on;
#: `failed`, in its function; `waits`, inside of it (Receive); `default`, it is `_default`. Of one that is only asked:
#: `takes`; `shares`, it would run and the walk go on; `late`, it would take what never gets to it; `bad`, its pattern
#: fails or does not answer.
Outcome = Literal["no", "took", "ran", "failed", "waits", "default", "takes", "shares", "late", "bad"]


@dataclass(frozen=True)
class Asked:
    """A handler that was asked whether it takes the message."""

    name: str
    #: Its place in `Handlers.list`, from 1.
    index: int
    outcome: Outcome
    pattern: Pattern
    #: Why it matches or not, in one line for each thing: `Action = "Transfer": no, it is "transfer"`.
    reasons: tuple[str, ...] = ()
    #: What might be meant: `there is a tag "Quantitty"`.
    hints: tuple[str, ...] = ()
    #: What the pattern answered.
    answer: Value = None
    #: Instructions of its function, to about ten; None where it did not run, or did not end.
    instructions: int | None = None
    #: What it printed.
    printed: tuple[str, ...] = ()
    #: What it sent: places in `Traced.sent`.
    sent: tuple[int, ...] = ()
    #: The handler that had waited and that it has woken.
    resumed: str | None = None
    #: How many handlers it is inside of (`Handlers.evaluate`, called by a handler).
    depth: int = 0


@dataclass(frozen=True)
class Change:
    """A place in the globals that is another after the message."""

    path: str
    kind: Literal["added", "removed", "changed"]
    #: In Lua's words, cut short; harmless.
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Outgoing:
    """What a message sends."""

    kind: Literal["message", "spawn", "assignment"]
    to: str | None
    action: str | None
    tags: tuple[tuple[str, str], ...] = ()
    #: Of what has arrived in a traced process: the number of the message in `Trace.messages`.
    traced: tuple[int, ...] = ()
    #: Why it did not arrive.
    problem: str | None = None


@dataclass(frozen=True)
class Traced:
    """One message in one process."""

    #: How far down in the tree, and what brought it: a place in `Trace.messages`.
    depth: int
    parent: int | None
    process: str
    #: What people call the process.
    name: str
    #: Its number in the process, where it has one.
    nonce: int | None
    message: str | None
    action: str
    sender: str
    #: The tags that say something, in order.
    tags: tuple[tuple[str, str], ...]
    #: The network's fields of the message.
    fields: tuple[tuple[str, Value], ...]
    instructions: int | None
    error: str | None
    #: The limit that was hit: "instructions", "memory", "time".
    limit: str | None
    #: Where the error is, in lines for people.
    error_place: tuple[str, ...]
    handlers: tuple[Asked, ...]
    #: So many handlers more were asked than are told.
    more_handlers: int
    #: What was printed, all of it.
    printed: str
    sent: tuple[Outgoing, ...]
    changes: tuple[Change, ...]
    more_changes: int
    #: What could not be seen, and why; what is to be known of this trace.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TraceParts:
    """What a `Trace` holds."""

    messages: tuple[Traced, ...]
    #: So many messages more there are.
    more: int = 0


@dataclass(frozen=True)
class WhyParts:
    """What a `Why` holds."""

    process: str
    message: str | None
    action: str
    sender: str
    handlers: tuple[Asked, ...]
    more_handlers: int
    #: The handler that would take it; None for none, and where the message gets to no handler.
    taken: str | None
    #: The handler whose pattern fails, or does not end, before one has taken it: the message fails there.
    broken: str | None = None
    #: Why the message gets to no handler at all.
    refused: str | None = None
    #: What might be meant, where it gets to none.
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plain(value: Any) -> Any:
    """Structures of this file as dicts and lists; bytes that are no UTF-8 as the text that is nearest to them."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
