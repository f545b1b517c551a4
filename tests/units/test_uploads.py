"""Transactions that wait for their chunks: bounded whatever strangers send, and there after a kill."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import ItemError, JournalError
from ao_runtime.network import Item, Key, Waiting
from ao_runtime.units.arweave import Chunk, Posted
from ao_runtime.units.headers import Header, encoded
from ao_runtime.units.uploads import Uploads

#: Bytes of the file of a transaction without tags and data.
HEADER = 600


def root(number: int) -> bytes:
    """The root of some data."""
    return number.to_bytes(32, "big")


def posted(number: int, size: int = 100, *, data: int | None = None) -> Posted:
    """A transaction whose data is that of `data`, or its own."""
    id = f"{number:043}"
    of = root(number if data is None else data)
    header = Header("AAAA", "", encoded(of), str(size), "0", "0")
    return Posted(Item(id, id, "", b"", (), (), b"", "", header.write()), of, size, False)


def chunk(number: int, start: int, length: int, size: int = 100) -> Chunk:
    """A chunk of that data."""
    return Chunk(root(number), size, start, bytes([number % 256]) * length)


def used(folder: Path) -> tuple[int, int]:
    """Transactions in a folder, and bytes of chunks."""
    if not folder.exists():
        return 0, 0
    files = [*folder.iterdir()]
    headers = [path for path in files if path.suffix == ".json"]
    assert all(path.stat().st_size < HEADER for path in headers)
    return len(headers), sum(path.stat().st_size for path in files if path not in headers)


@pytest.mark.parametrize("durable", [False, True])
def test_a_flood_takes_no_room(tmp_path: Path, durable: bool) -> None:
    """Transactions without chunks, chunks without an end: the oldest make room; what has gone takes nothing."""
    uploads = Uploads(Waiting(tmp_path / "waiting") if durable else None, most=3, held=100)
    for number in range(300):
        uploads.add(posted(number))
        assert len(uploads) <= 3
        assert used(tmp_path / "waiting")[0] <= 3
    with pytest.raises(ItemError, match="data_root_not_found"):
        uploads.put(chunk(1, 0, 1))
    for number in (297, 298, 299):
        assert uploads.put(chunk(number, 0, 60)) == []
        assert used(tmp_path / "waiting")[1] <= 100
    assert (len(uploads), uploads.held) == (1, 60)
    assert used(tmp_path / "waiting") == ((1, 60) if durable else (0, 0))


def test_many_of_one_root_make_room_one_by_one(tmp_path: Path) -> None:
    """However many transactions a stranger signs for the same data, the newest are there, and their chunks."""
    uploads = Uploads(Waiting(tmp_path), most=3)
    uploads.add(posted(0, data=7))
    uploads.put(chunk(7, 0, 40))
    for number in range(1, 20):
        uploads.add(posted(number, data=7))
    assert (len(uploads), uploads.held, used(tmp_path)) == (3, 40, (3, 40))
    items = uploads.put(chunk(7, 40, 60))
    assert [int(item.id) for item in items] == [17, 18, 19]
    assert {item.data for item in items} == {b"\7" * 100}


def test_a_chunk_that_has_no_room_at_all() -> None:
    """It is refused, and those that wait go on."""
    uploads = Uploads(held=50)
    uploads.add(posted(1))
    assert uploads.put(chunk(1, 0, 50)) == []
    with pytest.raises(ItemError, match="has no room"):
        uploads.put(chunk(1, 50, 50))
    assert uploads.held == 50


def test_what_waits_too_long_is_gone(tmp_path: Path) -> None:
    """After its time nothing waits for a chunk, and the next request frees its room."""
    uploads = Uploads(Waiting(tmp_path), seconds=-1)
    one = posted(1)
    uploads.add(one)
    assert uploads.find(one.item.id) is None
    with pytest.raises(ItemError, match="data_root_not_found"):
        uploads.put(chunk(1, 0, 1))
    assert (len(uploads), used(tmp_path)) == (0, (0, 0))


def test_what_comes_while_its_data_is_stored_waits_on() -> None:
    """Another transaction of the same data is not forgotten with the first one; the next chunk completes it."""
    uploads = Uploads()
    first, second = posted(1, 4), posted(2, 4, data=1)
    whole = Chunk(root(1), 4, 0, b"data")
    uploads.add(first)
    stored = uploads.put(whole)
    uploads.add(second)
    uploads.end(whole.key, stored)
    assert [(one.id, one.data) for one in stored] == [(first.item.id, b"data")]
    [item] = uploads.put(whole)
    assert (item.id, item.data) == (second.item.id, b"data")
    uploads.end(whole.key, [item])
    assert (len(uploads), uploads.held) == (0, 0)


def test_what_is_stored_takes_its_chunks_again() -> None:
    """A chunk of data that is there is no error, and waits for nothing."""
    uploads = Uploads(has=lambda key: key == (root(1), 100))
    assert uploads.put(chunk(1, 0, 50)) == []
    assert (len(uploads), uploads.held) == (0, 0)


# ── a kill ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_waits_on_after_a_kill(tmp_path: Path) -> None:
    """Transactions and chunks are there again, the oldest still make room first; what was stored is not."""
    before = Uploads(Waiting(tmp_path), most=3)
    for number in (1, 2, 3):
        before.add(posted(number))
    before.put(chunk(1, 0, 40))
    after = Uploads(Waiting(tmp_path), lambda id: id == f"{3:043}", most=2)
    assert (len(after), after.held, used(tmp_path)) == (2, 40, (2, 40))
    assert after.find(f"{3:043}") is None
    found = after.find(f"{1:043}")
    assert found is not None
    assert (found.raw, found.data) == (posted(1).item.raw, b"")
    # The second one has waited longer than the first, for which a chunk has come.
    after.add(posted(4))
    assert (after.find(f"{2:043}"), used(tmp_path)) == (None, (2, 40))
    [item] = after.put(chunk(1, 40, 60))
    assert item.data == b"\1" * 100


def test_what_was_complete_is_told(tmp_path: Path) -> None:
    """A kill between the last chunk and storing: whoever opens the folder stores it, also if nobody asks again."""
    before = Uploads(Waiting(tmp_path))
    before.add(posted(1))
    before.add(posted(2))
    assert before.complete() == []
    before.put(chunk(1, 0, 40))
    before.put(chunk(1, 40, 60))
    after = Uploads(Waiting(tmp_path))
    [(key, [item])] = after.complete()
    assert (key, item.id, item.data) == ((root(1), 100), f"{1:043}", b"\1" * 100)
    after.end(key, [item])
    assert (after.complete(), used(tmp_path)) == ([], (1, 0))


def test_what_a_kill_leaves_half_is_cleared(tmp_path: Path) -> None:
    """Files that were being written, chunks without a transaction or beyond its data; nobody's files stay."""
    before = Uploads(Waiting(tmp_path))
    before.add(posted(1))
    before.put(chunk(1, 0, 40))
    name = next(path.name for path in tmp_path.iterdir() if path.suffix != ".json")
    orphan = name.replace(encoded(root(1)), encoded(root(2)))
    for other in (f"{name}-new", f"{1:043}.json-new", orphan, name.replace(".0", ".90")):
        (tmp_path / other).write_bytes(b"x" * 20)
    (tmp_path / "notes.txt").write_text("mine")
    after = Uploads(Waiting(tmp_path))
    assert (len(after), after.held) == (1, 40)
    assert {path.name for path in tmp_path.iterdir()} == {f"{1:043}.json", name, "notes.txt"}


