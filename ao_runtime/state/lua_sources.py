"""A project's own Lua, by the name that a process gives to `require`."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import InputError
from ..models import read_regular, shown
from .reads import Read, Reader, as_bytes

__all__ = ["LuaSource", "LuaSources", "Replacements"]

__tracebackhide__ = True

#: A folder of Lua files, or a mapping from names to texts.
LuaSource: TypeAlias = "str | Path | Mapping[str, str | bytes]"
#: Modules that are others than in the source, by name: a text, or the `Path` of a file.
Replacements: TypeAlias = "Mapping[str, str | bytes | Path]"

#: Files of a folder that are looked at for a name that is near.
_MOST_NAMES = 2000
#: Bytes of a file of Lua.
_LARGEST = 32 << 20
_NAME = re.compile(r"[\w-]+(?:[./][\w-]+)*\Z")


class LuaSources(Reader):
    """A project's own Lua modules, by name: `utils.math` is `utils/math.lua` or `utils/math/init.lua`.

    What `replace` names stands before what the source has under that name.
    """

    kind, words, pattern = "module", "module ", _NAME

    def __init__(
        self, source: LuaSource | None, noted: list[Read] | None = None, replace: Replacements | None = None
    ) -> None:
        super().__init__(noted)
        self._replaced, self._replaced_from = _read_replacements(replace)
        self._mapping = None
        self._folder: Path | None = None
        #: Whether a published module has them in its code, and so does not ask for them.
        self.are_bundled = False
        if isinstance(source, Mapping):
            self._mapping = {name.removeprefix("."): as_bytes(text) for name, text in source.items()}
        elif source is not None:
            if not isinstance(source, (str, Path)):
                raise InputError(
                    f"must be a folder or a mapping, found a {type(source).__name__}",
                    advice='{"utils": "return {}"}',
                    field="sources",
                )
            self._folder = Path(source).resolve()
            if not self._folder.is_dir():
                raise InputError(f"{source} is no folder", advice="give a folder of Lua files", field="sources")

    def find(self, name: str) -> bytes | None:
        """Source of the module, or None if there is none."""
        return super().find(name.removeprefix("."))

    def path(self, name: str) -> str | None:
        """The developer's file that a module was read from, if it has been and is still there."""
        name = name.removeprefix(".")
        path = self._path(name) if self.are_bundled or self._read.get(name) is not None else None
        return None if path is None else str(path)

    def known(self, chunk: str) -> bool:
        """Whether a chunk is one of the project's modules that was read."""
        return self._read.get(chunk.removeprefix(".")) is not None

    def text(self, chunk: str) -> bytes | None:
        """The source of a module as it was read."""
        return self._read.get(chunk.removeprefix("."))

    @property
    def place(self) -> str | None:
        """The folder that they are read from; None where it is no folder."""
        return None if self._folder is None else str(self._folder)

    def names(self) -> list[str]:
        """The names of all modules that are there now, at most a few thousand."""
        if self._folder is None:
            return sorted({*(self._mapping or ()), *self._replaced})
        files = islice(self._folder.rglob("*.lua"), _MOST_NAMES)
        found = (path.relative_to(self._folder).with_suffix("").as_posix() for path in files)
        return sorted({*(name.removesuffix("/init").replace("/", ".") for name in found), *self._replaced})

    def changed(self) -> dict[str, bytes]:
        """The modules that have been read and whose files are others now: the new texts by name."""
        found = {}
        for name, known in self._read.items():
            now = None if known is None else self._look_safely(name)
            if now is not None and now != known:
                found[name] = now
        return found

    def described(self) -> dict[str, Any]:
        """Where they come from, as JSON may have it; what `again` and `replaced_again` read."""
        described: dict[str, Any] = {}
        if self._folder is not None or self.withheld is not None:
            described["folder"] = self.withheld or str(self._folder)
        elif self._mapping is not None:
            described["mapping"] = _as_texts(self._mapping)
        if self._replaced:
            described["replaced"] = _as_texts(self._replaced)
        return described

    @staticmethod
    def again(described: Mapping[str, Any]) -> LuaSource | None:
        """The source that `described` stands for, but for a folder: None."""
        mapping = described.get("mapping")
        return _as_bytes(mapping) if isinstance(mapping, dict) else None

    @staticmethod
    def replaced_again(described: Mapping[str, Any]) -> Replacements | None:
        """What was replaced in the source that `described` stands for."""
        replaced = described.get("replaced")
        return _as_bytes(replaced) if isinstance(replaced, dict) else None

    def _is_given(self, name: str) -> bool:
        return name.replace("/", ".") in self._replaced

    def _look(self, name: str) -> bytes | None:
        replaced = self._replaced.get(name.replace("/", "."))
        if replaced is not None:
            return replaced
        path = self._path(name)
        if path is not None:
            return read_regular(path, _LARGEST).removeprefix(codecs.BOM_UTF8)
        return self._mapping.get(name) if self._mapping else None

    def _path(self, name: str) -> Path | None:
        plain = name.replace("/", ".")
        if plain in self._replaced:
            return self._replaced_from.get(plain)
        if self._folder is None or not _NAME.match(name):
            return None
        base = name.replace(".", "/")
        for candidate in (f"{base}.lua", f"{base}/init.lua"):
            path = (self._folder / candidate).resolve()
            # A link may point anywhere: a process is not shown what lies outside of its folder.
            if path.is_relative_to(self._folder) and path.is_file():
                return path
        return None


def _read_replacements(replace: Any) -> tuple[dict[str, bytes], dict[str, Path]]:
    """The texts by name, and the files that some of them were read from."""
    texts: dict[str, bytes] = {}
    files: dict[str, Path] = {}
    if replace is not None and not isinstance(replace, Mapping):
        raise InputError(
            f"must be a mapping from names to texts or paths, found a {type(replace).__name__}",
            advice='{"utils": "return {}"}, or {"utils": Path("fake/utils.lua")}',
            field="replace",
        )
    for name, text in (replace or {}).items():
        if not isinstance(name, str) or not _NAME.match(name.removeprefix(".")):
            raise InputError(
                f"{shown(name)} is no name of a module", advice="the name that `require` is given", field="replace"
            )
        plain = name.removeprefix(".").replace("/", ".")
        if isinstance(text, Path):
            files[plain] = text.resolve()
            try:
                texts[plain] = text.read_bytes().removeprefix(codecs.BOM_UTF8)
            except OSError as error:
                raise InputError(f"{text} cannot be read: {error.strerror or error}", field=f"replace.{name}") from None
        elif isinstance(text, (str, bytes)):
            texts[plain] = as_bytes(text)
        else:
            raise InputError(f"must be text or a Path, found a {type(text).__name__}", field=f"replace.{name}")
    return texts, files


def _as_texts(texts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: text.decode("utf-8", "surrogateescape") for name, text in texts.items()}


def _as_bytes(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
