"""The module `stringify`, beside the network's recorded answers."""

from __future__ import annotations

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("stringify")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


def test_a_circle_of_lists_fills_the_memory(bare_lua: Harness) -> None:
    """On the network a list inside itself is written until the memory is full: an error here."""
    chunk = "local t = {} t[1] = t return select(2, pcall(require('.stringify').format, t))"
    assert bare_lua.run(chunk) == b"not enough memory"
    chunk = "local t = {} t[1] = {a = t} return select(2, pcall(require('.stringify').format, t))"
    assert bare_lua.run(chunk) == b"not enough memory"
