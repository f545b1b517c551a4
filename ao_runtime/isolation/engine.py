"""An engine that lives in a child process: the same methods as any other, and what only such a one can do."""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from ..errors import InputError, SnapshotError
from ..models import FAILED, FAST, NO_MEMORY, Answer, Packed, decode, failed
from .answers import ANSWER, read_answer
from .child import Call, Child, Host
from .loss import EngineLostError
from .requests import (
    ASIDE,
    EVALUATE,
    FUNCTIONLESS,
    GET,
    LIMIT,
    LOAD,
    LOOK,
    MAKE,
    MANY,
    OUTLINE,
    OWNER,
    PLAIN,
    SAVE,
    SETTLE,
    TRACE,
    WAITING,
    plain,
)
from .wire import MalformedError, read_values

__all__ = ["IsolatedEngine"]

__tracebackhide__ = True

#: Seconds for what is no evaluation, beside the time that the engine in there gives itself: to free what it made.
_PATIENCE = 10.0
#: Seconds for an engine to be made: a published module may have to be compiled.
_MAKING = 600.0
#: Seconds to take over a state, and for each of its bytes: a machine may be busy.
_LOADING, _PER_BYTE = 60.0, 1 / (1 << 20)
#: Bytes for what is no evaluation, at least, beside the memory limit.
_BESIDE = 256 << 20


class IsolatedEngine:
    """An engine in `child`: of Lua, or of the published module that `module` names.

    `environment`, `dialect`, `find`, `file`, `write`, `own`, `memory` and `code` are those of `vm.LuaEngine`. `module`
    is path, SHA-256 and format of a published module, whose bytes `wasm` gives when the child lacks them.

    Every method raises `EngineLostError` where the child ends before it has answered; the engine is not to be used
    then. Where it was ended because an evaluation passed its limit, that is the evaluation's result. Looking, saving
    and loading have limits, too, which are made of `seconds` and `memory`; each says what comes of it.
    """

    def __init__(
        self,
        child: Child,
        environment: Mapping[str, Any],
        *,
        dialect: str = "2.0.6",
        find: Callable[[str], bytes | None] | None = None,
        file: Callable[[str], bytes | None] | None = None,
        write: Callable[[str], None] | None = None,
        own: bool = True,
        memory: int | None = None,
        seconds: float | None = None,
        code: str = "",
        module: tuple[str, str, str | None] | None = None,
        wasm: Callable[[], bytes] | None = None,
    ) -> None:
        #: What `limit` was last told, for whoever wants to know whether it must be told again.
        self.limits: object = None
        #: The child in which it lives.
        self.child = child
        self._seconds = seconds
        self._memory = memory
        # A request that is still to be sent, with the next one.
        self._limit: tuple[Any, ...] | None = None
        options: dict[str, Any] = {"memory": memory, "files": file is not None}
        if module is None:
            options |= {"dialect": dialect, "own": own, "code": code, "sources": find is not None}
        else:
            options["module"] = module
        try:
            environment = plain(environment)
        except TypeError as error:
            raise InputError(str(error), field="environment") from None
        number = self._number = child.admit(Host(find, file, write, wasm), memory)
        first = number == 1 or module is not None
        before = child.resident() if first and number > 1 else 0
        kind = "lua" if module is None else "wasm"
        child.ask((MAKE, number, kind, environment, options), Call(None if seconds is None else _MAKING), _nothing)
        if first:
            child.settled(before)

    def __del__(self) -> None:
        child, number = getattr(self, "child", None), getattr(self, "_number", None)
        if child is not None and number is not None:
            child.drop(number)

    @property
    def lost(self) -> bool:
        """Whether its child has ended."""
        return self.child.lost is not None

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come; None is no limit."""
        self.limits = None
        self._seconds = seconds
        self._memory = memory
        self._limit = (LIMIT, self._number, instructions, seconds, memory)
        self.child.give(self._number, memory)

    def _limits(self) -> tuple[Any, ...] | None:
        limit, self._limit = self._limit, None
        return limit

    def evaluate(self, packed: Packed) -> Answer:
        """Evaluate one message. After a result that is an error the state is not to be used any more."""
        call = Call(self._seconds, self._memory)
        try:
            return self.child.ask((EVALUATE, self._number, packed), call, _answer, self._limits())
        except EngineLostError as error:
            return self._killed(error)

    def evaluate_many(self, many: Sequence[Packed]) -> Generator[Answer, None, None]:
        """Evaluate messages one after the other, up to the first that fails, which is then the last answer.

        Nothing is known of those whose answers did not come where this raises `EngineLostError`: limits are kept here
        too, but it is not said whose it was.
        """
        call = Call(self._seconds, self._memory)
        return self.child.ask_many((MANY, self._number, list(many)), len(many), call, _answer_or_last, self._limits())

    def evaluate_aside(self, packed: Packed) -> Answer | None:
        """Evaluate one message in a copy of the child, of which nothing stays; None where no copy can be made."""
        call = Call(self._seconds, self._memory, aside=True)
        try:
            return self.child.ask((ASIDE, self._number, packed), call, _answer_or_nothing, self._limits())
        except EngineLostError as error:
            return self._killed(error)

    def _killed(self, error: EngineLostError) -> Answer:
        """The result of an evaluation that has passed its limit."""
        if error.limit == "time":
            text = f"time limit of {self._seconds} seconds reached".encode()
            return FAILED, 0, text, b"time", text, None
        if error.limit == "memory":
            return NO_MEMORY
        raise error

    def _outside(self, seconds: float | None = None) -> Call:
        """What may be used for something that is no evaluation: by default the time that it gives itself, and more."""
        if self._seconds is None:
            seconds = None
        elif seconds is None:
            seconds = 2 * max(self._seconds, 1.0) + _PATIENCE
        memory = self._memory
        return Call(seconds, memory, beside=0 if memory is None else max(_BESIDE, 3 * memory))

    def get(self, path: str) -> Any:
        """The value at `path` among the process's globals. Raises `InputError` where it cannot be looked at."""
        try:
            return self.child.ask((GET, self._number, path), self._outside(), _value, self._limits())
        except EngineLostError as error:
            raise _too_much(error, "the state cannot be looked at", path) from None

    def owner(self) -> str | None:
        """The owner that the process names now, if it does; None where that cannot be looked at."""
        found = self.child.ask((OWNER, self._number), self._outside(), _plain, self._limits())
        return None if found is None else found.decode("utf-8", "replace")

    def waiting(self) -> list[dict[str, Any]]:
        """The handlers that wait inside of a message, as `lua/vm/border/waiting.lua` describes them.

        None where it takes too much to find them.
        """
        try:
            found = self.child.ask((WAITING, self._number), self._outside(), _value, self._limits())
        except EngineLostError as error:
            if error.limit is None:
                raise
            return []
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def functionless(self) -> list[str]:
        """The names of handlers that have no function to call."""
        found = self.child.ask((FUNCTIONLESS, self._number), self._outside(), _value, self._limits())
        return [str(name) for name in found] if isinstance(found, list) else []

    def look(self) -> bytes:
        """All that the process's globals lead to.

        Raises `InputError` for a published module, and where that takes too long, or too much memory.
        """
        try:
            return self.child.ask((LOOK, self._number), self._outside(), _whole, self._limits())
        except EngineLostError as error:
            raise _too_much(error, "the state is too large to be looked at") from None

    def outline(self, keys: Sequence[Any], first: int, most: int) -> Any:
        """What is at the path `keys` among the globals, as `lua/vm/border/outline.lua` describes it.

        Raises `InputError` where there is nothing, for a published module, and where that takes too much.
        """
        try:
            request = (OUTLINE, self._number, [*keys], first, most)
            return self.child.ask(request, self._outside(), _value, self._limits())
        except EngineLostError as error:
            raise _too_much(error, "the state cannot be looked at", "path") from None

    def evaluate_traced(self, packed: Packed, *, asking: bool) -> tuple[Answer | None, dict[str, Any]]:
        """Evaluate one message and note what the handlers do, as `vm.LuaEngine` does; it is of no use after that."""
        call = Call(self._seconds, self._memory)
        try:
            return self.child.ask((TRACE, self._number, packed, asking), call, _traced, self._limits())
        except EngineLostError as error:
            return self._killed(error), {"problem": "the evaluation was ended at its limit"}

    def settle(self) -> None:
        """Free what a start has left behind."""
        self.child.ask((SETTLE, self._number), self._outside(), _nothing, self._limits())

    def save(self) -> bytes | None:
        """The state now, as bytes; None where it cannot be written down now, or takes too much."""
        try:
            return self.child.ask((SAVE, self._number), self._outside(), _plain, self._limits())
        except EngineLostError as error:
            if error.limit is None:
                raise
            return None

    def load(self, state: bytes) -> None:
        """Take over a state that an engine made with the same arguments has saved. Raises `SnapshotError`."""
        call = self._outside(_LOADING + _PER_BYTE * len(state))
        try:
            self.child.ask((LOAD, self._number, bytes(state)), call, _nothing, self._limits())
        except EngineLostError as error:
            if error.limit is None:
                raise
            raise SnapshotError(f"the state cannot be taken over: it takes too {_HOW[error.limit]}") from None


