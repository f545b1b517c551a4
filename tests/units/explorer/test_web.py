"""`examples/web`: the published client in a real browser, on a page that starts, mints and transfers a token."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.running import ROOT
from tests.differential.fetch import OracleMissingError

from ..npm import VERSIONS, folder
from ..serving import Served
from .browser import drive


class Quiet(SimpleHTTPRequestHandler):
    """`python3 -m http.server`, without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def pages(root: Path) -> Iterator[str]:
    """A server of a folder; where it is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_page(tmp_path: Path) -> None:
    """A token is started, minted and transferred; what fails is told; the explorer shows what happened."""
    for name in ("token", "web"):
        (tmp_path / name).mkdir()
        for file in (ROOT / "examples" / name).iterdir():
            if file.is_file():
                (tmp_path / name / file.name).symlink_to(file)
    recipient = "r" * 43
    server = Served()
    try:
        # As the README has it: the package as it ships, in the page's own folder.
        (tmp_path / "web" / "node_modules").symlink_to(folder(VERSIONS[0]) / "node_modules")
        with pages(tmp_path) as url:
            page = f"{url}/web/?network={server.urls['gateway']}"
            told = drive("web.mjs", tmp_path / "profile", page=page, recipient=recipient)
    except OracleMissingError as missing:
        pytest.skip(str(missing))
    finally:
        server.close()
    you = f"{told.pop('address')} (you)"
    log = told.pop("log")
    assert [line.split()[0] for line in log] == ["Debit-Notice", "Minted", "Started"]
    assert log[:2] == ["Debit-Notice 250", "Minted 500"]
    moved = sorted(told.pop("moved"))
    assert moved == sorted([f"{you}\t1000250", f"{recipient}\t250"])
    assert told == {
        "said": [],
        "over": True,
        "started": [f"{you}\t1000000"],
        "minted": [f"{you}\t1000500"],
        "problem": "Insufficient balance",
        "explorer": "Transfer #2 ok",
    }


def test_its_readme_is_what_runs() -> None:
    """The README installs the version that is tried, and names the commands that serve the page."""
    text = (ROOT / "examples/web/README.md").read_text(encoding="utf-8")
    assert f"npm install --prefix examples/web @permaweb/aoconnect@{VERSIONS[0]}\n" in text
    assert "ao-run serve\n" in text
    assert "--directory examples" in text
