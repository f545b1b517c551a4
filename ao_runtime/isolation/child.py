"""A child as it is seen from here: it is asked and answers, and is killed where it passes a limit."""

from __future__ import annotations

import logging
import marshal
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple, TypeAlias, TypeVar

from ..errors import AoError, InputError, InternalError, ModuleError, SnapshotError
from . import machine, watch
from .answers import ANSWER
from .loss import EngineLostError
from .requests import DROP, ERROR, FORKED, LINE, PLAIN, WANTED, plain
from .wire import Frames, MalformedError, framed, read_values, write

__all__ = ["Call", "Child", "Host"]

__tracebackhide__ = True

_T = TypeVar("_T")
#: A request to set the limits of an engine, which goes before another one.
Limit: TypeAlias = "tuple[Any, ...] | None"

_log = logging.getLogger("ao_runtime.isolation")
#: Seconds after the time limit in which the limit inside of the child has its chance.
_GRACE = 0.5
#: Bytes that a child may take beside its processes': for what is under way, such as a message and its answer.
_MARGIN = 128 << 20
#: The same for RLIMIT_DATA, which is the last resort: it counts what is reserved, too.
_DATA_MARGIN = 512 << 20
#: How long a measurement of a child's memory is good for, in seconds: before something that it is asked, and after.
_FRESH, _SETTLED = 0.05, 0.01
#: Bytes of an answer, where memory has no limit; and beside the memory limit.
_LARGEST, _OVERHEAD = 1 << 34, 64 << 20
#: Seconds for which it may be at one thing before those who wait go elsewhere.
PATIENCE = 0.1
#: When its CPU time is looked at for the first time, at the latest, and how exactly the system knows it.
_LOOK = 0.03
_ERRORS: dict[bytes, type[AoError]] = {
    b"InputError": InputError,
    b"ModuleError": ModuleError,
    b"SnapshotError": SnapshotError,
}


class Host(NamedTuple):
    """What a child may ask for on behalf of an engine."""

    find: Callable[[str], bytes | None] | None
    file: Callable[[str], bytes | None] | None
    write: Callable[[str], None] | None
    wasm: Callable[[], bytes] | None


class Call:
    """Something that a child is asked, and what it may use for it. None is no limit."""

    __slots__ = ("aside", "beside", "copy", "cpu", "deadline", "limit", "memory", "seconds", "told")

    def __init__(
        self, seconds: float | None = None, memory: int | None = None, *, aside: bool = False, beside: int = 0
    ) -> None:
        self.seconds = None if seconds is None else seconds + _GRACE
        self.memory = memory
        #: Bytes that it may take beside what processes may: a copy of a state, say.
        self.beside = beside
        #: Whether it is done in a copy of the child, of which nothing stays; and the copy's number.
        self.aside = aside
        self.copy: int | None = None
        self.deadline: float | None = None
        #: CPU time that the child had used at the first look.
        self.cpu: float | None = None
        #: The limit for which the child was killed.
        self.limit: str | None = None
        #: The error by which the child has answered, or for which it was not asked.
        self.told: AoError | None = None


