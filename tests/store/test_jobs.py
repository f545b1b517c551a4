"""ao_runtime.store: which job has brought which messages."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from ao_runtime.errors import JournalError
from ao_runtime.store import JOB, Store

from .journals import BIRTH, entries, written


def with_jobs(file: Path) -> Path:
    """A journal whose messages 3 … and 6 … were brought by jobs."""
    given = entries(9)
    for nonce in (3, 6):
        given[nonce] = replace(given[nonce], reads=[*given[nonce].reads, (JOB, f"job-{nonce}", b"note %d" % nonce)])
    with Store.open(file) as store:
        store.begin(BIRTH)
        store.append(given)
    return file


def test_a_job_is_known_again(tmp_path: Path) -> None:
    """`job` gives the first message that a job has brought and what was kept of it, and None for any other name."""
    with Store.open(with_jobs(tmp_path / "a.ao"), write=False) as store:
        assert store.job("job-3") == (3, b"note 3")
        assert store.job("job-6") == (6, b"note 6")
        assert [store.job(name) for name in ("job-4", "", "module0", "none", "\ud800")] == [None] * 5


def test_no_process_reads_a_job(tmp_path: Path) -> None:
    """A job is none of the things that a process has read from outside."""
    with Store.open(with_jobs(tmp_path / "a.ao"), write=False) as store:
        assert {kind for _, (kind, _, _) in store.reads()} == {"module", "file"}
        assert [kind for entry in store.entries() for kind, _, _ in entry.reads].count(JOB) == 2


@pytest.mark.parametrize("change", ["name = CAST('job-9' AS BLOB)", "content = x'00'", "nonce = 4"])
def test_a_job_that_was_changed(tmp_path: Path, change: str) -> None:
    """A job that somebody has written into the file is found out: by whoever asks for it, and by whoever reads all."""
    file = with_jobs(tmp_path / "a.ao")
    connection = sqlite3.connect(file)
    connection.execute(f"UPDATE reads SET {change} WHERE name = CAST('job-3' AS BLOB)")
    connection.commit()
    connection.close()
    with Store.open(file, write=False) as store:
        name = "job-9" if change.startswith("name") else "job-3"
        with pytest.raises(JournalError, match="is damaged at reads"):
            store.job(name)
        with pytest.raises(JournalError, match="is damaged at"):
            list(store.entries())


def test_where_snapshots_are(tmp_path: Path) -> None:
    """`snapshot_counts` are the moments of the snapshots; `history` tells moments of one journal, and journals, apart."""
    with (
        Store.open(written(tmp_path / "a.ao", 20), write=False) as store,
        Store.open(with_jobs(tmp_path / "b.ao")) as b,
    ):
        assert (store.snapshot_counts(), b.snapshot_counts()) == ([10, 20], [])
        assert len({store.history(count) for count in range(21)}) == 21
        assert [store.history(count) == b.history(count) for count in range(6)] == [True] * 4 + [False] * 2
        with pytest.raises(JournalError, match="holds 20 messages, not 21"):
            store.history(21)
