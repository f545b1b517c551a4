"""The JavaScript of README and docs/http.md runs as it stands, but for the port; their Python finds a server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ROOT, ao_run
from tests.differential.fetch import OracleMissingError, node

from .npm import VERSIONS, folder
from .serving import Served


@contextmanager
def served_examples() -> Iterator[dict[str, Any]]:
    """What the Python of docs/http.md and docs/sdk.md finds: `url`."""
    served = Served()
    try:
        yield {"url": served.urls["gateway"]}
    finally:
        served.close()


@pytest.mark.parametrize(("page", "printed"), [("README.md", "42"), ("docs/http.md", "Pong")])
def test_javascript_of(server: Served, tmp_path: Path, page: str, printed: str) -> None:
    """It prints what the page says, with a wallet that `ao-run wallet new` made."""
    [code] = re.findall(r"```js\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert "http://localhost:4000" in code
    try:
        library = folder(VERSIONS[0])
    except OracleMissingError as missing:
        pytest.skip(str(missing))
    (tmp_path / "node_modules").symlink_to(library / "node_modules")
    (tmp_path / "page.mjs").write_text(code.replace("http://localhost:4000", server.urls["gateway"]))
    assert ao_run("wallet", "new", str(tmp_path / "wallet.json")).code == 0
    command = [node(), "--no-warnings", "page.mjs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, printed), done.stderr


def test_shell_of_http(server: Served) -> None:
    """Minting and mining by curl, as docs/http.md has it."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("this machine has no curl")
    text = (ROOT / "docs/http.md").read_text(encoding="utf-8")
    urls = re.findall(r"^curl (http://localhost:4000\S+)$", text, re.MULTILINE)
    told = []
    for url in urls:
        there = url.replace("http://localhost:4000", server.urls["gateway"]).replace("ADDRESS", "a" * 43)
        done = subprocess.run(
            [curl, "-sS", "--noproxy", "*", there], capture_output=True, text=True, timeout=60, check=True
        )
        told.append(json.loads(done.stdout))
    height = server.get("gateway", "/info").json()["height"]
    assert (told[0], told[1]["height"], len(urls)) == (1_000_000_000_000, height, 2)
