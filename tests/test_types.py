"""What mypy says of a program that uses the package: the types are a part of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

PROGRAM = """\
    from ao_runtime import Limits, Message, Process, Result

    process = Process.spawn(code="", limits={"seconds": 5, "memory": "64MB"})
    result: Result = process.handle(From="bob", limits=Limits(memory="64MB"))
    found: Message | None = result.find(action="x")
    warnings: tuple[str, ...] = result.warnings
    since: int | None = process.waiting[0].since
    memory: int | None = process.limits.memory
    process.handle({"Action": "x"}, limits={"secnds": 5})
    Process.spawn(limits={"seconds": "5"})
    Process.spawn(dialekt="1")
"""


def test_a_program(tmp_path: Path) -> None:
    """Limits as a mapping are checked like keyword arguments; all else is known by its type."""
    pytest.importorskip("mypy")
    file = tmp_path / "program.py"
    file.write_text(dedent(PROGRAM))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(file)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    lines = {line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line and "program.py" in line}
    assert lines == {"9", "10", "11"}, done.stdout
