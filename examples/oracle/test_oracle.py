"""The client of oracles, tested in Python: `pytest examples/oracle`. `oracle_test.lua` are tests in Lua."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Message, Network
from ao_runtime.network import NetworkProcess
from ao_runtime.testing import assert_nothing_sent, assert_sent, assert_state


def saying(price: str) -> object:
    """An oracle that always says the same."""

    def answer(message: Message) -> dict[str, str] | None:
        if message.action != "Get-Price":
            return None
        return {"Action": "Price-Answer", "Item": str(message.tags["Item"]), "Price": price}

    return answer


@pytest.fixture
def client(net: Network) -> NetworkProcess:
    """A client of two honest oracles and one that lies."""
    prices = {"ada": "7", "eve": "1000000", "ben": "9"}
    oracles = [net.stand_in(name, saying(price)) for name, price in prices.items()]  # type: ignore[arg-type]
    tags = [("Oracle", oracle.address) for oracle in oracles]
    return net.spawn("examples/oracle/oracle.lua", owner="mint", tags=tags, name="client")


def test_price(client: NetworkProcess, net: Network) -> None:
    """The one that lies does not make the price, whoever answers first, if all have to answer."""
    sent = net.wallet("carol").send(client, Action="Price", Item="tea")
    assert_sent(sent, to="carol", action="Price-Is", tags={"Price": "9", "Item": "tea"}, count=1)
    assert_state("Open", [], process=client)


def test_no_item(client: NetworkProcess, net: Network) -> None:
    """A question without an item asks nobody."""
    sent = net.wallet("carol").send(client, Action="Price")
    assert sent.error is not None
    assert list(sent.result.messages) == []
    assert_nothing_sent(client.eval("return Known.tea"))


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=7))
def test_median(net: Network, numbers: list[int]) -> None:
    """The median lies between the numbers, and one that lies moves it no further than to the next."""
    process = net.spawn("examples/oracle/oracle.lua", name="plain")
    listed = "{ " + ", ".join(map(str, numbers)) + " }"
    found = int(process.eval(f"return require('median')({listed})").result.text)
    ordered = sorted(numbers)
    assert ordered[(len(ordered) - 1) // 2] <= found <= ordered[len(ordered) // 2]
