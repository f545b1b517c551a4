"""docs/executor.md: its examples run, with a colony and an executor."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ao_runtime.colonies import gen_prvkey
from ao_runtime.executor import Settings, Worker
from ao_runtime.executor.functions import FUNCTIONS

from ..cli.running import ROOT
from .colony import NAME, Colony


@contextmanager
def working(colony: Colony, data: Path, **options: Any) -> Iterator[list[str]]:
    """An executor in a thread of this program: what it says."""
    said: list[str] = []
    settings = Settings(colony.url, NAME, gen_prvkey(), colony.owner, "here", data=data)
    worker = Worker(settings, say=said.append, **options)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield said
    finally:
        worker.stop()
        thread.join()


@contextmanager
def examples() -> Iterator[dict[str, Any]]:
    """What the examples of the docs find: the URL of a server, a member's key, and a folder."""
    with tempfile.TemporaryDirectory() as folder, Colony() as colony, working(colony, Path(folder)):
        yield {"url": colony.url, "prvkey": colony.member(), "folder": Path(folder).resolve()}


def test_every_argument_is_documented() -> None:
    """docs/executor.md names every argument of every function."""
    text = (ROOT / "docs/executor.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(" `"): line for line in text.splitlines() if line.startswith("| `")}
    for name, function in FUNCTIONS.items():
        # `verify` takes what `replay` does.
        line = rows[name] + (rows["replay"] if name == "verify" else "")
        assert [one for one in function.names if one != "job" and f"`{one}`" not in line] == []
