"""Every error that this package raises: one tree.

::

    AoError                        whatever goes wrong; .exit_code is what `ao-run` ends with
    ├── InputError             2   what was given is wrong: .problem .advice, .file .line .field
    │   ├── ItemError              bytes are no data item or bundle, or are not signed: .byte
    │   ├── ModuleError            a published module (WebAssembly) cannot be used
    │   └── SignatureError         a key or a signature is none; a ValueError too
    ├── CodeError              1   Lua code failed: .message .chunk .line .handler .frames .file .limit .excerpt .hint
    │   ├── LoadError          3   the code of a process cannot be loaded
    │   └── ProcessError       1   a message's evaluation ended in an error
    │       └── LimitError     4   a limit was hit; the process goes on working
    │           ├── InstructionLimitError
    │           ├── MemoryLimitError
    │           └── TimeLimitError
    ├── StateError             5   what was kept of a process cannot be used: .problem .advice .file
    │   ├── SnapshotError          a snapshot is damaged, foreign, or of another version
    │   └── JournalError           a journal is damaged or foreign, in use, or cannot be written
    ├── NetworkError           1   a network cannot do what it was asked for: .problem .advice .process .message
    │   ├── RefusedError           a scheduler or messenger refuses a message, a process or an assignment
    │   │   └── TerminatedError    its process was ended, and takes nothing any more
    │   ├── EndlessChainError      what a message set off does not end: .cycle
    │   └── StandInError           what stands in for a process raised
    ├── RPCError               6   a server of ColonyOS refused a call, or did not answer: .status .conn_err()
    ├── HttpError              6   a unit of the network refused a request, or did not answer: .unit .url .status .body
    └── InternalError         70   a bug of ours, never of the caller or of the process

No exception of a library that we use (lupa, pydantic, click, httpx) leaves the package instead of one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = [
    "AoError",
    "CodeError",
    "EndlessChainError",
    "HttpError",
    "InputError",
    "InstructionLimitError",
    "InternalError",
    "ItemError",
    "JournalError",
    "LimitError",
    "LoadError",
    "MemoryLimitError",
    "ModuleError",
    "NetworkError",
    "ProcessError",
    "RPCError",
    "RefusedError",
    "SignatureError",
    "SnapshotError",
    "StandInError",
    "StateError",
    "TerminatedError",
    "TimeLimitError",
]


class _SourceLine(Protocol):
    """`models.SourceLine`: a line of the code that ran."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def text(self) -> str:
        """What is there."""


class _Frame(Protocol):
    """`models.Frame`: a call in the user's code."""

    @property
    def chunk(self) -> str:
        """The chunk's name."""

    @property
    def line(self) -> int:
        """The line there."""

    @property
    def name(self) -> str | None:
        """What the function is called."""

    @property
    def file(self) -> str | None:
        """The developer's file, if it is known."""

    @property
    def evaluated(self) -> int | None:
        """Number of the Eval message that brought the code, if it is known."""

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last line of the function."""


class _Failure(Protocol):
    """`models.Failure`: what is known of a failure."""

    @property
    def message(self) -> str:
        """The text."""

    @property
    def chunk(self) -> str | None:
        """The chunk's name."""

    @property
    def line(self) -> int | None:
        """The line there."""

    @property
    def handler(self) -> str | None:
        """The handler that ran."""

    @property
    def frames(self) -> Sequence[_Frame]:
        """The calls, innermost first."""

    @property
    def file(self) -> str | None:
        """The developer's file, if it is known."""

    @property
    def limit(self) -> str | None:
        """The limit that was hit."""

    @property
    def evaluated(self) -> int | None:
        """Number of the Eval message that brought the code, if it is known."""

    @property
    def excerpt(self) -> Sequence[_SourceLine]:
        """The line that failed and those around it."""

    @property
    def hint(self) -> str | None:
        """What to do about it."""


class AoError(Exception):
    """Whatever goes wrong in this package."""

    exit_code: int = 70


