"""A file that only a snapshot or a journal names is not waited for, not read without end, and shows nothing of itself."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Limits, Process
from ao_runtime.errors import AoError
from ao_runtime.models import explain, read_regular
from ao_runtime.state.snapshot import read_snapshot, write_snapshot
from tests.state.engines import CODE

POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no devices and pipes by name")


def forged(**genesis: Any) -> bytes:
    """A snapshot of a process that was started otherwise."""
    moment = read_snapshot(Process.spawn(code=CODE, id="P", owner="O").snapshot(), Limits())
    return write_snapshot(replace(moment, genesis={**moment.genesis, **genesis}))


@POSIX
@pytest.mark.parametrize(
    "kind", ["/dev/zero", "pipe.wasm", "zero.wasm", "folder.wasm", "large.wasm", "none.wasm", "a\0.wasm"]
)
def test_module(kind: str, tmp_path: Path) -> None:
    """A device, a pipe, a folder, a file that is too large: an error at once, and next to no memory."""
    path = tmp_path / kind
    if kind == "pipe.wasm":
        os.mkfifo(path)
    elif kind == "zero.wasm":
        path.symlink_to("/dev/zero")
    elif kind == "folder.wasm":
        path.mkdir()
    elif kind == "large.wasm":
        path.touch()
        os.truncate(path, 1 << 40)
    data = forged(engine="wasm", wasm={"path": str(path), "sha256": "0" * 64, "format": None})
    began = time.monotonic()
    with pytest.raises(AoError):
        Process.restore(data)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("given", [False, True])
def test_lines_of_a_file(given: bool, tmp_path: Path) -> None:
    """Lines of a file are shown beside an error where the caller has named it, and not where only a snapshot does."""
    secret = tmp_path / "secret.lua"
    secret.write_text("the first\nthe second\nthe third\n")
    process = Process.spawn(code="\nHandlers.add('f', 'F', function() error('x') end)", boot_file=str(secret), id="P")
    process = Process.restore(process.snapshot(), boot_file=str(secret) if given else None)
    failure = process.handle(Action="F").failure
    assert failure is not None
    assert ("the second" in "\n".join(explain(failure))) is given
    assert (failure.file is None) is not given


@POSIX
def test_read_regular(tmp_path: Path) -> None:
    """A plain file is read whole; one byte more than may be is an error."""
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    assert read_regular(file, 3) == b"abc"
    for path, most in ((file, 2), (tmp_path, 9), (Path("/dev/null"), 9), (Path("/proc/self/maps"), 9)):
        with pytest.raises(OSError, match=r"."):
            read_regular(path, most)
