"""The recorded answers of the reference, on the module that they were recorded on: byte for byte."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.models.answer import failed, to_wire
from ao_runtime.models.encoding import encode
from ao_runtime.models.packing import Packed, pack
from ao_runtime.wasm import WasmEngine

FOLDER = Path(__file__).parents[1] / "vectors"
SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.json"))
#: The sign of a NaN is the machine's, and they were recorded on an x86.
X86 = platform.machine().lower() in ("x86_64", "amd64")


class Kept:
    """A process in a module: an error leaves no trace, and each state goes through `save` and `load`."""

    def __init__(self, environment: dict[str, Any], module: Path, *, through_bytes: bool) -> None:
        self.environment, self.module, self.through_bytes = environment, module, through_bytes
        self.engine = self.new()
        self.saved: bytes | None = None

    def new(self) -> WasmEngine:
        """A module without any state."""
        return WasmEngine(self.environment, module=self.module)

    def evaluate(self, packed: Packed) -> dict[str, Any]:
        """What a message is answered, as the network writes it."""
        raw = self.engine.evaluate(packed)
        if failed(raw):
            self.load()
        else:
            self.saved = self.engine.save()
            if self.through_bytes:
                self.load()
        return to_wire(raw)

    def load(self) -> None:
        """Go back to what was saved last."""
        self.engine = self.new()
        if self.saved is not None:
            self.engine.load(self.saved)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize(
    ("packed", "through_bytes"),
    [(encode, False), (pack, True)],
    ids=["as it stands", "packed, saved and loaded"],
)
def test_scenario(name: str, packed: Any, through_bytes: bool, aos: Path) -> None:
    """Every message is answered with the very JSON that the reference gave, also where each state was saved and loaded."""
    scenario = json.loads((FOLDER / f"{name}.json").read_text())
    process = Kept(scenario["env"], aos, through_bytes=through_bytes)
    answers = [process.evaluate(packed(step["message"])) for step in scenario["steps"]]
    if not X86:
        answers = json.loads(json.dumps(answers).replace("'nan'", "'-nan'"))
    assert answers == [step["result"] for step in scenario["steps"]]
