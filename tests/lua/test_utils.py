"""The module `utils`, beside the network's recorded answers."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import facts
from .harness import Harness


def test_answers_as_the_network(bare_lua: Harness) -> None:
    """Every recorded snippet answers as on the network, error texts included."""
    recorded = facts.read("utils")
    snippets = [snippet for snippet, _ in recorded]
    assert list(zip(snippets, facts.answers(bare_lua, snippets), strict=True)) == recorded


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=st.text("abAB-_{}é \0", max_size=4), value=st.text("abAB-_{}é \0", max_size=4))
def test_words_match_ignoring_case(shared_lua: Harness, pattern: str, value: str) -> None:
    """A pattern without magic characters is compared as a word; `_` is any value."""
    lower = str.maketrans("AB", "ab")
    expected = pattern == "_" or pattern.translate(lower) == value.translate(lower)
    arguments = f"{facts.quote(pattern.encode())}, {facts.quote(value.encode())}"
    assert shared_lua.run(f"return tostring(Utils.matchesPattern({arguments}))") == str(expected).lower().encode()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text("aZ_-9 é", max_size=10))
def test_normalize_is_title_case(shared_lua: Harness, name: str) -> None:
    """Parts of a name start with a capital; `_` becomes `-`."""
    parts = name.replace("_", "-").replace("Z", "z").split("-")
    expected = "-".join(part[:1].replace("a", "A").replace("z", "Z") + part[1:] for part in parts)
    assert shared_lua.run(f"return Utils.normalize({facts.quote(name.encode())})").decode() == expected
