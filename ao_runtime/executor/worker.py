"""`Worker`: takes jobs of a colony one after the other, and sees each through, or leaves it to somebody else."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from math import inf

from ..colonies import RUNNING, Colonies, Process, checked_json, gen_id
from ..errors import AoError, CodeError, InputError, RPCError, SnapshotError
from ..isolation import missing
from ..models import Limits
from .closing import close
from .data import Data
from .functions import FUNCTIONS, Done
from .job import DroppedError, Job
from .lease import age, clock
from .registering import join, register
from .reporter import NO_CPU, NO_MEMORY, SIGN_OF_LIFE, Reporter
from .settings import Settings

__all__ = ["Worker"]

#: Seconds that the server is asked to wait for work; so long it may take until we hear of a wish to end.
_POLL = 2
#: Seconds between two tries, where the server does not answer or does not know us: the first and the longest.
_SOONEST, _LATEST = 0.5, 30.0
#: Bytes of an error's text.
_LONGEST_ERROR = 2000


class Worker:
    """An executor of a colony. `run` works until `stop` is called, from a signal's handler or another thread.

    settings
        Where the colony is, who we are, and the folder that jobs may name files in.
    most
        What one message of a job may use at most; instructions None is the default of what evaluates it.
    fetch_from
        Hosts that files are fetched from.
    say
        What is told to people, a line each.
    grace
        Seconds that a job may go on after `stop`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        most: Limits | None = None,
        fetch_from: Sequence[str] = (),
        say: Callable[[str], object] = print,
        grace: float = 60.0,
        sign_of_life: float = SIGN_OF_LIFE,
    ) -> None:
        self._settings = settings
        self._colonies: Colonies = settings.client()
        self._id = gen_id(settings.prvkey)
        self._data = Data(settings.data, fetch_from)
        self._most = most or Limits(instructions=None)
        self._say = say
        self._grace = grace
        self._sign_of_life = sign_of_life
        self._stopping = threading.Event()
        # What has come with a sign of life, or was ours already: to be done next.
        self._queue: deque[tuple[Process, float]] = deque()
        self._job: Job | None = None
        self._pause = 0.0
        self._unknown = False
        self._end_by = inf

    def run(self) -> None:
        """Join the colony, and take jobs until `stop`.

        Raises `InputError` where the colony does not know us, and on a system without hard limits; `RPCError`.
        """
        if (reason := missing()) is not None:
            raise InputError(f"jobs of strangers need limits that hold, which cannot be had here: {reason}")
        with self._colonies:
            executor = self._joined()
            if executor is None:
                return
            self._say(f"{executor} takes jobs of the colony {self._settings.colony} at {self._colonies.url}")
            self._take_up()
            while not self._stopping.is_set():
                found = self._queue.popleft() if self._queue else self._assigned()
                if found is not None:
                    self._perform(*found)
            if self._queue:
                self._say(f"{len(self._queue)} more jobs are left to others, when their leases are over")
            self._say(f"{executor} has ended")

    def stop(self) -> None:
        """Take no more jobs; the one that is under way has the grace to end. From any thread, or a signal's handler."""
        self._end_by = clock() + self._grace
        self._stopping.set()
        if self._job is not None:
            self._job.end_by = self._end_by

    # ── where jobs come from ───────────────────────────────────────────────────────────────────────────────────

    def _joined(self) -> str | None:
        """Our name, once the colony knows us; None where we are to stop before that."""
        while not self._stopping.is_set():
            try:
                executor = join(self._settings, self._colonies)
                register(self._settings, self._colonies, executor.executorname)
                return executor.executorname
            except RPCError as error:
                if not error.conn_err():
                    raise
                self._wait(str(error))
        return None

    def _assigned(self) -> tuple[Process, float] | None:
        """The next job, if there is one within a while."""
        try:
            process = self._colonies.assign(self._settings.colony, _POLL)
        except RPCError as error:
            if error.status == 404:
                self._is_known()
            elif error.conn_err():
                # It may be ours all the same.
                self._wait(str(error))
                self._take_up()
            else:
                self._not_known(error)
                self._wait(None)
            return None
        self._is_known()
        return process, clock()

    def _take_up(self) -> None:
        """What is assigned to us already: by a call whose answer we have not heard, or before we were started anew."""
        try:
            running = self._colonies.get_processes(
                self._settings.colony, 100, RUNNING, executortype=self._settings.executortype
            )
        except RPCError:
            return
        known = {process.processid for process, _ in self._queue}
        for process in running:
            if process.assignedexecutorid == self._id and process.processid not in known:
                # How long it has been ours already is not known: what is left is asked of the two clocks.
                self._queue.append((process, clock() - age(process)))

    def _alive(self) -> None:
        """A sign of life: ask for work that nobody has who asks for a processor."""
        try:
            process = self._colonies.assign(self._settings.colony, -1, availablecpu=NO_CPU, availablemem=NO_MEMORY)
        except RPCError as error:
            if error.status != 404 and not error.conn_err():
                self._not_known(error)
                if self._job is not None:
                    self._job.cancel(f"the server says: {error}")
            return
        job = self._job
        if job is not None and job.process.processid == process.processid:
            job.cancel("it was assigned to this executor once more")
        self._queue.append((process, clock()))

    def _not_known(self, error: RPCError) -> None:
        if not self._unknown:
            self._say(f"the server says: {error}; if this executor was removed, the colony's owner approves it again")
        self._unknown = True

    def _is_known(self) -> None:
        if self._unknown:
            self._say("the colony knows this executor again")
        self._unknown, self._pause = False, 0.0

    def _wait(self, why: str | None) -> None:
        """Wait a while, longer each time."""
        if why is not None and not self._pause:
            self._say(why)
        self._pause = min(max(_SOONEST, 2 * self._pause), _LATEST)
        self._stopping.wait(self._pause)

    # ── one job ────────────────────────────────────────────────────────────────────────────────────────────────

    def _perform(self, assigned: Process, begun: float) -> None:
        """See a job through, fail it, or leave it."""
        process = self._read(assigned.processid)
        if process is None or process.state != RUNNING or process.assignedexecutorid != self._id:
            self._say(f"{assigned.processid[:12]} is not ours any more")
            return
        what = f"{process.spec.funcname} {process.spec.label or process.processid[:12]}"
        self._say(f"begins {what}")
        with Job(process, begun, self._colonies, self._data, self._most) as job:
            self._job = job
            job.end_by = self._end_by
            reporter = Reporter(job, self._colonies, self._settings.colony, self._alive, self._sign_of_life)
            reporter.begin()
            began = time.monotonic()
            try:
                end = self._seen_through(job, reporter)
            finally:
                self._job = None
        self._say(f"{what} {end} ({time.monotonic() - began:.1f} s)")

    def _seen_through(self, job: Job, reporter: Reporter) -> str:
        """Do a job and close it, fail it, or leave it: how it has ended."""
        processid = job.process.processid
        try:
            done = self._done(job)
        except DroppedError as error:
            reporter.end(f"is left to others: {error}", closes=False)
            return f"is left to others: {error}"
        except _FailedError as error:
            reporter.end(f"fails: {error}", closes=True)
            try:
                self._colonies.fail(processid, errors=error.errors)
            except RPCError as refusal:
                return f"fails: {error}; the server says: {refusal}"
            return f"fails: {error}"
        reporter.end("ends", closes=True)
        try:
            close(job, self._colonies, self._settings.colony, done)
        except DroppedError as error:
            return f"is left to others: {error}"
        return "is done"

    def _read(self, processid: str) -> Process | None:
        """A process as it is now, from which the attempt is known: the answer to `assign` has times of its own."""
        while True:
            try:
                return self._colonies.get_process(processid)
            except RPCError as error:
                if not error.conn_err() or self._stopping.is_set():
                    return None
                self._wait(str(error))

    def _done(self, job: Job) -> Done:
        """What came of a job.

        Raises `DroppedError` where it is left to others, `_FailedError` where it never can be done.
        """
        spec = job.process.spec
        function = FUNCTIONS.get(spec.funcname)
        try:
            if function is None:
                raise InputError(f"there is no function {spec.funcname}", advice=f"there are {', '.join(FUNCTIONS)}")
            done = function.run(job)
            checked_json(done.output, "output")
            return done
        except DroppedError:
            raise
        except Exception as error:
            if job.cancelled is not None:
                # The children were ended in the middle of whatever it was.
                raise DroppedError(job.cancelled) from None
            if isinstance(error, (InputError, CodeError, SnapshotError)):
                raise _FailedError(_told(error)) from None
            what = str(error) if isinstance(error, AoError) else f"{type(error).__name__}: {error}"
            raise DroppedError(f"trouble of this machine: {what}") from None


class _FailedError(Exception):
    """A job can never be done: one line for people, and what else is known."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(errors[0])
        self.errors = errors


def _told(error: AoError) -> list[str]:
    first, _, rest = str(error).partition("\n")
    return [text[:_LONGEST_ERROR] for text in (first, rest) if text]
