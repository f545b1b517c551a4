"""What does a message cost, as people meet it? 4 000 different messages, all fields there, results read and not read.

The handler counts and replies. The messages have the form that the network's compute unit gives them, or that of tests
of loaders. Each figure is over rounds of 80 messages, each round at its best of six: the median of the rounds, and the
95th of a hundred. The machine may be busy: its load is told.

The floor is the same handler called bare through lupa with its message table ready, in a plain Lua 5.3 without any of
our code: once with a reply that does what a reply must (a table with its tags put into an outbox), once with a reply
that does nothing at all.
"""

from __future__ import annotations

import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from common import best, micro, row
from lupa import lua53

from ao_runtime import Process

HANDLER = """
Count = 0
local function count(msg)
  Count = Count + 1
  msg.reply({ Action = "Counted", Count = tostring(Count), Data = tostring(Count) })
end
"""
PROCESS = HANDLER + 'Handlers.add("count", "Count", count)'

FLOOR = """
local reply_for_real, count = ...
local reference, outbox = 0, {}
local msg = {
  Id = "m1", From = "bob", Owner = "bob", Target = "p", Module = "m", Timestamp = 1, ["Block-Height"] = 1,
  Action = "Count",
  Tags = { Action = "Count" }, TagArray = { { name = "Action", value = "Count" } },
}
function msg.reply(t)
  if not reply_for_real then return end
  reference = reference + 1
  outbox[1] = {
    Target = msg.From, Data = t.Data, Anchor = string.format("%032d", reference),
    Tags = {
      { name = "Data-Protocol", value = "ao" }, { name = "Variant", value = "ao.TN.1" },
      { name = "Type", value = "Message" }, { name = "Reference", value = tostring(reference) },
      { name = "Action", value = t.Action }, { name = "Count", value = t.Count },
    },
  }
end
return function() return count(msg) end
"""


def floor(real: bool) -> float:
    """Seconds for the bare handler."""
    lua = lua53.LuaRuntime(encoding=None, register_eval=False)
    count = lua.execute(HANDLER + " return count")
    call = lua.eval("load")(FLOOR.encode(), b"floor")(real, count)
    return best(call)


#: Messages, messages of a round, and how often each round is run.
MESSAGES, ROUND, TIMES = 4000, 80, 6


def name(of: object) -> str:
    """A name as the network has them: 43 characters."""
    return urlsafe_b64encode(sha256(repr(of).encode()).digest()).decode().rstrip("=")


def of_network(process: Process, number: int) -> dict[str, Any]:
    """A message as the network's compute unit makes it."""
    sender = name(("sender", number % 50))
    return {
        "Id": name(number),
        "Signature": name(("signature", number)) * 8,
        "Data": str(number),
        "Owner": sender,
        "Anchor": None,
        "From": sender,
        "Tags": [
            {"name": "Data-Protocol", "value": "ao"},
            {"name": "Variant", "value": "ao.TN.1"},
            {"name": "Type", "value": "Message"},
            {"name": "Action", "value": "Count"},
            {"name": "Number", "value": str(number)},
        ],
        "Epoch": 0,
        "Nonce": number + 1,
        "Timestamp": 1700000000000 + 1000 * number,
        "Block-Height": 1234567 + number // 10,
        "Hash-Chain": name(("chain", number)),
        "Target": process.id,
        "Cron": False,
        "Read-Only": False,
    }


def of_loader(process: Process, number: int) -> dict[str, Any]:
    """A message as the tests of loaders write it."""
    sender = name(("sender", number % 50))
    return {
        "Id": name(number),
        "Target": process.id,
        "From": sender,
        "Owner": sender,
        "Module": "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s",
        "Block-Height": str(1234567 + number // 10),
        "Timestamp": 1700000000000 + 1000 * number,
        "Tags": [{"name": "Action", "value": "Count"}, {"name": "Number", "value": str(number)}],
        "Data": str(number),
    }


def rounds(run: Callable[[list[Any]], object], messages: list[Any]) -> tuple[float, float]:
    """Seconds for one message: the median of the rounds, and the 95th of a hundred."""
    found: dict[int, float] = {}
    for _ in range(TIMES):
        for first in range(0, len(messages), ROUND):
            part = messages[first : first + ROUND]
            began = time.perf_counter()
            run(part)
            took = (time.perf_counter() - began) / len(part)
            found[first] = min(found.get(first, took), took)
    times = sorted(found.values())
    return times[len(times) // 2], times[len(times) * 95 // 100]


def measure(form: str, make: Callable[[Process, int], dict[str, Any]], bare: float) -> None:
    """The rows of one form of messages."""
    process = Process.spawn(code=PROCESS, owner="alice", history=10_000)
    messages = [make(process, number) for number in range(MESSAGES)]
    handle = process.handle
    for message in messages[:1000]:
        handle(message)
    ways: list[tuple[str, Callable[[list[Any]], object]]] = [
        ("handle", lambda part: [handle(m) for m in part]),
        ('handle(m).messages[0].tags["Count"]', lambda part: [handle(m).messages[0].tags["Count"] for m in part]),
        ("handle(m).to_dict()", lambda part: [handle(m).to_dict() for m in part]),
        ("handle_many", process.handle_many),
    ]
    for what, run in ways:
        median, worse = rounds(run, messages)
        row(f"{form}: {what}", micro(median), f"{median / bare:.1f}×, {worse / bare:.1f}×")


def main() -> None:
    print("load: " + ", ".join(f"{load:.1f}" for load in os.getloadavg()))
    bare, nothing = floor(True), floor(False)
    row("handler bare through lupa, its reply built", micro(bare), "1.0×")
    row("handler bare through lupa, its reply does nothing", micro(nothing), f"{nothing / bare:.1f}×")
    measure("network's form", of_network, bare)
    measure("loaders' form", of_loader, bare)
    process = Process.spawn(code=PROCESS, owner="alice", history=10_000)
    short = {"From": "bob", "Tags": [{"name": "Action", "value": "Count"}]}
    filled = best(lambda: process.handle(short))
    row("the same short message again, most of it filled in", micro(filled), f"{filled / bare:.1f}×")


if __name__ == "__main__":
    main()
