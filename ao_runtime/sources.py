"""Where the code and the files that a process asks for come from. Each is read once, and a replay sees the same.

What is read is an input of the process as its messages are: `Outside` notes what was read first, misses too, so that it
can be kept with the message that asked for it.

A snapshot and a journal name the folders that their process read from. They may come from anybody: a folder that only
they name is withheld: nothing is read from it until the caller gives it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from pathlib import Path
from typing import Any, TypeAlias

from .errors import InputError

__all__ = ["FileSource", "Files", "ModuleSource", "Modules", "Outside", "Read"]

#: What was read: its kind (`module`, `file`), its name, and its content or None where it is not there. `withheld` is
#: the kind of what was asked for and may not be read, with the folder's name as the content.
Read: TypeAlias = "tuple[str, str, bytes | None]"

#: Modules of a project: a folder of Lua files, or a mapping from names to sources.
ModuleSource: TypeAlias = "str | Path | Mapping[str, str | bytes]"
#: Content of `/data/<id>`: a mapping, a folder with a file for each id, or a function.
FileSource: TypeAlias = "str | Path | Mapping[str, str | bytes] | Callable[[str], str | bytes | None]"

_MODULE = re.compile(r"[\w-]+(?:[./][\w-]+)*\Z")
_ID = re.compile(r"[\w.-]+\Z")


class Modules:
    """A project's own Lua modules, by name: `utils.math` is `utils/math.lua` or `utils/math/init.lua`."""

    def __init__(self, source: ModuleSource | None, noted: list[Read] | None = None) -> None:
        self._mapping = None
        self._folder: Path | None = None
        #: The folder that a snapshot or a journal names and that was not given again.
        self.withheld: str | None = None
        self._read: dict[str, bytes | None] = {}
        self._noted = noted if noted is not None else []
        if isinstance(source, Mapping):
            self._mapping = {name.removeprefix("."): _bytes(text) for name, text in source.items()}
        elif source is not None:
            if not isinstance(source, (str, Path)):
                raise InputError(
                    f"must be a folder or a mapping, found a {type(source).__name__}",
                    advice='{"utils": "return {}"}',
                    field="modules",
                )
            self._folder = Path(source).resolve()
            if not self._folder.is_dir():
                raise InputError(f"{source} is no folder", advice="give a folder of Lua files", field="module")

    def find(self, name: str) -> bytes | None:
        """Source of the module, or None if there is none."""
        name = name.removeprefix(".")
        if name not in self._read:
            if not _worth_a_look(name, self._read):
                return None
            if self.withheld is not None and _MODULE.match(name):
                self._noted.append(("withheld", f"module {name}", self.withheld.encode()))
                return None
            source = _read_by(self._look, name)
            self._read[name] = source
            self._noted.append(("module", name, source))
        return self._read[name]

    def path(self, name: str) -> str | None:
        """The developer's file that a module was read from, if it has been and is still there."""
        name = name.removeprefix(".")
        path = self._path(name) if self._read.get(name) is not None else None
        return None if path is None else str(path)

    def preset(self, name: str, source: bytes | None) -> None:
        """Take it that the module was read, and what was found."""
        self._read[name] = source

    def forget(self, name: str) -> None:
        """Take it that the module was never read."""
        self._read.pop(name, None)

    def unread(self, noted: list[Read]) -> Modules:
        """The same source, of which nothing has been read."""
        other = copy(self)
        other._read, other._noted = {}, noted
        return other

    def described(self) -> dict[str, Any]:
        """Where they come from, as JSON may have it; what `Modules.again` reads."""
        if self._folder is not None or self.withheld is not None:
            return {"folder": self.withheld or str(self._folder)}
        if self._mapping is not None:
            return {"mapping": {name: text.decode("utf-8", "surrogateescape") for name, text in self._mapping.items()}}
        return {}

    @staticmethod
    def again(described: Mapping[str, Any]) -> ModuleSource | None:
        """The source that `described` stands for, but for a folder: None."""
        mapping = described.get("mapping")
        if isinstance(mapping, dict):
            return {name: text.encode("utf-8", "surrogateescape") for name, text in mapping.items()}
        return None

    def _look(self, name: str) -> bytes | None:
        path = self._path(name)
        if path is not None:
            return path.read_bytes()
        return self._mapping.get(name) if self._mapping else None

    def _path(self, name: str) -> Path | None:
        if self._folder is None or not _MODULE.match(name):
            return None
        base = name.replace(".", "/")
        for candidate in (f"{base}.lua", f"{base}/init.lua"):
            path = (self._folder / candidate).resolve()
            # A link may point anywhere: a process is not shown what lies outside of its folder.
            if path.is_relative_to(self._folder) and path.is_file():
                return path
        return None


