"""What reading from outside has in common, whether it is Lua or data: every name is looked for once, and noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

__all__ = ["Read", "as_bytes", "look_once", "worth_a_look"]

#: What was read: its kind (`module`, `file`), its name, and its content or None where it is not there. `withheld` is
#: the kind of what was asked for and may not be read, with the folder's name as the content.
Read: TypeAlias = "tuple[str, str, bytes | None]"

#: A name is no longer than a file's, and so many are looked for: what was not there is remembered, too.
_LONGEST, _MOST = 255, 10_000


def worth_a_look(name: str, known: Mapping[str, object]) -> bool:
    """Whether a name can be there, and not too many were asked for already."""
    return len(name) <= _LONGEST and len(known) < _MOST


def look_once(look: Callable[[str], bytes | None], name: str) -> bytes | None:
    """What `look` finds. What cannot be read is not there, and stays so: a process cannot be told of more."""
    try:
        return look(name)
    except Exception:
        return None


def as_bytes(text: str | bytes) -> bytes:
    """Text as UTF-8; bytes as they are."""
    return text.encode() if isinstance(text, str) else bytes(text)
