"""What reading from outside has in common, whether it is Lua or data: every name is looked for once, and noted."""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Read", "Reader", "as_bytes"]

#: What was read: its kind (`module`, `file`), its name, and its content or None where it is not there. `withheld` is
#: the kind of what was asked for and may not be read, with the folder's name as the content.
Read: TypeAlias = "tuple[str, str, bytes | None]"

#: A name is no longer than a file's, and so many are looked for: what was not there is remembered, too.
_LONGEST, _MOST = 255, 10_000


class Reader:
    """Where a process reads from: what was found under a name stays so, and is noted in `noted`."""

    #: The kind of what is read, what a name is called for people, and what the name of a file in a folder looks like.
    kind: ClassVar[str]
    words: ClassVar[str]
    pattern: ClassVar[re.Pattern[str]]

    def __init__(self, noted: list[Read] | None) -> None:
        #: The folder that a snapshot or a journal names and that was not given again.
        self.withheld: str | None = None
        self._read: dict[str, bytes | None] = {}
        self._noted = noted if noted is not None else []

    def find(self, name: str) -> bytes | None:
        """What there is under a name, or None."""
        if name not in self._read:
            if len(name) > _LONGEST or len(self._read) >= _MOST:
                return None
            if self.withheld is not None and self.pattern.match(name) and not self._is_given(name):
                self._noted.append(("withheld", f"{self.words}{name}", self.withheld.encode()))
                return None
            content = self._look_safely(name)
            self._read[name] = content
            self._noted.append((self.kind, name, content))
        return self._read[name]

    def preset(self, name: str, content: bytes | None) -> None:
        """Take it that a name was looked for, and what was found."""
        self._read[name] = content

    def forget(self, name: str) -> None:
        """Take it that a name was never looked for."""
        self._read.pop(name, None)

    def unread(self, noted: list[Read]) -> Self:
        """The same, of which nothing has been read."""
        other = copy(self)
        other._read, other._noted = {}, noted
        return other

    def _is_given(self, name: str) -> bool:
        """Whether a name is looked for somewhere else than in the folder that may be withheld."""
        return False

    def _look(self, name: str) -> bytes | None:
        raise NotImplementedError

    def _look_safely(self, name: str) -> bytes | None:
        """What `_look` finds. What cannot be read is not there, and stays so: a process cannot be told of more."""
        try:
            return self._look(name)
        except Exception:
            return None


def as_bytes(text: str | bytes) -> bytes:
    """Text as UTF-8; bytes as they are."""
    return text.encode() if isinstance(text, str) else bytes(text)
