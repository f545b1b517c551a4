"""A failure for people: file and line, the handler, the source there, and who called.

It is rendered here, and nowhere else: the command gives it colours, Python's exceptions show it as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from ..errors import CodeError
from .failure import Failure, SourceLine
from .regular import read_regular
from .visible import harmless, plain

__all__ = ["Style", "excerpt", "explain", "relative", "told"]

#: Makes a text stand out: it is a "place", a "handler", or the "source" line that failed.
Style: TypeAlias = "Callable[[str, str], str]"

#: What ends a line for Lua.
_BREAKS = re.compile(rb"\r\n|\n\r|[\r\n]")
_CONTEXT = 1
_LONGEST = 300
"""Characters of a line that are kept: generated code has lines of megabytes."""
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
    """Lines that show the place of an error.

    `code` is what an Eval evaluated, for places in that of which nothing else is known.
    """
    name = None if failure.handler in _BUILT_IN else failure.handler
    if failure.chunk is not None and failure.line is not None:
        place = _place(failure.chunk, failure.line, failure.file, failure.evaluated)
        handler = f", {_handler(name, style)}" if name else ""
        yield f"  {style(place, 'place')}{handler}"
        lines = failure.excerpt or excerpt(_source(failure.chunk, failure.file, code), failure.line)
        if lines:
            yield ""
            yield from _shown(lines, failure.line, style)
    elif name:
        yield f"  {_handler(name, style)}"
    here = (failure.chunk, failure.line)
    callers = [frame for frame in failure.frames if (frame.chunk, frame.line) != here]
    if callers:
        yield ""
    for frame in callers[:_MOST_FRAMES]:
        named = frame.name not in (None, _HANDLE) and frame.span != (0, 0)
        function = f", in {harmless(str(frame.name))}" if named else ""
        yield f"  called from {_place(frame.chunk, frame.line, frame.file, frame.evaluated)}{function}"
    if len(callers) > _MOST_FRAMES:
        yield f"  … and {len(callers) - _MOST_FRAMES} more"
    if failure.hint:
        yield ""
        yield f"  {harmless(failure.hint)}"


def told(failure: Failure) -> str:
    """The whole of it as an exception's text: the message, the place, its source, who called."""
    return "\n".join((harmless(plain(failure.message)), *explain(failure)))


def _handler(name: str, style: Style) -> str:
    return f"in handler {style(harmless(name), 'handler')}"


def _place(chunk: str, line: int, file: str | None, evaluated: int | None) -> str:
    if file is None and evaluated:
        return f"message {evaluated}, line {line}"
    return f"{harmless(chunk if file is None else relative(file))}:{line}"


def relative(file: str) -> str:
    """The path as seen from here, if that is the shorter one."""
    try:
        relative = os.path.relpath(file)
    except (ValueError, OSError):  # another drive, or a folder that is gone
        return file
    return relative if len(relative) < len(file) else file


def _source(chunk: str, file: str | None, code: Any) -> bytes:
    if file is not None:
        try:
            return read_regular(file, _LARGEST)
        except (OSError, ValueError):
            return b""
    if chunk != "aos" or not isinstance(code, (str, bytes)):
        return b""
    return code.encode("utf-8", "replace") if isinstance(code, str) else code


def excerpt(source: bytes, line: int) -> tuple[SourceLine, ...]:
    """Line `line` of the source and those around it; none where there is no such line."""
    lines = source.split(b"\n") if b"\r" not in source else _BREAKS.split(source)
    if not source or not 1 <= line <= len(lines):
        return ()
    first = max(1, line - _CONTEXT)
    return tuple(
        SourceLine(first + at, text.decode("utf-8", "replace").rstrip("\r")[:_LONGEST])
        for at, text in enumerate(lines[first - 1 : line + _CONTEXT])
    )


def _shown(lines: Sequence[Any], line: int, style: Style) -> Iterator[str]:
    width = len(str(lines[-1].number))
    for shown in lines:
        text = f"{shown.number:>{width}} | {harmless(shown.text.expandtabs(2))}".rstrip()
        yield style(f"  > {text}", "source") if shown.number == line else f"    {text}"
