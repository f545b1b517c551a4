"""The registry, tested in Python: `pytest examples/registry`. `registry_test.lua` are tests in Lua."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.network import Clock, NetworkProcess, NetworkWallet
from ao_runtime.testing import ao_fails, assert_sent

Wallets = Callable[[str], NetworkWallet]
pytestmark = pytest.mark.ao(process="registry.lua", owner="mint")


def test_handed_on(process: NetworkProcess, wallet: Wallets) -> None:
    """Who gets a name is told so, and may say what it stands for."""
    wallet("alice").send(process, Action="Register", Name="tea")
    sent = wallet("alice").send(process, Action="Hand-On", Name="tea", Recipient=wallet("bob"))
    assert_sent(sent, to="bob", action="Received", tags={"Name": "tea", "Sender": wallet("alice").address})
    wallet("bob").send(process, {"Points-To": "shop"}, Action="Point", Name="tea").raise_for_error()
    found = wallet("carol").send(process, Action="Lookup", Name="tea")
    assert_sent(found, to="carol", action="Found", tags={"Points-To": "shop", "Owner": wallet("bob").address})


def test_two_years(process: NetworkProcess, wallet: Wallets, clock: Clock) -> None:
    """A name that ends in more than a year is not kept for longer."""
    wallet("alice").send(process, Action="Register", Name="tea")
    clock.advance("1d")
    wallet("alice").send(process, Action="Register", Name="tea").raise_for_error()
    with ao_fails("two years", handler="register"):
        wallet("alice").send(process, Action="Register", Name="tea")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["tea", "TEA", "coffee"])), max_size=6))
def test_one_owner(process: NetworkProcess, wallet: Wallets, wishes: list[tuple[str, str]]) -> None:
    """Whoever wants whichever name: it is of the first who asked for it."""
    first: dict[str, str] = {}
    for who, name in wishes:
        wallet(who).send(process, Action="Register", Name=name)
        first.setdefault(name.lower(), wallet(who).address)
    records = process.get("Records") or {}
    assert {name: record["Owner"] for name, record in dict(records).items()} == first
