"""Subscriptions, described: what is sent first, what a frame means, and what silence means. Nothing here waits.

What a server does not do, and what is done about it here and in the clients: it answers no pings and no closing
handshake while somebody is subscribed (none is waited for); it says nothing when a process is closed (so there is a
clock of our own); it drops the connection without a word when the time of a process's subscription is over (so the
clock tells that from a connection lost); what is appended while one subscribes may come twice (it is told once).
"""

from __future__ import annotations

import time
from typing import Any, Generic, TypeVar

from ..errors import InputError, RPCError
from .call import Call, many
from .models import ChannelEntry, Process

__all__ = ["CLOSING", "Subscription", "to_channel", "to_process"]
T = TypeVar("T")

#: Seconds to wait for a server to close its side: it does not while a channel is subscribed.
CLOSING = 0.05

#: Seconds that the server's own end of a subscription may be late before ours comes.
_GRACE = 2.0

#: Seconds after which one looks whether a connection that brings nothing is still one.
_LOOK = 1.0

#: Seconds that a server's clock may be ahead of ours.
_AHEAD = 0.2

#: What a server makes of a channel's timeout of 0.
_SERVERS_OWN = 30


class Subscription(Generic[T]):
    """One subscription. Its clock starts with its first frame."""

    def __init__(self, call: Call[T], seconds: float, silence: RPCError | None) -> None:
        """What is asked, how long the server will answer, and the error that silence is, if it is one."""
        self._call = call
        self._seconds = seconds
        self._silence = silence
        self._start = time.monotonic()
        self.opening = call.sealed()
        self.over = False

    def begin(self) -> str:
        """The first frame; from here on the clock counts."""
        self._start = time.monotonic()
        return self.opening

    def left(self) -> float:
        """Seconds for which a frame may still come; not so many that nobody sees meanwhile what else has happened."""
        return min(max(self._start + self._seconds + _GRACE - time.monotonic(), 0.0), _LOOK)

    def take(self, frame: str | bytes) -> T:
        """What a frame says; RPCError if it is a refusal."""
        return self._call.result(frame)

    def silent(self) -> RPCError | None:
        """No frame came: once the time is over the end, and the error that it is, if it is one."""
        if self.left() > 0:
            return None
        return self._ended()

    def lost(self, reason: str) -> RPCError | None:
        """The connection is gone: silence if its time is over, else an error whose `conn_err()` is true."""
        if time.monotonic() >= self._start + self._seconds - _AHEAD:
            return self._ended()
        return RPCError(f"the connection was lost before its time: {reason}", unanswered=True)

    def _ended(self) -> RPCError | None:
        self.over = True
        return self._silence


class _Channel(Subscription[list[ChannelEntry]]):
    """Entries of a channel, each of them once."""

    def __init__(self, call: Call[list[ChannelEntry]], seconds: float) -> None:
        super().__init__(call, seconds, None)
        self._seen: set[tuple[str, int, str]] = set()

    def take(self, frame: str | bytes) -> list[ChannelEntry]:
        """The entries of a frame that have not come yet; an empty frame is the end, and so is one with an error."""
        entries = super().take(frame)
        new = []
        for entry in entries:
            mark = (entry.senderid, entry.sequence, entry.timestamp)
            if mark not in self._seen or entry.error:
                self._seen.add(mark)
                new.append(entry)
        # After an entry that says that the reader was too slow nothing comes any more.
        self.over = not entries or bool(entries[-1].error)
        return new


def to_channel(
    processid: str, channelname: str, afterseq: int, timeout: int, prvkey: str | None = None
) -> Subscription[list[ChannelEntry]]:
    """Subscribes to a channel: `afterseq` entries are skipped, after `timeout` seconds (0: 30) it is over."""
    fields = {"processid": processid, "name": channelname, "afterseq": afterseq, "timeout": timeout}
    call = Call("subscribechannelmsg", fields, many(ChannelEntry), prvkey)
    return _Channel(call, _seconds(timeout) or _SERVERS_OWN)


def to_process(process: Process, state: int, timeout: int, prvkey: str | None = None) -> Subscription[Process | None]:
    """Subscribes to the moment at which a process is in that state."""
    process = Process.from_dict(process)
    conditions = process.spec.conditions
    fields = {
        "colonyname": conditions.colonyname,
        "processid": process.processid,
        "executortype": conditions.executortype,
        "state": state,
        "timeout": timeout,
    }
    call = Call("subscribeprocessmsg", fields, _pushed, prvkey)
    late = RPCError(f"the process {process.processid} has not come into state {state} within {timeout} s")
    return Subscription(call, _seconds(timeout), late)


def _pushed(payload: Any) -> Process | None:
    return Process.from_dict(payload) if payload else None


def _seconds(timeout: float) -> float:
    if not isinstance(timeout, (int, float)):
        raise InputError(f"must be seconds, found {type(timeout).__name__}", field="timeout")
    return max(timeout, 0)
