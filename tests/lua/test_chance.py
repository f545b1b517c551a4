"""The module `chance`, beside the network's recorded answers."""

from __future__ import annotations

import random

import pytest

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("chance")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


def _stream(seed: int, count: int) -> list[int]:
    """The first draws of MT19937 with this seed."""
    state = [seed & 0xFFFFFFFF]
    for i in range(1, 624):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + i) & 0xFFFFFFFF)
    twister = random.Random()
    twister.setstate((3, (*state, 624), None))
    return [twister.getrandbits(32) for _ in range(count)]


@pytest.mark.parametrize("seed", [0, 1, 5489, 2**31, 2**32 - 1, 2**40 + 7, -5])
def test_is_mt19937(bare_lua: Harness, seed: int) -> None:
    """Two thousand draws are those of the published generator."""
    chunk = f"""
      local chance, draws = require('.chance'), {{}}
      chance.seed({seed})
      for i = 1, 2000 do draws[i] = string.format('%.0f', chance.random() * 4294967296) end
      return table.concat(draws, ' ')"""
    assert [int(draw) for draw in bare_lua.run(chunk).split()] == _stream(seed, 2000)
