"""Which handler a line of code belongs to, by the text alone: for published modules, which do not say it."""

from __future__ import annotations

import re

__all__ = ["handler_at"]

#: What the scanner stops at: comments, strings, calls that add a handler, and parentheses.
_STOP = re.compile(rb"--|\[=*\[|[\"'()]|\bHandlers\s*\.\s*(?:add|once|append|prepend)\s*\(")
_LONG = re.compile(rb"\[(=*)\[")
#: The rest of a string, from behind its first quote.
_REST = {
    quote: re.compile(rb"[^\\\n%b]*(?:\\.[^\\\n%b]*)*%b" % (quote, quote, quote), re.DOTALL) for quote in (b"'", b'"')
}
_NAME = re.compile(rb"\s*(?:'([^'\\\n]*)'|\"([^\"\\\n]*)\")\s*,")


def handler_at(code: bytes, line: int) -> str | None:
    """The name in the innermost `Handlers.add("name", …)` whose parentheses hold the line; None where there is none.

    Also None where several calls share the line, and for code that is no Lua.
    """
    found: list[tuple[int, int, bytes | None]] = []
    opened: list[tuple[int, bytes | None] | None] = []
    #: Of what is open, how many are calls that add a handler.
    calls = 0
    at, here, counted = 0, 1, 0
    while (stop := _STOP.search(code, at)) is not None:
        here += code.count(b"\n", counted, stop.start())
        counted = stop.start()
        token = stop[0]
        end: int | None = stop.end()
        if token == b"--":
            bracket = _LONG.match(code, stop.end())
            end = _after_line(code, stop.end()) if bracket is None else _after_long(code, bracket)
        elif token[:1] == b"[":
            bracket = _LONG.match(code, stop.start())
            end = None if bracket is None else _after_long(code, bracket)
        elif token in _REST:
            rest = _REST[token].match(code, stop.end())
            end = None if rest is None else rest.end()
        elif token == b"(":
            opened.append(None)
        elif token == b")":
            call = opened.pop() if opened else None
            calls -= call is not None
            if call is not None and call[0] <= line <= here:
                found.append((call[0], here, call[1]))
        else:
            name = _NAME.match(code, stop.end())
            opened.append((here, (name[1] or name[2]) if name else None))
            calls += 1
        if end is None:
            return None
        if here > line and not calls:
            break
        at = end
    # Innermost first, since that is closed first; what is beside it on the line makes it doubtful.
    if not found or any(one[0] == one[1] == line for one in found[1:]):
        return None
    name_ = found[0][2]
    return None if name_ is None else name_.decode("utf-8", "replace")


def _after_line(code: bytes, at: int) -> int:
    end = code.find(b"\n", at)
    return len(code) if end < 0 else end


def _after_long(code: bytes, bracket: re.Match[bytes]) -> int | None:
    """The place behind a long string or comment; None where it has no end."""
    close = b"]" + bracket[1] + b"]"
    end = code.find(close, bracket.end())
    return None if end < 0 else end + len(close)
