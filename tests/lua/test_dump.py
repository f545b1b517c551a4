"""The module `dump`, beside the network's recorded answers."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("dump")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.recursive(
        st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.binary(max_size=8),
        lambda inner: st.dictionaries(st.integers(-5, 5) | st.binary(max_size=5), inner, max_size=4),
        max_leaves=15,
    ).filter(lambda value: isinstance(value, dict))
)
def test_a_dump_is_lua(shared_lua: Harness, value: object) -> None:
    """What is dumped, loaded again, dumps the same."""
    chunk = f"""
      local dump = require('.dump')
      local text = dump({_literal(value)})
      assert(dump(load('return ' .. text)()) == text, text)
      return 'same'"""
    assert shared_lua.run(chunk) == b"same"


def _literal(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"[{_literal(k)}]={_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, bytes):
        return facts.quote(value)
    return str(value).lower() if isinstance(value, bool) else hex(value & (2**64 - 1))
