"""Time: how an evaluation that takes too long, or that Ctrl-C is meant for, is stopped.

While modules run, a thread counts wasmtime's epoch up, and each count makes every running module ask `Watch` whether
to go on. The thread rests while nothing runs, and comes anew in a fork.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
import weakref
from collections.abc import Generator

from .library import engine, wasmtime
from .native import ask_at_epochs

__all__ = ["Watch"]

#: Seconds between two counts, and counts without anything to do after which the thread rests.
PERIOD, PATIENCE = 0.02, 25


class _Ticker:
    """The thread."""

    def __init__(self) -> None:
        self.running: set[object] = set()
        self.resting = True
        self._wake = threading.Event()
        self._started = False
        self._lock = threading.Lock()

    def rouse(self) -> None:
        """See to it that it counts; called with something in `running`."""
        self.resting = False
        self._wake.set()
        if not self._started:
            with self._lock:
                if not self._started:
                    threading.Thread(target=self._run, name="ao_runtime.wasm", daemon=True).start()
                    self._started = True

    def _run(self) -> None:
        epoch = engine().increment_epoch
        idle = 0
        while True:
            time.sleep(PERIOD)
            if self.running:
                idle = 0
                epoch()
                continue
            idle += 1
            if idle > PATIENCE:
                self._wake.clear()
                self.resting = True
                # Whoever has come meanwhile and seen it awake is in `running`.
                if not self.running:
                    self._wake.wait()
                self.resting = False
                idle = 0


_ticker = _Ticker()


def _anew() -> None:
    global _ticker
    _ticker = _Ticker()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)


class Watch:
    """What watches over one store: tell it where calls into the store begin and end."""

    def __init__(self, store: wasmtime.Store) -> None:
        self._deadline: float | None = None
        #: Whether it was the time that stopped the module.
        self.late = False
        #: An exception that has come from outside, such as Ctrl-C, and stopped the module.
        self.interrupted: BaseException | None = None
        self._set_deadline = store.set_epoch_deadline
        self._ask = ask_at_epochs(store, _questions(weakref.ref(self)))

    def begin(self, seconds: float | None) -> None:
        """From now on the module may run, for so many seconds."""
        self.late = False
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._set_deadline(1)
        ticker = _ticker
        ticker.running.add(self)
        if ticker.resting:
            ticker.rouse()

    def end(self) -> None:
        """The module has come back."""
        _ticker.running.discard(self)

    def goes_on(self) -> bool:
        """Whether the module may go on."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self.late = True
        return not self.late and self.interrupted is None


def _questions(reference: weakref.ref[Watch]) -> Generator[int, int, None]:
    """What wasmtime's question is answered with, argument by argument: the store, nothing, the next count, go on."""
    place = answer = 0
    while True:
        try:
            while True:
                value = yield answer
                if place == 2:
                    ctypes.c_uint64.from_address(value).value = 1
                elif place == 3:
                    watch = reference()
                    if watch is None or not watch.goes_on():
                        # To yield is not allowed here: that ends it.
                        ctypes.c_uint8.from_address(value).value = 1
                answer = int(place == 1)
                place = (place + 1) % 4
        except GeneratorExit:
            return
        except BaseException as error:
            watch = reference()
            if watch is not None:
                watch.interrupted = error
            answer = int(place == 1)
            place = (place + 1) % 4
