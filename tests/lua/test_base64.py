"""The module `base64`, beside the network's recorded answers."""

from __future__ import annotations

import base64

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("base64")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=80))
def test_is_rfc_4648(shared_lua: Harness, data: bytes) -> None:
    """Bytes are written as Python writes them, and come back."""
    text = shared_lua.run(f"return require('.base64').encode({facts.quote(data)})")
    assert text == base64.b64encode(data)
    assert shared_lua.run(f"return require('.base64').decode({facts.quote(text)})") == data


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=80))
def test_other_alphabets(shared_lua: Harness, data: bytes) -> None:
    """An encoder and a decoder of one's own: the alphabet for URLs."""
    chunk = f"local b = require('.base64') return b.encode({facts.quote(data)}, b.makeencoder('-', '_'))"
    text = shared_lua.run(chunk)
    assert text == base64.urlsafe_b64encode(data)
    back = f"local b = require('.base64') return b.decode({facts.quote(text)}, b.makedecoder('-', '_'))"
    assert shared_lua.run(back) == data
