"""Where the code and the files that a process asks for come from. Each is read once, and a replay sees the same.

What is read is an input of the process as its messages are: `Inputs` notes what was read first, misses too, so that it
can be kept with the message that asked for it.

A snapshot and a journal name the folders that their process read from. They may come from anybody: a folder that only
they name is withheld: nothing is read from it until the caller gives it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import InputError
from .data_files import DataFiles, FileSource
from .lua_sources import LuaSource, LuaSources, Replacements
from .reads import Read

__all__ = ["Inputs"]

__tracebackhide__ = True


class Inputs:
    """All that a process reads from outside, and a note of what it has read."""

    def __init__(
        self, sources: LuaSource | None, files: FileSource | None, replace: Replacements | None = None
    ) -> None:
        #: What was read and is not kept with a message yet.
        self.new: list[Read] = []
        self.sources = LuaSources(sources, self.new, replace)
        self.files = DataFiles(files, self.new)

    def take(self) -> list[Read]:
        """What is new; from now on it no longer is."""
        taken = self.new[:]
        self.new.clear()
        return taken

    def preset(self, reads: Iterable[Read]) -> None:
        """Take it that all this was read, and what was found."""
        for kind, name, content in reads:
            (self.sources if kind == "module" else self.files).preset(name, content)

    def forget(self, reads: Iterable[Read]) -> None:
        """Take it that none of this was ever read."""
        for kind, name, _ in reads:
            (self.sources if kind == "module" else self.files).forget(name)

    def withhold(self, sources: Any, files: Any) -> None:
        """Name the folders that were read from, and from which nothing may be read now."""
        self.sources.withheld = sources if isinstance(sources, str) else None
        self.files.withheld = files if isinstance(files, str) else None

    def check(self, reads: Iterable[Read] | None = None) -> None:
        """Raises `InputError` where something was asked for that is withheld; `reads` are what is new by default."""
        for kind, name, folder in self.new if reads is None else reads:
            if kind == "withheld" and folder is not None:
                option = "files" if name.startswith("/") else "sources"
                raise InputError(
                    f"the process asks for {name}, which it has not read before",
                    advice=f"it was started with {folder.decode()}: if you trust it, give that as {option}= again"
                    f"{' (ao-run: -p FILE.lua)' if option == 'sources' else ''}",
                    field=option,
                )

    def again(self) -> Inputs:
        """The same inputs, of which nothing has been read."""
        other = Inputs(None, None)
        other.sources = self.sources.unread(other.new)
        other.files = self.files.unread(other.new)
        return other
