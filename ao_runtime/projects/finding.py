"""Which file says what holds in a folder: the nearest one upwards, within the project that the folder is in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError

__all__ = ["Found", "find", "is_configured", "read_file"]

NAME, PYPROJECT = "ao-run.toml", "pyproject.toml"
#: Bytes of a file of settings.
_LONGEST = 1 << 20


class Found(NamedTuple):
    """A file of settings."""

    path: Path
    data: bytes
    table: tuple[str, ...]
    """Where in it they are."""


def is_configured() -> bool:
    """Whether a file or a variable of the environment says anything of the working directory; at little cost."""
    if any(name.startswith("AO_RUN_") for name in os.environ):
        return True
    try:
        return find(Path(os.path.abspath(os.getcwd()))) is not None
    except InputError:
        # `configure` says what is wrong.
        return True


def find(folder: Path) -> Found | None:
    """The file for a folder, or None.

    Looked for upwards to the first folder that is a repository of git or the user's own; `ao-run.toml` stands before
    `pyproject.toml`, which counts where it speaks of `ao-run`. A file above `folder` that belongs to somebody else
    could be put there by anybody, as in /tmp, and is passed over. Raises `InputError` for one that cannot be read.
    """
    home = Path(os.path.expanduser("~"))
    for place in (folder, *folder.parents):
        for name, table in ((NAME, ()), (PYPROJECT, ("tool", "ao-run"))):
            path = place / name
            if not path.is_file() or (place != folder and not _is_ours(path)):
                continue
            data = read_file(path, _LONGEST)
            if not table or _speaks_of_us(data, path):
                return Found(path, data, table)
        if place == home or (place / ".git").exists():
            return None
    return None


def read_file(path: Path, most: int) -> bytes:
    """The bytes of a file. Raises `InputError` where it cannot be read, or is longer than `most`."""
    try:
        # What is no plain file may never end.
        if not path.is_file():
            raise InputError("is no file" if path.exists() else "is not there", file=str(path))
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=str(path)) from None
    if len(data) > most:
        raise InputError(f"is longer than {most >> 20} MB", file=str(path))
    return data


def _speaks_of_us(data: bytes, path: Path) -> bool:
    """Whether a `pyproject.toml` has a table for us. One that is no TOML and says our name is said to be none later."""
    from .toml import parse

    if b"ao-run" not in data:
        return False
    try:
        tool = parse(data, str(path)).get("tool", {})
    except InputError:
        return b"tool.ao-run" in data
    return isinstance(tool, dict) and "ao-run" in tool


def _is_ours(path: Path) -> bool:
    """Whether a file is the user's own, or the machine's owner's."""
    if not hasattr(os, "getuid"):
        return True
    try:
        return path.stat().st_uid in (os.getuid(), 0)
    except OSError:
        return False