class Child:
    """One child. One caller at a time: others wait. Raises `OSError` where no program can be started."""

    def __init__(self) -> None:
        self._process = machine.start()
        self._owner = os.getpid()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self._writer, self._reader = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._frames = Frames(self._reader)
        self._lock = threading.RLock()
        #: Asked by those who wait, when it has been at one thing for `PATIENCE`: whether they are to go elsewhere.
        self.relieve: Callable[[Child], bool] | None = None
        #: Whether it works for one process alone from now on, the one that keeps it busy; and that one's number.
        self.apart: int | None = None
        self._busy_with = 0
        self._busy_since = 0.0
        #: Since when it waits for an answer of ours; 0 where it does not.
        self._waits_since = 0.0
        self._look_lock = threading.Lock()
        #: What it is doing, innermost last: it may be asked something while it waits for an answer of ours.
        self._calls: list[Call] = []
        self._call: Call | None = None
        self._hosts: dict[int, Host] = {}
        self._memories: dict[int, int | None] = {}
        self._number = 0
        # For what is noted of engines while it may be busy with one of them.
        self._numbers = threading.Lock()
        self._dropped: deque[int] = deque()
        self.lost: str | None = None
        # Bytes in use when that was last looked at, when that was, and bytes that are no process's.
        self._used = 0
        self._used_at = 0.0
        self._base = 0

    @property
    def load(self) -> int:
        """The number of engines that live here."""
        return len(self._hosts) - len(self._dropped)

    @property
    def busy_for(self) -> float:
        """Seconds for which it has been at the same thing; 0 where it does nothing."""
        since = self._busy_since
        return monotonic() - since if since and self._calls else 0.0

    def _is_slow(self) -> bool:
        """Whether one thing has taken `PATIENCE` of CPU time: on a busy machine all takes long by the clock.

        Or it waits for us as long: whoever gives what it asks for may have to ask somebody else.
        """
        waits = self._waits_since
        if waits and monotonic() - waits > PATIENCE:
            return True
        call = self._call
        if call is None:
            return False
        pid, before = self.pid, call.cpu
        if call.copy is not None and _is_of(call.copy, self.pid):
            pid, before = call.copy, 0.0
        used = machine.cpu_seconds(pid)
        if used is None:
            return True
        return before is not None and used - before > PATIENCE - _LOOK

    def set_apart(self) -> None:
        """From now on it works for the process alone that keeps it busy, and after all others of the machine."""
        self.apart = self._busy_with
        machine.yield_to_others(self.pid)

    # ── engines ────────────────────────────────────────────────────────────────────────────────────────────────

    def admit(self, host: Host, memory: int | None) -> int:
        """The number of a new engine, which may need so much memory."""
        with self._numbers:
            self._number += 1
            self._hosts[self._number] = host
            self._memories[self._number] = memory
            self._limit_data()
            return self._number

    def resident(self) -> int:
        """Bytes of memory that it has in use; 0 where nobody knows."""
        return machine.resident(self.pid) or 0

    def settled(self, before: int) -> None:
        """What it uses more than `before` is no process's: Python, the library, a published module."""
        with self._numbers:
            self._base += max(0, self.resident() - before)

    def give(self, number: int, memory: int | None) -> None:
        """An engine may need so much memory from now on."""
        if self._memories.get(number, 0) != memory:
            with self._numbers:
                self._memories[number] = memory
                self._limit_data()

    def drop(self, number: int) -> None:
        """An engine is not needed any more. May be called at any time, by any thread, and never waits."""
        self._dropped.append(number)
        if self.lost is not None or not self._lock.acquire(blocking=False):
            return
        try:
            if self.apart is not None and not self._calls and self.load <= 0:
                self._end("nobody needs it any more")
            elif not self._calls and self._is_ours():
                self._write(b"")
        except OSError:
            self._end("it does not listen")
        finally:
            self._lock.release()

    def _limit_data(self) -> None:
        if self.lost is not None:
            return
        # Everything that is allowed together, and once more the largest: to save a state takes as much again.
        memories = tuple(self._memories.values())
        known = [memory for memory in memories if memory is not None]
        whole = sum(known) + 2 * max(known, default=0) + _DATA_MARGIN if len(known) == len(memories) else None
        machine.limit_data(self.pid, whole)

    # ── calls ──────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, request: tuple[Any, ...], call: Call, read: Callable[[bytes], _T], limit: Limit = None) -> _T:
        """What `read` makes of the frame by which the child answers: an `ANSWER` or `PLAIN`.

        `limit` is a request that goes before. Raises `EngineLostError`, and the error that the child answers with.
        """
        self._enter(request[1])
        try:
            try:
                self._begin(call)
                self._write(framed(_dumps(request)) if limit is None else _dumps_both(limit, request))
                return read(self._reply(call))
            except BaseException as error:
                raise self._told(error, call) from None
            finally:
                self._finish(call)
        finally:
            self._lock.release()

    def ask_many(
        self,
        request: tuple[Any, ...],
        count: int,
        call: Call,
        read: Callable[[bytes], tuple[_T, bool]],
        limit: Limit = None,
    ) -> Generator[_T, None, None]:
        """What `read` makes of the `count` answers to a request; it also says which of them is the last for all that.

        The time limit is that of each answer. To stop before the last ends the child.
        """
        left = count
        self._enter(request[1])
        try:
            try:
                self._begin(call)
                self._write(framed(_dumps(request)) if limit is None else _dumps_both(limit, request))
                while left:
                    if call.seconds is not None:
                        call.cpu, call.deadline = None, monotonic() + call.seconds
                    value, last = read(self._reply(call))
                    call.deadline = None
                    left = 0 if last else left - 1
                    yield value
            except GeneratorExit:
                if left:
                    self._end("it was interrupted", call)
                raise
            except BaseException as error:
                raise self._told(error, call) from None
            finally:
                self._finish(call)
        finally:
            self._lock.release()

    def _enter(self, number: int) -> None:
        """Wait until it is free for an engine. Raises `EngineLostError` where that one is to go on elsewhere."""
        relieve = self.relieve
        if relieve is None:
            self._lock.acquire()
            return
        while self.apart in (None, number) or self.lost is not None:
            busy = self.busy_for
            if busy >= PATIENCE and number != self._busy_with and self._is_slow() and relieve(self):
                break
            if self._lock.acquire(timeout=PATIENCE - busy if busy < PATIENCE else PATIENCE / 4):
                if not self._calls:
                    self._busy_with, self._busy_since = number, monotonic()
                return
        raise EngineLostError("it is busy with another process", at_work=False, moved=True)

    def _told(self, error: BaseException, call: Call) -> BaseException:
        """The error to be raised where something comes in between, after which the child is ended if need be."""
        if call.told is error or (self.lost is not None and isinstance(error, EngineLostError)):
            # The child is in order, or has been ended already.
            return error
        if isinstance(error, (EOFError, OSError)):
            return self._end(str(error) or "it has closed the pipe", call)
        if isinstance(error, MalformedError):
            return self._end(f"it answered with {error}", call)
        # Ctrl-C, or whoever gives what the child asks for: what comes from it now would be taken for another answer.
        self._end("it was interrupted", call)
        return error

    def _begin(self, call: Call) -> None:
        if self.lost is not None or not self._is_ours():
            call.told = EngineLostError(self.lost or "it belongs to another process", at_work=False)
            raise call.told
        if self._calls and self._calls[-1].aside:
            call.told = InputError("a process cannot be asked while a dry run in the same child waits for it")
            raise call.told
        now = monotonic()
        if now - self._used_at > _FRESH and call.memory is not None and not self._calls:
            self._used, self._used_at = self.resident(), now
        self._calls.append(call)
        self._frames.most = _LARGEST if call.memory is None else 4 * call.memory + _OVERHEAD
        if call.seconds is not None:
            call.deadline = now + call.seconds
        self._call = call
        if call.seconds is not None or call.memory is not None:
            watch.begin(self)

    def _finish(self, call: Call) -> None:
        with self._look_lock:
            if call in self._calls:
                self._calls.remove(call)
            outer = self._call = self._calls[-1] if self._calls else None
        if outer is None:
            watch.end(self)
        elif outer.seconds is not None:
            # What it waited for is not its own time.
            outer.deadline, outer.cpu = monotonic() + outer.seconds, None
        if call.limit is not None and self.lost is None:
            # Killed in the moment in which it answered: the next one shall not find it half dead.
            self._end(f"killed at its {call.limit} limit", call)

    def _write(self, data: bytes) -> None:
        if self._dropped:
            parts = []
            while self._dropped:
                number = self._dropped.popleft()
                self._hosts.pop(number, None)
                self._memories.pop(number, None)
                parts.append(framed(_dumps((DROP, number))))
            data = b"".join((*parts, data))
        write(self._writer, data)

    def _reply(self, call: Call) -> bytes:
        while True:
            body = self._frames.read()
            kind = body[:1]
            if kind in (ANSWER, PLAIN):
                self._weigh(call)
                return body
            kinds, values = read_values(body)
            if kind == WANTED and kinds == b"ibb":
                write(self._writer, framed(_dumps(self._given(call, *values))))
            elif kind == LINE and kinds == b"ib":
                host = self._hosts.get(values[0])
                if host is not None and host.write is not None:
                    host.write(values[1].decode("utf-8", "replace"))
            elif kind == FORKED and kinds == b"i" and call.aside:
                call.copy = values[0]
            elif kind == ERROR and len(values) == 6:
                call.told = _error(values)
                raise call.told
            else:
                raise MalformedError("a frame of no kind")

    def _given(self, call: Call, number: int, kind: bytes, name: bytes) -> bytes | None:
        """What the child asks for. How long that takes is not its time."""
        deadline, call.deadline = call.deadline, None
        began = self._waits_since = monotonic()
        try:
            return self._wanted(number, kind, name)
        finally:
            self._waits_since = 0.0
            if deadline is not None:
                call.deadline = deadline + monotonic() - began

    def _wanted(self, number: int, kind: bytes, name: bytes) -> bytes | None:
        """What the child asks for, as far as it may have it."""
        host = self._hosts.get(number)
        if host is None:
            return None
        if kind == b"wasm":
            return None if host.wasm is None else host.wasm()
        source = host.find if kind == b"module" else host.file if kind == b"file" else None
        try:
            return None if source is None else source(name.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            return None

    # ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────

    def look(self, now: float) -> None:
        """Kill the child if what it is doing has passed a limit. Called by the watch's thread."""
        call = self._call
        if call is None or call.limit is not None or self.lost is not None:
            return
        passed = self._passed(call, now)
        # Whoever has answered already is only waiting for us.
        if passed is None or (passed == "time" and self._has_answered()):
            return
        with self._look_lock:
            if self._call is call:
                call.limit = passed
                machine.kill(self._process)

    def _passed(self, call: Call, now: float) -> str | None:
        if call.deadline is not None and now > call.deadline:
            return "time"
        if call.seconds is not None and call.deadline is not None:
            used = machine.cpu_seconds(self.pid)
            if call.cpu is None:
                call.cpu = used
            elif used is not None and used - call.cpu > call.seconds:
                return "time"
        if call.memory is not None:
            used_now = machine.resident(self.pid)
            if call.copy is not None and _is_of(call.copy, self.pid):
                used_now = max(used_now or 0, machine.resident(call.copy) or 0)
            if used_now is not None and used_now > self._allowed(call.memory) + call.beside:
                return "memory"
        return None

    def _allowed(self, memory: int) -> int:
        """Bytes that the child may have in use while one of its processes, which may use `memory`, is at work."""
        allowed = self._used + memory
        given = tuple(self._memories.values())
        if None not in given:
            allowed = min(allowed, self._base + sum(given))  # type: ignore[arg-type]
        return allowed + _MARGIN

    def _weigh(self, call: Call) -> None:
        """After an answer: what has taken too much and was too quick to be seen has passed its limit all the same."""
        now = monotonic()
        if call.memory is None or call.aside or now - self._used_at < _SETTLED:
            return
        allowed = self._allowed(call.memory) + call.beside
        self._used, self._used_at = self.resident(), now
        if self._used > allowed:
            call.limit = "memory"
            raise self._end("", call)

    def _has_answered(self) -> bool:
        if not hasattr(select, "poll"):
            return False
        try:
            poll = select.poll()
            poll.register(self._reader, select.POLLIN)
            return any(event & select.POLLIN for _, event in poll.poll(0))
        except (OSError, ValueError):
            return False

    # ── its end ────────────────────────────────────────────────────────────────────────────────────────────────

    def _is_ours(self) -> bool:
        return self._owner == os.getpid()

    def _end(self, how: str, call: Call | None = None) -> EngineLostError:
        """End it, for good; the error that tells of it."""
        limit = None if call is None else call.limit
        if self.lost is None:
            machine.kill(self._process)
            code = self._process.wait()
            self.lost = f"killed at its {limit} limit" if limit else f"{how}, {machine.words_of(code)}"
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]
            # Their numbers may be another child's in a moment.
            self._writer = self._reader = self._frames.descriptor = -1
            self._hosts.clear()
            self._memories.clear()
            _log.info("child %d: %s", self.pid, self.lost)
        return EngineLostError(self.lost, at_work=True, limit=limit)

    def close(self) -> None:
        """End it, whatever it is doing."""
        if not self._is_ours():
            return
        machine.kill(self._process)
        with self._lock:
            self._end("closed")

    def forget(self) -> None:
        """In a fork of this program: the child is not ours. It goes on, and is asked no more from here."""
        self.lost = "it belongs to another process"
        self._lock, self._numbers = threading.RLock(), threading.Lock()
        self._process.returncode = 0
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


def _is_of(pid: int, leader: int) -> bool:
    """Whether a process was started by a child, which leads a group of its own."""
    try:
        return os.getpgid(pid) == leader
    except (OSError, OverflowError, AttributeError):
        return False


def _dumps(value: Any) -> bytes:
    try:
        return marshal.dumps(value, 2)
    except ValueError:
        # A class of somebody's that stands for a text, say.
        return marshal.dumps(plain(value), 2)


def _dumps_both(one: tuple[Any, ...], other: tuple[Any, ...]) -> bytes:
    return framed(_dumps(one)) + framed(_dumps(other))


def _error(values: tuple[Any, ...]) -> AoError:
    name, problem, advice, file, field = (_text(value) for value in values[:5])
    kind = _ERRORS.get(values[0], InternalError)
    if issubclass(kind, InputError):
        where = values[5] if type(values[5]) is int else None
        return kind(problem or "", advice=advice, file=file, field=field, line=where)
    if kind is SnapshotError:
        return SnapshotError(problem or "", advice=advice, file=file)
    return InternalError(problem or name or "")


def _text(value: Any) -> str | None:
    return value.decode("utf-8", "replace") if type(value) is bytes else None
