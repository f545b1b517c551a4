"""Functions that are made by the same code in two calls are two functions, and nothing shows how that is done."""

from __future__ import annotations

from ao_runtime import Process

CODE = """
Known, Count = {}, 0
local function make() return function() return Count end end
Handlers.add("make", "Make", function(msg)
  local f = make()
  local known = Known[f]
  Known[f] = true
  msg.reply({ Data = table.concat({ tostring(f), tostring(known), debug.getinfo(f, "u").nups,
    tostring((debug.getupvalue(f, 1))), tostring((debug.getupvalue(f, 2))),
    tostring((debug.setupvalue(f, 2, 1))), tostring((pcall(debug.upvalueid, f, 2))),
    tostring((pcall(debug.upvaluejoin, f, 2, f, 1))), f() }, " ") })
end)
"""


def test_made_anew() -> None:
    """What was made in an earlier message is another function; so it is in a process that was saved and loaded."""
    process = Process.spawn(code=CODE, owner="alice")
    twin = Process.restore(process.snapshot())
    for number in range(1, 4):
        one, other = (each.handle(From="bob", Action="Make") for each in (process, twin))
        expected = f"function: 0x{0x10000000 + 0x20 * number:x} nil 1 _ENV nil nil false false 0"
        assert (one.messages[0].data, other.messages[0].data) == (expected, expected)
        assert one.gas_used == other.gas_used
        assert process.snapshot() == twin.snapshot()
        twin = Process.restore(twin.snapshot())
