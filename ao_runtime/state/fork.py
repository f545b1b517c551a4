"""An evaluation of which nothing stays: in a copy of this program, made by fork, where the system has that.

A fork copies no memory until it is written to, so that a dry run costs little however much a process holds. The copy
does one thing, writes the outcome into a pipe and ends; it touches no file, no lock and no buffer of this program.
"""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple, NoReturn

from ..errors import InternalError
from ..models import FAILED, Failure, Frame
from .reads import Read

__all__ = ["Outcome", "can_fork", "collect_records", "evaluate_in_fork", "log_again"]

__tracebackhide__ = True


class Outcome(NamedTuple):
    """What came out of an evaluation."""

    raw: tuple[Any, ...]
    """What the engine gave."""
    failure: Failure | None
    """What is known of the failure, if it is one."""
    reads: list[Read]
    """What was read from outside first."""


#: Seconds after the time limit in which the limit proper has its chance.
_GRACE = 0.5
#: Of what the process's code logs (`print` of a project's own module), so many records are passed on.
_MOST_RECORDS = 10_000


def can_fork() -> bool:
    """Whether there is a fork here, and AO_RUN_FORK=0 does not forbid it."""
    return hasattr(os, "fork") and os.environ.get("AO_RUN_FORK") != "0"


def evaluate_in_fork(evaluate: Callable[[], Outcome], seconds: float | None) -> Outcome | None:
    """What `evaluate` gives, called in a copy of this program; None where no copy can be made.

    A copy that is at work for longer than `seconds` is ended, also in code that no limit of an engine interrupts: the
    outcome is that the time limit was hit. Raises `InternalError` where the copy died or raised.
    """
    if not can_fork():
        return None
    import marshal

    reader, writer = os.pipe()
    # A signal must not be heard by the copy as if it were this program.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    pid = -1
    try:
        with warnings.catch_warnings():
            # Python warns that other threads' locks stay locked in the copy: it takes none of theirs.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            _child(evaluate, writer, blocked, marshal.dumps)
        os.close(writer)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        data = _read(reader, seconds)
        status = _wait(pid) if data is not None else _end(pid)
    except BaseException as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if pid > 0:
            _end(pid)
        else:
            os.close(writer)
            if isinstance(error, OSError):
                return None
        raise
    finally:
        os.close(reader)
    if data is None:
        text = f"time limit of {seconds} seconds reached"
        return Outcome((FAILED, 0, text.encode(), b"time", text.encode(), None), Failure(text, limit="time"), [])
    try:
        answer = marshal.loads(data)
    except (EOFError, ValueError, TypeError):
        raise InternalError(f"the dry run ended without an answer ({_last_words(status)})") from None
    if isinstance(answer, str):
        raise InternalError(answer)
    raw, plain, reads, records = answer
    log_again(records)
    if plain is None:
        return Outcome(raw, None, reads)
    failure = Failure(*plain)._replace(frames=tuple(Frame(*frame) for frame in plain[4]))
    return Outcome(raw, failure, reads)


def _child(
    evaluate: Callable[[], Outcome], writer: int, unblocked: Iterable[int], dumps: Callable[[Any], bytes]
) -> NoReturn:
    """Evaluate, write the outcome, and end: whatever happens, this does not return."""
    code = 1
    try:
        import gc

        # Nothing of the program's is tidied up here: no finaliser, no handler of a signal, no event loop's descriptor.
        gc.disable()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        records = collect_records()
        try:
            raw, failure, reads = evaluate()
            plain = None
            if failure is not None:  # Plain tuples: marshal knows no others.
                plain = (*failure[:4], tuple((*frame,) for frame in failure.frames), *failure[5:])
            data = dumps((tuple(raw), plain, reads, records))
        except BaseException as error:
            data = dumps(f"{type(error).__name__} in the dry run: {error}")
        view = memoryview(data)
        while view:
            view = view[os.write(writer, view) :]
        code = 0
    finally:
        os._exit(code)


def collect_records() -> list[tuple[str, int, str]]:
    """From now on what is logged goes into this list: the handlers write into buffers that this program shares."""
    records: list[tuple[str, int, str]] = []

    def handle(self: logging.Logger, record: logging.LogRecord) -> None:
        if len(records) < _MOST_RECORDS:
            records.append((self.name, record.levelno, record.getMessage()))

    logging.Logger.handle = handle  # type: ignore[method-assign]
    return records


def log_again(records: Iterable[tuple[str, int, str]]) -> None:
    """Log what a copy has logged."""
    for name, level, text in records:
        logging.getLogger(name).log(level, "%s", text)


def readable(end: int, deadline: float) -> bool:
    """Wait until there is something to be read from a pipe, or it has ended; False after the deadline (monotonic)."""
    import select

    # Not by `select.select`, which knows no descriptors from 1024 on.
    poll = select.poll() if hasattr(select, "poll") else None
    if poll is None:
        return bool(select.select((end,), (), (), max(deadline - monotonic(), 0))[0])
    poll.register(end, select.POLLIN | select.POLLHUP)
    while (left := deadline - monotonic()) > 0:
        if poll.poll(min(left, 1e6) * 1000):
            return True
    return False


def _read(reader: int, seconds: float | None) -> bytes | None:
    """All that comes; None when it takes too long."""
    parts: list[bytes] = []
    deadline = None if seconds is None else monotonic() + seconds + _GRACE
    while True:
        if deadline is not None and not readable(reader, deadline):
            return None
        part = os.read(reader, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _end(pid: int) -> int:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    return _wait(pid)


def _wait(pid: int) -> int:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:  # Somebody else waits for all children of this program.
        return 0


def _last_words(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"killed by signal {os.WTERMSIG(status)}"
    return f"exit code {os.waitstatus_to_exitcode(status)}"
