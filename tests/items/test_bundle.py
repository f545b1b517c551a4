"""`Bundle`: items in a list, and bundles in their items; counts and sizes use exactly the bytes that are there."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import ItemError
from ao_runtime.items import Bundle, DataItem

from .vectors import VECTORS, raw_of, wallet

NESTED = next(raw_of(vector) for vector in VECTORS["bundles"] if vector["name"].startswith("bundle nested"))
SIGNER = wallet("ed1")


def made(count: int, data: bytes = b"x") -> list[DataItem]:
    """Some items."""
    return [DataItem.create(data + b"%d" % index, wallet=SIGNER) for index in range(count)]


def number(value: int) -> bytes:
    """32 bytes."""
    return value.to_bytes(32, "little")


@given(st.lists(st.tuples(st.sampled_from(["ed1", "eth1", "ed2"]), st.binary(max_size=50)), max_size=8))
def test_round_trip(parts: list[tuple[str, bytes]]) -> None:
    """A bundle of any items is read as it was made; it is a sequence of them."""
    items = [DataItem.create(data, wallet=wallet(name)) for name, data in parts]
    bundle = Bundle.create(items)
    raw = bytes(bundle)
    assert raw == b"".join(
        (number(len(items)), *(number(item.size) + item.raw_id for item in items), *map(bytes, items))
    )
    read = Bundle.parse(raw)
    assert (list(read), len(read), read.ids, read.size) == (items, len(items), [item.id for item in items], len(raw))
    assert read == bundle
    assert hash(read) == hash(bundle)
    assert read.verify()
    assert read[1:] == items[1:]
    assert read.items == items
    assert list(reversed(read)) == items[::-1]
    if items:
        assert read[-1] == items[-1]
        assert items[0] in read
    with pytest.raises(IndexError):
        read[len(items)]


def test_an_item_that_holds_one() -> None:
    """A bundle as an item has two tags before its own; the items inside are walked through, with their places."""
    inner = Bundle.create(made(2))
    holder = inner.item(SIGNER, tags={"App": "mine"}, target=b"t" * 32, anchor=b"a" * 32)
    assert [tuple(tag) for tag in holder.tags] == [
        ("Bundle-Format", "binary"),
        ("Bundle-Version", "2.0.0"),
        ("App", "mine"),
    ]
    assert (holder.raw_target, holder.raw_anchor, holder.is_bundle) == (b"t" * 32, b"a" * 32, True)
    assert Bundle.inside(holder) == inner
    outer = Bundle.create([*made(1), holder])
    raw = bytes(outer)
    places = list(outer.walk())
    assert [(place.path, place.depth) for place in places] == [
        ("items[0]", 1),
        ("items[1]", 1),
        ("items[1].items[0]", 2),
        ("items[1].items[1]", 2),
    ]
    for place in places:
        assert raw[place.byte : place.byte + place.item.size] == bytes(place.item)
    assert repr(outer) == f"<Bundle of 2 items, {len(raw)} bytes>"


@pytest.mark.parametrize(
    ("tags", "holds"),
    [
        ([("Bundle-Format", "binary"), ("Bundle-Version", "2.0.0")], True),
        ([("bundle-version", "2.0.0"), ("x", "y"), ("BUNDLE-FORMAT", "binary")], True),
        ([("Bundle-Format", "json"), ("Bundle-Format", "binary"), ("Bundle-Version", "2.0.0")], False),
        ([("Bundle-Format", "binary"), ("Bundle-Version", "1.0.0")], False),
        ([("Bundle-Format", "binary")], False),
        ([("Bundle-Version", "2.0.0")], False),
        ([("Bundle-Format", "Binary"), ("Bundle-Version", "2.0.0")], False),
        ([], False),
    ],
)
def test_which_items_hold_one(tags: list[tuple[str, str]], holds: bool) -> None:
    """Those with both tags; names in any case, of equal ones the first."""
    item = DataItem.create(bytes(32), tags=tags, wallet=SIGNER)
    assert item.is_bundle is holds
    if not holds:
        with pytest.raises(ItemError, match="the item holds no bundle"):
            Bundle.inside(item)


def test_a_wrong_item_inside() -> None:
    """An item inside that is not signed by its owner is found, with its place; unless nobody asked for it."""
    good = Bundle.create(made(2))
    bad = bytearray(bytes(good))
    bad[-1] ^= 1
    holder = DataItem.create(bytes(bad), tags=[("Bundle-Format", "binary"), ("Bundle-Version", "2.0.0")], wallet=SIGNER)
    outer = Bundle.create([*made(1), holder])
    with pytest.raises(ItemError) as caught:
        outer.check()
    assert caught.value.field == "items[1].items[1].signature"
    at = bytes(outer).index(good[1].raw_signature)
    assert caught.value.byte == at
    assert (outer.verify(), outer.verify(nested=False)) == (False, True)


def test_a_bundle_inside_that_is_none() -> None:
    """An item that says that it holds a bundle, and does not, is found with the place of what is wrong."""
    tags = [("Bundle-Format", "binary"), ("Bundle-Version", "2.0.0")]
    holder = DataItem.create(number(5) + bytes(100), tags=tags, wallet=SIGNER)
    outer = Bundle.create([holder])
    with pytest.raises(ItemError) as caught:
        outer.check()
    assert str(caught.value).startswith("items[0].count at byte ")
    assert caught.value.byte == outer.size - 132
    outer.check(nested=False)


def test_bundles_in_bundles() -> None:
    """16 are walked through; one that is deeper is refused, before the work gets out of hand."""
    bundle = Bundle.create(made(1))
    for _ in range(15):
        bundle = Bundle.create([bundle.item(SIGNER)])
    assert max(place.depth for place in bundle.walk()) == 16
    assert bundle.verify()
    deeper = Bundle.create([bundle.item(SIGNER)])
    with pytest.raises(ItemError, match="there are bundles in bundles more than 16 deep"):
        deeper.check()
    for _ in range(2000):
        deeper = Bundle.create([deeper.item(SIGNER)])
    begin = time.process_time()
    assert not deeper.verify()
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "count at byte 0: takes 32 bytes, of which 0 are there"),
        (number(0)[:-1], "count at byte 0: takes 32 bytes, of which 31 are there"),
        (number(0) + b"\0", "items at byte 32: take 0 bytes, and 1 more follow"),
        (number(1), "count at byte 0: is 1, more items than 32 bytes can hold"),
        (number(1) + bytes(64 + 114), "count at byte 0: is 1, more items than 210 bytes can hold"),
        (number(1 << 63) + bytes(1000), f"count at byte 0: is {1 << 63}, more items than 1032 bytes can hold"),
        (number((1 << 256) - 1) + bytes(1000), "count at byte 0: is over 2^64, more items than 1032 bytes can hold"),
        (number(1) + number(201) + bytes(32 + 200), "items[0].size at byte 32: says more bytes than the 200 that are there"),
        (number(1) + number((1 << 256) - 1) + bytes(32 + 200), "items[0].size at byte 32: says more bytes than the 200 that are there"),
        (number(1) + number(0) + bytes(32 + 200), "items[0].signature type at byte 96: takes 2 bytes, of which 0 are there: the item is cut short"),
        (number(1) + number(200) + bytes(32) + b"\2" + bytes(199), "items[0].id at byte 64: is not the item's own, which is "),
    ],
)  # fmt: skip
def test_what_is_no_bundle(raw: bytes, told: str) -> None:
    """Counts, sizes and ids that do not fit are told with their place, before anything is reserved for them."""
    tracemalloc.start()
    try:
        with pytest.raises(ItemError) as caught:
            Bundle.parse(raw)
        assert tracemalloc.get_traced_memory()[1] < 50_000
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(told)


def test_ids_and_sizes_that_do_not_fit() -> None:
    """Two items whose ids are exchanged, sizes that are one off, a number written big-endian."""
    raw = bytes(Bundle.create(made(2, b"longer")))
    one, two = raw[32:96], raw[96:160]
    size = int.from_bytes(one[:32], "little")
    for head in (
        one[:32] + two[32:] + two[:32] + one[32:],
        number(size + 1) + one[32:] + number(size - 1) + two[32:],
        number(size - 1) + one[32:] + number(size + 1) + two[32:],
        one[:32][::-1] + one[32:] + two,
        one[:32] + bytes(32) + two,
    ):
        with pytest.raises(ItemError):
            Bundle.parse(raw[:32] + head + raw[160:])
    with pytest.raises(ItemError, match="items at byte"):
        Bundle.parse(raw + b"\0")
    for end in range(len(raw)):
        with pytest.raises(ItemError):
            Bundle.parse(raw[:end])


def test_items_that_are_not_signed() -> None:
    """A bundle is of signed items: another is told with its place."""
    with pytest.raises(ItemError, match=r"^items\[1\]: the item is not signed"):
        Bundle.create([*made(1), DataItem.create("x")])


def test_many_items_take_no_memory() -> None:
    """20 000 items are read with a few bytes for each: they are made when they are asked for."""
    one = bytes(DataItem.create("x", wallet=SIGNER))
    entry = number(len(one)) + DataItem.parse(one).raw_id
    raw = number(20_000) + entry * 20_000 + one * 20_000
    tracemalloc.start()
    try:
        bundle = Bundle.parse(raw)
        assert tracemalloc.get_traced_memory()[1] < len(raw) / 10
    finally:
        tracemalloc.stop()
    assert len(bundle) == 20_000
    assert bytes(bundle[12_345]) == one


def test_nothing_is_copied() -> None:
    """The items of a bundle, and those inside, are views of the bytes it was read from."""
    bundle = Bundle.parse(NESTED)
    for place in bundle.walk():
        assert place.item.data_view.obj is NESTED
    assert bytes(bundle) is not None
    assert [place.path for place in bundle.walk()] == [
        "items[0]",
        *(f"items[0].items[{index}]" for index in range(4)),
        "items[1]",
    ]
