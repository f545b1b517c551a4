"""Which aos a process is of: the dialect that our Lua plays, or what a published module says of itself."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError
from .defaults import made_id

if TYPE_CHECKING:
    from .options import Options

__all__ = ["WITHOUT_BOOT", "Spoken", "code_id", "has_boot", "is_wasm", "spoken"]

#: Dialects of the age before `On-Boot`: a process's own Data is not evaluated there.
WITHOUT_BOOT = ("1", "0.2.0")

#: Published modules carry their Lua as text: this is how `.process` tells its version.
_VERSION = re.compile(rb"local process = \{ _version = [\"'](\d+)\.(\d+)\.(\d+)[\"']")
#: The first version of each generation that is played. That of aos 2.0.4 is called after the release it came with.
_FIRST = (((2, 0, 4), "2.0.6"), ((2, 0, 3), "2.0.3"), ((2, 0, 0), "2.0.1"), ((0, 2, 1), "1"), ((0, 2, 0), "0.2.0"))
_EXACT = frozenset({"0.2.0", "0.2.1", "2.0.1", "2.0.3", "2.0.4"})


class Spoken(NamedTuple):
    """What a published module says of itself."""

    #: The version of its `.process`: 2.0.4 in the module that is known as aos 2.0.6.
    version: str
    #: The dialect of our Lua that plays it, or the nearest before it.
    dialect: str
    #: Whether that dialect was compared with this very version.
    exact: bool


def is_wasm(module: str | Path) -> bool:
    """Whether a module is a published one: a file, and not a folder of Lua."""
    path = Path(module)
    return path.suffix == ".wasm" and not path.is_dir()


def spoken(module: str | Path) -> Spoken | None:
    """What a file of WebAssembly speaks; None where it is no aos, or does not say.

    Raises `InputError` for a file that cannot be read.
    """
    path = Path(module)
    try:
        stat = path.stat()
        return _spoken(path, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read: {reason}", field="module") from None


@lru_cache(maxsize=16)
def _spoken(path: Path, _changed: int, _size: int) -> Spoken | None:
    found = _VERSION.search(path.read_bytes())
    if found is None:
        return None
    numbers = tuple(int(part) for part in found.groups())
    if numbers < _FIRST[-1][0]:
        return None  # a process that comes with tools, and no aos
    version = ".".join(map(str, numbers))
    dialect = next(name for first, name in _FIRST if numbers >= first)
    return Spoken(version, dialect, version in _EXACT)


def has_boot(options: Options) -> bool:
    """Whether a process with these options evaluates its own Data at its start (`On-Boot`).

    Raises `InputError` for a module that cannot be read.
    """
    if options.module is None:
        return options.dialect not in WITHOUT_BOOT
    if not is_wasm(options.module):
        return True
    said = spoken(options.module)
    return said is None or said.dialect not in WITHOUT_BOOT


def code_id(process_id: str) -> str:
    """The Id of the Eval that brings a process's code where `On-Boot` is not known: always the same for a process."""
    return made_id(process_id, "code")
