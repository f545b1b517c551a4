"""The published libraries: fetched from npm once, and asked through a process of node."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.differential.fetch import OracleMissingError, node, npm, once

__all__ = ["FOLDER_VARIABLE", "LIBRARIES", "Libraries", "folder"]

#: Names a folder whose node_modules has them already.
FOLDER_VARIABLE = "AO_RUNTIME_ARBUNDLES"
LIBRARIES = {"arbundles": "0.11.2", "@dha-team/arbundles": "1.0.4", "warp-arbundles": "1.0.4"}
SECONDS = 180


def folder() -> Path:
    """The folder with the libraries; fetches them if it is not there yet. Raises `OracleMissingError`."""
    node()
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        if not (Path(named) / "node_modules" / "arbundles").is_dir():
            raise OracleMissingError(f"{FOLDER_VARIABLE}={named} has no node_modules/arbundles")
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    home = Path(base) if base else Path.home() / ".cache"
    path = home / "ao-runtime" / "arbundles-{arbundles}+{@dha-team/arbundles}+{warp-arbundles}".format_map(LIBRARIES)
    if path.is_dir():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        coming = Path(tempfile.mkdtemp(dir=path.parent))
    except OSError as error:
        raise OracleMissingError(f"no room for the libraries: {error}") from None
    return once(coming, path, _fetch)


def _fetch(to: Path) -> None:
    # Without a package.json of its own npm would look for one in the folders above.
    (to / "package.json").write_text('{"private": true}\n')
    wanted = [f"{name}@{version}" for name, version in LIBRARIES.items()]
    npm("install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *wanted, cwd=to, seconds=SECONDS)


class Libraries:
    """A process of node that makes and verifies items with the libraries."""

    def __init__(self, path: Path) -> None:
        driver = Path(__file__).parent / "npm.mjs"
        self._process = subprocess.Popen(
            [node(), "--no-warnings", str(driver), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, request: str, **given: Any) -> dict[str, Any]:
        """The answer to a request: see `npm.mjs`."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"request": request, **given}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "node has ended"
        answer: dict[str, Any] = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate(timeout=30)
