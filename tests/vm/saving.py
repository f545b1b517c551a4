"""A process on a bare engine, and its twin that was saved and loaded on the way."""

from __future__ import annotations

from typing import Any

from ao_runtime.models.packing import pack
from ao_runtime.vm.engine import LuaEngine

ENVIRONMENT = {
    "Process": {"Id": "P" * 43, "Owner": "O" * 43, "Tags": [{"name": "Name", "value": "test"}]},
    "Module": {"Id": "M" * 43, "Tags": []},
}
FILES = {"book": b"first line\n12 0x1p4 third\n" + bytes(range(256)) + b"\nlast", "empty": b""}
MODULES = {
    "points": b"local n = 0\nreturn { add = function(k) n = n + k return n end, name = ... }",
    "utils": b"return { mine = function() return 'mine' end }",
    "broken": b"return return",
}
OWNER = "O" * 43


class Bench:
    """An engine and the number of its next message."""

    def __init__(self, state: bytes | None = None, number: int = 0, **options: Any) -> None:
        self.options = options
        self.engine = LuaEngine(ENVIRONMENT, find=MODULES.get, file=FILES.get, **options)
        self.engine.limit(5_000_000, 10.0, None)
        self.number = number
        if state is not None:
            self.engine.load(state)

    def message(self, tags: dict[str, str], data: str | bytes | None = None, sender: str = OWNER) -> tuple[Any, ...]:
        """The raw result of a message."""
        self.number += 1
        first = tags.get("Type") == "Process"
        message: dict[str, Any] = {
            "Id": "P" * 43 if first else f"{self.number:043}",
            "From": sender,
            "Owner": sender,
            "Target": "P" * 43,
            "Module": "M" * 43,
            "Timestamp": 1700000000000 + self.number,
            "Block-Height": 1,
            "Tags": [{"name": name, "value": value} for name, value in tags.items()],
        }
        if data is not None:
            message["Data"] = data
        return self.engine.evaluate(pack(message))

    def spawn(self, code: str | bytes = "") -> tuple[Any, ...]:
        """The first message, with the process's code where the dialect evaluates it."""
        return self.message({"Type": "Process", "On-Boot": "Data"}, code)

    def eval(self, code: str | bytes) -> tuple[Any, ...]:
        """Evaluate code."""
        return self.message({"Action": "Eval"}, code)

    def text(self, code: str | bytes) -> str:
        """The text of what the code returns; it must not fail."""
        raw = self.eval(code)
        assert raw[0] == 1, raw
        found: bytes = raw[2]
        return found.decode("latin-1")

    def state(self) -> bytes:
        """The state; it must be possible to save it."""
        state = self.engine.save()
        assert state is not None, self.engine._save()
        return state

    def twin(self) -> Bench:
        """Another engine with this one's state, which saves as this one does."""
        state = self.state()
        other = Bench(state, self.number, **self.options)
        assert other.state() == state
        return other


def spawned(code: str | bytes = "", **options: Any) -> Bench:
    """A process that has got its first message, and has evaluated the code."""
    bench = Bench(**options)
    bench.spawn()
    if code:
        raw = bench.eval(code)
        assert raw[0] != 3, raw
    return bench


def agree(first: Bench, *codes: str | bytes) -> None:
    """The process and its twin answer alike to each, and save alike afterwards."""
    second = first.twin()
    for code in codes:
        one, other = first.eval(code), second.eval(code)
        assert one == other
        if one[0] == 3:
            return
        assert first.engine.save() == second.engine.save()
