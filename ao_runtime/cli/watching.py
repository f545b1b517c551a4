"""Doing something again whenever a file changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import AoError, InputError
from . import show
from .text import echo, style

__all__ = ["again_and_again"]

#: What a project is made of.
_SUFFIXES = (".lua", ".toml", ".json", ".jsonl", ".py")


def again_and_again(folder: Path, do: Callable[[], Any], but: Path | None = None) -> None:
    """Do it, and again after every change of a file in a folder, but for one file; an error is told, and ends nothing.

    Ends with KeyboardInterrupt. Raises `InputError` where watchfiles is not installed.
    """
    try:
        from watchfiles import watch
    except ImportError:
        raise InputError("watchfiles is not there", field="--watch", advice="pip install watchfiles") from None

    def matters(_: Any, path: str) -> bool:
        return path.endswith(_SUFFIXES) and (but is None or Path(path) != but) and "/." not in path

    def attempt() -> None:
        try:
            do()
        except AoError as error:
            show.complain(str(error))

    attempt()
    echo(style("waiting for a change …", dim=True), err=True)
    for _ in watch(folder, watch_filter=matters, raise_interrupt=True):
        attempt()
        echo(style("waiting for a change …", dim=True), err=True)
