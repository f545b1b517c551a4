"""docs/colonies.md: its table is what was recorded, and what is sent again; its examples run against the recordings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ao_runtime.colonies import Colonies

from ..cli.running import ROOT
from .recordings import KEYS, recorded
from .server import Server
from .test_retries import REPEATED
from .test_surface import CALLS


def row(call: str) -> str:
    """The line of a call in the table of the docs."""
    arguments = ", ".join(name.removeprefix("*") for name in CALLS[call].split() if name != "prvkey")
    cases = dict.fromkeys(found.case for found in recorded() if found.call == call and found.args is not None)
    test = "test_subscription" if call.startswith("subscribe") else "test_call"
    again = "yes" if call in REPEATED else ""
    return f"| {call} | `{call}({arguments})` | {again} | {'; '.join(cases)} | `{test}[…-{call}]` |"


def test_the_table() -> None:
    """Every call has its line: method, whether it is sent again, the recorded cases, and the test that plays them."""
    text = (ROOT / "docs/colonies.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if "| `test_" in line]
    assert rows == [row(call) for call in CALLS]


def test_beyond_the_reference() -> None:
    """Every public method is in the docs."""
    text = (ROOT / "docs/colonies.md").read_text(encoding="utf-8")
    methods = [name for name, _ in inspect.getmembers(Colonies, inspect.isfunction) if name[0] != "_"]
    assert [name for name in methods if f"`{name}" not in text] == []


@contextmanager
def examples() -> Iterator[dict[str, Any]]:
    """What the examples of the docs find: the URL of a server that answers as recorded, and keys."""
    server = Server()
    keys = {role: who["prvkey"] for role, who in KEYS["a"].items()}
    server.expect((found for found in recorded() if found.set == "a" and found.args is not None), keep=True)
    try:
        yield {"url": server.url, "prvkey": keys["executor1"], "other_prvkey": keys["executor2"]}
    finally:
        server.stop()
    assert server.problems == []
