"""The token, the shop and the registry of `examples/market` do business, by whole flows of messages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ao_runtime.network import Network

from .market import FOLDER, REGISTRY, SHOP, SUPPLY, Market
from .tracing import trace


@pytest.fixture
def market() -> Market:
    """A market in a network of its own."""
    return Market(Network())


def tree(sent: Any) -> list[str]:
    """A tree as text, without the numbers of instructions, which change with the library."""
    return re.sub(r"\[\d+\]", "[n]", str(sent.tree)).splitlines()


# ── the token ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_owner_mints_any_number(market: Market) -> None:
    """What the owner mints is his; the numbers may be larger than any that Lua has."""
    sent = market.mint.send(market.token, Action="Mint", Quantity="1" + "0" * 70)
    supply = "1" + "0" * 63 + "1000000"
    assert sent.messages[0].tags.to_dict() == {
        "Data-Protocol": "ao",
        "Variant": "ao.TN.1",
        "Type": "Message",
        "Reference": sent.messages[0].tags["Reference"],
        "Action": "Minted",
        "Quantity": "1" + "0" * 70,
        "Supply": supply,
    }
    assert market.token.get("Supply") == supply
    assert market.balances() == {"alice": 100, "mint": int(supply) - 100}


@pytest.mark.parametrize(
    ("sender", "quantity", "error"),
    [
        ("alice", "1", "only the owner may mint"),
        ("mint", "9" * 76, "that is more than the token can count"),
        ("mint", "9" * 77, "Quantity must be a whole number above zero"),
    ],
)
def test_mint_is_refused(market: Market, sender: str, quantity: str, error: str) -> None:
    """Nobody else mints, and nobody more than the token can count."""
    before = trace(market.net)["mail"]
    sent = market.net.send(sender, market.token, Action="Mint", Quantity=quantity)
    assert sent.result.failure is not None
    assert sent.result.failure.message == error
    assert (market.balances(), trace(market.net)["mail"]) == ({"alice": 100, "mint": SUPPLY - 100}, before)


@pytest.mark.parametrize("quantity", ["", "0", "00", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "١", None])
def test_quantity_is_a_whole_number(market: Market, quantity: str | None) -> None:
    """What is no whole number above zero is not transferred."""
    sent = market.alice.send(market.token, Action="Transfer", Recipient=market.bob, Quantity=quantity)
    assert sent.result.failure is not None
    assert sent.result.failure.message == "Quantity must be a whole number above zero"
    assert market.balances() == {"alice": 100, "mint": SUPPLY - 100}


def test_transfer_without_money(market: Market) -> None:
    """Who has too little is told so, and nothing is transferred."""
    sent = market.alice.send(market.token, Action="Transfer", Recipient=market.bob, Quantity="101")
    assert tree(sent) == [
        "[n] Points.Transfer(From=alice, Recipient=bob, Quantity=101) → 1 message",
        "  ✉ message Transfer-Error to alice(Balance=100, Error=Insufficient balance)",
    ]
    assert market.balances() == {"alice": 100, "mint": SUPPLY - 100}


def test_transfer_to_oneself(market: Market) -> None:
    """Who transfers to himself has what he had; who transfers all has no entry any more."""
    market.alice.send(market.token, Action="Transfer", Recipient=market.alice, Quantity="100")
    assert market.balances() == {"alice": 100, "mint": SUPPLY - 100}
    market.alice.send(market.token, Action="Transfer", Recipient=market.mint, Quantity="0100")
    assert market.balances() == {"mint": SUPPLY}


def test_notices_hold_the_purpose(market: Market) -> None:
    """A transfer's tags X-… go on with both notices; those by which a process finds its answers do not."""
    tags = {"X-Purpose": "gift", "X-Reference": "1", "X-Origin": "nobody", "Other": "thing"}
    market.alice.send(market.token, tags, Action="Transfer", Recipient=market.bob, Quantity="1")
    debit, credit = market.alice.inbox[-1], market.bob.inbox[-1]
    assert (debit.action, debit.tags.get("X-Purpose"), debit.tags.get("Other")) == ("Debit-Notice", "gift", None)
    assert (credit.action, credit.tags.get("X-Purpose"), credit.tags.get("Other")) == ("Credit-Notice", "gift", None)
    assert [credit.tags.get("X-Reference"), credit.tags.get("X-Origin")] == [None, None]


def test_questions(market: Market) -> None:
    """The token says what it is, and what somebody has."""
    assert tree(market.alice.send(market.token, Action="Info"))[1:] == [
        "  ✉ message to alice(Denomination=0, Name=Points, Supply=1000000, Ticker=PTS)"
    ]
    for who, has in ((market.alice, "100"), (market.bob, "0")):
        assert tree(market.alice.send(market.token, Action="Balance", Recipient=who))[1:] == [
            f"  ✉ message to alice(Account={who.name}, Balance={has}, Ticker=PTS)"
        ]


