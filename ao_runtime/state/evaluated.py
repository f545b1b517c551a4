"""The code that a process's messages brought: its own Data and the Evals, so that a failure can name and show it.

All of it has one chunk name in Lua, `aos`, as on the network. Which message a function is of is told by the lines that
it spans, by what it is called after, and by which message came last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..models import Frame, wire_of

if TYPE_CHECKING:
    from ..models import Packed
    from .journal import Journal

__all__ = ["Evaluated", "EvaluatedCode"]

#: Messages of a journal on disk that are looked through, from its beginning.
_MOST = 100_000


class Evaluated(NamedTuple):
    """Code that came with a message."""

    number: int
    code: bytes
    #: Whether it is the process's own Data.
    boot: bool

    def spans(self, frame: Frame) -> bool:
        """Whether a function with the lines of the frame's can be in this code."""
        lines = self.code.split(b"\n")
        if not 1 <= frame.line <= len(lines):
            return False
        if frame.span is None or frame.span == (0, 0):
            return True
        first, last = frame.span
        return (
            1 <= first <= last <= len(lines)
            and b"function" in lines[first - 1]
            and b"end" in b"".join(lines[last - 1 :])
        )


class EvaluatedCode:
    """The code of a journal's messages, gathered when somebody asks for it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._found: list[Evaluated] = []
        #: Messages that were looked at, counted from the journal's root.
        self._seen = 0
        self._past: list[Evaluated] | None = None

    def of(self, frame: Frame, handler: str | None, now: tuple[int, Packed] | None = None) -> Evaluated | None:
        """The Eval that a frame's function is of; `now` is the message at work, with its number."""
        fitting = [code for code in self._all(now) if not code.boot and code.spans(frame)]
        if now is not None and fitting and fitting[-1].number == now[0] and frame.span in (None, (0, 0)):
            return fitting[-1]
        if handler is not None and len(fitting) > 1:
            name = handler.encode()
            named = [code for code in fitting if any(quote + name + quote in code.code for quote in (b"'", b'"'))]
            fitting = named or fitting
        return fitting[-1] if fitting else None

    def last_line(
        self, pattern: re.Pattern[bytes], now: tuple[int, Packed] | None = None
    ) -> tuple[Evaluated, int] | None:
        """The last line of all the code that the pattern matches at its beginning: the code, and its number."""
        found = None
        for code in self._all(now):
            for number, line in enumerate(code.code.split(b"\n"), 1):
                if pattern.match(line):
                    found = code, number
        return found

    def last_is(self, start: bytes, code: bytes) -> bool:
        """Whether the last Eval that begins so is this one."""
        last = None
        for found in self._all(None):
            if found.code.startswith(start):
                last = found.code
        return last == code

    def boot(self, now: tuple[int, Packed] | None = None) -> Evaluated | None:
        """The process's own Data."""
        return next((code for code in self._all(now) if code.boot), None)

    def _all(self, now: tuple[int, Packed] | None) -> Iterator[Evaluated]:
        entries, root = self._journal.entries, self._journal.root.position
        if self._seen > len(entries):  # Some were taken back.
            self._found = [code for code in self._found if code.number < root + len(entries)]
        for at in range(min(self._seen, len(entries)), len(entries)):
            packed, _, failed = entries[at]
            found = None if failed else _code_of(root + at, packed)
            if found is not None:
                self._found.append(found)
        self._seen = len(entries)
        if self._past is None:
            self._past = list(self._before(root)) if root else []
        yield from self._past
        yield from self._found
        current = None if now is None else _code_of(*now)
        if current is not None:
            yield current

    def _before(self, root: int) -> Iterator[Evaluated]:
        """The code of the messages before the journal's root, which are on disk."""
        if self._journal.past is None:
            return
        from ..store import Store

        with Store.open(self._journal.past, write=False, create=False) as store:
            for entry in store.entries(0, min(root, _MOST)):
                found = None if entry.failed else _code_of(entry.nonce, entry.packed)
                if found is not None:
                    yield found


def _code_of(number: int, packed: Packed) -> Evaluated | None:
    """The code that a message brings: an Eval's, or a process's own Data."""
    if isinstance(packed, tuple):
        # A look at the names and the values is enough for nearly all messages.
        names, values = packed
        if b"Eval" not in values and b"Process" not in values:
            return None
        if "Data" not in names:
            return None
    wire = wire_of(packed)
    data = wire.get("Data")
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    if not isinstance(data, bytes):
        return None
    tags = {tag.get("name"): tag.get("value") for tag in reversed(wire.get("Tags") or [])}
    action = wire.get("Action", tags.get("Action", tags.get("action")))
    if action == "Eval":
        return Evaluated(number, data, boot=False)
    if tags.get("Type") == "Process" and tags.get("On-Boot") == "Data":
        return Evaluated(number, data, boot=True)
    return None
