"""The market, tested in Python: `pytest examples/market`. `market_test.lua` are tests in Lua."""

from __future__ import annotations

import re

from ao_runtime import Network
from ao_runtime.network import Sent
from ao_runtime.testing import ao_fails, assert_sent, assert_state, assert_waits


def order(net: Network, item: str, amount: str = "1") -> Sent:
    """Alice orders."""
    return net.wallet("alice").send("Teahouse", Action="Order", Order="a1", Item=item, Amount=amount)


def pay(net: Network, quantity: str) -> Sent:
    """Alice pays."""
    tags = {"X-Order": "a1", "Recipient": net.process("Teahouse")}
    return net.wallet("alice").send("Points", tags, Action="Transfer", Quantity=quantity)


def test_order_and_pay(net: Network) -> None:
    """What is paid is shipped, the seller has the price, and the customer the rest."""
    assert_sent(order(net, "tea", "3"), to="alice", action="Invoice", tags={"Total": "21"})
    sent = pay(net, "25")
    assert_sent(sent, from_="Teahouse", to="alice", action="Shipped", tags={"Item": "tea"})
    points = net.process("Points")
    assert_state("Balances.bob", "21", process=points)
    assert_state("Balances.alice", "79", process=points)


def test_payment_first(net: Network) -> None:
    """The payment may come before the order."""
    pay(net, "9")
    assert_sent(order(net, "coffee"), to="alice", action="Shipped", count=1)


def test_unknown_item(net: Network) -> None:
    """What has no price is cancelled, and what was paid comes back."""
    pay(net, "9")
    assert_sent(order(net, "gold"), to="alice", action="Cancelled", tags={"Reason": re.compile("no price")})
    assert_state("Balances.alice", "100", process=net.process("Points"))


def test_forged_payment(net: Network) -> None:
    """A Credit-Notice of anybody else is worth nothing."""
    shop = net.process("Teahouse")
    with ao_fails("another token", handler="payment", file="shop.lua"):
        net.wallet("mallory").send(shop, Action="Credit-Notice", Sender="mallory", Quantity="7")


def test_slow_oracle(net: Network) -> None:
    """While the oracle thinks, the order waits in the middle of its handler."""
    net.stand_in("oracle", lambda message: None)
    order(net, "tea")
    assert_waits(process=net.process("Teahouse"), handler="order")
