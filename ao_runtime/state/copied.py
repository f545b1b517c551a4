"""An engine that is kept at a moment, and copies of it that go on from there: each a fork of this program.

To go back to a moment costs a load of the saved state, which takes the longer the more a process holds. A fork copies
no memory until it is written to: from some thousand entries on it is the cheaper way back. Nobody writes to the
original.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InputError, InternalError
from ..isolation import EngineLostError
from ..models import FAILED, FAST, failed
from .fork import can_fork, collect_records, evaluate_in_fork, log_again, readable

if TYPE_CHECKING:
    from ..models import Answer, Packed
    from .engine import Engine
    from .fork import Outcome
    from .inputs import Inputs

__all__ = ["CopiedEngine", "Original", "pays"]

__tracebackhide__ = True

#: Seconds after the time limit in which the limit proper has its chance.
_GRACE = 0.5
#: Seconds for what is no evaluation, beside the time that the engine gives itself.
_PATIENCE = 10.0
#: Pipes of all copies that live: a new copy closes them, so that each hears when this program ends.
_pipes: set[int] = set()
#: Copies that were killed and may not be gone yet: nobody waits for that.
_killed: list[int] = []


class _Cost:
    """What a copy costs, in seconds: to make it, and to end it; learnt from those that were made."""

    seconds = 0.006

    @classmethod
    def learn(cls, seconds: float) -> None:
        cls.seconds += (seconds - cls.seconds) / 8


def pays(load: float) -> bool:
    """Whether to copy an engine is cheaper than to load its state, which takes so many seconds."""
    return load > _Cost.seconds and can_fork()


class Original:
    """An engine at the moment after `count` messages: nothing is evaluated in it any more, but in copies."""

    def __init__(self, engine: Engine, count: int) -> None:
        self.engine = engine
        self.count = count

    def copy(self, inputs: Inputs) -> CopiedEngine:
        """An engine at this moment. What it reads from outside is noted in `inputs`, as any engine's."""
        return CopiedEngine(self.engine, inputs)


class CopiedEngine:
    """A copy of an engine: looks are answered by the original, until there is something to evaluate.

    Its methods are those of the original; what it is asked beside those of `Isolated` is answered in the copy, too.
    After the copy has ended each raises `EngineLostError`.
    """

    def __init__(self, original: Engine, inputs: Inputs) -> None:
        self._original = original
        self._inputs = inputs
        #: What `limit` was last told, for whoever wants to know whether it must be told again.
        self.limits: object = None
        self._limit: tuple[int | None, float | None, int | None] | None = None
        self._seconds: float | None = None
        self._copy: tuple[int, int, int] | None = None
        self._owner = os.getpid()
        self._made = 0.0
        #: Whether its copy has ended.
        self.lost = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Another method of the engine."""
        if name.startswith("_") or not callable(getattr(self._original, name, None)):
            raise AttributeError(name)
        return lambda *arguments: self._look(name, *arguments)

    def __del__(self) -> None:
        with suppress(AttributeError):
            self._end()

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come; None is no limit."""
        self.limits = None
        self._seconds = seconds
        self._limit = instructions, seconds, memory

    def evaluate(self, packed: Packed) -> Answer:
        """Evaluate one message."""
        seconds = None if self._seconds is None else self._seconds + _GRACE
        answer = self._ask("evaluate", (packed,), seconds)
        if answer is None:
            text = f"time limit of {self._seconds} seconds reached".encode()
            return FAILED, 0, text, b"time", text, None
        return answer  # type: ignore[no-any-return]

    def evaluate_many(self, many: Sequence[Packed]) -> Generator[Answer, None, None]:
        """Evaluate messages one after the other, up to the first that fails, which is then the last answer."""
        for packed in many:
            raw = self.evaluate(packed)
            yield raw
            if raw[0] != FAST and failed(raw):
                return

    def evaluate_aside(self, packed: Packed) -> Answer | None:
        """Evaluate one message in a copy of the copy, of which nothing stays; None where none can be made."""
        return self._look("aside", packed)  # type: ignore[no-any-return]

    def get(self, path: str) -> Any:
        """The value at `path` among the process's globals. Raises `InputError` where it cannot be looked at."""
        return self._look("get", path)

    def owner(self) -> str | None:
        """The owner that the process names now, if it does."""
        return self._look("owner")  # type: ignore[no-any-return]

    def settle(self) -> None:
        """Free what a start has left behind: there is nothing."""

    def save(self) -> bytes | None:
        """The state now, as bytes; None where it cannot be written down now."""
        return self._look("save")  # type: ignore[no-any-return]

    def load(self, state: bytes) -> None:
        """A copy is at its moment already: it takes over none. Raises `InternalError`."""
        raise InternalError("a copy of an engine takes over no state")

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self, name: str, *arguments: Any) -> Any:
        if self._copy is None and not self.lost and name != "aside":
            return getattr(self._original, name)(*arguments)
        seconds = None if self._seconds is None else 2 * max(self._seconds, 1.0) + _PATIENCE
        answer = self._ask(name, arguments, seconds)
        if answer is None and self.lost:
            raise EngineLostError("it took too long", at_work=True)
        return answer

    def _ask(self, name: str, arguments: tuple[Any, ...], seconds: float | None) -> Any:
        """What the copy answers; None where it was ended after so many seconds."""
        if self._owner != os.getpid():
            raise EngineLostError("it belongs to another process", at_work=False)
        if self.lost:
            raise EngineLostError("it has ended", at_work=False)
        try:
            if self._copy is None:
                self._fork()
            assert self._copy is not None
            _, reader, writer = self._copy
            limit, self._limit = self._limit, None
            _write(writer, marshal.dumps((name, arguments, limit)))
            body = _read(reader, None if seconds is None else monotonic() + seconds)
        except OSError as error:
            self._end()
            raise EngineLostError(f"its copy has ended: {error}", at_work=True) from None
        except BaseException:
            # Its answer would be taken for another one's.
            self._end()
            raise
        if body is None:
            self._end()
            return None
        kind, answer, reads, records = marshal.loads(body)
        log_again(records)
        self._inputs.preset(reads)
        self._inputs.new.extend(reads)
        if kind == "input":
            raise InputError(answer[0], **answer[1])
        if kind == "bug":
            raise InternalError(answer)
        return answer

    def _fork(self) -> None:
        began = perf_counter()
        pipes: list[int] = []
        # A signal must not be heard by the copy as if it were this program.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        pid = -1
        try:
            pipes += os.pipe()
            pipes += os.pipe()
            with warnings.catch_warnings():
                # Python warns that other threads' locks stay locked in the copy: it takes none of theirs.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if pid == 0:
                _pipes.update((pipes[1], pipes[2]))
                _serve(self._original, self._inputs, pipes[0], pipes[3], blocked)
        except OSError:
            for end in pipes:
                os.close(end)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        os.close(pipes[0])
        os.close(pipes[3])
        self._copy = pid, pipes[2], pipes[1]
        _pipes.update((pipes[1], pipes[2]))
        self._made = perf_counter() - began

    def _end(self) -> None:
        """End the copy: it has nothing that anybody needs."""
        copy, self._copy = self._copy, None
        if copy is None:
            return
        self.lost = True
        pid, reader, writer = copy
        if self._owner != os.getpid():
            return
        began = perf_counter()
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        _killed.append(pid)
        _reap()
        for end in (reader, writer):
            _pipes.discard(end)
            os.close(end)
        _Cost.learn(self._made + perf_counter() - began)


