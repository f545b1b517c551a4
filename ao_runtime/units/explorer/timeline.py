"""`Timeline`: all messages of a network by their time, as far as their processes were read; and what became of them."""

from __future__ import annotations

from collections.abc import Callable

from ...network import Assignment, Evaluation, Network

__all__ = ["SCANNED", "Timeline"]

#: Messages that one request looks at.
SCANNED = 20_000


class Timeline:
    """The messages in the order of time. To be asked in the network's own thread.

    In a folder a process's messages are among them from the moment on at which somebody needs the process: to read all
    of them for one page would take too long.

    kept
        How many evaluations of a process are kept for good, while more are at work (`Lanes.kept`): nobody sees others.
    """

    def __init__(self, network: Network, kept: Callable[[str], int | None] = lambda process: None) -> None:
        self._scheduler = network.scheduler
        self._compute = network.compute
        self._kept = kept
        self._all: list[Assignment] = []
        self._last: Assignment | None = None

    def __len__(self) -> int:
        """How many there are."""
        self._update()
        return len(self._all)

    def evaluations(self, process: str) -> tuple[list[Evaluation], int]:
        """What a process has evaluated, and how many of these are to be seen."""
        if process not in self._compute:
            return [], 0
        found = self._compute.unit(process).evaluations
        kept = self._kept(process)
        return found, len(found) if kept is None else min(kept, len(found))

    def number(self, one: Assignment) -> int | None:
        """The number of the evaluation of a message in its process; None where that is not to be seen yet."""
        if one.process not in self._compute:
            return None
        nonces = self._compute.unit(one.process).nonces
        if one.nonce >= len(nonces):
            return None
        number = nonces[one.nonce]
        return number if number < self.evaluations(one.process)[1] else None

    def before(
        self, place: int | None, most: int, wanted: Callable[[Assignment], bool] | None = None
    ) -> tuple[list[Assignment], int | None]:
        """Messages before a place, the last first, and the place to go on at; None where there are no more.

        At most `most`, and of at most `SCANNED` that are looked at.
        """
        self._update()
        at = len(self._all) if place is None else max(0, min(place, len(self._all)))
        end = max(0, at - SCANNED)
        found: list[Assignment] = []
        while at > end and len(found) < most:
            at -= 1
            one = self._all[at]
            # What could not be evaluated has lost its place again.
            if self._scheduler.place(one.item.id) is one and (wanted is None or wanted(one)):
                found.append(one)
        return found, at if at else None

    def _update(self) -> None:
        """Add what has come since."""
        new: list[Assignment] = []
        for one in self._scheduler.latest():
            if one is self._last:
                break
            new.append(one)
        else:
            # The last one that was known has lost its place: all are new.
            self._all = []
        if not new:
            return
        self._last = new[0]
        self._all += reversed(new)
        self._all.sort(key=lambda one: one.timestamp)
