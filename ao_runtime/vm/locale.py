"""The C library's locale, which a host program may have set, must not reach a process.

It decides how Lua compares strings (LC_COLLATE), what a letter is (LC_CTYPE) and how a number reads (LC_NUMERIC).
"""

from __future__ import annotations

import locale
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.RLock()
_CATEGORIES = (locale.LC_COLLATE, locale.LC_CTYPE, locale.LC_NUMERIC)


@contextmanager
def neutral() -> Iterator[None]:
    """Lua's functions answer as in the C locale inside this block; the host's locale comes back after it.

    The locale belongs to the whole program, so that other threads see the change as long as it lasts.
    """
    with _lock:
        before = [(category, locale.setlocale(category)) for category in _CATEGORIES]
        try:
            for category in _CATEGORIES:
                locale.setlocale(category, "C")
            yield
        finally:
            for category, name in before:
                locale.setlocale(category, name)
