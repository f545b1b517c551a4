"""Journals for the tests: entries of every shape, writers that are killed, and files as they were of old."""

from __future__ import annotations

from pathlib import Path

from ao_runtime.models.packing import pack
from ao_runtime.store import Entry, Store

BIRTH = {"environment": {"Process": {"Id": "me", "Tags": []}}, "dialect": "2.0.6", "data": b"\xff", "version": 1}


def entry(nonce: int) -> Entry:
    """The entry of a message: each with something of its own, some with things read from outside, some failed."""
    tags = [{"name": "Action", "value": f"value {nonce}"}, {"name": "Raw", "value": b"\xff\x00"}]
    message = {
        "Id": f"{nonce:043}",
        "Data": "d" * (5000 if nonce % 9 == 8 else 40),
        "Timestamp": nonce,
        "Half": 0.5,
        "Yes": True,
        "Tags": tags,
    }
    reads = [("module", f"module{nonce}", b"return 1"), ("file", "none", None)] if nonce % 5 == 0 else []
    failed = nonce % 7 == 3
    result = b'{"Error":"no"}' if failed else b'{"Output":"%d"}' % nonce
    return Entry(nonce, pack(message), None if nonce % 3 else 10**9, nonce or None, result, nonce * 10, failed, reads)


def entries(count: int, first: int = 0) -> list[Entry]:
    """Entries in a row."""
    return [entry(nonce) for nonce in range(first, first + count)]


def written(file: Path, count: int) -> Path:
    """A closed journal with so many entries, and two snapshots."""
    with Store.open(file) as store:
        store.begin(BIRTH)
        store.append(entries(count))
        store.put_snapshot(count // 2, b"half of it")
        store.put_snapshot(count, b"all of it " * 1000)
    return file


def held(file: Path) -> list[Entry]:
    """All the entries of a journal, read anew."""
    with Store.open(file, write=False) as store:
        return list(store.entries())
