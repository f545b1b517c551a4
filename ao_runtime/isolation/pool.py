"""Children that many processes share: each process lives in one of them, and a child that has ended is replaced."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterable
from typing import Any

from ..errors import InputError
from .child import Child
from .engine import IsolatedEngine

__all__ = ["Pool", "shared"]

__tracebackhide__ = True

_MOST = 1024


class _Place:
    """Where a child is, or was and will be again."""

    def __init__(self) -> None:
        self.child: Child | None = None
        self.lock = threading.Lock()

    @property
    def load(self) -> int:
        child = self.child
        return 0 if child is None or child.lost is not None else child.load


class Pool:
    """`size` child processes in which the engines of processes live: as many as there are processors, if not given.

    `Process(…, isolated=pool)` puts a process into it. Children are started when they are needed, and a new one takes
    the place of one that has ended. Each does one thing at a time; processes in different children run at the same
    time, where threads use them.

    Close it, or use it as a context manager; a process that is used after that is an `InputError`. Raises `InputError`
    for a size that makes no sense, and where no child can be started.
    """

    def __init__(self, size: int | None = None) -> None:
        if size is None:
            size = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= _MOST:
            raise InputError(f"must be a number of children from 1 to {_MOST}, found {size!r}", field="size")
        self.size = size
        self._places = [_Place() for _ in range(size)]
        self._homes: weakref.WeakKeyDictionary[object, _Place] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self._closed = False
        self._finalizer = weakref.finalize(self, _end, self._places)
        _pools.add(self)

    @property
    def pids(self) -> list[int]:
        """The numbers of the children that are alive."""
        found = [place.child for place in self._places]
        return [child.pid for child in found if child is not None and child.lost is None]

    def engine(self, home: object, environment: Any, **options: Any) -> IsolatedEngine:
        """A new engine (`IsolatedEngine` has the options), always in the same child for the same `home`.

        Raises `EngineLostError` where the child ends meanwhile.
        """
        return IsolatedEngine(self._child(home), environment, **options)

    def _child(self, home: object) -> Child:
        with self._lock:
            if self._closed:
                raise InputError("the pool of children has been closed", field="isolated")
            place = self._homes.get(home)
            if place is None:
                place = self._homes[home] = min(self._places, key=lambda place: place.load)
        with place.lock:
            child = place.child
            if child is None or child.lost is not None:
                try:
                    child = place.child = Child()
                except (OSError, ValueError) as error:
                    raise InputError(f"no child process can be started: {error}", field="isolated") from None
                if self._closed:
                    child.close()
            return child

    def close(self) -> None:
        """End all children. It can be done more than once."""
        self._closed = True
        self._finalizer()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Pool(size={self.size}, {'closed' if self._closed else f'alive={len(self.pids)}'})"

    def _forget(self) -> None:
        """In a fork of this program: the children are not ours."""
        for place in self._places:
            place.lock = threading.Lock()
            if place.child is not None:
                place.child.forget()
                place.child = None
        self._lock = threading.Lock()


def _end(places: Iterable[_Place]) -> None:
    for place in places:
        if place.child is not None:
            place.child.close()


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()
_shared: Pool | None = None
_shared_lock = threading.Lock()


def shared() -> Pool:
    """The pool of those who name none."""
    global _shared
    with _shared_lock:
        if _shared is None or _shared._closed:
            _shared = Pool()
        return _shared


def _anew() -> None:
    global _shared_lock
    _shared_lock = threading.Lock()
    for pool in tuple(_pools):
        pool._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)
