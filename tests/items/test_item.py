"""`DataItem`: made, read and compared; nothing is copied that is long, and nothing is read that is not there."""

from __future__ import annotations

import mmap
import pickle
import timeit
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ao_runtime
from ao_runtime import Tags
from ao_runtime.errors import InputError, ItemError
from ao_runtime.items import DataItem

from .making import avro, item, raw_item
from .vectors import by_name, wallet

TARGET = "hUOaqZQFNxMKPLVApUtG4vW78M3vqxThSsrqQhNyHsQ"
THIRTY_TWO = st.none() | st.binary(min_size=32, max_size=32)
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
TAGS = st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=10)


@given(st.binary(max_size=200), THIRTY_TWO, THIRTY_TWO, TAGS)
def test_round_trip(data: bytes, target: bytes | None, anchor: bytes | None, tags: list[tuple[str, str]]) -> None:
    """What is made is read as it was, of any kind of wallet, and verifies."""
    for name in ("ed1", "eth1"):
        made = DataItem.create(data, target=target, anchor=anchor, tags=tags, wallet=wallet(name))
        raw = bytes(made)
        read = DataItem.parse(raw)
        assert (read.data, read.raw_target, read.raw_anchor) == (data, target or b"", anchor or b"")
        assert [tuple(tag) for tag in read.tags] == tags
        assert read.verify()
        assert (read, bytes(read), read.size) == (made, raw, len(raw))
        assert raw == item(
            wallet(name),
            target=target or b"",
            anchor=anchor or b"",
            count=len(tags),
            tags=avro(*((name.encode(), value.encode()) for name, value in tags)) if tags else b"",
            data=data,
        )


def test_the_public_names() -> None:
    """The package shows them at its top, and they are imported when they are asked for."""
    assert ao_runtime.DataItem is DataItem
    assert ao_runtime.Wallet.__name__ == "Wallet"
    assert ao_runtime.Bundle.__name__ == "Bundle"


def test_what_is_given() -> None:
    """Text is UTF-8, ids and anchors are text or bytes, tags have any shape that Tags has."""
    raw = bytes(range(32))
    text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    items = [
        DataItem.create("grün", target=text, anchor=text, tags={"A": "1", "B": "2"}),
        DataItem.create("grün".encode(), target=raw, anchor=raw, tags=[("A", "1"), ("B", "2")]),
        DataItem.create(bytearray("grün".encode()), target=raw, anchor=text, tags=Tags({"A": "1", "B": "2"})),
        DataItem.create(
            memoryview("grün".encode()), target=raw, anchor=raw, tags=[{"name": "A", "value": "1"}, ("B", "2")]
        ),
    ]
    assert all(item == items[0] for item in items)
    assert (items[0].target, items[0].anchor) == (text, text)
    assert DataItem.create(anchor="0" * 32).raw_anchor == b"0" * 32
    assert DataItem.create(anchor="ü" * 16).raw_anchor == ("ü" * 16).encode()
    empty = DataItem.create(target="", anchor=b"", tags=None)
    assert (empty.target, empty.anchor, empty.tags, empty.data) == ("", "", Tags(), b"")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"target": "nobody"}, "target: must be an id of 43 characters, or its 32 bytes, found 6 bytes: 'nobody'"),
        (
            {"target": b"x" * 31},
            f"target: must be an id of 43 characters, or its 32 bytes, found 31 bytes: {b'x' * 31!r}",
        ),
        (
            {"target": "x" * 32},
            f"target: must be an id of 43 characters, or its 32 bytes, found 32 bytes: {'x' * 32!r}",
        ),
        (
            {"target": TARGET[:-1] + "R"},
            f"target: must be an id of 43 characters, or its 32 bytes, found 43 bytes: '{TARGET[:-1]}R'",
        ),
        (
            {"target": TARGET + "="},
            f"target: must be an id of 43 characters, or its 32 bytes, found 44 bytes: '{TARGET}='",
        ),
        (
            {"target": TARGET[:-1] + "+"},
            f"target: must be an id of 43 characters, or its 32 bytes, found 43 bytes: '{TARGET[:-1]}+'",
        ),
        ({"anchor": "0" * 31}, f"anchor: must be 32 bytes, or text of 32 bytes in UTF-8, found 31 bytes: {'0' * 31!r}"),
        ({"anchor": "ü" * 17}, f"anchor: must be 32 bytes, or text of 32 bytes in UTF-8, found 34 bytes: {'ü' * 17!r}"),
        ({"anchor": 32}, "anchor: must be text or bytes, found 32 (str(…) or json.dumps(…) makes text)"),
        ({"data": 1.5}, "must be bytes, found a float"),
        ({"data": None}, "must be bytes, found a NoneType"),
        ({"data": "\ud83d"}, "data: is text that UTF-8 cannot hold: half of a surrogate pair"),
        ({"tags": 5}, "Tags: must be an array or an object, found the number 5 (tags are "),
    ],
)
def test_what_cannot_be_given(fields: dict[str, Any], told: str) -> None:
    """What no item can hold is told with its field, and what there is instead."""
    with pytest.raises(InputError) as caught:
        DataItem.create(**fields)
    assert str(caught.value).startswith(told)


