"""When to save a state: seldom enough to cost little, often enough that making it again takes not long.

Young's formula: where a save takes C and a failure comes every M seconds, the least is lost by a save every √(2·C·M)
seconds (J. W. Young, A first order approximation to the optimum checkpoint interval, 1974). All times are seconds of
evaluation, so that a process that waits pays nothing.
"""

from __future__ import annotations

from math import sqrt

__all__ = ["Checkpointing"]

#: What is taken for the cost of a save and of a load before there was one, and for the time before a first failure.
_SAVE, _LOAD, _CALM = 0.002, 0.004, 10.0
#: However seldom a process fails, so much of its work may have to be done again: so many saves' time, or seconds.
_MOST_SAVES, _LEAST_WORK = 5.0, 0.05
#: About the seconds of an evaluation in a copy of the program; and so many of them in a row.
_PROBE, _MOST_PROBES = 0.005, 1000


class Checkpointing:
    """How long to go on before the state is saved, learnt from what saves cost and how often messages fail.

    `scale` stretches all of it, for saves that serve something rarer than a failed message.
    """

    __slots__ = ("_calm", "_failures", "_missed", "_scale", "cost", "due", "load")

    def __init__(self, scale: float = 1.0) -> None:
        #: Seconds of the last save.
        self.cost = _SAVE
        #: Seconds of the last load.
        self.load = _LOAD
        self._scale = scale
        self._calm = _CALM
        self._failures = 1
        self._missed = 0
        #: Save when so many seconds have been spent on evaluation since the last save.
        self.due = self._interval()

    def saved(self, cost: float, after: float) -> None:
        """A save took `cost`; it came `after` so many seconds of evaluation."""
        self.cost = cost
        self._calm += after
        self._missed = 0
        self.due = self._interval()

    def missed(self, spent: float) -> None:
        """The state could not be saved, `spent` seconds after the last save: ask again, but not soon."""
        self._missed += 1
        self.due = spent + self._interval() * 2.0 ** min(self._missed, 10)

    def failed(self) -> None:
        """A message failed: what was done since the last save must be done again."""
        self._failures += 1
        if not self._missed:
            self.due = self._interval()

    def worth(self, spent: float) -> bool:
        """Whether doing the work of `spent` seconds again would take longer than to save now, and to load that."""
        return spent > (self.cost + self.load) * self._scale and (not self._missed or spent > self.due)

    def probes(self, spent: float) -> int:
        """How many messages to try in a copy of the program first, where the state cannot be saved.

        That is so while a handler waits: one more failure would cost `spent` seconds again. As many as cost no more
        than that: so it costs no more than twice what the best choice would have cost, whatever comes.
        """
        return min(int(spent / _PROBE), _MOST_PROBES) if self._missed and spent > _LEAST_WORK else 0

    def _interval(self) -> float:
        wished = sqrt(2 * self.cost * self._calm / self._failures)
        most = max(_MOST_SAVES * self.cost, _LEAST_WORK)
        return self._scale * min(max(wished, self.cost), most)
