"""Projects for the tests."""

from __future__ import annotations

import codecs
import random
from pathlib import Path

MAIN = """\
local first = require("m1")
local again = require(".m1")
assert(first == again)
Count = 0
{requires}
Handlers.add("sum", Handlers.utils.hasMatchingTag("Action", "Sum"), function(msg)
  Count = Count + 1
  local sum = 0
  for _, one in ipairs(Modules) do sum = sum + one.value(tonumber(msg.N)) end
  print(sum .. " " .. Count .. " " .. first.text())
end)
Handlers.add("fail", Handlers.utils.hasMatchingTag("Action", "Fail"), function(msg) Modules[tonumber(msg.N)].fail() end)
Handlers.add("own", Handlers.utils.hasMatchingTag("Action", "Own"), function()
  local nothing = nil
  return nothing.field
end)
Handlers.add("names", Handlers.utils.hasMatchingTag("Action", "Names"), function()
  local names = {{}}
  for _, one in ipairs(Modules) do names[#names + 1] = tostring(one.name) end
  print(table.concat(names, ","))
end)
"""


def thirty_modules(folder: Path, count: int = 30) -> Path:
    """The file of a process that requires so many modules.

    They have names in both forms, folders, byte order marks, ends of line of all kinds, long strings, bytes that are no
    text; some require others.
    """
    chosen = random.Random(30)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"m{at}" if at % 3 else f"deep{at}.er.m{at}" for at in range(1, count + 1)]
    for at, name in enumerate(names):
        path = folder / f"{name.replace('.', '/')}.lua"
        if at % 7 == 6:
            path = path.with_suffix("") / "init.lua"
        path.parent.mkdir(parents=True, exist_ok=True)
        others = chosen.sample(names[:at], min(at, 2)) if at else []
        lines = [f"local other{n} = require({_form(other, n)})" for n, other in enumerate(others)]
        lines += [
            "local text = [==[",
            f"long ]] {at} \\ \"'",
            "]==]",
            "local bytes = '\\xff\xe9' -- [[ require('nothing') ]]",
            f"local module = {{ name = ... }} function module.text() return text .. #bytes .. '{at}' end",
            f"function module.value(n) return n * {at} + {' + '.join([f'other{n}.value(1)' for n in range(len(others))] or ['1'])} end",
            "function module.fail()",
            f"  error('module {at}')" if at % 2 else "  local none = nil; return none.x",
            "end",
            "return module",
        ]
        end = ("\n", "\r\n", "\r")[at % 3]
        text = end.join(lines).encode("latin-1")
        path.write_bytes((codecs.BOM_UTF8 if at % 4 == 1 else b"") + text)
    requires = "\n".join(
        f"Modules = Modules or {{}} Modules[{at}] = require({_form(name, at)})" for at, name in enumerate(names, 1)
    )
    main = folder / "process.lua"
    main.write_bytes(codecs.BOM_UTF8 + MAIN.format(requires=requires).replace("\n", "\r\n").encode())
    return main


def _form(name: str, at: int) -> str:
    """One of the ways to write a name."""
    dotted = f".{name}" if at % 2 else name
    return (f"'{dotted}'", f'"{dotted}"', f"[[{dotted}]]", f"'\\x{ord(dotted[0]):02x}{dotted[1:]}'")[at % 4]


MESSAGES = [
    {"From": "bob", "Action": "Names"},
    {"From": "bob", "Action": "Sum", "N": "3"},
    *({"From": "bob", "Action": "Fail", "N": str(n)} for n in range(1, 31)),
    {"From": "bob", "Action": "Own"},
    {"From": "bob", "Action": "Sum", "N": "5"},
]
