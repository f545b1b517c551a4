"""The field `mappings` of source maps: which place of a text was written where (ECMA-426, version 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["mappings"]

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BREAKS = re.compile(rb"\r\n|\n\r|[\r\n]")
_PLAIN = re.compile(rb"[ !#-\[\]-~]")


def mappings(parts: Sequence[tuple[int, bytes, bool]]) -> str:
    """The mappings of a file whose parts these are, one for each source, in that order.

    A part is where it begins in the first line, its text, and whether it stands in that line as a quoted string (every
    byte that is not plain by four letters); the last one is not quoted, and has the lines after that.
    """
    lines: list[list[tuple[int, int, int]]] = [[]]
    for source, (column, text, is_quoted) in enumerate(parts):
        if is_quoted:
            lines[0] += [(at, source, line) for line, at in enumerate(_quoted_lines(text, column))]
        else:
            lines[0].append((column, source, 0))
            lines += [[(0, source, line)] for line in range(1, len(_BREAKS.findall(text)) + 1)]
    before_source = before_line = 0
    written = []
    for line in lines:
        before_column = 0
        segments = []
        for column, source, at in line:
            deltas = (column - before_column, source - before_source, at - before_line, 0)
            segments.append("".join(map(_vlq, deltas)))
            before_column, before_source, before_line = column, source, at
        written.append(",".join(segments))
    return ";".join(written)


def _quoted_lines(text: bytes, column: int) -> Iterator[int]:
    """The columns at which the lines of a quoted text begin."""
    yield column
    since = 0
    for match in _BREAKS.finditer(text):
        part = text[since : match.end()]
        plain = len(_PLAIN.findall(part))
        column += plain + 4 * (len(part) - plain)
        since = match.end()
        yield column


def _vlq(number: int) -> str:
    """A number in base 64, the sign in its lowest bit."""
    left = -number << 1 | 1 if number < 0 else number << 1
    digits = ""
    while True:
        left, digit = left >> 5, left & 31
        digits += _DIGITS[digit | (32 if left else 0)]
        if not left:
            return digits
