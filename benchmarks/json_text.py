"""How fast is `json`, for 100 KB of objects, numbers and text, beside the reference's own?

Usage: python benchmarks/json_text.py [FOLDER], where FOLDER holds the reference (see `reference.py`).
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from common import best, row
from reference import Reference

from ao_runtime import Process

SETUP = """
json = require('json')
objects, numbers, texts, small = {}, {}, {}, {}
for i = 1, 900 do
  local name, balance = 'holder number ' .. i, tostring(i * 1000003)
  objects[i] = { id = i, name = name, balance = balance, active = i % 2 == 0, tags = { 'a', 'b' } }
end
for i = 1, 14000 do numbers[i] = i * 13 end
for i = 1, 1000 do texts[i] = string.rep('lorem ipsum "dolor" ', 5) end
for i = 1, 100 do small[i] = { id = i, name = 'n' .. i } end
text = { objects = json.encode(objects), numbers = json.encode(numbers), texts = json.encode(texts) }
text.small = json.encode(small)
"""
KINDS = {
    "objects": "100 KB of objects",
    "numbers": "85 KB of numbers",
    "texts": "110 KB of text",
    "small": "100 small objects",
}


def main() -> None:
    reference = Reference(Path(sys.argv[1]), setup=SETUP) if len(sys.argv) > 1 else None
    process = Process.spawn(code=SETUP, limits={"instructions": None, "seconds": None})
    for name, what in KINDS.items():
        for verb, code in (("encode", f"json.encode({name})"), ("decode", f"json.decode(text.{name})")):
            # Several times in one message, so that the message itself weighs nothing.
            loop = f"for i = 1, 10 do local _ = {code} end return 1"
            mine = (best(partial(process.eval, loop)) - best(lambda: process.eval("return 1"))) / 10
            ratio = ""
            if reference is not None:
                ratio = f"{reference.best(loop) / 10 / mine:.1f}× as fast"
            row(f"json.{verb}, {what}", f"{mine * 1e3:.2f} ms", ratio)
    if reference is not None:
        reference.close()


if __name__ == "__main__":
    main()
