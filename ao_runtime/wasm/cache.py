"""Compiled modules on disk, so that a module is compiled once on a machine.

What lies there is machine code, and loading it runs it: a folder that anybody else can write to is never used. Files
come to be under another name and are renamed, so whoever reads sees a whole one or none; a digest tells damaged ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import sys
import tempfile
from pathlib import Path

__all__ = ["FOLDER_VARIABLE", "folder", "get", "put"]

#: Names the folder; empty: nothing is kept.
FOLDER_VARIABLE = "AO_RUNTIME_CACHE"

_MAGIC = b"ao-runtime module 1\n"
_MOST = 32
_log = logging.getLogger(__name__)


def folder() -> Path | None:
    """Where compiled modules are kept, made if need be; None where nothing can be kept safely."""
    path = _path()
    if path is None:
        return None
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        _log.debug("no cache of compiled modules: %s", error)
        return None
    if not stat.S_ISDIR(found.st_mode) or not _private(found):
        _log.warning("%s is not used: others may write to it, and what it holds is run", path)
        return None
    return path


def _path() -> Path | None:
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named).absolute() / "wasm" if named else None
    try:
        if sys.platform == "win32":
            base = os.environ.get("LOCALAPPDATA")
            home = Path(base) if base else Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            home = Path.home() / "Library" / "Caches"
        else:
            base = os.environ.get("XDG_CACHE_HOME")
            home = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # no home at all
        return None
    return home / "ao-runtime" / "wasm"


def _private(found: os.stat_result) -> bool:
    """Whether only this user can write there, and nobody else made it."""
    if sys.platform == "win32":
        return True  # a user's own folders are private there
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=32).digest()  # faster than SHA-256 where the processor has none


def get(key: str) -> bytes | None:
    """What was kept under the key; None where there is nothing, or it is damaged."""
    base = folder()
    if base is None:
        return None
    try:
        descriptor = os.open(base / key, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            if not _private(os.fstat(descriptor)):
                return None
            data = file.read()
    except OSError:
        return None
    head = len(_MAGIC) + 32
    content = data[head:]
    if data[:head] != _MAGIC + _digest(content):
        return None
    return content


def put(key: str, content: bytes) -> None:
    """Keep something under the key. Where that cannot be done, nothing is kept and nothing is said."""
    base = folder()
    if base is None:
        return
    name = None
    try:
        descriptor, name = tempfile.mkstemp(dir=base)
        with open(descriptor, "wb") as file:
            file.write(_MAGIC + _digest(content))
            file.write(content)
        os.replace(name, base / key)
        name = None
        _tidy(base)
    except OSError as error:
        _log.debug("a compiled module is not kept: %s", error)
    finally:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)


def _tidy(base: Path) -> None:
    """Leave only the newest files: versions come and go."""
    files = []
    for path in base.iterdir():
        with contextlib.suppress(OSError):
            files.append((path.stat().st_mtime, path))
    for _, path in sorted(files)[:-_MOST]:
        with contextlib.suppress(OSError):
            path.unlink()
