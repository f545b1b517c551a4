"""Deliveries to many processes at the same time, where the processes are evaluated in children.

A wave is what stands next in the queue, as long as it is messages to processes: all of them are put in their places
first, in their order; then each process evaluates its own, in their order, while others do; then what they send is put
into the queue, again in the order of the messages. So a wave gives what one delivery after the other gives.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from ..errors import RefusedError
from .compute import Compute
from .evaluation import Delivery, Evaluation
from .item import Assignment
from .messenger import Messenger

__all__ = ["Waves"]

#: Messages in a wave, at most, and processes: in a folder each has files open.
_LONGEST = 512
_WIDEST = 100


class Waves:
    """Delivers waves, each process in one of `workers` threads that wait for their children."""

    def __init__(self, messenger: Messenger, compute: Compute, workers: int) -> None:
        self._messenger = messenger
        self._compute = compute
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="ao-network")

    def deliver(self, pending: deque[Delivery], most: int) -> int:
        """Deliver what comes next, at most so many; how many it were. 0, where that is no message to a process.

        After an exception what was not evaluated is on its way still.
        """
        wave: list[Delivery] = []
        targets: set[str] = set()
        # One that was duplicated comes in another wave the second time: it counts its copies.
        seen: set[int] = set()
        while pending and len(wave) < min(most, _LONGEST) and self._fits(pending[0]) and id(pending[0]) not in seen:
            seen.add(id(pending[0]))
            targets.add(pending[0].target)
            if len(targets) > _WIDEST:
                break
            wave.append(pending.popleft())
        if len(wave) < 2:
            pending.extendleft(wave)
            return 0
        places: list[Assignment | None] = []
        by_process: dict[str, list[Assignment]] = {}
        for delivery in wave:
            place = self._place(delivery)
            places.append(place)
            if place is not None:
                by_process.setdefault(place.process, []).append(place)
        # What belongs to all of them is done here: only the evaluations are done side by side.
        self._compute.get_ready(by_process)
        jobs = [self._threads.submit(self._compute.evaluate_ready, own) for own in by_process.values()]
        found: dict[int, Evaluation] = {}
        errors: list[BaseException] = _interrupted(jobs)
        for job in jobs:
            if job.cancelled():
                continue
            error = job.exception()
            if error is not None:
                errors.append(error)
            else:
                found.update((id(one.assignment), one) for one in job.result())
        late = []
        for delivery, place in zip(wave, places, strict=True):
            if place is not None and id(place) not in found:
                late.append(delivery)
                continue
            if place is not None:
                self._messenger.finish(delivery, found[id(place)])
            delivery.copies += 1
        if errors:
            pending.extendleft(reversed(late))
            self._messenger.give_up(place for place in places if place is not None and id(place) not in found)
            raise errors[0]
        return len(wave)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _fits(self, delivery: Delivery) -> bool:
        return delivery.kind == "message" and delivery.target in self._compute and not delivery.faults

    def _place(self, delivery: Delivery) -> Assignment | None:
        delivery.problem = None
        try:
            return self._messenger.scheduled(delivery)
        except RefusedError as error:
            delivery.lose(error.problem)
            return None


def _interrupted(jobs: list[Future[Any]]) -> list[BaseException]:
    """Wait until nothing of it is being done; what came in between: Ctrl-C, most likely."""
    came: list[BaseException] = []
    while True:
        try:
            wait(jobs)
            return came
        except BaseException as error:
            # What is being evaluated is finished, and kept.
            came.append(error)
            for job in jobs:
                job.cancel()
