"""`assert_state`, `assert_waits`: what a process holds, and what it waits for."""

from __future__ import annotations

import re
from typing import Any

from ..errors import InputError
from ..models import Waiting
from ..network import NetworkProcess
from .current import process_of, world
from .happened import Unmet, in_line, story

__all__ = ["assert_state", "assert_waits"]

__tracebackhide__ = True

_NAME = re.compile(r"[^.\[\]]+")
_LONGEST = 500


def assert_state(path: str, expected: Any, *, process: Any = None) -> None:
    """The value at `path` in the process's state is `expected`: `assert_state("Balances.bob", 250)`.

    `path` is as for `Process.get`; where there is no value, the names of wallets and processes in it stand for their
    addresses. `expected` is compared with `==`; None is that there is nothing. `process` is another one than the
    test's.

    Raises AssertionError, whose text says what is there and what happened; `InputError` for a path that leads through
    something that is no table.
    """
    one = process_of(process)
    value = _value(one, path)
    if value == expected and isinstance(value, bool) == isinstance(expected, bool):
        return
    there = "is nothing" if value is None else f"is {in_line(repr(value), _LONGEST)}"
    raise Unmet(f"{path} {there}, expected {expected!r}{_story()}")


def assert_waits(*, process: Any = None, handler: str | None = None, **pattern: Any) -> Waiting:
    """A handler waits inside of a message for one like this: `assert_waits(handler="quote", Action="Price")`.

    handler
        Its name; any if it is left out.
    pattern
        Fields and tags that it waits for: all that are given are among those. Names with dashes are given by
        `**{"X-Reference": "1"}`; wallets and processes stand for their addresses.

    Gives what waits. Raises AssertionError, whose text says who waits, and for what.
    """
    one = process_of(process)
    names = {name: getattr(value, "address", value) for name, value in pattern.items()}
    waiting = one.waiting
    for each in waiting:
        known = each.pattern if isinstance(each.pattern, dict) else {"Action": each.pattern}
        if handler in (None, each.handler) and all(known.get(name) == value for name, value in names.items()):
            return each
    wanted = [*([f"handler {handler!r}"] if handler else []), *(f"{name} = {value}" for name, value in names.items())]
    text = f"nothing waits{' with ' + ', '.join(wanted) if wanted else ''}"
    if waiting:
        text += "; these wait: " + "; ".join(in_line(f"{each.handler} for {each}") for each in waiting)
    raise Unmet(text + _story())


def _value(process: Any, path: str) -> Any:
    try:
        found = process.get(path)
    except InputError:
        found = None
        if _addressed(process, path) == path:
            raise
    if found is None and (other := _addressed(process, path)) != path:
        return process.get(other)
    return found


def _addressed(process: Any, path: str) -> str:
    """The path with addresses in place of names; the first name is a global's."""
    if not isinstance(process, NetworkProcess) or not isinstance(path, str):
        return path
    labels = process.network.labels
    first, dot, rest = path.partition(".")
    return first + dot + _NAME.sub(lambda name: labels.address(name[0]) or name[0], rest)


def _story() -> str:
    one = world()
    text = "" if one is None else story(one)
    return f"\n\n{text}" if text else ""
