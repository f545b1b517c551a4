"""A small network for pictures: a token, a shop that is paid with it, a clock, something that fails and something that waits."""

from __future__ import annotations

from ao_runtime import Wallet
from ao_runtime.items import DataItem
from tests.cli.running import ROOT

from ..serving import ALICE, BOB, Served, eventually, message

__all__ = ["built"]

SHOP = """
Stock = { apples = { price = 3, left = 40 }, pears = { price = 5, left = 12 }, ["blood oranges"] = { price = 4, left = 0 } }
Orders, Open, Motto = {}, true, "Fruit, paid in points"
Handlers.add("Buy", "Buy", function(msg)
  local what = assert(Stock[msg.Tags.Fruit], "there are no " .. tostring(msg.Tags.Fruit))
  table.insert(Orders, { who = msg.From, what = msg.Tags.Fruit })
  local answer = Send({ Target = Token, Action = "Balance", Recipient = msg.From }).receive()
  what.left = what.left - 1
  Orders[#Orders].balance = answer.Tags.Balance
  msg.reply({ Action = "Sold", Fruit = msg.Tags.Fruit, Data = "Thank you, " .. msg.From .. "!" })
end)
Handlers.add("Ask", "Ask", function(msg)
  local answer = Send({ Target = msg.Tags.Whom, Action = "Price", Data = "How much?" }).receive()
  msg.reply({ Data = answer.Data })
end)
"""
CLOCK = """
Ticks = 0
Handlers.add("Tick", "Tick", function() Ticks = Ticks + 1 end)
"""


def built(server: Served) -> dict[str, str]:
    """Make it; the paths of pages that show what there is to see, by names for pictures."""
    code = (ROOT / "examples/token/token.lua").read_text(encoding="utf-8")
    token = server.spawn(code, Name="Points")
    shop = server.spawn(f'Token = "{token}"\n{SHOP}', Name="Fruit shop", Description="Sells fruit for points")
    server.spawn(CLOCK, Name="Clock", **{"Cron-Interval": "1-hour", "Cron-Tag-Action": "Tick"})
    bob = BOB.ao_address
    server.message(token, "Transfer", Recipient=bob, Quantity="2500")
    server.message(token, "Transfer", Recipient=shop, Quantity="40")
    server.message(shop, "Ask", Whom="o" * 43)
    bought = message(shop, wallet=BOB, Action="Buy", Fruit="apples")
    assert server.send(bought).status_code == 202
    failed = server.message(shop, "Buy", Fruit="bananas")
    server.message(token, "Eval", "print(Balances) return Ticker")
    server.send(message(token, wallet=BOB, Action="Info"))
    stored = DataItem.create('{"hello": "world"}', tags={"Content-Type": "application/json"}, wallet=ALICE)
    assert server.http.post(server.urls["uploader"] + "/tx", content=bytes(stored)).status_code == 200
    nobody = Wallet.from_ed25519(b"n" * 32).ao_address
    eventually(lambda: "Sold" in server.get("gateway", f"/explorer/wallet?address={bob}").text)
    return {
        "overview": "",
        "processes": "/processes",
        "messages": "/messages",
        "waiting": "/waiting",
        "process": f"/process/{shop}",
        "state": f"/process/{shop}/state",
        "table": f"/process/{token}/state?k=s.Balances",
        "message": f"/message/{bought.id}",
        "failed": f"/message/{failed}",
        "item": f"/item/{stored.id}",
        "search": "/search?q=Action%3DTransfer",
        "names": "/search?q=o",
        "wallet": f"/wallet?address={bob}",
        "nobody": f"/wallet?address={nobody}",
        "missing": "/nothing",
    }
