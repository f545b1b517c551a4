"""The same messages give the same bytes: in every run, whatever its hash seeds and addresses."""

import hashlib
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from ao_runtime import Process

#: Code that shows everything which Lua leaves to chance: order, addresses, clocks, memory, random numbers.
CODE = """
Seen = Seen or {}
Objects = Objects or {}
local function text(t)
  local out = {}
  for k, v in pairs(t) do out[#out + 1] = tostring(k) .. "=" .. tostring(v) end
  return table.concat(out, ";")
end
Handlers.add("show", "Show", function(msg)
  Seen[msg.Data] = msg.Timestamp
  Seen[#msg.Data] = msg.Id
  Objects[{ msg.Data }] = function() return msg.Data end
  Objects[function() return msg end] = { [msg.From] = 1.5, [2] = true }
  local first = next(Seen)
  local list = {}
  for i = 1, 300 do list[i] = { key = math.random(1, 50), at = i } end
  table.sort(list, function(a, b) return a.key < b.key end)
  local order = {}
  for i, item in ipairs(list) do order[i] = item.at end
  msg.reply({
    Data = text(Seen) .. "|" .. text(Objects) .. "|" .. text(_G) .. "|" .. text(string),
    First = tostring(first),
    Order = table.concat(order, ","),
    Random = tostring(math.random()),
    Clock = os.time() .. " " .. os.clock() .. " " .. os.date(),
    Memory = tostring(collectgarbage("count")),
    Address = string.format("%s %s %s", msg, print, coroutine.create(print)),
  })
end)
Handlers.add("table", "Table", function(msg)
  msg.reply({ Data = require("json").encode({ a = 1, b = { c = 2, [msg.Data] = 3 }, z = msg.Data }), Tags = { b = "1", a = "2", [msg.Data] = "3" } })
  print(Seen)
  local o = setmetatable({}, { __name = "Point" })
  print(tostring(o) .. tostring(coroutine.running()))
end)
Handlers.add("fail", "Fail", function(msg) Seen.lost = {} error(tostring({})) end)
"""


def run() -> str:
    """One hash over the results of 300 messages."""
    choice = random.Random(7)
    process = Process.spawn(code=CODE, owner="me")
    digest = hashlib.sha256()
    for number in range(300):
        action = choice.choice(
            [
                "Show",
                "Show",
                "Table",
                "Nobody",
                "Eval" if number % 10 == 0 else "Show",
                "Fail" if number % 37 == 0 else "Table",
            ]
        )
        data = choice.choice(["x", "key" + str(number), "ä" * (number % 9)])
        sender = "me" if action == "Eval" else "someone"
        result = process.handle(From=sender, Action=action, Data="return Seen" if action == "Eval" else data)
        digest.update(json.dumps(result.to_dict(gas=True)).encode())
    return digest.hexdigest()


def test_one_hash() -> None:
    """300 messages in 20 new Python processes, each with other hash seeds and addresses, have one hash."""
    command = [sys.executable, "-m", "tests.process.test_same_bytes"]

    def hash_of(seed: int) -> str:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": str(seed), "PATH": ""}
        )
        return done.stdout.strip()

    with ThreadPoolExecutor(2) as pool:
        hashes = set(pool.map(hash_of, range(20)))
    assert hashes == {run()}


if __name__ == "__main__":
    print(run())
