"""What wasmtime-py does not offer, or only slowly: the one file that uses its inner bindings of wasmtime's C API."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Generator, Sequence
from typing import Any

from .library import wasmtime

# Not public; what is called through it is wasmtime's C API, which is.
from wasmtime import _bindings, _func  # isort: skip

__all__ = ["Function", "ask_at_epochs", "escaped"]

__tracebackhide__ = True

_Value = _bindings.wasmtime_val_t
_TrapPointer = ctypes.POINTER(_bindings.wasm_trap_t)
_I64 = _bindings.wasmtime_valkind_t(1)  # WASMTIME_I64
_call = _bindings._wasmtime_func_call
_context = _bindings.wasmtime_store_context


class Function:
    """A function of a module that takes and gives so many 64-bit numbers, called with as little work as can be.

    Raises what wasmtime-py raises: `Trap`, `WasmtimeError`.
    """

    def __init__(self, store: wasmtime.Store, function: wasmtime.Func, params: int, results: int) -> None:
        self._context = _context(store.ptr())
        self._function = function._func
        self._where = ctypes.byref(self._function)
        self._params = (_Value * params)()
        self._results = (_Value * results)()
        self._counts = (params, results)
        for place in range(params):
            self._params[place].kind = _I64
        self._slots = [value.of for value in self._params]
        self._answers = [value.of for value in self._results]

    def __call__(self, *arguments: int) -> Sequence[int]:
        """Call it."""
        for slot, argument in zip(self._slots, arguments, strict=True):
            slot.i64 = argument
        trap = _TrapPointer()
        params, results = self._counts
        error = _call(self._context, self._where, self._params, params, self._results, results, ctypes.byref(trap))
        if error:
            raise wasmtime.WasmtimeError._from_ptr(error)
        if trap:
            raise wasmtime.Trap._from_ptr(trap)
        return [answer.i64 for answer in self._answers]


def escaped() -> BaseException | None:
    """An exception that has come up in wasmtime-py's own part of a call from a module to Python, if one has."""
    found: BaseException | None = _func.LAST_EXCEPTION
    _func.LAST_EXCEPTION = None
    return found


_ASK = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t)
_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)()


def ask_at_epochs(store: wasmtime.Store, questions: Generator[int, int, None]) -> Any:
    """Have a generator asked at each count of the epoch that the store lives through; returns what must be kept alive.

    wasmtime asks with four numbers: the store, nothing, where the next deadline goes, and where to say whether to go
    on. The generator is sent one after the other; it answers each with 0, but the second with 1.

    `max` is what does so, and returns the second. Thus no function of Python's stands between wasmtime and the
    generator: a signal that has arrived meanwhile is raised where a Python function begins, before that could catch
    anything, and is lost in a callback.
    """
    next(questions)
    ask = _ASK(functools.partial(max, key=questions.send))
    kinds: Any = _bindings._wasmtime_store_epoch_deadline_callback.argtypes
    _bindings.wasmtime_store_epoch_deadline_callback(
        store.ptr(), ctypes.cast(ask, kinds[1]), None, ctypes.cast(_NO_FINALIZER, kinds[3])
    )
    return ask
