"""A message that comes by its shape is the message that comes as bytes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Process
from ao_runtime.models.encoding import encode
from ao_runtime.models.packing import pack
from ao_runtime.vm.engine import DIALECTS

#: Shows the whole message as a handler finds it.
CODE = """
local function show(value)
  if type(value) == "table" then
    local out = {}
    for k, v in pairs(value) do out[#out + 1] = show(k) .. "=" .. show(v) end
    return "{" .. table.concat(out, ",") .. "}"
  elseif type(value) == "function" then
    return "function"
  end
  return string.format("%q", value)
end
Handlers.prepend("show", function() return true end, function(msg) Shown = show(msg) end)
"""

NAMES = st.sampled_from(
    ["Action", "action", "ACTION", "x_y", "X-Y", "Id", "From", "Data", "Tags", "Tagarray", "TagArray", "Reference", "",
     "ä", "a\nb", "Content-Type", "\0", '"', "\\", "Read-Only", "Owner"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)  # fmt: skip
TAGS = st.lists(st.tuples(NAMES, st.sampled_from(["", "v", "text/html", "w\n"])), max_size=6)


def engine_of(dialect: str) -> Any:
    """An engine that shows messages."""
    process = Process.spawn(code=CODE, owner="me", dialect=dialect)
    return process._state.engine


ENGINES = {dialect: (engine_of(dialect), engine_of(dialect)) for dialect in DIALECTS}


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=150, deadline=None)
@given(tags=TAGS, data=st.none() | st.text(max_size=4), flag=st.booleans())
def test_equal(dialect: str, tags: list[tuple[str, str]], data: str | None, flag: bool) -> None:
    """By shape or as bytes, a handler finds the same message, to the last key."""
    wire = {"Id": "i", "From": "me", "Owner": "me", "Target": "t", "Timestamp": 5, "Cron": flag, "Data": data}
    wire["Tags"] = [{"name": name, "value": value} for name, value in tags]
    by_shape, by_bytes = ENGINES[dialect]
    packed = pack(wire)
    assert not isinstance(packed, bytes)
    by_shape._seen.add(packed[0])  # a shape pays from its second message on
    first = by_shape.evaluate(packed)
    second = by_bytes.evaluate(encode({key: value for key, value in wire.items() if value is not None}))
    assert packed[0] in by_shape._shapes
    assert first[0] == second[0]
    assert by_shape.get("Shown") == by_bytes.get("Shown")
