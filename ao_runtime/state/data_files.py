"""The files `/data/<id>` that a process may read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import InputError
from .reads import Read, Reader, as_bytes

__all__ = ["DataFiles", "FileSource"]

__tracebackhide__ = True

#: Content of `/data/<id>`: a mapping, a folder with a file for each id, or a function.
FileSource: TypeAlias = "str | Path | Mapping[str, str | bytes] | Callable[[str], str | bytes | None]"

_ID = re.compile(r"[\w.-]+\Z")


class DataFiles(Reader):
    """The files `/data/<id>` that a process may read."""

    kind, words, pattern = "file", "/data/", _ID

    def __init__(self, source: FileSource | None, noted: list[Read] | None = None) -> None:
        super().__init__(noted)
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

    def described(self) -> dict[str, Any]:
        """Where they come from, as JSON may have it; what `DataFiles.again` reads."""
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
        return None if text is None else as_bytes(text)
