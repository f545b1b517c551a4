"""What the tests of the market begin with: it is started once, and every test finds it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import Message, Network

HERE = Path(__file__).parent
PRICES = {"tea": "7", "coffee": "9"}


def oracle(message: Message) -> dict[str, str]:
    """Stands in for a process that knows prices."""
    price = PRICES.get(str(message.tags.get("Item")))
    return {"Action": "Price", "Price": price} if price else {"Action": "Price", "Error": "unknown item"}


@pytest.fixture(scope="session")
def ao_network() -> Network:
    """A token of mint, bob's shop, an oracle, and alice, who has 100."""
    net = Network()
    mint, bob, alice = net.wallet("mint"), net.wallet("bob"), net.wallet("alice")
    token = net.spawn(HERE / "token.lua", owner=mint, tags={"Name": "Points"})
    prices = net.stand_in("oracle", oracle)
    net.spawn(HERE / "shop.lua", owner=bob, tags={"Name": "Teahouse", "Token": token, "Oracle": prices})
    mint.send(token, Action="Transfer", Recipient=alice, Quantity="100").raise_for_error()
    return net
