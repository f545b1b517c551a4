"""A failure for people: file and line, the handler, the source there, and who called.

It is rendered here, and nowhere else: the command gives it colours, Python's exceptions show it as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..errors import CodeError
from .failure import Failure
from .regular import read_regular
from .visible import harmless

__all__ = ["Style", "explain"]

#: Makes a text stand out: it is a "place", a "handler", or the "source" line that failed.
Style: TypeAlias = "Callable[[str, str], str]"

_CONTEXT = 1
_MOST_FRAMES = 8
_LARGEST = 16 << 20
"""Bytes of a file that lines are shown of."""
_BUILT_IN = ("_eval", "_boot", "_default")
"""Handlers that say nothing to a reader: the code is its own place."""
_HANDLE = "handle"
"""What every handler's function is called by `Handlers`."""


def _plain(text: str, _: str) -> str:
    return text


def explain(failure: Failure | CodeError, code: Any = None, style: Style = _plain) -> Iterator[str]:
    """Lines that show the place of an error; `code` is what an Eval evaluated, for places in that."""
    name = None if failure.handler in _BUILT_IN else failure.handler
    if failure.chunk is not None and failure.line is not None:
        place = _place(failure.chunk, failure.line, failure.file)
        handler = f", {_handler(name, style)}" if name else ""
        yield f"  {style(place, 'place')}{handler}"
        source = _source(failure.chunk, failure.file, code)
        if source:
            yield ""
            yield from _excerpt(source, failure.line, style)
    elif name:
        yield f"  {_handler(name, style)}"
    here = (failure.chunk, failure.line)
    callers = [frame for frame in failure.frames if (frame.chunk, frame.line) != here]
    if callers:
        yield ""
    for frame in callers[:_MOST_FRAMES]:
        function = f", in {harmless(frame.name)}" if frame.name not in (None, _HANDLE) else ""
        yield f"  called from {_place(frame.chunk, frame.line, frame.file)}{function}"
    if len(callers) > _MOST_FRAMES:
        yield f"  … and {len(callers) - _MOST_FRAMES} more"


def _handler(name: str, style: Style) -> str:
    return f"in handler {style(harmless(name), 'handler')}"


def _place(chunk: str, line: int, file: str | None) -> str:
    return f"{harmless(chunk if file is None else _relative(file))}:{line}"


def _relative(file: str) -> str:
    """The path as seen from here, if that is the shorter one."""
    try:
        relative = os.path.relpath(file)
    except ValueError:  # another drive
        return file
    return relative if len(relative) < len(file) else file


def _source(chunk: str, file: str | None, code: Any) -> list[str]:
    if file is not None:
        try:
            text = read_regular(file, _LARGEST).decode("utf-8", "replace")
        except (OSError, ValueError):
            return []
        return text.replace("\r\n", "\n").split("\n")
    if chunk != "aos" or not isinstance(code, (str, bytes)):
        return []
    return (code if isinstance(code, str) else code.decode("utf-8", "replace")).split("\n")


def _excerpt(source: list[str], line: int, style: Style) -> Iterator[str]:
    first = max(1, line - _CONTEXT)
    last = min(len(source), line + _CONTEXT)
    width = len(str(last))
    if line > len(source):
        return
    for number in range(first, last + 1):
        text = f"{number:>{width}} | {harmless(source[number - 1].expandtabs(2))}".rstrip()
        yield style(f"  > {text}", "source") if number == line else f"    {text}"
