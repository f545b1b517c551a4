"""The same eight tests as `token_test.lua` (docs/peers.md)."""

import pytest

from ao_runtime.testing import ao_fails, assert_sent, assert_state

pytestmark = pytest.mark.ao(process="token.lua", owner="alice")


def transfer(process, to, quantity):
    return process.handle(From="alice", Action="Transfer", Recipient=to, Quantity=str(quantity))


def test_info(process):
    assert_sent(process.handle(From="bob", Action="Info"), to="bob", tags={"Supply": "1000"})


def test_balance(process, wallet):
    assert_sent(process.handle(From="bob", Action="Balance", Account=wallet("alice")), tags={"Balance": "1000"})


def test_moves(process, wallet):
    transfer(process, wallet("bob"), 30)
    assert_state("Balances.bob", 30)


def test_tells_both(process, wallet):
    sent = transfer(process, wallet("bob"), 30)
    assert_sent(sent, to="alice", action="Debit-Notice", count=1)
    assert_sent(sent, to="bob", action="Credit-Notice", count=1)


@pytest.mark.parametrize(
    ("quantity", "why"), [(1001, "Insufficient balance"), ("many", "Quantity must be a whole number")]
)
def test_refuses(process, wallet, quantity, why):
    with ao_fails(why, handler="transfer"):
        transfer(process, wallet("bob"), quantity)


def test_changes_nothing(process, wallet):
    transfer(process, wallet("bob"), -1)
    assert_state("Balances.alice", 1000)


def test_pays_a_shop(process, net):
    shop = net.spawn("shop.lua")
    transfer(process, shop, 30)
    assert shop.get("Paid") == 30
