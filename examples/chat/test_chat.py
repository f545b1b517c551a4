"""The chat room, tested in Python: `pytest examples/chat`. `chat_test.lua` are tests in Lua."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.network import NetworkProcess, NetworkWallet
from ao_runtime.testing import assert_nothing_sent, assert_sent

Wallets = Callable[[str], NetworkWallet]
pytestmark = pytest.mark.ao(process="chat.lua", owner="mint")


def test_everybody_hears(process: NetworkProcess, wallet: Wallets) -> None:
    """What one says goes to all others, once, and not back."""
    for name in ("bob", "carol", "dave"):
        wallet(name).send(process, Action="Join", Name=name)
    sent = wallet("bob").send(process, Action="Say", Data="hello")
    for name in ("carol", "dave"):
        assert_sent(sent, to=name, action="Said", data="hello", tags={"Name": "bob"}, count=1)
    assert_sent(sent, to="bob", count=0)


def test_alone(process: NetworkProcess, wallet: Wallets) -> None:
    """Whoever is alone in the room talks to nobody."""
    wallet("bob").send(process, Action="Join", Name="bob")
    assert_nothing_sent(wallet("bob").send(process, Action="Say", Data="hello"))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Join", "Leave"]), st.sampled_from("abc")), max_size=8))
def test_members(process: NetworkProcess, wallet: Wallets, steps: list[tuple[str, str]]) -> None:
    """However people come and go, those are in the room who have joined and not left."""
    inside: dict[str, None] = {}
    for action, name in steps:
        wallet(name).send(process, Action=action, Name=name)
        if action == "Join":
            inside.setdefault(name)
        else:
            inside.pop(name, None)
    assert [member["name"] for member in process.get("Members")] == list(inside)
