"""The modules inside a process: the sandbox's functions in place of Lua's own."""

from __future__ import annotations

import pytest

from ao_runtime import Process

from . import facts

MODULES = ["utils", "handlers_utils", "json", "base64", "stringify", "pretty", "dump", "chance", "compat"]


class Inside:
    """Evaluates chunks in a process."""

    def __init__(self) -> None:
        """Start a process."""
        self.process = Process.spawn()

    def run(self, source: str | bytes) -> bytes:
        """Evaluate by an Eval message."""
        text = source.decode("latin-1") if isinstance(source, bytes) else source
        return self.process.eval(text).text.encode("latin-1")


@pytest.mark.parametrize("module", MODULES)
def test_answers_as_the_network(module: str) -> None:
    """Every recorded snippet answers in a process as on the network."""
    recorded = facts.read(module)
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(Inside(), snippets), strict=True)) == recorded