def test_an_unsigned_item() -> None:
    """It has its contents, and is signed later; what only a signature gives is an ItemError until then."""
    item = DataItem.create("x", target=TARGET, tags={"A": "1"})
    assert (item.is_signed, item.verify(), item.target, item.data) == (False, False, TARGET, b"x")
    assert repr(item) == "<DataItem unsigned, 1 tags, 1 bytes of data>"
    for name in ("id", "owner", "address", "ao_address", "signature", "signature_type", "deep_hash", "size"):
        with pytest.raises(ItemError, match=r"the item is not signed \(item.sign\(wallet\)\)"):
            getattr(item, name)
    with pytest.raises(ItemError, match="not signed"):
        bytes(item)
    assert item.sign(wallet("ed1")) is item
    assert item.verify()
    assert repr(item) == f"<DataItem {item.id}, ed25519, 1 tags, 1 bytes of data>"


def test_signed_by_another() -> None:
    """An item that is signed again is another one: of another type, by another owner."""
    read = DataItem.parse(by_name("rsa ao message"))
    before = read.id
    assert (read.signature_name, read.address) == ("arweave", wallet("rsa1").address)
    read.sign(wallet("eth2"))
    assert (read.signature_name, read.ao_address) == ("ethereum", wallet("eth2").ao_address)
    assert read.id != before
    assert DataItem.parse(bytes(read)).verify()


def test_equal() -> None:
    """Items are equal when their bytes are; they can change, so that they have no hash."""
    raw = by_name("rsa ao message")
    read = DataItem.parse(raw)
    assert read == DataItem.parse(memoryview(b"x" + raw)[1:])
    assert read != DataItem.parse(by_name("rsa data only"))
    assert (read == raw) is False
    with pytest.raises(TypeError):
        hash(read)


def test_never_read_too_far() -> None:
    """However an item is cut, that is an ItemError or a signature that is none."""
    for name in ("rsa ao message", "ed25519 empty data, anchor", "ethereum ao message", "typed ethereum minimal"):
        raw = by_name(name)
        data = len(raw) - len(DataItem.parse(raw).data)
        for end in range(len(raw)):
            if end < data:
                with pytest.raises(ItemError):
                    DataItem.parse(raw[:end])
            else:
                assert not DataItem.parse(raw[:end]).verify()


@pytest.mark.parametrize("presence", [(2, 0), (0, 2), (255, 0), (0, 128), (2, 2), (0x81, 1)])
def test_presence(presence: tuple[int, int]) -> None:
    """What says whether a target or an anchor is there is 0 or 1, however well it is signed."""
    anchor = b"a" * 32 if presence[1] == 1 else b""
    with pytest.raises(ItemError, match="0 or 1, not") as caught:
        DataItem.parse(item(wallet("ed1"), presence=presence, anchor=anchor))
    assert caught.value.field == ("target" if presence[0] > 1 else "anchor")
    assert caught.value.byte == (98 if presence[0] > 1 else 99)


