"""ao_runtime.store.lock: one writer at a time, and readers at any; what was acknowledged is missed when it is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from ao_runtime.errors import JournalError
from ao_runtime.store import Store

from ..cli.running import ROOT
from .journals import entries, entry, held, written

BUSY = "another writer has it open (one process writes at a time: wait until it has closed the journal)"
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
#: A writer that says when it is ready, and then waits.
HOLDER = """
import sys
from tests.store.journals import *
store = Store.open(sys.argv[1])
store.append(entries(5, store.count))
print("ready", flush=True)
sys.stdin.read()
"""


def holder(file: Path) -> subprocess.Popen[str]:
    """A process that has the journal open for writing, with five more entries."""
    command = [sys.executable, "-c", HOLDER, str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Kill it."""
    process.kill()
    process.communicate()


def test_a_second_writer_in_another_process(tmp_path: Path) -> None:
    """It is refused at once, readers are not; when the writer is killed the next one gets in."""
    file = written(tmp_path / "a.ao", 3)
    process = holder(file)
    try:
        begin = time.monotonic()
        with pytest.raises(JournalError) as caught:
            Store.open(file)
        assert time.monotonic() - begin < 4
        assert str(caught.value) == f"{file}: {BUSY}"
        assert held(file) == entries(8)
    finally:
        end(process)
    with Store.open(file) as store:
        assert list(store.entries()) == entries(8)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ao"]


def test_a_second_writer_in_the_same_process(tmp_path: Path) -> None:
    """It is refused too, and the first one is none the worse for it, nor for readers that come and go."""
    file = written(tmp_path / "a.ao", 3)
    with Store.open(file) as store:
        for nonce in range(3, 6):
            with pytest.raises(JournalError, match="another writer has it open"):
                Store.open(file)
            assert held(file) == entries(nonce)
            store.append([entry(nonce)])
        # SQLite's own locks are still there as well: nobody else could bring in the write-ahead log.
        process = subprocess.run(
            [sys.executable, "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).close()", file], timeout=60
        )
        assert process.returncode == 0
        store.append([entry(6)])
    assert held(file) == entries(7)


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    """What is written while it reads is not there for it; it cannot write."""
    file = written(tmp_path / "a.ao", 30)
    with Store.open(file) as writer, Store.open(file, write=False) as reader:
        found = reader.entries()
        first = next(found)
        writer.append(entries(100, 30))
        assert [first, *found] == entries(30)
        assert [reader.count, reader.snapshot()] == [30, (30, b"all of it " * 1000)]
        for write in (
            lambda: reader.append([entry(30)]),
            lambda: reader.put_snapshot(30, b""),
            lambda: reader.drop_snapshots(),
        ):
            with pytest.raises(JournalError, match="is open for reading only"):
                write()
    assert held(file) == entries(130)


def test_a_reader_that_stays_longer_than_the_writer(tmp_path: Path) -> None:
    """Whoever closes last, nothing is lost and the next writer gets in."""
    file = written(tmp_path / "a.ao", 3)
    writer, reader = Store.open(file), Store.open(file, write=False)
    writer.append(entries(3, 3))
    writer.close()
    assert list(reader.entries()) == entries(3)
    reader.close()
    with Store.open(file) as store:
        assert list(store.entries()) == entries(6)


def forked() -> int:
    """os.fork, which newer Pythons warn of where there are threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


@FORKS
def test_after_a_fork(tmp_path: Path) -> None:
    """The child must not write nor read; what it does changes nothing, and the lock does not live on in it."""
    file = written(tmp_path / "a.ao", 3)
    store = Store.open(file)
    store.append([entry(3)])
    ours, theirs = os.pipe()
    waiting, go_on = os.pipe()
    child = forked()
    if child == 0:
        said = []
        for use in (lambda: store.append([entry(4)]), lambda: list(store.entries())):
            try:
                use()
                said.append("worked")
            except JournalError as error:
                said.append(error.problem)
        store.close()
        os.write(theirs, "\n".join(said).encode())
        os.close(theirs)
        os.close(go_on)
        os.read(waiting, 1)
        os._exit(0)
    os.close(theirs)
    os.close(waiting)
    said = os.read(ours, 1000).decode().splitlines()
    assert said == ["belongs to the process that this one was forked from"] * 2
    store.append([entry(4)])
    store.close()
    # The child is still there, but the lock is not its.
    with Store.open(file) as store:
        store.append([entry(5)])
    os.close(go_on)
    os.close(ours)
    assert os.waitpid(child, 0)[1] == 0
    assert held(file) == entries(6)


def killed(folder: Path) -> Path:
    """A journal whose writer was killed: with its write-ahead log, and the mark of what was acknowledged."""
    file = written(folder / "a.ao", 3)
    end(holder(file))
    assert sorted(path.name for path in folder.iterdir()) == ["a.ao", "a.ao-lock", "a.ao-shm", "a.ao-wal"]
    return file


def test_a_log_that_was_lost(tmp_path: Path) -> None:
    """A killed writer's journal without its write-ahead log is not the whole one: refused until somebody says so."""
    file = killed(tmp_path)
    (tmp_path / "a.ao-wal").unlink()
    for write in (True, False):
        with pytest.raises(JournalError) as caught:
            Store.open(file, write=write)
        assert str(caught.value) == (
            f"{file}: holds 3 messages, and 8 were acknowledged: its -wal file was lost or torn, or it is an older copy"
            " (put the right files back, or delete a.ao-lock to go on with what is there)"
        )
    (tmp_path / "a.ao-lock").unlink()
    assert held(file) == entries(3)


