"""What goes wrong on the way costs nobody money; and an order that a wrong shop loses is found."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.network import Faults, Network, NetworkProcess
from ao_runtime.network.faults import Fault

from .market import REGISTRY, SHOP, SUPPLY, Market
from .tracing import trace

FAULTS = Faults(delay=0.2, reorder=0.2, duplicate=0.2, crash=0.05)

# A shop that takes no money for what nobody has ordered yet: a payment that overtakes its order is lost.
RIGHT = """
  local order = find_or_open(msg.Tags.Sender, msg.Tags["X-Order"])
  local quantity
"""
WRONG = """
  local order = find(msg.Tags.Sender, msg.Tags["X-Order"])
  if not order then
    return
  end
  local quantity
"""
WRONG_SHOP = SHOP.replace(RIGHT.rstrip(), WRONG.rstrip())


class Business:
    """A market with three customers who order and pay at once, in two shops, one of which the registry spawns."""

    def __init__(self, shop: str = SHOP) -> None:
        self.net = Network()
        self.market = Market(self.net, shop)
        tags = {"Token": self.market.token, "Oracle": self.market.oracle.address, "Shop-Code": self.net.store(shop)}
        self.registry = self.net.spawn(code=REGISTRY, tags=tags, name="registry")
        self.net.wallet("dora").send(self.registry, Action="Register", Name="Teahouse")
        self.shops: list[NetworkProcess] = [self.market.shop, self.net.process("Teahouse")]
        self.customers = [self.market.customer(name, 50) for name in ("carol", "dave", "erin")]

    def trade(self, net: Network) -> None:
        """All of them buy at the same time, in both shops; one wants what there is not."""
        net.auto = False
        for number, customer in enumerate(self.customers):
            self.market.buy(customer, "tea", 20, f"t{number}", self.shops[number % 2])
            self.market.buy(customer, "milk" if number == 2 else "coffee", 10, f"c{number}", self.shops[1])
        net.run()

    def trade_and_cancel(self, net: Network) -> None:
        """All of them buy, some want to cancel, a third seller opens a shop, and people transfer meanwhile."""
        self.trade(net)
        market = self.market
        net.wallet("frank").send(self.registry, Action="Register", Name="Third")
        for number, customer in enumerate(self.customers):
            market.buy(customer, "coffee", 5, "late", self.shops[number % 2])
            market.mint.send(customer, Action="Cancel-Order", Shop=self.shops[number % 2], Order="late")
            market.alice.send(market.token, Action="Transfer", Recipient=customer, Quantity="3")
        net.run()

    def conserved(self, net: Network) -> None:
        """No money has come or gone, and each shop has what its open orders say."""
        self.market.check(*self.shops)

    def done(self, net: Network) -> None:
        """Every order is shipped or without a price, whatever came first; everybody has what he should."""
        self.conserved(net)
        states = sorted(
            (order["Customer"], order["Reference"], order["Status"])
            for shop in self.shops
            for order in self.market.orders(shop)
        )
        assert states == [
            ("carol", "c0", "shipped"),
            ("carol", "t0", "shipped"),
            ("dave", "c1", "shipped"),
            ("dave", "t1", "shipped"),
            ("erin", "c2", "cancelled"),
            ("erin", "t2", "shipped"),
        ]
        assert self.market.balances() == {
            "alice": 100,
            "carol": 34,
            "dave": 34,
            "erin": 43,
            "bob": 14,
            "dora": 25,
            "mint": SUPPLY - 250,
        }


def conserves(seeds: range) -> None:
    """With cancellations in between money is conserved under all these seeds."""
    business = Business()
    assert business.net.explore(business.trade_and_cancel, business.conserved, seeds, FAULTS) is None


def ships(seeds: range) -> None:
    """Every order that is paid is shipped under all these seeds."""
    business = Business()
    assert business.net.explore(business.trade, business.done, seeds, FAULTS) is None


def test_money_is_conserved() -> None:
    """Messages late, twice, in another order, and crashes of the compute unit: no money comes or goes."""
    conserves(range(50))


@pytest.mark.long
def test_money_is_conserved_under_a_thousand_seeds() -> None:
    """As in short, under a thousand seeds."""
    conserves(range(1000))


def test_lost_order_is_found() -> None:
    """A shop in which an order is lost when its payment overtakes it: found, and told with at most five faults."""
    assert WRONG_SHOP != SHOP
    business = Business(WRONG_SHOP)
    with business.net.anchor():
        business.trade(business.net)
        business.done(business.net)  # without a fault all is well
    before = trace(business.net)
    found = business.net.explore(business.trade, business.done, 100, FAULTS)
    assert found is not None
    assert 1 <= len(found.faults) <= 5
    assert {kind for kind, _ in found.faults} <= {"delay", "reorder"}
    assert trace(business.net) == before

    # These faults and no others do it again, and none of them can be left out.
    def fails(only: tuple[tuple[str, str], ...]) -> bool:
        with business.net.anchor():
            business.net.faults = FAULTS.again(found.seed, only)
            business.trade(business.net)
            business.net.faults = None
            try:
                business.done(business.net)
            except AssertionError:
                return True
            return False

    assert fails(found.faults)
    for left_out in found.faults:
        assert not fails(tuple(fault for fault in found.faults if fault != left_out))


def test_mended_shop_loses_no_order() -> None:
    """The shop of the example ships every order that is paid, whatever overtakes what."""
    ships(range(100))


@pytest.mark.long
def test_mended_shop_loses_no_order_under_a_thousand_seeds() -> None:
    """As in short, under a thousand seeds."""
    ships(range(1000))


def test_faults_happen() -> None:
    """The runs in which all goes well are runs in which every kind of fault happens, also to what the token sends."""
    business = Business()
    happened = set()
    for seed in range(20):
        faults = FAULTS.again(seed)
        with business.net.anchor():
            business.net.faults = faults
            business.trade(business.net)
            business.net.faults = None
        happened |= {(kind, key.split("#")[0]) for kind, key in faults.happened}
    names = ("carol", "dave", "erin", "Points", "shop", "Teahouse", "oracle")
    assert happened >= {(kind, name) for kind in ("delay", "reorder", "duplicate") for name in names}
    assert {kind for kind, _ in happened} == {"delay", "reorder", "duplicate", "crash"}


@pytest.mark.parametrize("kind", ["delay", "reorder", "duplicate", "crash"])
def test_every_delivery_has_a_fault(kind: str) -> None:
    """Where one kind of fault happens to every delivery, each order is shipped all the same."""
    business = Business()
    assert business.net.explore(business.trade, business.done, 3, Faults(**{kind: 1.0})) is None


def faulty(seed: int, tried_before: bool = False) -> tuple[dict[str, Any], list[Fault]]:
    """What comes of a seed, and what went wrong."""
    business = Business()
    business.net.faults = faults = FAULTS.again(seed)
    if tried_before:
        with business.net.anchor():
            business.trade_and_cancel(business.net)
    business.trade_and_cancel(business.net)
    return trace(business.net), faults.happened


def test_same_seed_same_bytes() -> None:
    """The same seed gives the same faults to the same deliveries, and all comes out the same, to the byte; no other does."""
    traced, happened = faulty(11)
    assert (traced, happened) == faulty(11) == faulty(11, tried_before=True)
    assert len(happened) > 10
    assert faulty(12) != (traced, happened)


@pytest.mark.parametrize(("deduplicate", "carol", "left"), [(True, 43, 0), (False, 30, 13)])
def test_deduplication_is_the_networks(deduplicate: bool, carol: int, left: int) -> None:
    """That a payment counts once is the network's doing: if it came twice, the shop would want to pay back too much."""
    net = Network(deduplicate=deduplicate)
    market = Market(net)
    customer = market.customer("carol", 50)
    net.auto = False
    market.buy(customer, "tea", 20, "c1")
    net.run(until=lambda: "Credit-Notice" in [one.action for one in net.pending])
    (notice,) = [one for one in net.pending if one.action == "Credit-Notice"]
    net.duplicate(notice)
    net.run()
    assert (market.balances()["carol"], market.balances().get("shop", 0)) == (carol, left)
