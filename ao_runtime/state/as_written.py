"""Failures in a bundle, with the files that it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import Failure, SourceMap

__all__ = ["AsWritten"]


class AsWritten:
    """What is known of where the code of a process's file was written; looked for at the first failure."""

    def __init__(self) -> None:
        self._known: tuple[str, SourceMap | None] | None = None

    def placed(self, failure: Failure, file: str | None) -> Failure:
        """The failure with the places that the source map beside `file` gives it, if there is one."""
        if file is None:
            return failure
        if self._known is None or self._known[0] != file:
            from ..models import SourceMap

            self._known = file, SourceMap.beside(file)
        found = self._known[1]
        return failure if found is None else found.placed(failure)
