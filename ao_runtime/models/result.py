"""`Result`: what came out of one evaluation."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from ..errors import InputError, ProcessError
from .answer import FAST, Answer, Sent, output_of, sent, to_wire
from .explanation import told
from .json_text import to_json
from .reading import kind

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

    from .failure import Failure
    from .message import Message
    from .outgoing import Assignment, Spawn

__all__ = ["Result"]

__tracebackhide__ = True

_OUTBOX = ("Messages", "Spawns", "Assignments")


@functools.cache
def _message_class() -> type[Message]:
    # Imported when the first message is looked at: pydantic is heavy.
    from .message import Message

    return Message


class Result:
    """The result of one message: what the process printed and what it sends, or an error.

    A value: equal results are equal. Making one is on the hot path, so it keeps what the engine gave, and
    makes its models when somebody looks at them.
    """

    # `_cron` and the last three are there where somebody has set them: most results do without.
    __slots__ = (
        "_answer",
        "_assignments",
        "_cron",
        "_failure",
        "_gas",
        "_messages",
        "_spawns",
        "_wire",
        "keys",
        "notes",
        "sender",
    )

    _answer: Answer | None
    _wire: dict[str, Any] | None
    _gas: int
    _failure: Failure | None
    _messages: tuple[Message, ...] | None
    _spawns: tuple[Spawn, ...] | None
    _assignments: tuple[Assignment, ...] | None
    _cron: str
    #: The id of the process, which is the sender of its messages.
    sender: str
    #: The root keys of the message, as they were given.
    keys: tuple[Any, ...]
    #: What whoever evaluated the message has noticed.
    notes: tuple[str, ...]

    def __init__(self, wire: dict[str, Any] | None = None, **fields: Any) -> None:
        """A result from its wire form, `{"Output", "Messages", "Spawns", "Assignments"}` or `{"Error"}`."""
        wire = _read({**(wire or {}), **fields})
        gas = wire.pop("GasUsed", None)
        self._answer = None
        self._wire = wire
        self._gas = gas if isinstance(gas, int) else 0
        self._failure = self._messages = self._spawns = self._assignments = None

    @classmethod
    def of_answer(cls, answer: Answer, failure: Failure | None = None) -> Result:
        """A result from what an engine answered. It belongs to the result; nobody may change it."""
        result = cls.__new__(cls)
        result._answer = answer
        result._wire = None
        result._gas = answer[1]
        result._failure = failure
        result._messages = result._spawns = result._assignments = None
        return result

    @classmethod
    def of_wire(cls, wire: dict[str, Any], gas: int = 0, failure: Failure | None = None) -> Result:
        """A result from its wire form, which is not checked, and belongs to the result."""
        result = cls.__new__(cls)
        result._answer = None
        result._wire = wire
        result._gas = gas
        result._failure = failure
        result._messages = result._spawns = result._assignments = None
        return result

    def _get(self) -> dict[str, Any]:
        """The wire form itself, not a copy."""
        wire = self._wire
        if wire is None:
            wire = self._wire = to_wire(cast("Answer", self._answer))
        return wire

    @property
    def _fast(self) -> Answer | None:
        """The answer, where it is one that can be read as it is."""
        answer = self._answer
        return answer if answer is not None and answer[0] == FAST else None

    @property
    def posted(self) -> list[Sent] | None:
        """The messages as the engine gave them (`answer.Sent`), where text is all that is sent; None elsewhere."""
        answer = self._fast
        return None if answer is None else [*sent(answer)]

    @property
    def cron(self) -> str | None:
        """Of a tick of cron that `handle_many` has evaluated before a message: which one (`0-5-minutes`); else None."""
        return getattr(self, "_cron", None)

    def of_tick(self, cron: str) -> Result:
        """The result, as that of a tick of cron."""
        self._cron = cron
        return self

    @property
    def output(self) -> Any:
        """`Output`, as the network has it; `None` if there is none."""
        if self._wire is None and (answer := self._fast) is not None:
            return output_of(answer)
        return self._get().get("Output")

    @property
    def text(self) -> str:
        """What is there to read in the output: what was printed, or what an Eval answers."""
        output = self.output
        # Where nothing was printed, aos 0.2 leaves an empty table.
        return "" if output in ({}, []) else _text(output)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that the process sends."""
        if self._messages is None:
            message = _message_class()
            answer = self._fast
            sender = getattr(self, "sender", None)
            if answer is not None:
                self._messages = tuple([message.sent(sender, *item) for item in sent(answer)])
            else:
                self._messages = tuple(message.outgoing(item, sender) for item in self._items("Messages"))
        return self._messages

    def find(self, *, action: Any = None, target: str | None = None, **tags: Any) -> Message | None:
        """The first message that is sent with this Action, to this target and with these tags; None if there is none.

        `find(action="Credit-Notice", target="bob", Quantity="10")`; what is not given may be anything.
        """
        for message in self.messages:
            if action is not None and message.action != action:
                continue
            if target is not None and message.target != target:
                continue
            if all(message.get(name) == value for name, value in tags.items()):
                return message
        return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is suspicious, in words: what the network would not deliver, or not as it was meant.

        Tags that are no text, no Target, more than the network takes, handlers without a function, keys of the message
        that are nearly a field. The wire form knows nothing of it.
        """
        from .warnings import of_given, of_result

        notes = getattr(self, "notes", ())
        return (*of_given(getattr(self, "keys", ())), *notes, *of_result(self._get()))

    @property
    def spawns(self) -> tuple[Spawn, ...]:
        """The processes that the process asks for."""
        if self._spawns is None:
            from .outgoing import Spawn

            self._spawns = tuple(Spawn.outgoing(item) for item in self._items("Spawns"))
        return self._spawns

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """The assignments that the process asks for."""
        if self._assignments is None:
            from .outgoing import Assignment

            self._assignments = tuple(Assignment.outgoing(item) for item in self._items("Assignments"))
        return self._assignments

    def _items(self, name: str) -> Iterable[dict[Any, Any]]:
        items = self._get().get(name)
        if not items:
            return ()
        if not isinstance(items, (list, tuple)):
            raise InputError(f"the process left {kind(items)} there, not an array", field=name, advice=_AS_IT_IS)
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                field = f"{name}[{index}]"
                raise InputError(f"the process left {kind(item)} there", field=field, advice=_AS_IT_IS)
        return items

    @property
    def error(self) -> str | None:
        """The text of `Error`, `None` when all went well."""
        if self._fast is not None:
            return None
        error = self._get().get("Error")
        if error is None or isinstance(error, str):
            return error
        return error.decode("utf-8", "replace") if isinstance(error, bytes) else to_json(error)

    @property
    def failure(self) -> Failure | None:
        """Where and why it failed, if it did and that is known."""
        return self._failure

    @property
    def gas_used(self) -> int:
        """Lua instructions that the evaluation used."""
        return self._gas

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        if self._fast is not None:
            return True
        return self._get().get("Error") is None

    def raise_for_error(self) -> Result:
        """Raises a ProcessError, or the LimitError of the limit that was hit; else returns itself."""
        error = self.error
        if error is None:
            return self
        if self._failure is None:
            raise ProcessError(error)
        raise ProcessError.of(self._failure, told(self._failure))

    def to_dict(self, *, gas: bool = False) -> dict[str, Any]:
        """`{"Output", "Messages", "Spawns", "Assignments"}` or `{"Error"}`, exactly as the network writes it.

        With `gas`, `GasUsed` as well. It is a copy.
        """
        answer = self._fast
        wire: dict[str, Any] = _copy(self._get()) if answer is None else to_wire(answer)
        if gas:
            wire["GasUsed"] = self._gas
        return wire

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many messages, spawns and assignments the process left there, without making them."""
        answer = self._fast
        if answer is not None:
            return answer[5], 0, 0
        wire = self._get()
        messages, spawns, assignments = (
            len(found) if isinstance(found := wire.get(name), (list, tuple)) else 0 for name in _OUTBOX
        )
        return messages, spawns, assignments

    def head(self, most: int) -> dict[str, Any]:
        """`to_dict`, with at most so many of the messages, spawns and assignments each."""
        answer = self._fast
        if answer is not None:
            return to_wire(answer, most)
        wire = {
            name: item[:most] if name in _OUTBOX and isinstance(item, (list, tuple)) else item
            for name, item in self._get().items()
        }
        return cast("dict[str, Any]", _copy(wire))

    def to_json(self, *, gas: bool = False, indent: int | None = None) -> str:
        """`to_dict` as JSON text. Bytes that are no UTF-8 are written as `models.json_text` says."""
        wire = self._get()
        return to_json({**wire, "GasUsed": self._gas} if gas else wire, indent=indent)

    def __eq__(self, other: object) -> bool:
        """Results are equal when their wire forms are, and the instructions that they used."""
        if not isinstance(other, Result):
            return NotImplemented
        return self._gas == other._gas and self._get() == other._get()

    __hash__ = None  # type: ignore[assignment]  # It holds dicts and lists.

    def __repr__(self) -> str:
        """The error, or the text and how much was sent."""
        if not self.ok:
            return f"Result(error={self.error!r})"
        sent = (f"{name.lower()}={len(items)}" for name in _OUTBOX if (items := self._get().get(name)))
        return f"Result({', '.join((f'text={self.text!r}', *sent))})"

    def __reduce__(self) -> tuple[Any, ...]:
        """A result can be pickled and copied."""
        extra = {name: getattr(self, name) for name in ("keys", "notes", "sender") if hasattr(self, name)}
        return type(self).of_wire, (self._get(), self._gas, self._failure), (None, extra)

    # What pydantic's own models can do, for those who keep or read recorded results.

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """`to_dict` with `GasUsed`."""
        return self.to_dict(gas=True)

    def model_dump_json(self, *, indent: int | None = None, **_: Any) -> str:
        """`to_json` with `GasUsed`."""
        return self.to_json(gas=True, indent=indent)

    @classmethod
    def model_validate(cls, value: Any) -> Result:
        """A result from a recorded one: an object in wire form."""
        return value if isinstance(value, cls) else cls(_read(value))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """In a pydantic model, a result is read from its wire form and written in it."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls.model_validate, serialization=core_schema.plain_serializer_function_ser_schema(cls.model_dump)
        )


_AS_IT_IS = "result.to_dict() has it as it is"


def _read(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"a result is an object, found {kind(value)}")
    for name in _OUTBOX:
        if not isinstance(value.get(name, []), (list, tuple)):
            raise InputError(f"must be an array, found {kind(value[name])}", field=name)
    return value


def _text(output: Any) -> str:
    if output is None:
        return ""
    if isinstance(output, dict):
        for name in ("data", "output"):
            if name in output:
                return _text(output[name])
        if "prompt" in output:
            return ""  # an Eval of aos 0.2 without a value
    if isinstance(output, str):
        return output
    if isinstance(output, bytes):
        return output.decode("utf-8", "replace")
    return to_json(output)


def _copy(value: Any) -> Any:
    """A copy of a JSON value, all the way down."""
    kind_of = type(value)
    if kind_of is dict:
        return {key: _copy(item) for key, item in value.items()}
    if kind_of is list or kind_of is tuple:
        return [_copy(item) for item in value]
    return value
