"""Whether a network's folder holds what it should: every order, what brought each message, all results."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ..errors import AoError
from ..isolation import Pool
from ..process import replay
from .core import Core
from .evaluation import Delivery
from .ids import from_id, to_id
from .item import next_link
from .outbox import deliveries_of

__all__ = ["Report", "verify"]


@dataclass
class Report:
    """What was found."""

    processes: int = 0
    messages: int = 0
    #: Results that were compared; those that had hit a limit on time or memory are not.
    compared: int = 0
    #: What is not as it should be, each with its process, by name, and its message.
    problems: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether all is as it should be."""
        return not self.problems

    def to_dict(self) -> dict[str, object]:
        """All of it as plain data."""
        return {
            "processes": self.processes,
            "messages": self.messages,
            "compared": self.compared,
            "same": self.same,
            "problems": self.problems,
        }


def verify(
    network: Core,
    journal: Callable[[str], Path],
    workers: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Count the order of every process again, look for what sent each message, and evaluate all of them again.

    Processes are evaluated at the same time, in as many children as there are processors (`workers`). `progress` is
    told how many processes of how many are done. Raises `JournalError` for a journal that cannot be read.
    """
    report = Report()
    scheduler = network.scheduler
    ids = scheduler.processes
    for id in ids:
        _check_order(network, id, report)
    _check_origins(network, ids, report)
    count = workers or os.cpu_count() or 1
    with Pool(count) as pool, ThreadPoolExecutor(count) as threads:
        jobs = [threads.submit(_evaluate, journal(id), pool) for id in ids]
        for number, (id, job) in enumerate(zip(ids, jobs, strict=True)):
            try:
                compared, messages, different = job.result()
            except AoError as error:
                report.problems.append(f"{network.label(id)}: {error}")
                continue
            report.compared += compared
            report.messages += messages
            if different is not None:
                report.problems.append(f"{network.label(id)}: message {different} gives another result")
            if progress is not None:
                progress(number + 1, len(ids))
    report.processes = len(ids)
    return report


def _check_order(network: Core, id: str, report: Report) -> None:
    """Nonces without a hole, rising timestamps, the hash chain."""
    chain = digest = b""
    last = -1
    for number, one in enumerate(network.scheduler.schedule(id).assignments):
        chain = next_link(digest, chain) if number else sha256(from_id(id)).digest()
        digest = one.digest
        name = f"{network.label(id)}: message {number}"
        if one.nonce != number:
            report.problems.append(f"{name} has the nonce {one.nonce}")
        if one.hash_chain != to_id(chain):
            report.problems.append(f"{name} has another hash chain")
        if one.timestamp <= last:
            report.problems.append(f"{name} is not later than the one before")
        last = one.timestamp


def _check_origins(network: Core, ids: list[str], report: Report) -> None:
    """Every message that a process has sent stands in that process's results, with the same content."""
    sent: dict[bytes, Delivery] = {}
    for id in ids:
        for one in network.compute.unit(id).evaluations:
            for delivery in deliveries_of(one, one.pushed_for):
                sent[delivery.key] = delivery
    for id in ids:
        for place in network.scheduler.schedule(id).assignments:
            if place.origin is None:
                continue
            key = b" ".join(place.origin.split(b" ")[:3])
            found = sent.get(key)
            name = f"{network.label(id)}: message {place.nonce}"
            if found is None:
                if key.split(b" ")[0].decode("utf-8", "replace") in network.scheduler:
                    report.problems.append(f"{name} was sent by nobody")
            elif found.kind == "message" and not place.elsewhere and found.anchor != place.item.anchor:
                report.problems.append(f"{name} is not what was sent")


def _evaluate(journal: Path, pool: Pool) -> tuple[int, int, int | None]:
    """Results that were compared, messages, and the number of the first that is another one now."""
    compared = messages = 0
    for replayed in replay(journal, isolated=pool):
        messages += 1
        if not replayed.same:
            return compared, messages, replayed.entry.nonce
        compared += replayed.result is not None
    return compared, messages, None