class InputError(AoError):
    """What was given is wrong: says where (file, line, field), and what to do about it."""

    exit_code: int = 2

    def __init__(
        self,
        problem: str,
        *,
        advice: str | None = None,
        field: str | None = None,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        """What is wrong, and what is known of where and of what to do."""
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.field = field
        self.file = file
        self.line = line

    @property
    def where(self) -> str:
        """File, line and field as far as they are known: `messages.json:3, Tags[0].name`."""
        place = self.file or ""
        if self.line is not None:
            place = f"{place}:{self.line}" if place else f"line {self.line}"
        return ", ".join(part for part in (place, self.field) if part)

    def within(self, field: str | None = None, *, file: str | None = None, line: int | None = None) -> InputError:
        """The same error, seen from further out: its field is a part of `field`, in that file and line."""
        if field and self.field:
            inner = self.field if self.field.startswith("[") else f".{self.field}"
            field = field + inner
        return type(self)(
            self.problem,
            advice=self.advice,
            field=field or self.field,
            file=self.file or file,
            line=self.line if self.line is not None else line,
        )

    def __str__(self) -> str:
        """Where, what, and what to do, in one line."""
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{text} ({self.advice})" if self.advice else text


class ItemError(InputError):
    """Bytes are no data item or bundle, an item is not signed by its owner, or none can be made of what was given."""

    def __init__(
        self,
        problem: str,
        *,
        advice: str | None = None,
        field: str | None = None,
        file: str | None = None,
        line: int | None = None,
        byte: int | None = None,
    ) -> None:
        """What is wrong, the field it is in, and the byte at which that starts, from 0."""
        super().__init__(problem, advice=advice, field=field, file=file, line=line)
        self.byte = byte

    @property
    def where(self) -> str:
        """File, field and byte as far as they are known: `items[2].tags[0].name at byte 1107`."""
        place = super().where
        if self.byte is None:
            return place
        return f"{place} at byte {self.byte}" if place else f"byte {self.byte}"

    def within(
        self, field: str | None = None, *, file: str | None = None, line: int | None = None, byte: int = 0
    ) -> ItemError:
        """The same error, seen from further out: from where the item starts at `byte`."""
        outer = super().within(field, file=file, line=line)
        assert isinstance(outer, ItemError)
        outer.byte = None if self.byte is None else self.byte + byte
        return outer


class ModuleError(InputError):
    """A published module cannot be used: it is none, is damaged, or asks for what we do not have."""


class SignatureError(InputError, ValueError):
    """A key or a signature is none, or a text cannot be signed. Its text never holds the key."""


class CodeError(AoError):
    """Lua code failed: with its message, its place, and the frames of the user's code, innermost first.

    `str()` says what the command says: the message, file and line, handler, the source there, and who called. `message`
    is the error's text alone.
    """

    exit_code: int = 1

    def __init__(
        self,
        message: str,
        *,
        chunk: str | None = None,
        line: int | None = None,
        handler: str | None = None,
        frames: Sequence[_Frame] = (),
        file: str | None = None,
        limit: str | None = None,
        evaluated: int | None = None,
        excerpt: Sequence[_SourceLine] = (),
        hint: str | None = None,
        told: str | None = None,
    ) -> None:
        """The error's text, and what is known of where; `told` is all of that in words."""
        super().__init__(message)
        self.message = message
        self.chunk = chunk
        self.line = line
        self.handler = handler
        self.frames = tuple(frames)
        self.file = file
        self.limit = limit
        self.evaluated = evaluated
        self.excerpt = tuple(excerpt)
        self.hint = hint
        self._told = told
        if limit is not None:
            self.exit_code = LimitError.exit_code

    @classmethod
    def of(cls, failure: _Failure, told: str | None = None) -> CodeError:
        """The error that a failure is, of this class or, for a `ProcessError`, of the limit's class.

        `told` is the failure in words (`models.told`).
        """
        kind: type[CodeError] = cls
        if failure.limit is not None and issubclass(LimitError, cls):
            kind = _LIMITS[failure.limit]
        return kind(
            failure.message,
            chunk=failure.chunk,
            line=failure.line,
            handler=failure.handler,
            frames=failure.frames,
            file=failure.file,
            limit=failure.limit,
            evaluated=failure.evaluated,
            excerpt=failure.excerpt,
            hint=failure.hint,
            told=told,
        )

    def __str__(self) -> str:
        """The message and its place; the message alone where nothing else is known."""
        return self.message if self._told is None else self._told


class LoadError(CodeError):
    """The code of a process cannot be loaded: it does not compile, or fails while it runs the first time."""

    exit_code: int = 3


class ProcessError(CodeError):
    """The evaluation of a message ended in an error of the process's code."""


class LimitError(ProcessError):
    """A limit was hit. The message left no trace and the process goes on working."""

    exit_code: int = 4


class InstructionLimitError(LimitError):
    """The evaluation used more instructions than `Limits.instructions`."""


class MemoryLimitError(LimitError):
    """The process needed more memory than `Limits.memory`."""


class TimeLimitError(LimitError):
    """The evaluation took longer than `Limits.seconds`."""


class StateError(AoError):
    """What was kept of a process cannot be used: says why, and what to do about it."""

    exit_code: int = 5

    def __init__(self, problem: str, *, advice: str | None = None, file: str | None = None) -> None:
        """What is wrong, and what is known of the file and of what to do."""
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.file = file

    def __str__(self) -> str:
        """File, problem and advice, in one line."""
        text = f"{self.file}: {self.problem}" if self.file else self.problem
        return f"{text} ({self.advice})" if self.advice else text


class SnapshotError(StateError):
    """A snapshot is damaged, foreign, or of a version that this one does not read."""


class JournalError(StateError):
    """A journal is damaged or foreign, in use by another writer, or cannot be written."""

    def __init__(self, problem: str, *, advice: str | None = None, file: str | None = None, busy: bool = False) -> None:
        """What is wrong; `busy` where another writer has it open now, so that it may be tried again."""
        super().__init__(problem, advice=advice, file=file)
        self.busy = busy


class NetworkError(AoError):
    """A network of processes cannot do what it was asked for: says with which process and message, and why."""

    exit_code: int = 1

    def __init__(
        self, problem: str, *, advice: str | None = None, process: str | None = None, message: str | None = None
    ) -> None:
        """What is wrong; the process and the message concerned, by name or id; and what to do about it."""
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.process = process
        self.message = message

    def __str__(self) -> str:
        """Process and message, problem and advice."""
        where = ", ".join(part for part in (self.process, self.message) if part)
        text = f"{where}: {self.problem}" if where else self.problem
        return f"{text} ({self.advice})" if self.advice else text


class RefusedError(NetworkError):
    """A scheduler or a messenger refuses a message, a process or an assignment: nothing of it is left."""


class TerminatedError(RefusedError):
    """A process that was ended (`Network.terminate`) takes no messages any more; what it has answered stays."""


class EndlessChainError(NetworkError):
    """What a message set off does not end. `cycle` are the steps that come again and again, as people read them."""

    cycle: tuple[str, ...] = ()


class StandInError(NetworkError):
    """What stands in for a process raised, or returned what cannot be sent; `__cause__` is what it raised."""


class RPCError(AoError):
    """A server of ColonyOS refused a call, could not be understood, or did not answer. Its text is the server's."""

    exit_code: int = 6

    def __init__(self, message: str, *, status: int | None = None, unanswered: bool = False) -> None:
        """What the server said, its status if it gave one, and whether no answer came at all."""
        super().__init__(message)
        self.status = status
        self.unanswered = unanswered

    def conn_err(self) -> bool:
        """Whether no answer came (refused, no such host, reset, timed out): the call may have been carried out or not.

        False for refusals, for `assign` when there was nothing to do, and for subscriptions whose time is over.
        """
        return self.unanswered


class HttpError(AoError):
    """A unit of the network refused a request, could not be understood, or did not answer.

    `unit` is gateway, mu, su or cu; `status` is None where no answer came; `body` is what was answered, as text.
    `uncertain` is whether the request may have been carried out nevertheless: no answer came to what was sent.
    """

    exit_code: int = 6

    def __init__(
        self, problem: str, *, unit: str = "", url: str = "", status: int | None = None, body: str = ""
    ) -> None:
        """What went wrong, and with whom."""
        super().__init__(problem)
        self.problem = problem
        self.unit = unit
        self.url = url
        self.status = status
        self.body = body
        self.uncertain = False

    def __str__(self) -> str:
        """Unit, URL, status and what was said."""
        status = "" if self.status is None else f" {self.status}"
        return f"{self.unit} {self.url}:{status} {self.problem}"


class InternalError(AoError):
    """A bug of ours, never of the caller or of the process: please report it."""


_LIMITS: dict[str, type[LimitError]] = {
    "instructions": InstructionLimitError,
    "memory": MemoryLimitError,
    "time": TimeLimitError,
}
