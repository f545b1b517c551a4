"""Where the lines of a bundle were written: its source map, as `ao-run build` writes it beside it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from .error_text import message_in, place_in
from .explanation import excerpt
from .failure import Failure, Frame
from .regular import read_regular

__all__ = ["MAPS", "SourceMap"]

#: What follows a bundle's name in its map's.
MAPS = ".map"
#: Bytes of a map.
_LARGEST = 64 << 20
_OWN = "aos"


@dataclass(frozen=True)
class SourceMap:
    """What was written, by the names that chunks have in a bundle: lines are the same."""

    chunks: Mapping[str, tuple[str, str]]
    """The file (a path from here) and its text, by the chunk's name: `aos` for the process's own code, `.utils`."""
    digest: str
    """SHA-256 of the bundle."""

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> SourceMap:
        """The map in a file. Raises `InputError` where that is none."""
        file = os.fspath(path)
        try:
            document = json.loads(read_regular(path, _LARGEST))
        except (OSError, ValueError) as error:
            raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", file=file) from None
        except RecursionError:
            raise InputError("is no source map", file=file) from None
        try:
            return cls.of(document, Path(path).parent)
        except (KeyError, TypeError, ValueError, IndexError):
            raise InputError("is no source map of a bundle", file=file, advice="ao-run build makes one") from None

    @classmethod
    def of(cls, document: Any, folder: Path) -> SourceMap:
        """The map that a JSON document is, whose paths are relative to a folder. Raises what Python does for others."""
        sources, texts = document["sources"], document["sourcesContent"]
        own = document["x_ao"]
        chunks: dict[str, tuple[str, str]] = {}
        for chunk, at in own["chunks"].items():
            if type(at) is not int or at < 0 or not isinstance(sources[at], str) or not isinstance(texts[at], str):
                raise ValueError("no index")
            chunks[chunk] = os.path.normpath(folder / sources[at]), texts[at]
        if not isinstance(own["sha256"], str):
            raise TypeError("no digest")
        return cls(chunks, own["sha256"])

    @classmethod
    def beside(cls, bundle: str | os.PathLike[str]) -> SourceMap | None:
        """The map of a bundle, if there is one of that very file."""
        try:
            if not os.path.exists(f"{os.fspath(bundle)}{MAPS}"):
                return None
            found = cls.read(f"{os.fspath(bundle)}{MAPS}")
            return found if found.fits(read_regular(bundle, _LARGEST)) else None
        except (InputError, OSError, ValueError):
            return None

    def fits(self, code: bytes) -> bool:
        """Whether it is the map of this code."""
        return hashlib.sha256(code).hexdigest() == self.digest

    def failure_in(self, error: str) -> Failure:
        """What is known of a failure whose text alone has come back, such as a result's `Error` on a network."""
        place = place_in(message_in(error))
        return self.placed(Failure(place.message, place.chunk, place.line), own=True)

    def placed(self, failure: Failure, *, own: bool = False) -> Failure:
        """A failure with the files in which its places were written, and the lines there.

        `own` says that all code called `aos` is the bundle's.
        """
        frames = tuple(self._frame(frame, own) for frame in failure.frames)
        found = self._file(failure.chunk, failure.evaluated, own)
        if found is None or failure.line is None:
            return failure._replace(frames=frames)
        file, text = found
        lines = excerpt(text.encode("utf-8", "surrogateescape"), failure.line)
        if not lines:
            return failure._replace(frames=frames)
        return failure._replace(frames=frames, file=file, excerpt=lines)

    def _frame(self, frame: Frame, own: bool) -> Frame:
        found = self._file(frame.chunk, frame.evaluated, own)
        return frame if found is None else frame._replace(file=found[0])

    def _file(self, chunk: str | None, evaluated: int | None, own: bool) -> tuple[str, str] | None:
        if chunk == _OWN and not own and evaluated != 0:
            return None
        return self.chunks.get(chunk or "")