def test_bounds_hold_for_a_folder_that_has_more(tmp_path: Path) -> None:
    """Of what is there the newest stay, as much as may be there."""
    before = Uploads(Waiting(tmp_path))
    for number in range(8):
        before.add(posted(number))
        before.put(chunk(number, 0, 50))
        # The order of coming is told by the time of the file.
        for path in tmp_path.glob(f"*{encoded(root(number))}*"):
            os.utime(path, ns=(number, number))
        os.utime(tmp_path / f"{number:043}.json", ns=(number, number))
    after = Uploads(Waiting(tmp_path), most=4, held=120)
    assert (len(after), after.held, used(tmp_path)) == (2, 100, (2, 100))
    assert [number for number in range(8) if after.find(f"{number:043}")] == [6, 7]


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"[" * 100_000, b"\xff", b'["a",1,2,3,4,5,6,7,8]'])
def test_a_damaged_transaction_is_named(tmp_path: Path, text: bytes) -> None:
    """With its file, and what to do."""
    Uploads(Waiting(tmp_path)).add(posted(1))
    path = tmp_path / f"{1:043}.json"
    path.write_bytes(text)
    with pytest.raises(JournalError, match="is damaged") as raised:
        Uploads(Waiting(tmp_path))
    assert (str(path) in str(raised.value), "posted again" in str(raised.value)) == (True, True)
    # One that is another one's is damaged, too.
    other = tmp_path / f"{2:043}.json"
    path.unlink()
    Waiting(tmp_path).add(posted(1).item)
    path.rename(other)
    with pytest.raises(JournalError, match="is damaged"):
        Uploads(Waiting(tmp_path))


def test_a_disk_that_cannot_is_told(tmp_path: Path) -> None:
    """Where nothing can be written, nothing is acknowledged, and nothing is counted."""
    (tmp_path / "waiting").write_text("a file stands there")
    uploads = Uploads(Waiting(tmp_path / "waiting"))
    with pytest.raises(JournalError, match="could not be made"):
        uploads.add(posted(1))
    assert (len(uploads), uploads.held) == (0, 0)
    assert uploads.find(f"{1:043}") is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 9), st.integers(0, 3)),
        st.tuples(st.just("put"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("kill"), st.just(0), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_comes(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]) -> None:
    """The folder has what is in memory, never more than its bounds, and the same after a kill at any moment."""
    folder = tmp_path_factory.mktemp("any")
    data: dict[Key, str] = {}
    sent: dict[str, int] = {}
    stored: dict[str, bytes] = {}
    most, held = 4, 220

    def opened() -> Uploads:
        return Uploads(Waiting(folder), lambda id: id in stored, lambda key: key in data, most=most, held=held)

    uploads = opened()
    for step, number, other in steps:
        if step == "add" and f"{number:043}" not in stored:
            sent.setdefault(f"{number:043}", other)
            uploads.add(posted(number, data=sent[f"{number:043}"]))
        elif step == "put":
            part = chunk(number, 25 * other, 25)
            if part.key not in data and not any(uploads.find(id) for id, of in sent.items() if of == number):
                with pytest.raises(ItemError, match="data_root_not_found"):
                    uploads.put(part)
                continue
            items = uploads.put(part)
            for item in items:
                stored[item.id] = item.data
                data[part.key] = item.id
            uploads.end(part.key, items)
        elif step == "kill":
            counted = len(uploads), uploads.held
            uploads = opened()
            assert (len(uploads), uploads.held) == counted
        assert (len(uploads), uploads.held) == used(folder)
        assert len(uploads) <= most
        assert uploads.held <= held
    assert all(len(found) == 100 for found in stored.values())
