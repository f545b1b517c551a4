"""TOML, and the line in which a key of it stands."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

from ..errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["line_of", "parse"]

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")
_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?\Z")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*""", re.ASCII)


def parse(data: bytes, file: str) -> dict[str, Any]:
    """What a file says. Raises `InputError`, with the line, where it is no TOML."""
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise InputError("is no UTF-8", file=file, line=data[: error.start].count(b"\n") + 1) from None
    except ValueError as error:
        problem = str(error)
        match = _AT.search(problem)
        line = int(match[1]) if match and match[1] else None
        raise InputError(f"is no TOML: {_AT.sub('', problem)}", file=file, line=line) from None
    except RecursionError:
        raise InputError("is no TOML: it is nested too deep", file=file) from None


def line_of(data: bytes, path: Sequence[str]) -> int | None:
    """The line in which a key stands, or the nearest table or array around it; None where it cannot be told."""
    table: list[str] = []
    best, depth = None, 0
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        header = _HEADER.match(line)
        if header is not None:
            table = _parts(header[1])
            here = table
        else:
            here = [*table, *_parts(line.partition("=")[0])] if "=" in line else []
        # The longest beginning of the path that a line spells out is where it stands.
        if depth < len(here) <= len(path) and list(path[: len(here)]) == here:
            best, depth = number, len(here)
    return best


def _parts(text: str) -> list[str]:
    """The keys of a dotted key; none where it is not one."""
    found = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            return []
        found.append(next(part for part in match.groups() if part is not None))
        at = match.end()
        if at == len(text):
            return found
        if text[at] != ".":
            return []
        at += 1
