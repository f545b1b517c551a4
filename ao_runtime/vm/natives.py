"""The Python functions that the library's Lua may call: an allowlist, nothing else can be named.

A native takes bytes and integers and gives bytes and integers, or ``(None, message)``. It never raises,
whatever it is given: what it gets comes, in the end, from a process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

Native = Callable[..., object]

#: A family is a module of this package with a table ``NATIVES``; it is imported when one of its names is asked for.
_FAMILIES = {"crypto": "ao_runtime.vm.native_crypto"}


def native(name: bytes | str) -> Native | None:
    """Return the function of that name (``crypto.digest``), or None when there is none."""
    if isinstance(name, bytes):
        try:
            name = name.decode("ascii")
        except UnicodeDecodeError:
            return None
    if not isinstance(name, str):
        return None
    module = _FAMILIES.get(name.partition(".")[0])
    if module is None:
        return None
    from importlib import import_module

    table: dict[str, Native] = import_module(module).NATIVES
    function = table.get(name)
    return None if function is None else _quiet(function)


def _quiet(function: Native) -> Native:
    """Wrap a native so that no exception of Python's gets to Lua: a message instead."""

    @wraps(function)
    def call(*arguments: object) -> object:
        try:
            return function(*arguments)
        except Exception as failure:
            return None, f"{type(failure).__name__}: {failure}".encode("utf-8", "replace")

    # wraps() leaves the bare function on __wrapped__: nothing of ours is to be found from the outside.
    del call.__wrapped__
    return call
