"""The published client, `@permaweb/aoconnect`: fetched from npm once, and run by node against a server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.differential.fetch import OracleMissingError, node, packages

from .serving import Served

__all__ = ["FOLDER_VARIABLE", "VERSIONS", "arweave", "ask", "folder"]

#: Names a folder whose node_modules has it already.
FOLDER_VARIABLE = "AO_RUNTIME_AOCONNECT"
VERSIONS = ("0.0.98", "0.0.69")
ARWEAVE = "1.15.7"
SECONDS = 300


def folder(version: str) -> Path:
    """The folder with the client; fetches it if it is not there yet. Raises `OracleMissingError`."""
    node()
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        if not (Path(named) / version / "node_modules" / "@permaweb" / "aoconnect").is_dir():
            raise OracleMissingError(f"{FOLDER_VARIABLE}={named} has no {version}/node_modules/@permaweb/aoconnect")
        return Path(named) / version
    return packages(f"aoconnect-{version}", f"@permaweb/aoconnect@{version}", seconds=SECONDS)


def arweave() -> Path:
    """The folder with arweave-js; fetches it if it is not there yet. Raises `OracleMissingError`."""
    return packages(f"arweave-{ARWEAVE}", f"arweave@{ARWEAVE}", seconds=SECONDS)


def ask(server: Served, version: str) -> dict[str, Any]:
    """What the client's calls gave, by the names in `aoconnect.mjs`."""
    path = folder(version)
    here = Path(__file__).parent
    # The four calls that look for a scheduler ask a host that is built in, unless somebody answers in its place.
    shim = (here / "offline.mjs").as_uri()
    done = subprocess.run(
        [node(), "--no-warnings", "--import", shim, str(here / "aoconnect.mjs"), str(path), json.dumps(server.ready)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
        env={**os.environ, "GRAPHQL_URL": server.urls["gateway"] + "/graphql"},
    )
    assert done.returncode == 0, done.stderr + server.log[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(told, dict)
    return told
