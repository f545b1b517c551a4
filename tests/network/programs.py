"""Lua of the processes that these tests start, and what they look at."""

from __future__ import annotations

from typing import Any

from ao_runtime.network import Evaluation, Item, Network, NetworkProcess, NetworkWallet

#: Answers `Ping`, and counts.
PONG = """
Count = 0
Handlers.add("Ping", "Ping", function(msg) Count = Count + 1; msg.reply({ Action = "Pong", Data = "pong " .. Count }) end)
"""
#: The same in the words of the oldest dialects.
OLD_PONG = """
Count = 0
Handlers.add("Ping", Handlers.utils.hasMatchingTag("Action", "Ping"), function(msg)
  Count = Count + 1
  ao.send({ Target = msg.From, Action = "Pong", Data = "pong " .. Count })
end)
"""
#: Sends on what it is told to: `Action=Tell`, to the tag Other.
TELL = """
Handlers.add("Tell", "Tell", function(msg) ao.send({ Target = msg.Tags.Other, Action = msg.Tags.What, Data = msg.Data }) end)
"""
#: Notes the Data of all messages `Note`, in the order in which they came.
NOTES = """
Notes = {}
Handlers.add("Note", "Note", function(msg) Notes[#Notes + 1] = msg.Data; Last = msg end)
"""
#: Asks Other, and goes on when the answer is there.
ASK = """
Handlers.add("Ask", "Ask", function(msg)
  local answer = Send({ Target = msg.Tags.Other, Action = "Ping" }).receive()
  Got = answer.Data
  msg.reply({ Action = "Told", Data = Got })
end)
"""


def spawn(net: Network, code: str, name: str = "p", **options: Any) -> NetworkProcess:
    """A process of alice's with that code."""
    return net.spawn(code=code, owner=net.wallet("alice"), name=name, **options)


def alice(net: Network) -> NetworkWallet:
    """The wallet that sends in most tests."""
    return net.wallet("alice")


def run(process: NetworkProcess, code: str) -> Evaluation:
    """Have its owner evaluate code in it, which must not fail."""
    sent = process.eval(code)
    sent.raise_for_error()
    return sent.evaluation


def last_item(process: NetworkProcess) -> Item:
    """The item of the last message that a process had."""
    item = process.evaluations[-1].item
    assert item is not None
    return item


def pairs(item: Item) -> list[tuple[str, str]]:
    """Names and values of an item's tags, in order."""
    return [(tag["name"], tag["value"]) for tag in item.tags.to_list()]


def state(net: Network) -> dict[str, Any]:
    """All that people can see of a network, for comparing two moments."""
    return {
        "clock": (net.clock.now, net.clock.height),
        "processes": {
            one.id: (one.name, [_told(evaluation) for evaluation in one.evaluations]) for one in net.processes
        },
        "places": {
            one.id: [place.to_wire() for place in net.scheduler.schedule(one.id).assignments] for one in net.processes
        },
        "mail": [message.to_wire() for message in net.mail()],
        "pending": [delivery.to_dict() for delivery in net.pending],
        "wallets": [(one.name, one.address) for one in net.wallets],
        "monitored": sorted(net.messenger.monitored),
        "received": {address: len(one.received) for address, one in net.messenger.stand_ins.items()},
    }


def _told(one: Evaluation) -> dict[str, Any]:
    assert one.result is not None
    return {"nonce": one.nonce, "skipped": one.skipped, "tick": one.tick, "result": one.result.to_dict()}