class Files:
    """The files `/data/<id>` that a process may read."""

    def __init__(self, source: FileSource | None, noted: list[Read] | None = None) -> None:
        self._source: Mapping[str, str | bytes] | Callable[[str], str | bytes | None] | Path | None
        if isinstance(source, (str, Path)):
            self._source = Path(source).resolve()
            if not self._source.is_dir():
                raise InputError(f"{source} is no folder", field="files")
        elif source is None or isinstance(source, Mapping) or callable(source):
            self._source = source
        else:
            raise InputError(
                f"must be a mapping, a folder or a function, found a {type(source).__name__}", field="files"
            )
        #: The folder that a snapshot or a journal names and that was not given again.
        self.withheld: str | None = None
        self._read: dict[str, bytes | None] = {}
        self._noted = noted if noted is not None else []

    def find(self, name: str) -> bytes | None:
        """Content of `/data/<name>`, or None if there is no such file."""
        if name not in self._read:
            if not _worth_a_look(name, self._read):
                return None
            if self.withheld is not None and _ID.match(name):
                self._noted.append(("withheld", f"/data/{name}", self.withheld.encode()))
                return None
            content = _read_by(self._look, name)
            self._read[name] = content
            self._noted.append(("file", name, content))
        return self._read[name]

    def preset(self, name: str, content: bytes | None) -> None:
        """Take it that the file was read, and what was found."""
        self._read[name] = content

    def forget(self, name: str) -> None:
        """Take it that the file was never read."""
        self._read.pop(name, None)

    def unread(self, noted: list[Read]) -> Files:
        """The same source, of which nothing has been read."""
        other = copy(self)
        other._read, other._noted = {}, noted
        return other

    def described(self) -> dict[str, Any]:
        """Where they come from, as JSON may have it; what `Files.again` reads."""
        if isinstance(self._source, Path) or self.withheld is not None:
            return {"folder": self.withheld or str(self._source)}
        return {} if self._source is None else {"given": True}

    @staticmethod
    def check(described: Mapping[str, Any]) -> None:
        """Raises `InputError` where a mapping or a function was read from: those cannot be written down."""
        if described.get("given"):
            raise InputError(
                "were a mapping or a function when the process was started, and must be given again",
                advice="files={} is for none besides those that it has read",
                field="files",
            )

    def _look(self, name: str) -> bytes | None:
        source = self._source
        if source is None:
            return None
        if isinstance(source, Path):
            if not _ID.match(name) or name in (".", ".."):
                return None
            path = (source / name).resolve()
            return path.read_bytes() if path.parent == source and path.is_file() else None
        text = source(name) if callable(source) else source.get(name)
        return None if text is None else _bytes(text)


class Outside:
    """All that a process reads from outside, and a note of what it has read."""

    def __init__(self, modules: ModuleSource | None, files: FileSource | None) -> None:
        #: What was read and is not kept with a message yet.
        self.new: list[Read] = []
        self.modules = Modules(modules, self.new)
        self.files = Files(files, self.new)

    def take(self) -> list[Read]:
        """What is new; from now on it no longer is."""
        taken = self.new[:]
        self.new.clear()
        return taken

    def preset(self, reads: Iterable[Read]) -> None:
        """Take it that all this was read, and what was found."""
        for kind, name, content in reads:
            (self.modules if kind == "module" else self.files).preset(name, content)

    def forget(self, reads: Iterable[Read]) -> None:
        """Take it that none of this was ever read."""
        for kind, name, _ in reads:
            (self.modules if kind == "module" else self.files).forget(name)

    def withhold(self, modules: Any, files: Any) -> None:
        """Name the folders that were read from, and from which nothing may be read now."""
        self.modules.withheld = modules if isinstance(modules, str) else None
        self.files.withheld = files if isinstance(files, str) else None

    def check(self, reads: Iterable[Read] | None = None) -> None:
        """Raises `InputError` where something was asked for that is withheld; `reads` are what is new by default."""
        for kind, name, folder in self.new if reads is None else reads:
            if kind == "withheld" and folder is not None:
                option = "files" if name.startswith("/") else "modules"
                raise InputError(
                    f"the process asks for {name}, which it has not read before",
                    advice=f"it was started with {folder.decode()}: if you trust it, give that as {option}= again"
                    f"{' (ao-run: -p FILE.lua)' if option == 'modules' else ''}",
                    field=option,
                )

    def again(self) -> Outside:
        """The same sources, of which nothing has been read."""
        other = Outside(None, None)
        other.modules = self.modules.unread(other.new)
        other.files = self.files.unread(other.new)
        return other


#: A name is no longer than a file's, and so many are looked for: what was not there is remembered, too.
_LONGEST, _MOST = 255, 10_000


def _worth_a_look(name: str, known: Mapping[str, object]) -> bool:
    return len(name) <= _LONGEST and len(known) < _MOST


def _read_by(look: Callable[[str], bytes | None], name: str) -> bytes | None:
    """What `look` finds. What cannot be read is not there, and stays so: a process cannot be told of more."""
    try:
        return look(name)
    except Exception:
        return None


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)
