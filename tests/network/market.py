"""The market of `examples/market` for tests: a token, shops with an oracle, and customers who are processes."""

from __future__ import annotations

from typing import Any

from ao_runtime import Message
from ao_runtime.network import Network, NetworkProcess, StandIn

from ..cli.running import ROOT

FOLDER = ROOT / "examples" / "market"
TOKEN, SHOP, REGISTRY = ((FOLDER / f"{name}.lua").read_text() for name in ("token", "shop", "registry"))
PRICES = {"tea": "7", "coffee": "9"}
SUPPLY = 1_000_000

# Orders and pays in one go: the order takes one step to the shop, the payment two.
CUSTOMER = """
Handlers.add("buy", "Buy", function(msg)
  local tags = msg.Tags
  ao.send({ Target = tags.Shop, Action = "Order", Order = tags.Order, Item = tags.Item, Amount = tags.Amount })
  ao.send({ Target = tags.Token, Action = "Transfer", Recipient = tags.Shop, Quantity = tags.Budget, ["X-Order"] = tags.Order })
end)
Handlers.add("cancel", "Cancel-Order", function(msg)
  ao.send({ Target = msg.Tags.Shop, Action = "Cancel", Order = msg.Tags.Order })
end)
Heard = {}
Handlers.add("hear", function() return true end, function(msg) Heard[#Heard + 1] = msg.Action end)
"""


def oracle(message: Message) -> dict[str, str]:
    """Says what an item costs."""
    price = PRICES.get(str(message.tags.get("Item")))
    return {"Action": "Price", "Price": price} if price else {"Action": "Price", "Error": "unknown item"}


class Market:
    """A token of `mint`, a shop of bob, and alice, who has 100."""

    def __init__(self, net: Network, shop: str = SHOP, oracle: Any = oracle) -> None:
        self.net = net
        self.mint, self.bob, self.alice = net.wallet("mint"), net.wallet("bob"), net.wallet("alice")
        self.token = net.spawn(code=TOKEN, owner=self.mint, tags={"Name": "Points"})
        self.oracle: StandIn = net.stand_in("oracle", oracle)
        self.shop = net.spawn(
            code=shop, owner=self.bob, tags={"Token": self.token, "Oracle": self.oracle.address}, name="shop"
        )
        self.give(self.alice, 100)

    def give(self, who: Any, quantity: int) -> None:
        """Give somebody some of the token."""
        self.mint.send(self.token, Action="Transfer", Recipient=who, Quantity=str(quantity)).raise_for_error()

    def customer(self, name: str, quantity: int) -> NetworkProcess:
        """A customer who is a process, with so much of the token."""
        customer = self.net.spawn(code=CUSTOMER, owner=self.mint, name=name)
        self.give(customer, quantity)
        return customer

    def order(self, item: str, amount: int, reference: str = "a1") -> Any:
        """Have alice order something."""
        return self.alice.send(self.shop, Action="Order", Order=reference, Item=item, Amount=str(amount))

    def pay(self, quantity: int, reference: str = "a1") -> Any:
        """Have alice pay something."""
        message = {"Action": "Transfer", "Recipient": self.shop.id, "Quantity": str(quantity), "X-Order": reference}
        return self.alice.send(self.token, message)

    def buy(self, customer: NetworkProcess, item: str, budget: int, reference: str, shop: Any = None) -> Any:
        """Have a customer order and pay at once."""
        return self.mint.send(
            customer,
            Action="Buy",
            Shop=shop or self.shop,
            Token=self.token,
            Item=item,
            Amount="1",
            Budget=str(budget),
            Order=reference,
        )

    def balances(self) -> dict[str, int]:
        """What everybody has, by name."""
        return {self.net.label(who): int(text) for who, text in self.token.get("Balances").items()}

    def orders(self, shop: NetworkProcess | None = None) -> list[dict[str, str]]:
        """The orders of a shop; customers by name."""
        found = (shop or self.shop).get("Orders") or []
        return [{**order, "Customer": self.net.label(order["Customer"])} for order in found]

    def told(self) -> list[str | None]:
        """The actions of what alice has been sent by the shop."""
        return [message.action for message in self.alice.inbox if message.from_ == self.shop.id]

    def check(self, *shops: NetworkProcess) -> None:
        """No money has come or gone, and each shop has what its orders say."""
        balances = self.balances()
        assert sum(balances.values()) == SUPPLY
        for shop in shops or (self.shop,):
            assert balances.get(shop.name, 0) == sum(int(order["Paid"]) for order in self.orders(shop))
