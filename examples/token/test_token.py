"""The token, tested in Python: `pytest examples/token`. `token_test.lua` are tests in Lua, which pytest runs, too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.network import NetworkProcess, NetworkWallet
from ao_runtime.testing import ao_fails, approves, assert_nothing_sent, assert_sent, assert_state

Wallets = Callable[[str], NetworkWallet]
pytestmark = pytest.mark.ao(process="token.lua", owner="alice", tags={"Name": "Points"})
SUPPLY = 1_000_000


def test_transfer(process: NetworkProcess, wallet: Wallets) -> None:
    """Both sides have what they should, and are told."""
    sent = wallet("alice").send(process, Action="Transfer", Recipient=wallet("bob"), Quantity="250")
    assert_sent(sent, to="alice", action="Debit-Notice", tags={"Quantity": "250"})
    assert_sent(sent, to="bob", action="Credit-Notice", tags={"Quantity": "250"}, count=1)
    assert_state("Balances.bob", 250)
    assert_state("Balances.alice", SUPPLY - 250)


@pytest.mark.parametrize("quantity", ["0", "-5", "1.5", "many", ""])
def test_quantity(process: NetworkProcess, quantity: str) -> None:
    """What is no quantity fails, and moves nothing."""
    with ao_fails("whole number above zero", handler="transfer"):
        process.handle(Action="Transfer", Recipient="bob", Quantity=quantity)
    assert_state("Balances.bob", None)


def test_not_enough(process: NetworkProcess) -> None:
    """Nobody sends what he does not have."""
    sent = process.handle(From="carol", Action="Transfer", Recipient="bob", Quantity="1")
    assert_sent(sent, to="carol", action="Transfer-Error", tags={"Balance": "0"})


@given(st.lists(st.integers(1, 2 * SUPPLY), max_size=5))
def test_supply(process: NetworkProcess, wallet: Wallets, quantities: list[int]) -> None:
    """Whatever is sent, there is never more than the supply, nor less."""
    for quantity in quantities:
        process.handle(Action="Transfer", Recipient=wallet("bob"), Quantity=str(quantity))
    assert sum(process.get("Balances").values()) == SUPPLY


def test_info(process: NetworkProcess) -> None:
    """The answer to Info is the one that was looked at once."""
    approves(process.handle(From="carol", Action="Info"))


def test_stranger(process: NetworkProcess) -> None:
    """A message that no handler takes lies in the inbox, and sends nothing."""
    assert_nothing_sent(process.handle(From="carol", Action="Hello"))
