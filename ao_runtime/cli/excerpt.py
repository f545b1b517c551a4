"""Where an error is in somebody's Lua: file and line, the line itself, and who called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ..errors import CodeError
from ..models.failure import Failure, Frame
from .text import harmless, style

__all__ = ["explain"]

_CONTEXT = 1
_MOST_FRAMES = 8
_BUILT_IN = ("_eval", "_boot", "_default")
"""Handlers that say nothing to a reader: the code is its own place."""
_HANDLE = "handle"
"""What every handler's function is called by `Handlers`."""


def explain(failure: Failure | CodeError, code: Any = None) -> Iterator[str]:
    """Lines that show the place of an error; `code` is what an Eval evaluated, for places in that."""
    name = None if failure.handler in _BUILT_IN else failure.handler
    if failure.chunk is not None and failure.line is not None:
        place = Frame(failure.chunk, failure.line, None, failure.file)
        handler = f", in handler {style(harmless(name), bold=True)}" if name else ""
        yield f"  {style(_place(place), fg='cyan')}{handler}"
        source = _source(place, code)
        if source:
            yield ""
            yield from _excerpt(source, failure.line)
    elif name:
        yield f"  in handler {style(harmless(name), bold=True)}"
    here = (failure.chunk, failure.line)
    callers = [frame for frame in failure.frames if (frame.chunk, frame.line) != here]
    if callers:
        yield ""
    for frame in callers[:_MOST_FRAMES]:
        function = f", in {harmless(frame.name)}" if frame.name not in (None, _HANDLE) else ""
        yield f"  called from {_place(frame)}{function}"
    if len(callers) > _MOST_FRAMES:
        yield f"  … and {len(callers) - _MOST_FRAMES} more"


def _place(frame: Frame) -> str:
    if frame.file is None:
        return f"{harmless(frame.chunk)}:{frame.line}"
    return f"{harmless(_relative(frame.file))}:{frame.line}"


def _relative(file: str) -> str:
    """The path as seen from here, if that is the shorter one."""
    try:
        relative = os.path.relpath(file)
    except ValueError:  # another drive
        return file
    return relative if len(relative) < len(file) else file


def _source(frame: Frame, code: Any) -> list[str]:
    if frame.file is not None:
        try:
            with open(frame.file, encoding="utf-8", errors="replace") as stream:
                return stream.read().split("\n")
        except OSError:
            return []
    if frame.chunk != "aos" or not isinstance(code, (str, bytes)):
        return []
    return (code if isinstance(code, str) else code.decode("utf-8", "replace")).split("\n")


def _excerpt(source: list[str], line: int) -> Iterator[str]:
    first = max(1, line - _CONTEXT)
    last = min(len(source), line + _CONTEXT)
    width = len(str(last))
    if line > len(source):
        return
    for number in range(first, last + 1):
        text = f"{number:>{width}} | {harmless(source[number - 1].expandtabs(2))}".rstrip()
        yield style(f"  > {text}", fg="red") if number == line else f"    {text}"
