"""A write-ahead log that another program changes while the journal is open is found before anything is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ao_runtime import JournalError, Process

CODE = "N = 0 Handlers.add('inc', 'Inc', function(m) N = N + 1 m.reply({Data = tostring(N)}) end)"


def started(path: Path) -> Process:
    """A process with five messages in a journal."""
    process = Process.spawn(code=CODE, state=path)
    for _ in range(5):
        process.handle(Action="Inc")
    return process


def change(path: Path, how: str) -> None:
    """What another program may do to the log."""
    log = path.with_name(path.name + "-wal")
    if how == "removed":
        log.unlink()
    elif how == "replaced":
        data = log.read_bytes()
        log.unlink()
        log.write_bytes(data)
    else:
        os.truncate(log, {"cut": 100, "emptied": 0}[how])


@pytest.mark.parametrize("how", ["cut", "emptied", "removed", "replaced"])
@pytest.mark.parametrize("then", ["handle", "close"])
def test_it_is_found(how: str, then: str, tmp_path: Path) -> None:
    """The next write, or closing, is an error; the files are set aside as they are, and a new journal does not begin."""
    path = tmp_path / "a.ao"
    process = started(path)
    change(path, how)
    files = {name: (tmp_path / name).read_bytes() for name in ("a.ao", "a.ao-wal") if (tmp_path / name).exists()}
    with pytest.raises(JournalError, match=r"write-ahead log \(-wal\) was changed by another program.*a\.ao-aside"):
        process.handle(Action="Inc") if then == "handle" else process.close()
    process.close()
    assert {name: (tmp_path / name.replace("a.ao", "a.ao-aside")).read_bytes() for name in files} == files
    with pytest.raises(JournalError):
        Process.spawn(code=CODE, state=path)
    with pytest.raises(JournalError):
        Process.open(path)


def test_our_own_changes(tmp_path: Path) -> None:
    """What we write ourselves is no change: also where the log begins anew, and beside readers."""
    path = tmp_path / "a.ao"
    with started(path) as process:
        for _ in range(40):
            process.handle(Action="Inc", Data="x" * 200_000)
            process.handle(Action="Fail", Data="x")
        assert process.get("N") == 45
    assert Process.open(path).get("N") == 45
