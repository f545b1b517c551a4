"""The log that several journals share: what is in it, what is left of a damaged one, and when it is waited for."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.errors import JournalError
from ao_runtime.store import Log, Record, Store, read_log
from ao_runtime.store import log as module

from .journals import BIRTH, entries, held

COUNT = 12


def logged(folder: Path, count: int = COUNT) -> tuple[Log, Store]:
    """A log, and a journal of so many messages that it is of."""
    log = Log(folder / "all.log", folder)
    store = Store.open(folder / "one.ao", log=log)
    store.begin(BIRTH)
    for entry in entries(count):
        store.append((entry,))
        log.wait()
    return log, store


def test_it_holds_what_journals_hold(tmp_path: Path) -> None:
    """Messages of every shape, from two journals, in their order; once it is closed there is none."""
    log, store = logged(tmp_path)
    with store, Store.open(tmp_path / "other.ao", log=log) as other:
        other.begin(BIRTH)
        other.append(entries(3))
        log.wait()
        found = read_log(tmp_path / "all.log")
        assert {name: [one.entry for one in records] for name, records in found.items()} == {
            "one.ao": entries(COUNT),
            "other.ao": entries(3),
        }
        assert [one.digest for one in found["one.ao"]][-1] == store.history(COUNT)
    log.close()
    log.close()
    assert read_log(tmp_path / "all.log") == {}
    assert not (tmp_path / "all.log").exists()
    assert held(tmp_path / "one.ao") == entries(COUNT)


def test_what_a_journal_lacks_is_added(tmp_path: Path) -> None:
    """Only what comes next in the same history, however often it is there; the rest is passed over."""
    log, store = logged(tmp_path)
    store.close()
    records = read_log(tmp_path / "all.log")["one.ao"]
    log.close(whole=False)
    for count in (0, 1, 7, COUNT):
        file = tmp_path / f"short{count}.ao"
        with Store.open(file) as short:
            short.begin(BIRTH)
            short.append(entries(count))
        with Store.open(file, logged=[*records, *records]) as whole:
            assert whole.history(COUNT) == records[-1].digest
        assert held(file) == entries(COUNT)
    other = tmp_path / "another.ao"
    with Store.open(other) as short:
        short.begin({**BIRTH, "version": 2})
        short.append(entries(2))
    with Store.open(other, logged=records) as same:
        assert same.count == 2


def test_cut_anywhere(tmp_path: Path) -> None:
    """A log that ends anywhere holds the messages that are whole, and no part of another one."""
    log, store = logged(tmp_path)
    store.close()
    log.close(whole=False)
    data = (tmp_path / "all.log").read_bytes()
    counts = []
    for end in range(0, len(data) + 1, 13):
        (tmp_path / "cut.log").write_bytes(data[:end])
        found = [one.entry for one in read_log(tmp_path / "cut.log").get("one.ao", [])]
        assert found == entries(len(found))
        counts.append(len(found))
    assert (counts[0], counts[-1]) in ((0, COUNT), (0, COUNT - 1))
    assert counts == sorted(counts)


def test_changed_anywhere(tmp_path: Path) -> None:
    """With a byte that is another one it holds the messages before that, or is no log: nothing else happens."""
    log, store = logged(tmp_path)
    store.close()
    log.close(whole=False)
    data = (tmp_path / "all.log").read_bytes()
    ended = set()
    for at in range(0, len(data), 7):
        (tmp_path / "changed.log").write_bytes(data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :])
        try:
            found = [one.entry for one in read_log(tmp_path / "changed.log").get("one.ao", [])]
        except JournalError as error:
            ended.add(error.problem)
        else:
            assert found == entries(len(found))
            assert len(found) < COUNT
    assert ended == {"is no log of ao-runtime"}


@pytest.mark.parametrize("name", ["../../secret", "..", "a" * 300, "\ud800", ""])
def test_records_of_strangers(tmp_path: Path, name: str) -> None:
    """A name in a log is only a name: whoever uses it says what it may be."""
    log = Log(tmp_path / "all.log", tmp_path)
    with Store.open(tmp_path / "one.ao", log=log) as store:
        store.begin(BIRTH)
        store.append(entries(1))
        rows: list[Any] = store._use().execute("SELECT * FROM entries").fetchall()
    if name == "\ud800":
        with pytest.raises(UnicodeEncodeError):
            log.put(name, rows, [[]])
    else:
        log.put(name, rows, [[]])
        log.wait()
        assert name in read_log(tmp_path / "all.log")
    log.close(whole=False)


def slow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk that takes 20 ms; where it is waited for is noted."""
    waits: list[int] = []

    def sync(descriptor: int) -> None:
        waits.append(descriptor)
        time.sleep(0.02)
        os.fsync(descriptor)

    monkeypatch.setattr(module, "_sync_file", sync)
    return waits


