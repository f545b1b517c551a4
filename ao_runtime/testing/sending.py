"""`assert_sent`, `assert_nothing_sent`: what a message made its process send, and all that followed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import InputError
from ..models import Message, Result
from ..network import Sent
from .happened import Unmet, happened, in_line, line_of

__all__ = ["assert_nothing_sent", "assert_sent"]

__tracebackhide__ = True


def assert_sent(
    result: Sent | Result,
    *,
    to: Any = None,
    action: Any = None,
    data: Any = None,
    tags: Mapping[str, Any] | None = None,
    from_: Any = None,
    count: int | None = None,
) -> Message:
    """A message like this was sent; gives the first one.

    result
        What `process.handle` or `wallet.send` gave. Of a `Sent` everything counts that followed from the message, in
        all processes; of a `Result` what the process itself sent.
    to, from_
        A wallet, a process, an address, or the name of one.
    action, data, tags
        Text that is the same, a pattern of `re.compile` that is found, or a function that says yes. `tags` are those
        that must be there; others may be, too.
    count
        So many of them, exactly; without it one or more.

    Raises AssertionError, whose text says what did happen; `InputError` for something that is no result.
    """
    found = _messages(result)
    label = _label(result)
    wanted = _Wanted(to, from_, action, data, dict(tags or {}), label)
    fitting = [one for one in found if wanted.misses(one) == []]
    if (fitting and count is None) or (count is not None and len(fitting) == count):
        return fitting[0] if fitting else Message()
    if fitting:
        times = "time" if len(fitting) == 1 else "times"
        head = f"{wanted} was sent {len(fitting)} {times}, expected {count}"
    elif count:
        head = f"{wanted} was not sent, expected {count}"
    else:
        head = f"{wanted} was not sent"
    near = None if fitting else wanted.nearest(found)
    parts = [head, *([near] if near else []), "", happened(result)]
    raise Unmet("\n".join(parts))


def assert_nothing_sent(result: Sent | Result) -> None:
    """No message was sent, no process spawned and nothing assigned.

    Raises AssertionError, whose text says what was sent, and where a message failed; `InputError` for no result.
    """
    own = result.result if isinstance(result, Sent) else result
    found = _messages(result)
    if own.error is None and not found and not own.spawns and not own.assignments:
        return
    if own.error is not None:
        head = "nothing was sent, but the message failed (with ao_fails() is for that)"
    else:
        parts = [
            f"{count} {name}{'s' if count > 1 else ''}"
            for name, count in (
                ("message", len(found)),
                ("spawn", len(own.spawns)),
                ("assignment", len(own.assignments)),
            )
            if count
        ]
        head = f"expected that nothing is sent, found {', '.join(parts)}"
    raise Unmet(f"{head}\n\n{happened(result)}")


class _Wanted:
    """A message as it is looked for."""

    def __init__(
        self, to: Any, from_: Any, action: Any, data: Any, tags: dict[str, Any], label: Callable[[str], str]
    ) -> None:
        self.label = label
        self.parts: list[tuple[str, Any, Callable[[Message], Any], bool]] = []
        for name, value, read in (
            ("to", to, lambda one: one.target),
            ("from", from_, lambda one: one.from_),
        ):
            if value is not None:
                self.parts.append((name, getattr(value, "address", value), read, True))
        if action is not None:
            self.parts.append(("Action", action, lambda one: one.action, False))
        if data is not None:
            self.parts.append(("Data", data, lambda one: one.data, False))
        for name, value in tags.items():
            self.parts.append((name, getattr(value, "address", value), _tag(name), False))

    def misses(self, message: Message) -> list[str]:
        """In which parts it is another one, in words."""
        told = []
        for name, value, read, address in self.parts:
            is_ = read(message)
            if not (self._is_at(value, is_) if address else _fits(value, is_)):
                named = None if is_ is None else self.label(str(is_))
                told.append(f"{name} is {in_line(repr(named))}" if is_ is not None else f"it has no {name}")
        return told

    def _is_at(self, value: Any, is_: Any) -> bool:
        return _fits(value, is_) or (is_ is not None and _fits(value, self.label(str(is_))))

    def nearest(self, messages: list[Message]) -> str | None:
        """The message with the fewest differences, in words; None where there is none."""
        if not messages or not self.parts:
            return None
        best = min(messages, key=lambda one: len(self.misses(one)))
        misses = self.misses(best)
        if len(misses) == len(self.parts) > 1:
            return None
        return f"the nearest is {line_of(best, self.label)}: {', '.join(misses)}"

    def __str__(self) -> str:
        words = [f"{name} {_word(value, self.label)}" for name, value, _, _ in self.parts]
        return f"a message with {', '.join(words)}" if words else "a message"


def _tag(name: str) -> Callable[[Message], Any]:
    return lambda message: message.tags.get(name)


def _word(value: Any, label: Callable[[str], str]) -> str:
    if isinstance(value, re.Pattern):
        return f"like {value.pattern!r}"
    if callable(value):
        return f"that {getattr(value, '__name__', 'the function')} says yes to"
    return in_line(repr(label(value) if isinstance(value, str) else value))


def _fits(value: Any, is_: Any) -> bool:
    if isinstance(value, re.Pattern):
        return isinstance(is_, str) and value.search(is_) is not None
    if callable(value):
        return bool(value(is_))
    return bool(value == is_)


def _label(result: Sent | Result) -> Callable[[str], str]:
    return result.tree.label if isinstance(result, Sent) else str


def _messages(result: Any) -> list[Message]:
    if isinstance(result, Result):
        return [*result.messages]
    if isinstance(result, Sent):
        return [*_sent(result)]
    raise InputError(f"must be what handle() or send() gave, found {type(result).__name__}", field="result")


def _sent(sent: Sent) -> Iterator[Message]:
    """All messages that followed, in the order of the tree's lines."""
    for evaluation in sent.tree.evaluations():
        if evaluation.result is not None:
            yield from evaluation.result.messages
            continue
        for delivery in evaluation.effects:
            if delivery.kind == "message":
                data = None if delivery.data is None else delivery.data.decode("utf-8", "replace")
                yield Message(from_=evaluation.process, target=delivery.target, tags=delivery.tags, data=data)
