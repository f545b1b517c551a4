"""What a message costs on a published module: our loader, the JavaScript one, and our Lua beside them.

    python benchmarks/loader.py FOLDER [MODULE]

`FOLDER` holds the reference (`reference.py` says what is in there). The same messages go to all three in one run: a
handler that counts and replies. The JavaScript loader copies the whole memory for each message, ours does not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from common import best, micro, row

from ao_runtime import Process
from ao_runtime.models.packing import pack
from ao_runtime.wasm import WasmEngine, WasmModule, modules

CODE = "Count = 0 Handlers.add('count', 'Count', function(m) Count = Count + 1 m.reply({ Data = tostring(Count) }) end)"
ENVIRONMENT = {"Process": {"Id": "P", "Owner": "O", "Tags": []}, "Module": {"Id": "M", "Tags": []}}


def message(identity: str, sender: str, action: str, data: str = "") -> dict[str, Any]:
    """A message as the network writes it."""
    fields = {"Id": identity, "Target": "P", "From": sender, "Owner": sender, "Module": "M", "Block-Height": "1"}
    return {**fields, "Timestamp": 1700000000000, "Tags": [{"name": "Action", "value": action}], "Data": data}


OWN = {**message("P", "O", ""), "Tags": [{"name": "Type", "value": "Process"}]}
SETUP = message("1", "O", "Eval", CODE)
COUNT = message("2", "X", "Count")


class Node:
    """The JavaScript loader: answers line by line."""

    def __init__(self, folder: Path, module: Path) -> None:
        name = os.path.relpath(module, folder)
        command = ["node", "--no-warnings", "--experimental-wasm-memory64", "oracle.mjs", name]
        self._node = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request: object) -> dict[str, Any]:
        """One request and its answer."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(request) + "\n")
        self._node.stdin.flush()
        answer: dict[str, Any] = json.loads(self._node.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        self._node.terminate()
        self._node.wait()


def counted(result: dict[str, Any]) -> str:
    """What the handler has replied."""
    data: str = result["Messages"][0]["Data"]
    return data


def process(module: Path | None) -> Process:
    """A process with the handler."""
    made = Process(ENVIRONMENT, module=module)
    for given in (OWN, SETUP):
        made.handle(given).raise_for_error()
    return made


def timed(run: Any) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    module = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else folder / "modules" / "aos2_0_6.wasm"

    node = Node(folder, module)
    node.ask({"env": ENVIRONMENT})
    for given in (OWN, SETUP):
        node.ask({"message": given})
    ours, lua = process(module), process(None)
    answers = [counted(node.ask({"message": COUNT}))]
    answers += [counted(made.handle(COUNT).to_dict()) for made in (ours, lua)]
    if answers != ["1", "1", "1"]:
        raise SystemExit(f"they do not agree: {answers}")

    there = min(timed(lambda: node.ask({"message": COUNT})) for _ in range(15))
    node.close()
    here, own = best(lambda: ours.handle(COUNT), 3), best(lambda: lua.handle(COUNT), 3)
    row(f"a message on {module.name}, JavaScript loader", micro(there))
    row("… our loader", micro(here), f"{there / here:.0f}×")
    row("… our Lua", micro(own), f"{there / own:.0f}×")

    started = WasmModule.read(module)
    modules._known.clear()
    row("the module from the cache on disk", micro(timed(lambda: WasmModule.read(module))))
    row("an instance of it", micro(best(lambda: WasmEngine(ENVIRONMENT, module=started))))
    row("the first message", micro(best(lambda: Process(ENVIRONMENT, module=module).handle(OWN))))
    engine = WasmEngine(ENVIRONMENT, module=started)
    for given in (OWN, SETUP, COUNT):
        engine.evaluate(pack(given))
    state = engine.save()
    assert state is not None
    row(f"the state as bytes ({len(state) / 1e6:.1f} MB of {engine.memory_size / 1e6:.0f})", micro(best(engine.save)))
    row("an instance with that state", micro(best(lambda: WasmEngine(ENVIRONMENT, module=started).load(state))))


main()