#: What is too much, by the limit.
_HOW = {"time": "long", "memory": "much memory"}


def _too_much(error: EngineLostError, what: str, field: str | None = None) -> EngineLostError | InputError:
    """The error of a look that has ended the child."""
    if error.limit is None:
        return error
    return InputError(f"{what}: it takes too {_HOW[error.limit]}", field=field)


def _answer(body: bytes) -> Answer:
    if body[:1] != ANSWER:
        raise MalformedError("something else than an answer")
    return read_answer(body)


def _answer_or_last(body: bytes) -> tuple[Answer, bool]:
    raw = _answer(body)
    return raw, raw[0] != FAST and failed(raw)


def _answer_or_nothing(body: bytes) -> Answer | None:
    return None if body[:1] == PLAIN else _answer(body)


def _plain(body: bytes) -> bytes | None:
    if body[:1] != PLAIN:
        raise MalformedError("an answer to something else")
    kinds, values = read_values(body)
    if kinds not in (b"b", b"N"):
        raise MalformedError("not one value")
    return values[0]  # type: ignore[no-any-return]


def _nothing(body: bytes) -> None:
    _plain(body)


def _whole(body: bytes) -> bytes:
    return _plain(body) or b""


def _value(body: bytes) -> Any:
    try:
        return decode(_whole(body))
    except (IndexError, ValueError, TypeError, RecursionError, struct.error) as error:
        raise MalformedError(f"no value: {error}") from None


def _traced(body: bytes) -> tuple[Answer | None, dict[str, Any]]:
    found = _value(body)
    if not (isinstance(found, list) and len(found) == 2 and isinstance(found[1], dict)):
        raise MalformedError("not what was noted of an evaluation")
    raw = found[0]
    if raw is None:
        return None, found[1]
    return _answer(raw.encode() if isinstance(raw, str) else raw), found[1]
