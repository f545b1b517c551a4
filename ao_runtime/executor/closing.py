"""The end of a job: what was written down is noted at the process, which is closed with its output, once."""

from __future__ import annotations

import time
from math import isinf

from ..colonies import SUCCESS, Attribute, Colonies
from ..errors import RPCError
from .functions import Done
from .job import DroppedError, Job, is_ours

__all__ = ["COMMIT", "close"]

#: The attribute that says what was written down.
COMMIT = "commit"
_PAUSE = 0.5
#: Seconds that an answer is waited for, where a process has no lease that could end.
_PATIENCE = 600.0


def close(job: Job, colonies: Colonies, colony: str, done: Done) -> None:
    """Note what was committed, and close the process with its output.

    What is refused is not tried again: a server stores the output of a refused close all the same. Raises
    `DroppedError` where the process is another attempt's by now, or nobody answers.
    """
    end = time.monotonic() + (_PATIENCE if isinf(job.lease.left) else max(job.lease.left, 0.0))
    while True:
        try:
            if done.commit is not None:
                _note(job, colonies, colony, done.commit)
            colonies.close(job.process.processid, output=[done.output])
            return
        except RPCError as error:
            if not error.conn_err():
                raise DroppedError(f"the server says: {error}") from None
            problem = str(error)
        while True:
            if time.monotonic() > end:
                raise DroppedError(problem)
            time.sleep(_PAUSE)
            try:
                now = colonies.get_process(job.process.processid)
            except RPCError as error:
                if not error.conn_err():
                    raise DroppedError(f"the server says: {error}") from None
                continue
            if now.state == SUCCESS and now.output == [done.output]:
                return
            if not is_ours(job.process, now):
                raise DroppedError("it has been given to somebody else, or was taken back")
            break


def _note(job: Job, colonies: Colonies, colony: str, digest: str) -> None:
    """Note a digest at the process: a key goes in once, so that two attempts can be told apart."""
    try:
        colonies.add_attr(Attribute.new(colony, job.process.processid, COMMIT, digest))
    except RPCError as error:
        if "duplicate key" not in str(error):
            raise
        noted = [one.value for one in colonies.get_process(job.process.processid).attributes if one.key == COMMIT]
        if noted and noted[0] != digest:
            raise DroppedError(
                f"ALARM: two attempts have come to different results ({noted[0][:16]}… and {digest[:16]}…):"
                " the journal that one of them wrote to is not this one, or the process is not deterministic"
            ) from None
