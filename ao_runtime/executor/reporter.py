"""What is told while a job is evaluated: that we are alive, how far it is, and a line in its log now and then."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from ..colonies import Colonies, Log
from ..errors import RPCError
from .job import Job
from .lease import clock

__all__ = ["PROGRESS", "SIGN_OF_LIFE", "Reporter"]

#: The channel that progress goes through, where the process has one of that name.
PROGRESS = "progress"
#: Seconds between two signs of life. A server takes whoever has asked for no work in ten minutes for gone.
SIGN_OF_LIFE = 120.0
#: Seconds between two entries in the channel, and two lines in the log.
_CHANNEL, _LOG = 0.5, 10.0
_TICK = 0.1
#: Seconds for what is just being told when a job ends.
_PATIENCE = 5.0
#: A request for work that gives none to us: ours asks for more than this.
NO_CPU, NO_MEMORY = "0m", "0Mi"


class Reporter:
    """A thread that reports a job until `end`; nothing that goes wrong with that ends the job.

    `alive` is called every `sign_of_life` seconds, to ask for work that is not there.
    """

    def __init__(
        self, job: Job, colonies: Colonies, colony: str, alive: Callable[[], None], sign_of_life: float = SIGN_OF_LIFE
    ) -> None:
        self._job = job
        self._colonies = colonies
        self._colony = colony
        self._alive = alive
        self._period = sign_of_life
        self._ended = threading.Event()
        self._sequence = 0
        self._has_channel = PROGRESS in job.process.spec.channels
        self._told = (-1, -1)
        self._thread = threading.Thread(target=self._run, name="ao-executor-reporter", daemon=True)

    def begin(self) -> None:
        """Say in the log that the job begins, and go on from there."""
        spec = self._job.process.spec
        self.log(f"begins: {spec.funcname} {spec.label}".rstrip())
        self._thread.start()

    def end(self, text: str, *, closes: bool) -> None:
        """Say how it has ended. The channel ends only where the process is about to be closed."""
        self._ended.set()
        # It may be waiting for a server that does not answer: the job does not.
        self._thread.join(_PATIENCE)
        if closes:
            self._tell()
            self._append("", "end")
        self.log(text)

    def log(self, text: str) -> None:
        """A line in the process's log."""
        try:
            line = Log(processid=self._job.process.processid, colonyname=self._colony, message=text)
            self._colonies.add_log(line)
        except RPCError:
            return

    def _run(self) -> None:
        life, channel, log = clock() + self._period, clock() + _CHANNEL, clock() + _LOG
        while not self._ended.wait(_TICK):
            now = clock()
            if now >= life:
                self._alive()
                life = clock() + self._period
            if now >= channel:
                self._tell()
                channel = clock() + _CHANNEL
            if now >= log:
                self.log(f"{self._job.done} of {self._job.of}")
                log = clock() + _LOG

    def _tell(self) -> None:
        """How far it is, if that has changed."""
        told = self._job.done, self._job.of
        if told != self._told and told[1]:
            self._told = told
            self._append(json.dumps({"done": told[0], "of": told[1]}), "")

    def _append(self, text: str, kind: str) -> None:
        if not self._has_channel:
            return
        self._sequence += 1
        try:
            self._colonies.channel_append(self._job.process.processid, PROGRESS, self._sequence, text, kind)
        except RPCError:
            return
