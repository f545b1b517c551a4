"""Where something went wrong in a Lua test: the line in the test's file, and who called there."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...models import Failure, excerpt, harmless, plain, read_regular
from ..worlds import written
from .outcome import Problem

__all__ = ["Places"]

_PLACE = re.compile(r'^(?:\[string "([^"\n]*)"\]|([^:\n]+)):(\d{1,9}): ', re.DOTALL)
_CALL = re.compile(r'^\s*(?:\[string "([^"\n]*)"\]|([^:\n]+)):(\d{1,9}): in ')
#: The chunk of the harness.
_CHUNK = "(ao test)"
_LONGEST, _MOST_CALLERS = 4000, 6
_LARGEST = 4 << 20


class Places:
    """Knows the files behind the names of chunks: the test's own, and the process's (`code`), where it has one."""

    def __init__(self, shown: str, text: bytes, code: Path | None) -> None:
        self._shown = shown
        self._texts = {shown: text}
        self._code = None if code is None else written(code)
        if code is not None and self._code is not None:
            with suppress(OSError, ValueError):
                self._texts[self._code] = read_regular(code, _LARGEST)

    def problem(self, told: Any) -> Problem:
        """What the harness tells of a failure: `{kind, message, trace}`."""
        known = told if isinstance(told, dict) else {}
        message = str(known.get("message", ""))
        calls = self._calls(str(known.get("trace", "")))
        place = None
        if known.get("kind") in ("error", "syntax"):
            found = _PLACE.match(message)
            if found is not None:
                place = self._file(found), int(found[3])
                message = message[found.end() :]
        # An assert has no place of its own: it is where the test called it.
        own = next((call for call in calls if call[0] == self._shown), None)
        if place is not None and place[0] not in self._texts and own is not None:
            # Ours, or a module's: people look for the line that led there.
            place = own
        return self._of(message, place or own, calls)

    def failure(self, failure: Failure) -> Problem:
        """A failure of the evaluation itself: a limit was hit."""
        calls = [(self._named(frame.chunk), frame.line) for frame in failure.frames if _CHUNK not in frame.chunk]
        own = next((call for call in calls if call[0] == self._shown), None)
        first = None
        if own is None and failure.line is not None and _CHUNK not in (failure.chunk or ""):
            first = failure.file or self._named(failure.chunk or ""), failure.line
        return self._of(failure.message, own or first, calls)

    def _of(self, message: str, place: tuple[str, int] | None, calls: list[tuple[str, int]]) -> Problem:
        text = harmless(plain(message[:_LONGEST]))
        if place is None:
            return Problem(text, self._shown)
        file, line = place
        lines = excerpt(self._texts.get(file, b""), line)
        callers = [f"{harmless(name)}:{number}" for name, number in calls if (name, number) != place]
        return Problem(text, harmless(file), line, lines, tuple(callers[:_MOST_CALLERS]))

    def _calls(self, trace: str) -> list[tuple[str, int]]:
        found = (_CALL.match(line) for line in trace.split("\n"))
        calls = [(self._file(one), int(one[3])) for one in found if one is not None]
        return [call for call in calls if call[0] != _CHUNK]

    def _file(self, found: re.Match[str]) -> str:
        return self._named(found[1] if found[1] is not None else found[2].strip())

    def _named(self, chunk: str) -> str:
        return self._code if chunk == "aos" and self._code is not None else chunk
