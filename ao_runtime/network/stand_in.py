"""`StandIn`: something of Python's that answers messages in place of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import InputError, StandInError
from ..models import Message, legible, read_message, shown
from .client_items import named_message
from .evaluation import Delivery, Evaluation
from .item import Item
from .values import as_bytes

__all__ = ["Answerer", "StandIn"]

__tracebackhide__ = True

#: What answers: a function of a message, or something with a method `handle` that is one.
Answerer = Callable[[Message], Any]
_ADVICE = "a stand-in returns None, a message (a dict, a Message), or a list of them"


class StandIn:
    """Answers messages at an address, in place of a process.

    Its function is given each message (`Message`) and returns what is sent: nothing, a message, or several, in any form
    that a message has; processes and wallets among the values stand for their ids. Without a `Target` a message is an
    answer: it goes to whoever asked, with the `X-Reference` by which a process finds what it is an answer to. What is
    sent is as of a process: it has `From-Process`, a `Reference` of its own and an anchor.

    address
        Where it receives.
    name
        What people call it.
    received
        All messages that it got, in order.
    """

    def __init__(self, address: str, name: str, answer: Any) -> None:
        handle = getattr(answer, "handle", answer)
        if not callable(handle):
            raise InputError(f"cannot answer: {shown(answer)}", field="answer", advice="a function of a message")
        self.address = address
        self.name = name
        self.received: list[Message] = []
        self._answer: Answerer = handle
        self._reference = 0

    def receive(self, item: Item) -> Evaluation:
        """Take a message."""
        self.received.append(item.message())
        return Evaluation(self.address, len(self.received) - 1, len(self.received) - 1, None, item)

    def answer(self, evaluation: Evaluation, pushed_for: str | None) -> None:
        """Answer the message that was taken last: `evaluation.effects` is what is sent.

        Raises `StandInError` where the function raises, or returns what cannot be sent.
        """
        message = self.received[-1]
        process, action = f"stand-in {self.name}", legible(message.action or "message")
        try:
            answers = self._answer(message)
            if isinstance(answers, (Mapping, Message)) or not isinstance(answers, Iterable):
                answers = [answers]
            # A generator runs only now, and may raise as well.
            answers = [answer for answer in answers if answer is not None]
        except Exception as error:
            raise StandInError(f"raised {type(error).__name__}: {error}", process=process, message=action) from error
        effects = []
        for index, given in enumerate(answers):
            try:
                effects.append(self._sent(evaluation, index, given, message, pushed_for))
            except InputError as error:
                problem = f"returned what cannot be sent: {error}"
                raise StandInError(problem, process=process, message=action, advice=_ADVICE) from None
        evaluation.effects = effects

    def read(self) -> tuple[int, int]:
        """How far it is: for `put`."""
        return len(self.received), self._reference

    def put(self, state: tuple[int, int]) -> None:
        """Be as far as it was: what it received since is forgotten. What its function keeps is its own matter."""
        del self.received[state[0] :]
        self._reference = state[1]

    def copy(self) -> StandIn:
        """One of its own that answers by the same function."""
        other = StandIn(self.address, self.name, self._answer)
        other.received = [*self.received]
        other._reference = self._reference
        return other

    def _sent(self, origin: Evaluation, index: int, given: Any, asked: Message, pushed_for: str | None) -> Delivery:
        wire = read_message(named_message(given))
        reference = self._reference = self._reference + 1
        pairs: list[tuple[Any, Any]] = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]
        pairs.append(("Reference", str(reference)))
        pairs += [(tag["name"], tag["value"]) for tag in wire["Tags"]]
        target = wire.get("Target")
        if target is None:
            target = asked.from_
            question = asked.tags.get("Reference")
            if isinstance(question, str) and all(name != "X-Reference" for name, _ in pairs):
                pairs.append(("X-Reference", question))
        flat: list[bytes] = []
        for name, value in pairs:
            if not isinstance(value, (str, bytes)):
                raise InputError("must be text", field=f"Tags[{name!r}]")
            flat += (as_bytes(name), as_bytes(value))
        data = wire.get("Data")
        anchor = wire.get("Anchor") or f"{reference:032}"
        return Delivery(
            "message",
            origin,
            index,
            str(target),
            None if data is None else as_bytes(data),
            as_bytes(anchor),
            tuple(flat),
            pushed_for,
        )
