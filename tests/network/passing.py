"""Three processes pass tokens around in a folder, until each token has made its way: a program that may be killed.

`python -m tests.network.passing FOLDER TOKENS HOPS`
"""

from __future__ import annotations

import sys

from ao_runtime import Network

CODE = """
Held = Held or {}
Seen = Seen or {}
Handlers.add("Start", "Start", function(msg)
  if Started then return end
  Started = true
  for token = 1, tonumber(msg.Tags.Tokens) do
    ao.send({ Target = ao.env.Process.Tags.Next or msg.Tags.First, Action = "Pass", Token = tostring(token),
      Hops = msg.Tags.Hops, Ring = msg.Tags.Ring })
  end
end)
Handlers.add("Pass", "Pass", function(msg)
  local token, hops = msg.Tags.Token, tonumber(msg.Tags.Hops)
  local key = token .. "/" .. hops
  Seen[key] = (Seen[key] or 0) + 1
  if hops == 0 then
    Held[token] = (Held[token] or 0) + 1
    return
  end
  local first, rest = msg.Tags.Ring:match("^(%S+) (.*)$")
  ao.send({ Target = first, Action = "Pass", Token = token, Hops = tostring(hops - 1), Ring = rest .. " " .. first })
end)
"""
NAMES = ("red", "green", "blue")


def main(folder: str, tokens: str, hops: str) -> None:
    """Open the folder, begin if nobody has, and deliver until nothing is left."""
    with Network.open(folder, most=10**9) as net:
        known = {process.name for process in net.processes}
        for name in NAMES:
            if name not in known:
                net.spawn(code=CODE, owner="owner", name=name)
        processes = [net.process(name) for name in NAMES]
        print("ready", flush=True)
        if not processes[0].get("Started"):
            ring = " ".join(process.id for process in processes)
            processes[0].handle(Action="Start", Tokens=tokens, Hops=hops, Ring=ring, First=processes[1])
        net.run()
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
