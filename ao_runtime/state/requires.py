"""What Lua code requires by a name that is written there: comments and strings are no code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Required", "required_in"]

#: What Lua code is made of, as far as it matters here: what holds text, names, and everything else byte by byte.
_TOKEN = re.compile(
    rb"(?P<space>[ \t\r\n\f\v]+)"
    rb"|(?P<comment>--(?!\[=*\[)[^\r\n]*)"
    rb"|(?P<long>(?:--)?\[(?P<level>=*)\[)"
    rb"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    rb"|(?P<number>[0-9](?:[eEpP][+-]|[0-9A-Za-z_.])*)"
    rb"|(?P<quote>[\"'])"
    rb"|(?P<other>\.{1,3}|::|.)",
    re.DOTALL,
)
_BREAKS = rb"\r\n|\n\r|[\r\n]"
_LINE = re.compile(_BREAKS)
_FIRST_LINE = re.compile(rb"\A(?:%b)" % _BREAKS)
#: The inside of a string up to its end, for each quote.
_SHORT = {
    # No two ways lead through the same text: whoever writes it could have it searched without end.
    quote: re.compile(
        rb"(?:[^\\\r\n" + quote + rb"]|\\z[ \t\r\n\f\v]*(?![ \t\r\n\f\v])|\\(?:\r\n|\n\r|[^z]))*" + quote, re.DOTALL
    )
    for quote in (b'"', b"'")
}
_ESCAPE = re.compile(
    rb"\\(?:(?P<decimal>[0-9]{1,3})|x(?P<hex>[0-9A-Fa-f]{2})|u\{(?P<unicode>[0-9A-Fa-f]{1,8})\}"
    rb"|(?P<skip>z)[ \t\r\n\f\v]*|(?P<line>\r\n|\n\r|[\r\n])|(?P<one>.))",
    re.DOTALL,
)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
#: Behind these a name is a field, a method or a label of that name.
_NOT_BEFORE = (b".", b":", b"goto", b"::", b"function")


class Required(NamedTuple):
    """A call of `require`, or something else that is done with it."""

    name: bytes | None
    """The module's name; None where it is not written there."""
    line: int


def required_in(code: bytes) -> Iterator[Required]:
    """Each use of `require` in Lua code, in the order of the text.

    Code that is no Lua gives what is found up to where it ends to be some.
    """
    tokens, lines = _tokens(code), _Lines(code)
    before = b""
    pending = next(tokens, None)
    while pending is not None:
        kind, text, at = pending
        pending = next(tokens, None)
        if kind != "name" or text != b"require" or before in _NOT_BEFORE:
            before = text
            continue
        before = text
        line = lines.at(at)
        bracket = pending is not None and pending[:2] == ("other", b"(")
        if bracket:
            pending = next(tokens, None)
        if pending is None or pending[0] != "string":
            # `Handlers.require = …` and `local require = require` say nothing; a call with something else does.
            if bracket:
                yield Required(None, line)
            continue
        name = pending[1]
        before, pending = b"string", next(tokens, None)
        # `require("a" .. b)`: what is written is not all of it.
        whole = not bracket or (pending is not None and pending[1] == b")")
        yield Required(name if whole else None, line)


class _Lines:
    """The lines of places in code that are asked for in order."""

    def __init__(self, code: bytes) -> None:
        self._code = code
        self._known = 0, 1

    def at(self, place: int) -> int:
        """The line of a place."""
        since, line = self._known
        line += sum(1 for _ in _LINE.finditer(self._code, since, place))
        self._known = place, line
        return line


def _tokens(code: bytes) -> Iterator[tuple[str, bytes, int]]:
    """Kind, text and place of each token; of strings what they are."""
    at = 0
    while at < len(code):
        match = _TOKEN.match(code, at)
        assert match is not None
        start, at = at, match.end()
        if match["long"] is not None:
            end = code.find(b"]" + match["level"] + b"]", at)
            if end < 0:
                return
            inside, at = code[at:end], end + len(match["level"]) + 2
            if not match["long"].startswith(b"--"):
                yield "string", _LINE.sub(b"\n", _FIRST_LINE.sub(b"", inside)), start
        elif match["quote"] is not None:
            end_of = _SHORT[match["quote"]].match(code, at)
            if end_of is None:
                return
            inside, at = code[at : end_of.end() - 1], end_of.end()
            yield "string", _ESCAPE.sub(_meant, inside), start
        elif match["name"] is not None:
            yield "name", match["name"], start
        elif match["other"] is not None or match["number"] is not None:
            yield "other", match[0], start


def _meant(escape: re.Match[bytes]) -> bytes:
    """What an escape in a string stands for."""
    if escape["decimal"] is not None:
        return bytes([min(int(escape["decimal"]), 255)])
    if escape["hex"] is not None:
        return bytes([int(escape["hex"], 16)])
    if escape["unicode"] is not None:
        code = int(escape["unicode"], 16)
        return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b"?"
    if escape["skip"] is not None:
        return b""
    if escape["line"] is not None:
        return b"\n"
    return _LETTERS.get(escape["one"], escape["one"])
