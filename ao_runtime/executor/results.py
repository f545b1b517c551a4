"""What goes into a process's output: one object of at most a megabyte, with digests by which anybody can check it.

Results are JSON texts, as the journal has them. A colony's server sorts keys and keeps numbers as floats; texts come
through as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from .data import Data

__all__ = ["INLINE", "digest_of", "head", "text_or_file", "texts_or_file"]

#: Bytes of results, or of a report, that stand in the output itself. More is in a file.
INLINE = 700_000


def head(job: str) -> dict[str, Any]:
    """What every output begins with."""
    from .. import __version__

    return {"ao_runtime": __version__, "job": job}


def digest_of(lines: Iterable[bytes]) -> str:
    """The SHA-256 of results: of their JSON, a line each."""
    digest = sha256()
    for line in lines:
        digest.update(line + b"\n")
    return digest.hexdigest()


def texts_or_file(data: Data, lines: Sequence[bytes]) -> Any:
    """Results as a list of texts; as a file of lines where they are too long for that."""
    if _size(line.decode() for line in lines) <= INLINE:
        return [line.decode() for line in lines]
    return data.keep(b"".join(line + b"\n" for line in lines), "results", ".jsonl")


def text_or_file(data: Data, value: Any) -> Any:
    """A report as JSON text, or as a file of that."""
    text = json.dumps(value)
    if _size([text]) <= INLINE:
        return text
    return data.keep(text.encode(), "results", ".json")


def _size(texts: Iterable[str]) -> int:
    """Bytes of texts in JSON."""
    return sum(len(json.dumps(text)) + 2 for text in texts)
