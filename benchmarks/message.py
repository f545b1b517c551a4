"""What does a message cost? `Process.handle` (dict in, Result out; a handler that counts and replies) and the floor.

The floor is the same handler called bare through lupa with its message table ready, in a plain Lua 5.3 without any of
our code: once with a reply that does what a reply must (a table with its tags put into an outbox), once with a reply
that does nothing at all.
"""

from __future__ import annotations

from common import best, micro, row
from lupa import lua53

from ao_runtime import Process

HANDLER = """
Count = 0
local function count(msg)
  Count = Count + 1
  msg.reply({ Action = "Counted", Data = tostring(Count) })
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
      { name = "Action", value = t.Action },
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


def main() -> None:
    process = Process.spawn(code=PROCESS, owner="alice")
    message = {
        "Id": "m000000000000000000000000000000000000000516",
        "Target": process.id,
        "From": "bob",
        "Owner": "bob",
        "Module": "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s",
        "Block-Height": 1234567,
        "Timestamp": 1700000000516,
        "Tags": [{"name": "Action", "value": "Count"}],
    }
    for _ in range(1000):
        process.handle(message)
    whole = best(lambda: process.handle(message))
    looked = best(lambda: process.handle(message).messages[0].tags["Action"])
    short = {"From": "bob", "Tags": [{"name": "Action", "value": "Count"}]}
    filled = best(lambda: process.handle(short))
    bare, nothing = floor(True), floor(False)
    row("handler bare through lupa, its reply built", micro(bare), "1.0×")
    row("handler bare through lupa, its reply does nothing", micro(nothing), f"{nothing / bare:.1f}×")
    row("Process.handle(dict) -> Result", micro(whole), f"{whole / bare:.1f}×")
    row("Process.handle, most of the message filled in", micro(filled), f"{filled / bare:.1f}×")
    row("Process.handle, and result.messages[0].tags[...] read", micro(looked), f"{looked / bare:.1f}×")


if __name__ == "__main__":
    main()
