"""Which files hold Lua tests, and which process each is about."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...models import read_regular, shown
from ...projects import configure
from ..worlds import Spec, written

__all__ = ["ENDINGS", "lua_files", "root_of", "spec_of"]

__tracebackhide__ = True

ENDINGS = ("_test.lua", "_spec.lua")
#: Folders that hold what others wrote, or what was made.
_PASSED_OVER = frozenset({"node_modules", "build", "dist", "venv", "__pycache__"})
_HEADER = re.compile(rb"^--+[ \t]*ao-run:[ \t]*(.*)$")
_LARGEST, _FIRST_LINES, _MOST_FILES = 4 << 20, 10, 10_000


def lua_files(paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """The files of tests in these files and folders, in order; each once.

    Raises `InputError` for a path that is not there, for a file of another name, and for more files than make sense.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            found.update(dict.fromkeys(_inside(path)))
        elif not path.exists():
            raise InputError("there is no such file or folder", field=str(path))
        elif not path.name.endswith(ENDINGS):
            raise InputError("is no file of Lua tests", field=str(path), advice="they end in _test.lua or _spec.lua")
        else:
            found[path] = None
        if len(found) > _MOST_FILES:
            raise InputError(f"more than {_MOST_FILES} files of tests", field=str(path))
    return [*found]


def _inside(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER and not name.startswith("."))
        for name in sorted(files):
            if name.endswith(ENDINGS):
                yield Path(place) / name


def root_of(path: Path) -> Path:
    """What a file of tests may read files of: its project, or the working directory, or its own folder."""
    path = Path(os.path.abspath(path))
    known = configure(path.parent)
    if known.file is not None:
        return known.folder
    here = Path.cwd()
    return here if path.is_relative_to(here) else path.parent


def spec_of(path: Path, given: Sequence[str] = (), owner: str | None = None) -> Spec:
    """The process that a file of tests is about.

    That is the file that was `given`; else the one that a line at the head of the file names (`-- ao-run:
    process=../token.lua owner=alice tag.Name=Points`); else that beside it of the same name (`token.lua` for
    `token_test.lua`); else the project's.

    Raises `InputError` for a line that makes no sense, and for a process outside of the project.
    """
    path = Path(os.path.abspath(path))
    options = {} if given else _header(path)
    if owner is not None:
        options["owner"] = owner
    if given:
        options["process"] = os.path.abspath(given[0])
    elif "process" in options:
        file = path.parent / options["process"]
        try:
            inside = file.resolve().is_relative_to(root_of(path).resolve())
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            raise InputError("lies outside of the project", file=written(path), field=shown(options["process"]))
        options["process"] = os.path.normpath(file)
    else:
        stem = path.name.removesuffix(ENDINGS[0]).removesuffix(ENDINGS[1])
        beside = path.with_name(f"{stem}.lua")
        if beside.is_file():
            options["process"] = str(beside)
    return Spec.of(path.parent, options)


def _header(path: Path) -> dict[str, Any]:
    try:
        lines = read_regular(path, _LARGEST).split(b"\n", _FIRST_LINES)[:_FIRST_LINES]
    except (OSError, ValueError):
        return {}
    for number, line in enumerate(lines, 1):
        match = _HEADER.match(line.rstrip(b"\r"))
        if match is None:
            continue
        try:
            words = shlex.split(match[1].decode())
        except ValueError as error:
            raise InputError(f"cannot be read: {error}", file=written(path), line=number) from None
        options: dict[str, Any] = {}
        tags: dict[str, str] = {}
        for word in words:
            name, sign, value = word.partition("=")
            if not sign or not (name in ("process", "owner", "name") or name.startswith("tag.")):
                advice = "process=FILE.lua, owner=NAME, name=NAME and tag.NAME=VALUE"
                raise InputError(f"{shown(word)} is not known", file=written(path), line=number, advice=advice)
            if name.startswith("tag."):
                tags[name.removeprefix("tag.")] = value
            else:
                options[name] = value
        return {**options, "tags": tags} if tags else options
    return {}