def test_first_look() -> None:
    """A payment to a shop that has no oracle: it is kept, and the seller is told."""
    net = Network()
    alice, bob = net.wallet("alice"), net.wallet("bob")
    token = net.spawn(FOLDER / "token.lua", owner=alice, tags={"Name": "Points"})
    shop = net.spawn(FOLDER / "shop.lua", owner=bob, tags={"Token": token.id})
    assert alice.send(token, Action="Transfer", Recipient=shop.id, Quantity="25").ok
    assert shop.get("Orders[1].Paid") == "25"
    assert (bob.inbox[-1].action, bob.inbox[-1].tags["Quantity"]) == ("Payment", "25")


# ── the shop ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_buy(market: Market) -> None:
    """Who orders gets an invoice with the oracle's price; who pays it gets the goods, and the seller the money."""
    assert tree(market.order("tea", 3)) == [
        "[n] shop.Order(From=alice, Order=a1, Item=tea, Amount=3) → 1 message",
        "  [stand-in] oracle.Get-Price(From=shop, Item=tea) → 1 message",
        "    [n] shop.Price(From=oracle, Price=7) → 1 message",
        "      ✉ message Invoice to alice(Due=21, Order=a1, Total=21)",
    ]
    assert tree(market.pay(21)) == [
        "[n] Points.Transfer(From=alice, Recipient=shop, Quantity=21, X-Order=a1) → 2 messages",
        "  ✉ message Debit-Notice to alice(Quantity=21, Recipient=shop, X-Order=a1)",
        "  [n] shop.Credit-Notice(From=Points, Quantity=21, Sender=alice, X-Order=a1) → 3 messages",
        "    ✉ message Payment to bob(Order=a1, Quantity=21)",
        "    ✉ message Shipped to alice(Amount=3, Item=tea, Order=a1)",
        "    [n] Points.Transfer(From=shop, Quantity=21, Recipient=bob, X-Sale=a1) → 2 messages",
        "      [n] shop.Debit-Notice(From=Points, Quantity=21, Recipient=bob, X-Sale=a1)",
        "      ✉ message Credit-Notice to bob(Quantity=21, Sender=shop, X-Sale=a1)",
    ]
    assert market.orders() == [
        {
            "Amount": "3",
            "Customer": "alice",
            "Item": "tea",
            "Paid": "0",
            "Reference": "a1",
            "Status": "shipped",
            "Total": "21",
        }
    ]
    assert market.balances() == {"alice": 79, "bob": 21, "mint": SUPPLY - 100}


def test_underpaid(market: Market) -> None:
    """Nothing is shipped before all is paid; each part payment is answered with what is still due."""
    market.order("tea", 3)
    market.pay(20)
    assert (market.told(), market.alice.inbox[-1].tags["Due"]) == (["Invoice", "Invoice"], "1")
    assert market.shop.get("Orders[1].Paid") == "20"
    assert market.balances() == {"alice": 80, "shop": 20, "mint": SUPPLY - 100}
    market.pay(1)
    assert market.told() == ["Invoice", "Invoice", "Shipped"]
    assert market.balances() == {"alice": 79, "bob": 21, "mint": SUPPLY - 100}


def test_overpaid(market: Market) -> None:
    """What is paid too much goes back."""
    market.order("tea", 3)
    market.pay(25)
    assert (market.told(), market.balances()["alice"], market.balances()["bob"]) == (["Invoice", "Shipped"], 79, 21)
    refund = market.alice.inbox[-1]
    assert (refund.action, refund.tags["Quantity"], refund.tags["X-Refund"]) == ("Credit-Notice", "4", "a1")


def test_paid_twice(market: Market) -> None:
    """What comes for an order that is shipped goes back as a whole."""
    market.order("tea", 1)
    market.pay(7)
    market.pay(7)
    assert market.balances() == {"alice": 93, "bob": 7, "mint": SUPPLY - 100}


def test_paid_before_ordered(market: Market) -> None:
    """A payment may come before its order: it waits for it."""
    market.pay(10)
    assert market.told() == []
    market.order("tea", 1)
    assert (market.told(), market.balances()["alice"]) == (["Shipped"], 93)


def test_payment_for_another_order(market: Market) -> None:
    """A payment is for the order that it names, and for no other."""
    market.order("tea", 1, "a1")
    market.order("coffee", 1, "a2")
    market.pay(9, "a2")
    assert [(order["Reference"], order["Status"]) for order in market.orders()] == [("a1", "open"), ("a2", "shipped")]


def test_ordered_twice(market: Market) -> None:
    """A reference is good for one order."""
    market.order("tea", 1)
    assert tree(market.order("coffee", 1))[1:] == [
        "  ✉ message Order-Error to alice(Error=there was an order of this reference, Order=a1)"
    ]
    assert [order["Item"] for order in market.orders()] == ["tea"]


