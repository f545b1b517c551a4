"""SQL as text: where a statement ends, and how bytes that are not UTF-8 get through a library that knows only UTF-8.

Lua's strings are bytes and SQLite's texts are bytes, but between them stands Python's `str`. So a text that is not
UTF-8 goes in as a blob, cast to text by the statement itself, and comes out of a query that casts it to a blob.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

#: The tokens that matter: comments, quoted things, parameters, semicolons, words; anything else byte by byte.
_TOKEN = re.compile(
    rb"(?P<space>[ \t\r\n\f]+)"
    rb"|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    rb"|(?P<string>'(?:[^']|'')*')"
    rb"""|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])"""
    rb"|(?P<blob>[xX]'[0-9a-fA-F]*')"
    rb"|(?P<parameter>\?[0-9]*|[:@#$](?:[A-Za-z0-9_$\x80-\xff]|::)+(?:\([^)]*\))?)"
    rb"|(?P<word>[A-Za-z_0-9\x80-\xff$]+)"
    rb"|(?P<end>;)"
    rb"|(?P<other>.)",
    re.DOTALL,
)


_NOTHING = re.compile(rb"(?:[ \t\r\n\f;]+|--[^\n]*|/\*.*?(?:\*/|\Z))*\Z", re.DOTALL)


def is_empty(sql: bytes) -> bool:
    """Tell whether there is no statement in `sql`."""
    return _NOTHING.match(sql) is not None


def tokens(sql: bytes) -> Iterable[tuple[str, bytes, int]]:
    """The tokens of `sql`: the kind of each (a group of `_TOKEN`), its bytes, and where it ends."""
    for match in _TOKEN.finditer(sql):
        yield match.lastgroup or "other", match.group(), match.end()


def statement_end(sql: bytes) -> int:
    """Return where the first statement of `sql` ends: behind its semicolon, or at the end of the text."""
    if b";" not in sql:
        return len(sql)
    words: list[bytes] = []
    trigger = False
    before = b""
    for kind, token, end in tokens(sql):
        if kind == "word":
            word = token.upper()
            if len(words) < 4:
                words.append(word)
                trigger = trigger or (word == b"TRIGGER" and words[0] in (b"CREATE", b"EXPLAIN"))
            before = before + b" " + word if before == b";" else word
        elif kind == "end":
            # inside CREATE TRIGGER … BEGIN … the end is "; END ;"
            if words and (not trigger or before == b"; END"):
                return end
            before = b";"
        elif kind not in ("space", "comment"):
            if len(words) < 4:
                words.append(b"")
            before = b""
    return len(sql)


def split(sql: bytes) -> Iterator[bytes]:
    """The statements of `sql`, up to its first zero byte."""
    sql = sql.split(b"\0")[0]
    while not is_empty(sql):
        end = statement_end(sql)
        yield sql[:end]
        sql = sql[end:]


def clean(sql: bytes) -> str:
    """Return `sql` up to its first zero byte as text; literals that are not UTF-8 become casts."""
    sql = sql.split(b"\0")[0]
    try:
        return sql.decode()
    except UnicodeDecodeError:
        pass
    parts: list[str] = []
    for kind, token, _ in tokens(sql):
        try:
            parts.append(token.decode())
        except UnicodeDecodeError:
            if kind == "string":
                parts.append(_literal(token[1:-1].replace(b"''", b"'")))
            else:
                parts.append(token.decode("utf-8", "replace"))
    return "".join(parts)


def _literal(value: bytes) -> str:
    # the sign takes the affinity away that a cast would have
    return f"(+CAST(x'{value.hex()}' AS TEXT))"


@lru_cache(maxsize=256)
def parameters(sql: bytes) -> dict[bytes, bytes]:
    """Return the named parameters of `sql`: the name without its sign → with it."""
    found: dict[bytes, bytes] = {}
    for kind, token, _ in tokens(sql):
        if kind == "parameter" and token != b"?":
            found.setdefault(token[1:], token)
    return found


def cast_parameters(sql: str, which: Sequence[int], names: Sequence[str | None]) -> str:
    """Return `sql` with a cast to text around the parameters `which` (from 0); `names` are those of all."""
    parts: list[str] = []
    last = -1
    for kind, raw, _ in tokens(sql.encode()):
        token = raw.decode()
        if kind == "parameter":
            if token == "?":
                index = last + 1
            elif token[0] == "?":
                index = int(token[1:]) - 1
            else:
                index = names.index(token[1:])
            last = max(last, index)
            if index in which:
                token = f"(+CAST({token} AS TEXT))"
        parts.append(token)
    return "".join(parts)


def wrapped(sql: str, columns: int) -> str:
    """Return a query for the same rows that tells for each value whether it is a text, and gives texts as blobs."""
    names = ",".join(f"c{i}" for i in range(columns))
    values = ",".join(f"typeof(c{i})='text',iif(typeof(c{i})='text',CAST(c{i} AS BLOB),c{i})" for i in range(columns))
    body = sql.rstrip(" \t\r\n\f;")
    return f"WITH ao_rows({names}) AS MATERIALIZED ({body}\n) SELECT {values} FROM ao_rows"


def unwrap(row: tuple[Any, ...]) -> list[Any]:
    """Return the values of a row of a wrapped query."""
    return [row[i + 1] for i in range(0, len(row), 2)]
