"""The module `pretty`, beside the network's recorded answers."""

from __future__ import annotations

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("pretty")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


def test_a_circle_fills_the_memory(bare_lua: Harness) -> None:
    """On the network a table inside itself is written until the memory is full: an error here."""
    chunk = "local t = {} t.t = t return select(2, pcall(require('.pretty').tprint, t))"
    assert bare_lua.run(chunk) == b"not enough memory"