def _reap() -> None:
    for pid in [*_killed]:
        try:
            gone = os.waitpid(pid, os.WNOHANG)[0]
        except ChildProcessError:  # Somebody else waits for all children of this program.
            gone = pid
        if gone:
            _killed.remove(pid)


def _serve(engine: Engine, inputs: Inputs, reader: int, writer: int, unblocked: Any) -> NoReturn:
    """The copy: answer until nobody asks any more. Does not return."""
    try:
        # Nothing of the program's is tidied up here: no finaliser, no handler of a signal, no event loop's descriptor.
        gc.disable()
        # Ctrl-C at a terminal is for the program, which ends its copies.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        for end in _pipes:
            with suppress(OSError):
                os.close(end)
        records = collect_records()
        while (request := _read(reader, None)) is not None:
            name, arguments, limit = marshal.loads(request)
            known = len(inputs.new)
            kind, answer = "answer", None
            try:
                if limit is not None:
                    engine.limit(*limit)
                answer = _aside(engine, *arguments) if name == "aside" else getattr(engine, name)(*arguments)
                if name == "evaluate":
                    answer = tuple(answer)
            except InputError as error:
                kind = "input"
                known_of = {one: getattr(error, one) for one in ("advice", "field", "file", "line")}
                answer = error.problem, known_of
            except Exception as error:
                kind, answer = "bug", f"{type(error).__name__} in a copy of an engine: {error}"
            _write(writer, marshal.dumps((kind, answer, inputs.new[known:], records)))
            records.clear()
    finally:
        os._exit(0)


def _aside(engine: Engine, packed: Packed) -> Any:
    from .fork import Outcome

    def evaluate() -> Outcome:
        return Outcome(engine.evaluate(packed), None, [])

    outcome = evaluate_in_fork(evaluate, None)
    return None if outcome is None else tuple(outcome.raw)


def _write(end: int, body: bytes) -> None:
    view = memoryview(len(body).to_bytes(8, "little") + body)
    while view:
        view = view[os.write(end, view) :]


def _read(end: int, deadline: float | None) -> bytes | None:
    """A frame; None after the deadline, and at the end. Raises `EOFError`… as `OSError` where it ends within one."""
    head = _exactly(end, 8, deadline)
    return None if head is None else _exactly(end, int.from_bytes(head, "little"), deadline)


def _exactly(end: int, count: int, deadline: float | None) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        if deadline is not None and not readable(end, deadline):
            return None
        part = os.read(end, min(count - len(parts), 1 << 20))
        if not part:
            if deadline is None and not parts:
                return None
            raise OSError("it has closed the pipe")
        parts += part
    return bytes(parts)