@pytest.mark.parametrize("number", [0, 8, 9, 100, 101, 102, 255, 256, 257, 0x0201, 0x0700, 65535])
def test_types_that_are_none(number: int) -> None:
    """Only the types 1 to 7 are known; that of Kyve, 101, nothing can verify."""
    with pytest.raises(ItemError, match=f"is {number}") as caught:
        DataItem.parse(raw_item(number, b"s" * 512, b"o" * 512, data=b"d" * 3000))
    assert (caught.value.field, caught.value.byte) == ("signature type", 0)


def test_the_data_is_not_copied() -> None:
    """An item of 100 MB is read within milliseconds and without memory, from bytes, from a view and from a file."""
    head = DataItem.create(b"", target=TARGET, wallet=wallet("ed1"))
    raw = bytes(head) + bytes(100_000_000)
    for source in (raw, memoryview(raw), memoryview(b"xx" + raw[:1000])[2:]):
        DataItem.parse(source)
        tracemalloc.start()
        try:
            read = DataItem.parse(source)
            assert tracemalloc.get_traced_memory()[1] < 10_000
        finally:
            tracemalloc.stop()
        assert min(timeit.repeat(lambda source=source: DataItem.parse(source), number=1, repeat=5)) < 0.001
        assert len(read.data_view) == len(source) - head.size
    assert bytes(DataItem.parse(raw)) is raw


def test_a_file_in_memory(tmp_path: Path) -> None:
    """An item is read from a file that is mapped into memory."""
    path = tmp_path / "item"
    path.write_bytes(by_name("rsa ao message"))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        read = DataItem.parse(memoryview(mapped))
        assert read.verify()
        assert bytes(read) == by_name("rsa ao message")
        del read


def test_what_can_change_is_copied() -> None:
    """An item that was read from an array that can change stays as it was verified."""
    raw = by_name("rsa ao message")
    array = bytearray(raw)
    items = [DataItem.parse(array), DataItem.parse(memoryview(array)), DataItem.create(array)]
    array[-1] ^= 1
    assert items[0].verify()
    assert items[1].verify()
    assert items[2].data == raw
    array.clear()  # Nobody holds on to it.


def test_views_of_other_shapes() -> None:
    """A view with steps, or of numbers, is its bytes; one that was released is an ItemError, as is what has none."""
    raw = by_name("rsa data only") + b"\0" * (-len(by_name("rsa data only")) % 4)
    twice = bytes(byte for byte in raw for _ in range(2))
    assert DataItem.parse(memoryview(twice)[::2]) == DataItem.parse(memoryview(raw).cast("I")) == DataItem.parse(raw)
    view = memoryview(raw)
    view.release()
    with pytest.raises(ItemError, match="cannot be read: "):
        DataItem.parse(view)
    for other in ("text", 5, None, ["a"]):
        with pytest.raises(ItemError, match="must be bytes, found a "):
            DataItem.parse(other)  # type: ignore[arg-type]


def test_the_error() -> None:
    """An ItemError says where, keeps its byte when it is seen from further out, and survives a pickle."""
    error = ItemError("is wrong", field="tags[0].name", byte=7, advice="mend it")
    assert str(error) == "tags[0].name at byte 7: is wrong (mend it)"
    outer = error.within("items[2]", byte=100, file="x.item")
    assert str(outer) == "x.item, items[2].tags[0].name at byte 107: is wrong (mend it)"
    assert outer.exit_code == 2
    assert str(ItemError("is wrong", byte=7)) == "byte 7: is wrong"
    assert str(ItemError("is wrong").within("items[0]", byte=9)) == "items[0]: is wrong"
    again = pickle.loads(pickle.dumps(outer))
    assert (type(again), str(again), again.byte) == (ItemError, str(outer), 107)
