"""What is being tested now: the world of the test that runs, for asserts that are given no network or process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..errors import InputError

if TYPE_CHECKING:
    from ..network import Evaluation, Network, NetworkProcess
    from ..process import Process

__all__ = ["AtWork", "at_work", "network_of", "process_of", "world", "worlds"]

__tracebackhide__ = True


class AtWork(Protocol):
    """`worlds.World`, as asserts know it."""

    network: Network
    process: NetworkProcess | None

    def roots(self) -> list[Evaluation]:
        """What wallets have sent in this test, as it was evaluated."""


_W = TypeVar("_W", bound=AtWork)
#: Innermost last.
worlds: list[AtWork] = []


@contextmanager
def at_work(one: _W) -> Iterator[_W]:
    """`one` is what is tested in here."""
    worlds.append(one)
    try:
        yield one
    finally:
        worlds.remove(one)


def world() -> AtWork | None:
    """The world of the test that runs, if it has one."""
    return worlds[-1] if worlds else None


def network_of(given: Any = None) -> Network:
    """A network: the one that is given, that of the process that is given, or that of the test.

    Raises `InputError` where there is none.
    """
    if given is not None:
        found = getattr(given, "_network", given)
        if hasattr(found, "scheduler"):
            return found  # type: ignore[no-any-return]
        raise InputError(
            f"{given!r} is in no network", field="process", advice="give the net, or a process of net.spawn()"
        )
    one = world()
    if one is None:
        raise InputError("no network is being tested", advice="use the fixture net or process, or give process=")
    return one.network


def process_of(given: Any = None) -> NetworkProcess | Process:
    """A process: the one that is given, or that of the test. Raises `InputError` where there is none."""
    if given is not None:
        return given  # type: ignore[no-any-return]
    one = world()
    if one is None or one.process is None:
        raise InputError("no process is being tested", advice="use the fixture process, or give process=")
    return one.process