def test_without_reference(market: Market) -> None:
    """Who has one order only needs no reference."""
    market.alice.send(market.shop, Action="Order", Item="tea")
    market.alice.send(market.token, Action="Transfer", Recipient=market.shop, Quantity="7")
    assert market.told() == ["Invoice", "Shipped"]


def test_unknown_item(market: Market) -> None:
    """An order without a price is cancelled, and what was paid for it goes back."""
    market.pay(10)
    market.order("milk", 1)
    assert (market.told(), market.balances()) == (["Cancelled"], {"alice": 100, "mint": SUPPLY - 100})


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "1" * 31, "many"])
def test_bad_amount(market: Market, amount: str) -> None:
    """An order of no whole number of things is none."""
    sent = market.alice.send(market.shop, Action="Order", Item="tea", Amount=amount)
    assert sent.result.failure is not None
    assert sent.result.failure.message == "Amount must be a whole number above zero"
    assert market.orders() == []


def test_silent_oracle() -> None:
    """As long as the oracle is silent an order waits; cancelled, what was paid goes back, and a late price does nothing."""
    market = Market(Network(), oracle=lambda message: None)
    asked = market.order("tea", 1)
    market.pay(10)
    assert [waiting.pattern["From"] for waiting in market.shop.waiting] == [market.oracle.address]
    assert market.told() == []
    assert tree(market.alice.send(market.shop, Action="Cancel", Order="a1")) == [
        "[n] shop.Cancel(From=alice, Order=a1) → 2 messages",
        "  ✉ message Cancelled to alice(Order=a1, Reason=as you wished)",
        "  [n] Points.Transfer(From=shop, Quantity=10, Recipient=alice, X-Refund=a1) → 2 messages",
        "    [n] shop.Debit-Notice(From=Points, Quantity=10, Recipient=alice, X-Refund=a1)",
        "    ✉ message Credit-Notice to alice(Quantity=10, Sender=shop, X-Refund=a1)",
    ]
    late = {"Action": "Price", "Price": "7", "X-Reference": asked.messages[0].tags["Reference"]}
    assert tree(market.net.send("oracle", market.shop, late)) == ["[n] shop.Price(From=oracle, Price=7)"]
    assert (market.shop.waiting, market.told()) == ((), ["Cancelled"])
    assert market.balances() == {"alice": 100, "mint": SUPPLY - 100}


def test_cancelled_for_good(market: Market) -> None:
    """What is shipped cannot be cancelled, nor what is cancelled already."""
    market.order("tea", 1, "shipped")
    market.pay(7, "shipped")
    market.order("tea", 1, "cancelled")
    assert market.alice.send(market.shop, Action="Cancel", Order="cancelled").ok
    for status in ("shipped", "cancelled"):
        sent = market.alice.send(market.shop, Action="Cancel", Order=status)
        assert sent.result.failure is not None
        assert sent.result.failure.message == f"this order is {status} already"
    assert market.balances() == {"alice": 93, "bob": 7, "mint": SUPPLY - 100}


def test_cancelled_by_others(market: Market) -> None:
    """Nobody cancels what somebody else has ordered."""
    market.order("tea", 1)
    before = market.orders()
    sent = market.net.send("mallory", market.shop, Action="Cancel", Order="a1")
    assert sent.result.failure is not None
    assert sent.result.failure.message == "you have no order of this reference"
    assert market.orders() == before


def test_forged_price() -> None:
    """A price that is not the oracle's is none, whatever it says that it answers."""
    market = Market(Network(), oracle=lambda message: None)
    asked = market.order("tea", 1)
    forged = {"Action": "Price", "Price": "1", "X-Reference": asked.messages[0].tags["Reference"]}
    market.net.send("mallory", market.shop, forged)
    assert (len(market.shop.waiting), market.told()) == (1, [])


def test_forged_payment(market: Market) -> None:
    """A Credit-Notice of another process, or of a wallet, is refused, and nothing is shipped."""
    market.order("tea", 1)
    mallory = market.net.wallet("mallory")
    forger = market.net.spawn(
        code="Handlers.add('forge', 'Forge', function(msg) ao.send({ Target = msg.Tags.Shop, Action = 'Credit-Notice',"
        " Sender = msg.Tags.Customer, Quantity = '7', ['X-Order'] = 'a1' }) end)",
        owner=mallory,
        name="forger",
    )
    before = market.orders()
    forged = mallory.send(forger, Action="Forge", Shop=market.shop, Customer=market.alice)
    assert tree(forged)[1] == "  [n] shop.Credit-Notice(From=forger, Quantity=7, Sender=alice, X-Order=a1) ✗"
    assert tree(forged)[2].startswith("    error: this shop takes another token (")
    sent = mallory.send(market.shop, {"X-Order": "a1"}, Action="Credit-Notice", Sender=market.alice, Quantity="7")
    assert not sent.ok
    # A tag From-Process of a wallet's makes it the token's to see, but nobody trusts that wallet.
    posed = {"From-Process": market.token.id, "X-Order": "a1"}
    sent = mallory.send(market.shop, posed, Action="Credit-Notice", Sender=market.alice, Quantity="7")
    assert "Message is not trusted!" in sent.text
    assert (market.orders(), market.told()) == (before, ["Invoice"])


