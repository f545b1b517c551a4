"""A process that runs a published module, with all that is said of state."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ao_runtime import InputError, ModuleError, Process
from ao_runtime.process.replaying import replay

from .guests import guest

ENVIRONMENT = {"Process": {"Id": "P", "Owner": "O", "Tags": {"Name": "Points"}}, "Module": {"Id": "M", "Owner": "O"}}
CODE = "Count = (Count or 0) + 1 return Count"


def started(module: Path) -> Process:
    """A process that has had its own message."""
    process = Process(ENVIRONMENT, module=module)
    process.handle(Id="P", From="O", Owner="O", Type="Process")
    return process


def test_state(aos: Path) -> None:
    """Failures leave no trace; dry runs, moments, branches and snapshots are as with our own module."""
    process = started(aos)
    assert process.eval(CODE).text == "1"
    assert process.eval("Count = 99 error('no')").failure.message == "no"  # type: ignore[union-attr]
    assert process.dry_run(process.eval_message(CODE)).text == "2"
    assert process.eval(CODE).text == "2"
    assert [process.at(nonce).eval(CODE).text for nonce in (0, 1, 2, 3)] == ["1", "2", "2", "3"]
    data = process.snapshot()
    other = Process.restore(data)
    assert other.snapshot() == data
    assert (other.count, other.fill()) == (process.count, process.fill())
    assert [one.eval(CODE).text for one in (process.fork(), other, process)] == ["3", "3", "3"]


def test_on_disk(aos: Path, tmp_path: Path) -> None:
    """It can be kept on disk, opened again, and replayed; also from another place."""
    path, moved = tmp_path / "points.ao", tmp_path / "moved.wasm"
    with Process.spawn(code="Count = 5", module=aos, state=path) as process:
        assert process.eval(CODE).text == "6"
    with Process.open(path) as process:
        assert process.eval(CODE).text == "7"
    assert [one.same for one in replay(path)] == [True] * 3
    moved.write_bytes(aos.read_bytes())
    with Process.open(path, module=moved) as process:
        assert process.eval(CODE).text == "8"
    moved.write_bytes(moved.read_bytes() + b"\0\1\0")
    with pytest.raises(InputError, match=r"module: .*moved.wasm is another module than the one .*SHA-256"):
        Process.open(path, module=moved)


def test_what_it_cannot(aos: Path, tmp_path: Path) -> None:
    """A published module cannot be looked into; one that is not there, or none, is refused."""
    with pytest.raises(InputError, match="cannot be looked into"):
        started(aos).get("Count")
    with pytest.raises(InputError, match=r"module: .*none.wasm cannot be read: No such file"):
        Process(module=tmp_path / "none.wasm")
    (tmp_path / "text.wasm").write_text("no module")
    with pytest.raises(ModuleError):
        Process(module=tmp_path / "text.wasm")
    with pytest.raises(InputError, match="format: is for published modules"):
        Process(format="wasm64-unknown-emscripten-draft_2024_02_15")


_HEAD = '{"ok":true,"response":{"Output":'
#: Answers with the very text of the message that it was given.
ECHO = guest(
    f"""(local $n ptr)
    (block (loop
      (br_if 1 (i32.eqz (i32.load8_u (ptr.add (local.get $message) (local.get $n)))))
      (local.set $n (ptr.add (local.get $n) (ptr.const 1)))
      (br 0)))
    (memory.copy (ptr.const {4096 + len(_HEAD)}) (local.get $message) (local.get $n))
    (memory.copy (ptr.add (ptr.const {4096 + len(_HEAD)}) (local.get $n)) (ptr.const 4000) (ptr.const 3))
    (ptr.const 4096)""",
    extra="""(data (ptr.const 4000) "}}\\00") (data (ptr.const 4096) "HEAD")""".replace(
        "HEAD", _HEAD.replace('"', '\\"')
    ),
)


@pytest.mark.parametrize("isolated", [False, True])
def test_what_the_network_gives_is_given_as_it_is(tmp_path: Path, isolated: bool) -> None:
    """A message in the network's form reaches a module with its keys in their order, and with what is null there."""
    (tmp_path / "echo.wasm").write_bytes(ECHO)
    nodes = [
        json.loads(line) for line in (Path(__file__).parents[1] / "models/scheduled.jsonl").read_text().splitlines()
    ]
    process = Process({"Process": {"Id": "P"}}, module=tmp_path / "echo.wasm", isolated=isolated or None)
    assert any(recorded["seen"]["Anchor"] is None for recorded in nodes)
    for recorded in nodes:
        for given in (recorded["seen"], recorded["node"]):
            for result in (process.handle(given), *process.handle_many([given], cron=False)):
                if result.output:
                    assert (result.output, list(result.output)) == (recorded["seen"], list(recorded["seen"]))
    assert process.count == 3 * len(nodes)  # a node that it has had is skipped
    assert process.fill(nodes[0]["node"]) == nodes[0]["seen"]
    process.close()
