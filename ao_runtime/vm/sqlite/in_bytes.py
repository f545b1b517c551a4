"""`instr` and `replace` on texts that are not UTF-8, which cannot be handed to a function of Python's.

SQLite hands a function its texts as `str`. So a statement in which one of ours has met bytes that are none is executed
again in other words: what the function is given is cast to blobs by the statement itself.
"""

from __future__ import annotations

from collections.abc import Callable

from .text import tokens

#: Names that no process will happen to use.
PLACE, REPLACED = "instr of bytes", "replace of bytes"
#: An argument is said twice, and calls may be nested: texts do not get longer than so many characters.
_LONGEST = 1 << 18
#: Bytes that go on with a character.
_CONTINUING = bytes(range(0x80, 0xC0))

_Token = tuple[str, str]


def may_be_in_bytes(sql: bytes) -> bool:
    """Whether there may be such a call in a text: a quick look."""
    lower = sql.lower()
    return b"instr" in lower or b"replace" in lower


def in_bytes(sql: str) -> str | None:
    """The statement with its calls of `instr` and `replace` in other words; None where it has none, or too many."""
    if not may_be_in_bytes(sql.encode()):
        return None
    try:
        words, _ = _rewritten(_numbered(sql), 0, nested=False)
    except (RecursionError, OverflowError):
        return None
    return words


def _numbered(sql: str) -> list[_Token]:
    """The tokens; each parameter has its number, since it may come to stand in two places."""
    found: list[_Token] = []
    numbers: dict[str, int] = {}
    last = 0
    for kind, raw, _ in tokens(sql.encode()):
        token = raw.decode()
        if kind == "parameter":
            if token[0] == "?" and token != "?":
                number = int(token[1:])
            else:
                number = numbers.get(token, last + 1)
                if token != "?":
                    numbers[token] = number
            last = max(last, number)
            token = f"?{number}"
        found.append((kind, token))
    return found


def _rewritten(found: list[_Token], at: int, *, nested: bool) -> tuple[str, int]:
    """The text from token `at` on, where it is nested up to the comma or bracket that ends it; and where that is."""
    parts: list[str] = []
    while at < len(found):
        kind, token = found[at]
        if nested and token in (",", ")"):
            break
        behind = at + 1
        if kind == "word" and token.lower() in _FORMS:
            while behind < len(found) and found[behind][0] in ("space", "comment"):
                behind += 1
        called = behind < len(found) and found[behind][1] == "(" and kind == "word" and token.lower() in _FORMS
        if called or token == "(":
            arguments, at = _arguments(found, (behind if called else at) + 1)
            form = _FORMS[token.lower()] if called else None
            if form is not None and len(arguments) == form[0]:
                parts.append(form[1](*arguments))
            else:
                parts.append(f"{token if called else ''}({','.join(arguments)})")
        else:
            parts.append(token)
            at += 1
        if sum(map(len, parts)) > _LONGEST:
            raise OverflowError
    return "".join(parts), at


def _arguments(found: list[_Token], at: int) -> tuple[list[str], int]:
    """What stands between brackets, by its commas; and the place behind them."""
    arguments = []
    while True:
        text, at = _rewritten(found, at, nested=True)
        arguments.append(text)
        if at >= len(found) or found[at][1] == ")":
            return arguments, at + 1
        at += 1


def _place(where: str, what: str) -> str:
    return f'"{PLACE}"(typeof({where}),CAST({where} AS BLOB),typeof({what}),CAST({what} AS BLOB))'


def _replaced(text: str, old: str, new: str) -> str:
    call = f'"{REPLACED}"(CAST({text} AS BLOB),CAST({old} AS BLOB),CAST({new} AS BLOB))'
    return f"(+CAST({call} AS TEXT))"  # the sign takes the affinity away that a cast would have


_FORMS: dict[str, tuple[int, Callable[..., str]]] = {"instr": (2, _place), "replace": (3, _replaced)}


def place_of(where: bytes, what: bytes, *, text: bool) -> int:
    """instr(X, Y): the place of the first Y in X, from 1, in characters where they are texts; 0 where there is none."""
    if not text:
        return where.find(what) + 1
    if what[:1] and what[0] in _CONTINUING:
        # No character begins with it, but perhaps the text.
        return int(where.startswith(what))
    at = where.find(what)
    # So many characters have begun up to there: the first byte is the first one's, whatever it is.
    return at + 1 if at <= 0 else 1 + len(where[1 : at + 1].translate(None, _CONTINUING))
