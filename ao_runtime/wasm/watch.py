"""Time: how an evaluation that takes too long, or that Ctrl-C is meant for, is stopped.

While modules run, a thread counts wasmtime's epoch up, and each count makes every running module ask `Watch` whether
to go on. The thread rests while nothing runs, and comes anew in a fork.
"""

from __future__ import annotations

import ctypes
import time
import weakref
from collections.abc import Generator

from ..ticker import Ticker
from .library import engine, wasmtime
from .native import ask_at_epochs

__all__ = ["Watch"]


def _count(_running: tuple[object, ...]) -> None:
    engine().increment_epoch()


_ticker: Ticker[object] = Ticker("ao_runtime.wasm", _count, 0.02, 25)


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
        _ticker.begin(self)

    def end(self) -> None:
        """The module has come back."""
        _ticker.end(self)

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
