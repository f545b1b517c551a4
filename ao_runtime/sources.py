"""Where the code and the files that a process asks for come from. Each is read once: a replay sees the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from .errors import InputError

__all__ = ["FileSource", "Files", "ModuleSource", "Modules"]

#: Modules of a project: a folder of Lua files, or a mapping from names to sources.
ModuleSource: TypeAlias = "str | Path | Mapping[str, str | bytes]"
#: Content of `/data/<id>`: a mapping, a folder with a file for each id, or a function.
FileSource: TypeAlias = "str | Path | Mapping[str, str | bytes] | Callable[[str], str | bytes | None]"

_MODULE = re.compile(r"[\w-]+(?:[./][\w-]+)*\Z")
_ID = re.compile(r"[\w.-]+\Z")


class Modules:
    """A project's own Lua modules, by name: `utils.math` is `utils/math.lua` or `utils/math/init.lua`."""

    def __init__(self, source: ModuleSource | None) -> None:
        self._mapping = None
        self._folder: Path | None = None
        self._read: dict[str, tuple[bytes, Path | None] | None] = {}
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
        found = self._find(name.removeprefix("."))
        return found[0] if found else None

    def path(self, name: str) -> str | None:
        """The developer's file that a module was read from, if it has been."""
        found = self._read.get(name.removeprefix("."))
        return str(found[1]) if found and found[1] else None

    def _find(self, name: str) -> tuple[bytes, Path | None] | None:
        if name not in self._read:
            if (self._mapping is None and self._folder is None) or not _worth_a_look(name, self._read):
                return None
            self._read[name] = self._look(name)
        return self._read[name]

    def _look(self, name: str) -> tuple[bytes, Path | None] | None:
        if self._mapping is not None:
            text = self._mapping.get(name)
            return None if text is None else (text, None)
        if self._folder is None or not _MODULE.match(name):
            return None
        base = name.replace(".", "/")
        for candidate in (f"{base}.lua", f"{base}/init.lua"):
            path = (self._folder / candidate).resolve()
            # A link may point anywhere: a process is not shown what lies outside of its folder.
            if path.is_relative_to(self._folder) and path.is_file():
                return path.read_bytes(), path
        return None


class Files:
    """The files `/data/<id>` that a process may read."""

    def __init__(self, source: FileSource | None) -> None:
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
        self._read: dict[str, bytes | None] = {}

    def find(self, name: str) -> bytes | None:
        """Content of `/data/<name>`, or None if there is no such file."""
        if name not in self._read:
            if self._source is None or not _worth_a_look(name, self._read):
                return None
            self._read[name] = self._look(name)
        return self._read[name]

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


#: A name is no longer than a file's, and so many are looked for: what was not there is remembered, too.
_LONGEST, _MOST = 255, 10_000


def _worth_a_look(name: str, known: Mapping[str, object]) -> bool:
    return len(name) <= _LONGEST and len(known) < _MOST


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)
