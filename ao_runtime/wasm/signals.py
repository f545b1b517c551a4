"""The handlers of signals by which wasmtime hears of traps, in their place while a module runs.

A module that divides by zero raises a signal, and wasmtime's handler makes a trap of it. It is put there once, when the
first engine is made. Whoever sets handlers after that (`faulthandler.enable()`, for one) takes the signal away from it,
and the next trap would end the program.
"""

from __future__ import annotations

import ctypes
import functools
import signal
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

__all__ = ["guarded", "remember"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_NAMES = ("SIGILL", "SIGFPE", "SIGSEGV", "SIGBUS")
#: More bytes than a `struct sigaction` has on any system; what is in it stays unread.
_SIZE = 256
#: The function to be called stands first in it.
_POINTER = ctypes.sizeof(ctypes.c_void_p)
#: Signal → wasmtime's handler, once there is an engine.
_handlers: dict[int, Any] = {}


@functools.lru_cache(maxsize=1)
def _sigaction() -> Any:
    try:
        return ctypes.CDLL(None).sigaction
    except (AttributeError, OSError, TypeError):  # Windows has no such thing.
        return None


def _now(number: int) -> Any:
    handler = ctypes.create_string_buffer(_SIZE)
    _sigaction()(number, None, handler)
    return handler


def remember() -> None:
    """Take note of the handlers that are there: to be called as soon as the first engine has been made."""
    if _handlers or _sigaction() is None:
        return
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None:
            _handlers[number] = _now(number)


def guarded(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """The same function, during which wasmtime's handlers are in their place; after it others are back in theirs."""

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        others = {}
        for number, handler in _handlers.items():
            found = _now(number)
            if found[:_POINTER] != handler[:_POINTER]:
                others[number] = found
                _sigaction()(number, handler, None)
        try:
            return function(*args, **kwargs)
        finally:
            for number, other in others.items():
                _sigaction()(number, other, None)

    return call