def test_refund_is_no_payment(market: Market) -> None:
    """What a shop sends back to another one is no payment there."""
    sent = market.mint.send(market.token, {"X-Refund": "r1"}, Action="Transfer", Recipient=market.shop, Quantity="5")
    assert (sent.ok, market.orders(), market.balances()["shop"]) == (True, [], 5)


# ── the registry ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_registry_spawns_a_shop_for_each_seller(market: Market) -> None:
    """Each seller gets a process of his own, is told its id, and customers find it; money goes to its own seller."""
    net, bob, dora = market.net, market.bob, market.net.wallet("dora")
    code = net.store(SHOP)
    tags = {"Token": market.token, "Oracle": market.oracle.address, "Shop-Code": code}
    registry = net.spawn(code=REGISTRY, tags=tags, name="registry")
    assert tree(bob.send(registry, Action="Register", Name="Teahouse")) == [
        "[n] registry.Register(From=bob, Name=Teahouse) → 1 spawn",
        "  [n] Teahouse.boot(From=registry, Name=Teahouse, Oracle=oracle, Seller=bob, Token=Points)",
        "  [n] registry.Spawned(From=registry, Name=Teahouse, Oracle=oracle, Seller=bob, Token=Points, "
        "Process=Teahouse) → 1 message",
        "    ✉ message Registered to bob(Shop=Teahouse)",
    ]
    dora.send(registry, Action="Register", Name="Café")
    teahouse, cafe = (net.process(who.inbox[-1].tags["Shop"]) for who in (bob, dora))
    assert [process.name for process in net.processes] == ["Points", "shop", "registry", "Teahouse", "Café"]

    again = bob.send(registry, Action="Register", Name="Second")
    assert tree(again)[1:] == ["  ✉ message Register-Error to bob(Error=you have a shop, Shop=Teahouse)"]

    market.alice.send(registry, Action="Shops")
    assert json.loads(market.alice.inbox[-1].data or "") == [
        {"Name": "Teahouse", "Process": teahouse.id, "Seller": bob.id},
        {"Name": "Café", "Process": cafe.id, "Seller": dora.id},
    ]

    customer = market.customer("customer", 100)
    market.buy(customer, "tea", 10, "c1", teahouse)
    market.buy(customer, "coffee", 10, "c1", cafe)
    assert market.balances() == {"alice": 100, "customer": 84, "bob": 7, "dora": 9, "mint": SUPPLY - 200}
    market.check(teahouse, cafe)


# ── every run is the same ──────────────────────────────────────────────────────────────────────────────────────────


def business(**options: Any) -> dict[str, Any]:
    """All that a busy market does."""
    with Network(**options) as net:
        market = Market(net)
        registry = net.spawn(
            code=REGISTRY,
            tags={"Token": market.token, "Oracle": market.oracle.address, "Shop-Code": net.store(SHOP)},
        )
        market.bob.send(registry, Action="Register", Name="Teahouse")
        teahouse = net.process("Teahouse")
        customers = [market.customer(name, 50) for name in ("carol", "dave")]
        for number, customer in enumerate(customers):
            market.buy(customer, "tea", 20, f"c{number}")
            market.buy(customer, "milk", 20, f"d{number}", teahouse)
        market.order("tea", 2)
        market.pay(13)
        net.clock.advance("5m")
        market.alice.send(market.shop, Action="Cancel", Order="a1")
        market.pay(5)
        market.check(market.shop, teahouse)
        return trace(net)


def test_two_runs_are_the_same() -> None:
    """The same messages give the same ids, hash chains and results, to the byte."""
    assert business() == business()


def test_seed_changes_ids() -> None:
    """Another seed gives other ids, to processes and messages alike."""
    one, other = business(seed="1"), business(seed="2")
    assert not set(one["processes"]) & set(other["processes"])
    assert not set(one["mail"]) & set(other["mail"])


def test_children_give_the_same() -> None:
    """Evaluated in two child processes, it is the same to the byte."""
    assert business(isolated=2) == business()


def test_at_rest_is_the_same() -> None:
    """Where one process at most is kept ready, and all others are put to rest all the time, it is the same."""
    assert business(live=1) == business()