def test_the_disk_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight journals that write at the same time, ten times, wait together, not one after the other."""
    log = Log(tmp_path / "all.log", tmp_path)
    waits = slow(monkeypatch)
    together = threading.Barrier(8, timeout=60)

    def write(number: int) -> None:
        with Store.open(tmp_path / f"{number}.ao", log=log) as store:
            store.begin(BIRTH)
            for entry in entries(10):
                store.append((entry,))
                together.wait()
                log.wait()
                assert entry in [one.entry for one in read_log(tmp_path / "all.log")[f"{number}.ao"]]

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waits) == 10
    assert {name: len(found) for name, found in read_log(tmp_path / "all.log").items()} == {
        f"{number}.ao": 10 for number in range(8)
    }
    log.close()


def test_who_does_not_wait_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`then` returns at once; it calls when the message is on the disk, and in the order in which it was asked."""
    log = Log(tmp_path / "all.log", tmp_path)
    waits = slow(monkeypatch)
    told: list[tuple[int, int, JournalError | None]] = []
    done = threading.Event()
    with Store.open(tmp_path / "one.ao", log=log) as store:
        store.begin(BIRTH)
        for entry in entries(5):
            store.append((entry,))

            def call(error: JournalError | None, nonce: int = entry.nonce) -> None:
                told.append((nonce, len(read_log(tmp_path / "all.log")["one.ao"]), error))
                if nonce == 4:
                    done.set()

            log.then(call)
        assert len(told) < 5
        assert done.wait(10)
    assert [nonce for nonce, _, _ in told] == [0, 1, 2, 3, 4]
    assert all(kept > nonce and error is None for nonce, kept, error in told)
    assert len(waits) <= 5
    # Nothing of this thread's is missing: at once.
    log.then(lambda error: told.append((5, 5, error)))
    assert told[-1] == (5, 5, None)
    log.close()


def test_a_disk_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits is told, and so is everybody after that, since nothing is known; the log stays."""
    log = Log(tmp_path / "all.log", tmp_path)

    def refuse(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    told: list[JournalError | None] = []
    with Store.open(tmp_path / "one.ao", log=log) as store:
        store.begin(BIRTH)
        store.append(entries(1))
        monkeypatch.setattr(module, "_sync_file", refuse)
        with pytest.raises(JournalError, match="could not be written: Input/output error"):
            log.wait()
        monkeypatch.undo()
        store.append(entries(1, 1))
        with pytest.raises(JournalError, match="could not be written"):
            log.wait()
        done = threading.Event()
        log.then(lambda error: (told.append(error), done.set()))
        assert done.wait(10)
    log.close()
    assert [str(error) for error in told] == [f"{tmp_path / 'all.log'}: could not be written: Input/output error"]
    assert (tmp_path / "all.log").exists()


def test_who_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C while the disk is waited for nobody is told that it was: nothing is known of it."""
    log = Log(tmp_path / "all.log", tmp_path)

    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    with Store.open(tmp_path / "one.ao", log=log) as store:
        store.begin(BIRTH)
        store.append(entries(1))
        monkeypatch.setattr(module, "_sync_file", interrupt)
        with pytest.raises(KeyboardInterrupt):
            log.wait()
        monkeypatch.undo()
        with pytest.raises(JournalError, match="could not be written: it was interrupted"):
            log.wait()
    log.close()
    assert (tmp_path / "all.log").exists()


def test_it_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is full the journals are waited for, and it holds only what came after that."""
    synced: list[str] = []
    monkeypatch.setattr(module, "sync", lambda file: synced.append(file.name))
    log = Log(tmp_path / "all.log", tmp_path, size=4_000)
    with Store.open(tmp_path / "one.ao", log=log) as store:
        store.begin(BIRTH)
        seen: list[list[Record]] = []
        for entry in entries(60):
            store.append((entry,))
            log.wait()
            seen.append(read_log(tmp_path / "all.log").get("one.ao", []))
            assert (tmp_path / "all.log").stat().st_size <= 4_000
    nonces = [[one.entry.nonce for one in records] for records in seen]
    assert all(found == list(range(found[0], found[-1] + 1)) for found in nonces if found)
    # A message that it had no room for is in its journal, which was waited for.
    empty = [number for number, found in enumerate(nonces) if not found]
    assert len(synced) == len(empty) > 3
    assert all(found[-1] == number for number, found in enumerate(nonces) if found)
    log.close()


def test_no_log(tmp_path: Path) -> None:
    """What is none is an error of ours, and so is a folder that is gone."""
    (tmp_path / "all.log").write_bytes(b"something else")
    with pytest.raises(JournalError, match="is no log of ao-runtime"):
        read_log(tmp_path / "all.log")
    with pytest.raises(JournalError, match="could not be written: No such file"):
        Log(tmp_path / "gone" / "all.log", tmp_path)
    with pytest.raises(JournalError, match="cannot be read: Is a directory"):
        read_log(tmp_path)
