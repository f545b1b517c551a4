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

    apart
        So many children beside these, each for one process that keeps it busy for more than `child.PATIENCE`: the
        others of its child do not wait for it, but go on in another one from what was saved last, and the busy one
        comes after all others on the processors. 0: everybody waits.

    Close it, or use it as a context manager; a process that is used after that is an `InputError`. Raises `InputError`
    for a size that makes no sense, and where no child can be started.
    """

    def __init__(self, size: int | None = None, apart: int = 0) -> None:
        if size is None:
            size = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= _MOST:
            raise InputError(f"must be a number of children from 1 to {_MOST}, found {size!r}", field="size")
        if isinstance(apart, bool) or not isinstance(apart, int) or not 0 <= apart <= _MOST:
            raise InputError(f"must be a number of children from 0 to {_MOST}, found {apart!r}", field="apart")
        self.size = size
        self._most_apart = apart
        #: Children that one process keeps busy.
        self._apart: list[Child] = []
        # One that is started before it is needed: that takes longer than anybody is to wait.
        self._spare: list[Child] = []
        self._places = [_Place() for _ in range(size)]
        self._homes: weakref.WeakKeyDictionary[object, _Place] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self._closed = False
        self._finalizer = weakref.finalize(self, _end, self._places, self._apart, self._spare)
        _pools.add(self)

    @property
    def pids(self) -> list[int]:
        """The numbers of the children that are alive."""
        found = [*(place.child for place in self._places), *self._apart]
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
            if child is None or child.lost is not None or child.apart is not None:
                child = place.child = self._started()
                if self._closed:
                    child.close()
            return child

    def _started(self) -> Child:
        try:
            while self._spare:
                child = self._spare.pop()
                if child.lost is None:
                    break
            else:
                child = Child()
            if self._most_apart:
                child.relieve = self._relieve
                if self._apart and not self._spare:
                    self._spare.append(Child())
        except (OSError, ValueError) as error:
            raise InputError(f"no child process can be started: {error}", field="isolated") from None
        return child

    def _relieve(self, child: Child) -> bool:
        """Whether those who wait for a child are to go on elsewhere: it belongs to who keeps it busy then."""
        with self._lock:
            if child.apart is None:
                self._apart[:] = [one for one in self._apart if one.lost is None]
                if len(self._apart) >= self._most_apart:
                    idle = next((one for one in self._apart if not one.busy_for), None)
                    if idle is None:
                        return False
                    self._apart.remove(idle)
                    idle.close()
                self._apart.append(child)
                child.set_apart()
        return True

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
        for child in (*self._apart, *self._spare):
            child.forget()
        self._apart.clear()
        self._spare.clear()
        for place in self._places:
            place.lock = threading.Lock()
            if place.child is not None:
                place.child.forget()
                place.child = None
        self._lock = threading.Lock()


def _end(places: Iterable[_Place], *others: Iterable[Child]) -> None:
    for children in others:
        for child in tuple(children):
            child.close()
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
