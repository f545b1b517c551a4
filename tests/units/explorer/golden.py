"""Pages as they are to be: `python -m tests.units.explorer.golden` writes them anew, to be looked at and committed."""

from __future__ import annotations

from pathlib import Path

from ao_runtime.network import Network
from tests.cli.running import ROOT

from .asking import asked

__all__ = ["FOLDER", "rendered"]

FOLDER = Path(__file__).parent / "pages"
CODE = """
Handlers.add("Ask", "Ask", function(msg)
  local answer = Send({ Target = msg.Tags.Whom, Action = "Balance", Recipient = Owner }).receive()
  msg.reply({ Action = "Answer", Data = answer.Tags.Balance })
end)
Handlers.add("Wait", "Wait", function(msg) Receive({ Action = "Never" }) end)
Handlers.add("Fail", "Fail", function() error("it failed") end)
Facts = { list = { "a", 2, true }, [7] = { deep = { deeper = { deepest = { x = 1 } } } } }
"""


def rendered() -> dict[str, str]:
    """The pages of a small network of which all is always the same, by their names."""
    network = Network(seed="golden", auto=False)
    alice, bob = network.wallet("alice"), network.wallet("bob")
    token = network.spawn(ROOT / "examples/token/token.lua", owner=alice, tags={"Name": "Points"})
    asker = network.spawn(code=CODE, owner=bob, name="asker")
    network.clock.advance("1m")
    alice.send(token, Action="Transfer", Recipient=bob, Quantity="250")
    asking = bob.send(asker, Action="Ask", Whom=token)
    network.run()
    network.clock.advance("1m")
    bob.send(asker, Action="Wait")
    failed = bob.send(asker, Action="Fail")
    alice.send(token, Action="Transfer", Recipient=asker, Quantity="5", Data=b"\xff\x00 bytes")
    stored = network.store("some data", {"Content-Type": "text/plain"}, owner=alice)
    with asked(network) as explorer:
        paths = {
            "overview": "",
            "processes": "/processes",
            "messages": "/messages",
            "waiting": "/waiting",
            "process": f"/process/{asker}",
            "state": f"/process/{asker}/state?k=s.Facts",
            "value": f"/process/{asker}/state?k=s.Facts&k=s.list&k=i.2",
            "message": f"/message/{asking.id}",
            "failed": f"/message/{failed.id}",
            "item": f"/item/{stored}",
            "search": "/search",
            "names": "/search?q=alic",
            "tag": "/search?q=Action%3DTransfer",
            "wallet": f"/wallet?address={bob.address}",
            "missing": "/nothing",
        }
        pages = {name: explorer.page(path) for name, path in paths.items()}
        assert {name for name, page in pages.items() if page.status != 200} == {"missing"}
        return {name: page.steady for name, page in pages.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in rendered().items():
        (FOLDER / f"{name}.html").write_text(text, encoding="utf-8")
