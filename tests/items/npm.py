"""The published libraries: fetched from npm once, and asked through a process of node."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.differential.fetch import OracleMissingError, node, packages

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
    name = "arbundles-{arbundles}+{@dha-team/arbundles}+{warp-arbundles}".format_map(LIBRARIES)
    wanted = [f"{one}@{version}" for one, version in LIBRARIES.items()]
    return packages(name, *wanted, seconds=SECONDS)


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