def test_a_log_that_was_torn(tmp_path: Path) -> None:
    """Wherever a write-ahead log with acknowledged messages ends too soon, it is found out."""
    file = killed(tmp_path)
    log = (tmp_path / "a.ao-wal").read_bytes()
    for size in range(0, len(log) - 1, 1001):
        copy = tmp_path / f"{size}"
        copy.mkdir()
        shutil.copy(file, copy)
        shutil.copy(tmp_path / "a.ao-lock", copy)
        (copy / "a.ao-wal").write_bytes(log[:size])
        with pytest.raises(JournalError, match="holds 3 messages, and 8 were acknowledged"):
            Store.open(copy / "a.ao", write=size % 2 == 0)
    assert held(file) == entries(8)


def test_a_file_that_was_lost(tmp_path: Path) -> None:
    """Where the file is gone and its log is not, no new one is made for the log to be read into."""
    file = killed(tmp_path)
    kept = file.read_bytes()
    file.unlink()
    with pytest.raises(JournalError) as caught:
        Store.open(file)
    assert str(caught.value) == (
        f"{file}: is missing or empty, and there was a journal: a.ao-wal and a.ao-lock is left of it"
        " (put the file back, or delete what is left of it)"
    )
    file.write_bytes(kept)
    assert held(file) == entries(8)


def test_another_journal_in_its_place(tmp_path: Path) -> None:
    """A journal of another history, as long as the one that was there, is not taken for it."""
    file = killed(tmp_path)
    for end_ in ("-wal", "-shm"):
        (tmp_path / f"a.ao{end_}").unlink()
    with Store.open(tmp_path / "b.ao") as store:
        store.begin({})
        store.append(entries(10))
    (tmp_path / "b.ao").replace(file)
    with pytest.raises(JournalError, match=r"is another journal than the one that a\.ao-lock belongs to"):
        Store.open(file)


@pytest.mark.parametrize("text", [b"", b"garbage", b"\xff" * 100, b"3", b"9 zz\n", b"\0" * 10])
def test_a_lock_file_that_says_nothing(tmp_path: Path, text: bytes) -> None:
    """After a power failure anything may stand in it: it is only a lock then."""
    file = written(tmp_path / "a.ao", 3)
    (tmp_path / "a.ao-lock").write_bytes(text)
    assert held(file) == entries(3)
    Store.open(file).close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.ao"]


def test_a_lock_file_that_is_none(tmp_path: Path) -> None:
    """A link is not followed, a pipe not waited for, a folder not taken: nothing of somebody else's is written to."""
    file = written(tmp_path / "a.ao", 3)
    lock, other = tmp_path / "a.ao-lock", tmp_path / "other"
    other.write_text("mine")
    for make in (lambda: lock.symlink_to(other), lambda: os.mkfifo(lock), lambda: lock.mkdir()):
        make()
        assert held(file) == entries(3)
        with pytest.raises(JournalError) as caught:
            Store.open(file)
        assert caught.value.file == str(lock)
        if lock.is_dir():
            lock.rmdir()
        else:
            lock.unlink()
    assert other.read_text() == "mine"


@FORKS
def test_a_journal_that_nobody_may_write(tmp_path: Path) -> None:
    """On a medium for reading only it can be read, and a writer says why it cannot write."""
    folder = tmp_path / "medium"
    folder.mkdir()
    file = written(folder / "a.ao", 3)
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o011)
    file.chmod(0o444)
    folder.chmod(0o555)
    ours, theirs = os.pipe()
    child = forked()
    if child == 0:
        said = "nothing"
        try:
            if os.getuid() == 0:  # root may write everywhere
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            said = f"{held(file) == entries(3)}\n"
            Store.open(file)
        except Exception as error:
            said += str(error)
        os.write(theirs, said.encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    said = os.read(ours, 1000).decode()
    os.close(ours)
    folder.chmod(0o755)
    advice = "a writer needs this file beside the journal"
    assert said == f"True\n{file}-lock: cannot be opened: Permission denied ({advice})"
    assert [path.name for path in folder.iterdir()] == ["a.ao"]
