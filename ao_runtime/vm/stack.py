"""Whether the thread that evaluates has the stack for it.

Lua lets C functions call each other 200 deep, and one that makes a string holds 8 KB on the stack meanwhile. Where that
does not fit, the system ends the program: so a thread with less is refused.
"""

from __future__ import annotations

import sys
import threading

from ..errors import InputError

__all__ = ["LEAST_STACK", "check_stack"]

#: Bytes of a thread's stack that an evaluation may need; two thirds of it have been seen.
LEAST_STACK = 3 << 20

_thread = threading.local()


def check_stack() -> None:
    """Raises `InputError` in a thread whose stack is too small. A thread is asked once."""
    try:
        if _thread.checked:
            return
    except AttributeError:
        pass
    size = _size()
    if size is not None and size < LEAST_STACK:
        raise InputError(
            f"this thread's stack has {size >> 10} KB, and an evaluation may need {LEAST_STACK >> 10} KB",
            advice=f"threading.stack_size({LEAST_STACK}), or more, before the thread is started",
            field="thread",
        )
    _thread.checked = True


def _size() -> int | None:
    """Bytes of this thread's stack; None where the system does not tell."""
    try:
        import ctypes

        system = ctypes.CDLL(None)
        size = ctypes.c_size_t()
        if sys.platform == "darwin":
            system.pthread_self.restype = ctypes.c_void_p
            system.pthread_get_stacksize_np.restype = ctypes.c_size_t
            return int(system.pthread_get_stacksize_np(ctypes.c_void_p(system.pthread_self())))
        # pthread_attr_t has 56 bytes or less wherever Linux runs.
        attributes = ctypes.create_string_buffer(256)
        system.pthread_self.restype = ctypes.c_void_p
        if system.pthread_getattr_np(ctypes.c_void_p(system.pthread_self()), attributes):
            return None
        failed = system.pthread_attr_getstacksize(attributes, ctypes.byref(size))
        system.pthread_attr_destroy(attributes)
        return None if failed else size.value
    except (AttributeError, ImportError, OSError, TypeError):
        return None
