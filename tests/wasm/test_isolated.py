"""A published module in a child process: the same results, and the child needs nothing but the module's bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, Limits, ModuleError, Pool, Process

from .guests import guest

ENVIRONMENT = {"Process": {"Id": "P", "Owner": "O", "Tags": []}, "Module": {"Id": "M", "Owner": "O"}}
COUNT = "Count = (Count or 0) + 1 return Count"


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One child."""
    with Pool(1) as one:
        yield one


def started(module: Path, **options: Any) -> Process:
    """A process that has had its own message."""
    process = Process(ENVIRONMENT, module=module, **options)
    process.handle(Id="P", From="O", Owner="O", Type="Process")
    return process


def test_the_same(pool: Pool, aos: Path) -> None:
    """Results, failures, dry runs, snapshots and moments are those of a module in this program."""
    one, other = started(aos), started(aos, isolated=pool, files={"a": "file a"})
    for code in (COUNT, "Count = 9 error('no')", COUNT, "return require('json').encode({ 1, 2 })"):
        assert one.eval(code) == other.eval(code)
    assert one.dry_run(one.eval_message(COUNT)) == other.dry_run(other.eval_message(COUNT))
    assert [one.at(n).eval(COUNT) for n in range(1, 4)] == [other.at(n).eval(COUNT) for n in range(1, 4)]
    assert one.handle_many([one.eval_message(COUNT)] * 5) == other.handle_many([one.eval_message(COUNT)] * 5)
    assert Process.restore(other.snapshot(), isolated=pool, files={}).eval(COUNT) == one.eval(COUNT)
    with pytest.raises(InputError, match="cannot be looked into"):
        other.get("Count")
    with pytest.raises(InputError, match="cannot be looked into"):
        other.outline(["Count"])


def test_a_file_that_is_replaced(pool: Pool, tmp_path: Path) -> None:
    """A process keeps its module, also where the file is another one when its child is replaced."""
    file = tmp_path / "one.wasm"
    file.write_bytes(guest())
    process = started(file, isolated=pool)
    assert process.handle(From="O").output == "fine"
    file.write_bytes(b"something else")
    pool._places[0].child.close()  # type: ignore[union-attr]
    assert process.handle(From="O").output == "fine"


def test_what_is_no_module(pool: Pool, tmp_path: Path) -> None:
    """What is wrong with a module is the same error, with the same place."""
    file = tmp_path / "bad.wasm"
    file.write_bytes(b"\0asm nonsense")
    errors = []
    for options in ({}, {"isolated": pool}):
        with pytest.raises(ModuleError) as caught:
            started(file, **options)
        errors.append((str(caught.value), caught.value.file))
    assert errors[0] == errors[1]


def test_limits(pool: Pool, tmp_path: Path) -> None:
    """A module that does not end is ended, by its own limit or from outside, and its process goes on."""
    file = tmp_path / "loop.wasm"
    file.write_bytes(
        guest("(if (ptr.gt_u (local.get $message) (ptr.const 0)) (then (loop $l (br $l)))) (ptr.const 64)")
    )
    process = Process(ENVIRONMENT, module=file, isolated=pool)
    result = process.handle(Id="P", From="O", limits=Limits(instructions=None, seconds=0.2))
    assert result.failure is not None
    assert result.failure.limit == "time"
