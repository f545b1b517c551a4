"""A market in one program: a token, a registry that spawns a shop for each seller, and an oracle that knows prices."""

from __future__ import annotations

from pathlib import Path

from ao_runtime import Message, Network
from ao_runtime.network import NetworkProcess, NetworkWallet, Sent

HERE = Path(__file__).parent
PRICES = {"tea": "7", "coffee": "9"}


def oracle(message: Message) -> dict[str, str]:
    """Stands in for a process that knows prices."""
    price = PRICES.get(str(message.tags.get("Item")))
    return {"Action": "Price", "Price": price} if price else {"Action": "Price", "Error": "unknown item"}


def show(title: str, sent: Sent) -> None:
    """Print what a message has set off."""
    print(f"── {title}\n{sent.tree}\n")


def open_shop(net: Network, registry: NetworkProcess, seller: NetworkWallet, name: str) -> NetworkProcess:
    """Have the registry spawn a shop for a seller, who learns its id by a message."""
    show(f"{seller.name} registers", seller.send(registry, Action="Register", Name=name))
    return net.process(seller.inbox[-1].tags["Shop"])


def main() -> None:
    """Two sellers, two customers, and somebody who would like to have tea for nothing."""
    net = Network()
    mint, bob, dora, alice, carol = (net.wallet(name) for name in ("mint", "bob", "dora", "alice", "carol"))
    token = net.spawn(HERE / "token.lua", owner=mint, tags={"Name": "Points"})
    prices = net.stand_in("oracle", oracle)
    code = net.store((HERE / "shop.lua").read_bytes())
    registry = net.spawn(HERE / "registry.lua", tags={"Token": token, "Oracle": prices, "Shop-Code": code})
    for customer in (alice, carol):
        mint.send(token, Action="Transfer", Recipient=customer, Quantity="100")

    teahouse = open_shop(net, registry, bob, "Teahouse")
    cafe = open_shop(net, registry, dora, "Café")

    show("alice orders", alice.send(teahouse, Action="Order", Order="a1", Item="tea", Amount="3"))
    pay = {"Action": "Transfer", "Recipient": teahouse, "X-Order": "a1"}
    show("alice pays too little", alice.send(token, pay, Quantity="20"))
    show("alice pays too much", alice.send(token, pay, Quantity="5"))

    pay = {"Action": "Transfer", "Recipient": cafe, "X-Order": "c1"}
    show("carol pays before she orders", carol.send(token, pay, Quantity="10"))
    show("carol orders", carol.send(cafe, Action="Order", Order="c1", Item="coffee"))

    mallory = net.wallet("mallory")
    forger = net.spawn(
        code="Handlers.add('forge', 'Forge', function(msg) ao.send({ Target = msg.Tags.Shop, Action = 'Credit-Notice',"
        " Sender = msg.From, Quantity = '7' }) end)",
        owner=mallory,
        name="forger",
    )
    mallory.send(teahouse, Action="Order", Item="tea")
    show("mallory forges a payment", mallory.send(forger, Action="Forge", Shop=teahouse))

    print("── what everybody has")
    for one in (mint, alice, carol, bob, dora, teahouse, cafe):
        print(f"{one.name:9}", token.get(f'Balances["{one.id}"]') or "0")


if __name__ == "__main__":
    main()
