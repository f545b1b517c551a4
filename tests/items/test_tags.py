"""Tags as Avro: every legal form of the same tags is read, nothing else is, and the bytes that came are what is signed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import ItemError
from ao_runtime.items import DataItem
from ao_runtime.items.tags import Pair, read_tags, write_tags

from .making import avro, item, long
from .vectors import wallet

TWO = ((b"Type", b"Message"), (b"A", b""))
PAIRS = st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.binary(max_size=40)), max_size=40)


@given(PAIRS)
def test_round_trip(tags: list[Pair]) -> None:
    """What is written is what a plain encoder writes, and is read as it was."""
    written = write_tags(tags)
    assert written == (avro(*tags) if tags else b"")
    if tags:
        assert read_tags(written, len(tags)) == tags


@given(PAIRS.filter(bool), st.data())
def test_every_form_of_an_array(tags: list[Pair], data: st.DataObject) -> None:
    """Blocks of any lengths, with negative counts and byte sizes, and numbers longer than needed, are the same tags."""

    def number(value: int) -> bytes:
        short = long(value)
        more = data.draw(st.integers(0, 10 - len(short)))
        return short[:-1] + bytes([short[-1] | 0x80]) + b"\x80" * (more - 1) + b"\0" if more else short

    parts, at = [], 0
    while at < len(tags):
        block = tags[at : at + data.draw(st.integers(1, len(tags)))]
        body = b"".join(number(len(text)) + text for tag in block for text in tag)
        if data.draw(st.booleans()):
            parts.append(number(-len(block)) + number(len(body)) + body)
        else:
            parts.append(number(len(block)) + body)
        at += len(block)
    raw = b"".join(parts) + number(0)
    assert read_tags(raw, len(tags)) == tags


@given(st.binary(max_size=80), st.integers(0, 5))
@settings(max_examples=500)
def test_any_bytes(raw: bytes, count: int) -> None:
    """Any bytes are so many tags, which a writer could have written, or an ItemError."""
    try:
        tags = read_tags(raw, count)
    except ItemError:
        return
    assert len(tags) == count
    assert len(write_tags(tags)) <= len(raw) or not tags


#: Tag bytes, how many tags the item says, and what is told: the field, where in the tag bytes, and the words.
WRONG = {
    "nothing": (b"", 1, "tags", 0, "the tags end early"),
    "no end": (avro(*TWO)[:-1], 2, "tags", 17, "the tags end early"),
    "after the end": (avro(*TWO) + b"\0", 2, "tags", 18, "go on for 1 byte after their end"),
    "more after the end": (avro(*TWO) + avro(*TWO), 2, "tags", 18, "go on for 18 bytes after their end"),
    "a count too low": (avro(*TWO), 1, "tags", 0, "hold more than the 1 that the item says"),
    "a count too high": (avro(*TWO), 3, "tags", 0, "are 2, but the item says 3"),
    "none of one": (b"\0", 1, "tags", 0, "are 0, but the item says 1"),
    "cut in a name": (b"\x02\x08Ty", 1, "tags[0].name", 1, "has 4 bytes, of which 2 are there"),
    "cut in a value": (b"\x02\x02A\x08va", 1, "tags[0].value", 3, "has 4 bytes, of which 2 are there"),
    "cut before a value": (b"\x02\x02A", 1, "tags[0].value", 3, "the tags end early"),
    "cut before a name": (b"\x04\x02A\0", 2, "tags[1].name", 4, "the tags end early"),
    "cut in a count": (b"\x80", 1, "tags", 1, "the tags end early"),
    "an empty name": (avro((b"", b"v")), 1, "tags[0].name", 1, "has 0 bytes; it must have 1 to 1024"),
    "a name of 1025": (avro((b"n" * 1025, b"")), 1, "tags[0].name", 1, "has 1025 bytes; it must have 1 to 1024"),
    "a value of 3073": (avro((b"n", b"v" * 3073)), 1, "tags[0].value", 3, "has 3073 bytes; it must have 0 to 3072"),
    "a huge name": (
        b"\x02" + long(1 << 62) + b"A",
        1,
        "tags[0].name",
        1,
        f"has {1 << 62} bytes; it must have 1 to 1024",
    ),
    "a negative name": (b"\x02" + long(-3) + b"abc", 1, "tags[0].name", 1, "has the length -3"),
    "a negative value": (b"\x02\x02A" + long(-1) + b"abc", 1, "tags[0].value", 3, "has the length -1"),
    "the most negative length": (b"\x02" + long(-(1 << 63)), 1, "tags[0].name", 1, f"has the length {-(1 << 63)}"),
    "a huge count": (long(1 << 62), 2, "tags", 0, "hold more than the 2 that the item says"),
    "a huge negative count": (long(-(1 << 63)) + b"\2", 2, "tags", 0, "hold more than the 2 that the item says"),
    "a negative block size": (long(-1) + long(-9), 1, "tags", 1, "has the length -9"),
    "a block size too low": (
        long(-1) + b"\x06\x02A\x02B\0",
        1,
        "tags",
        0,
        "have a block that is not as long as it says",
    ),
    "a block size too high": (
        long(-1) + b"\x0a\x02A\x02B\0",
        1,
        "tags",
        0,
        "have a block that is not as long as it says",
    ),
    "65 bits": (b"\xff" * 9 + b"\x02", 1, "tags", 0, "the tags have a number of more than 64 bits here"),
    "11 bytes": (b"\x82" + b"\x80" * 9 + b"\0", 1, "tags", 0, "the tags have a number of more than 64 bits here"),
    "a varint without end": (b"\x80" * 4000, 1, "tags", 0, "the tags have a number of more than 64 bits here"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_are_no_tags(name: str) -> None:
    """What is wrong is told with the field and its byte in the item, even if all of it was well signed."""
    raw, count, field, byte, words = WRONG[name]
    if not raw:
        with pytest.raises(ItemError, match="the tags end early"):
            read_tags(raw, count)
        return
    with pytest.raises(ItemError) as caught:
        DataItem.parse(item(wallet("ed1"), count=count, tags=raw, data=b"data"))
    assert (caught.value.field, caught.value.byte, caught.value.problem) == (field, 116 + byte, words)


@pytest.mark.parametrize(
    ("count", "tags", "size"),
    [
        (0, b"\0", None),  # An array of none is no bytes at all.
        (0, avro(*TWO), None),
        (0, b"", 1),
        (2, b"", None),
        (129, avro(*[(b"A", b"")] * 129), None),
        (2**64 - 1, avro(*TWO), None),
        (1, avro((b"n" * 1000, b"v" * 3072)) + b"x" * 30, None),  # 4097 bytes and more
        (2, avro(*TWO), 2**53),
        (2, avro(*TWO), 2**64 - 1),
    ],
)
def test_counts_that_do_not_fit(count: int, tags: bytes, size: int | None) -> None:
    """The two numbers before the tags agree with each other, with the limits and with what follows."""
    with pytest.raises(ItemError) as caught:
        DataItem.parse(item(wallet("ed1"), count=count, tags=tags, size=size))
    assert caught.value.field in ("number of tags", "number of tag bytes")
    assert caught.value.byte in (100, 108)


def test_the_most() -> None:
    """128 tags, names of 1024 bytes, values of 3072 and 4096 bytes of tags are read, and written."""
    signer = wallet("ed1")
    for tags in (
        [("A", "")] * 128,
        [("n" * 1024, "v" * 3065)],
        [("n", "v" * 3072)],
        [("n" * 1000, "v" * 3000), ("n" * 80, "")],
    ):
        made = DataItem.create(tags=tags, wallet=signer)
        assert DataItem.parse(bytes(made)).tags == made.tags
    assert len(DataItem.create(tags=[("n" * 1024, "v" * 3065)]).raw_tags) == 4095


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ([("A", "")] * 129, "tags: are 129; an item has at most 128"),
        ([("", "x")], "tags[0].name: has 0 bytes; it must have 1 to 1024"),
        ([("A", ""), ("ü" * 513, "x")], "tags[1].name: has 1026 bytes; it must have 1 to 1024"),
        ([("A", "v" * 3073)], "tags[0].value: has 3073 bytes; it may have 3072 (what is long belongs into the data)"),
        (
            [("A", "v" * 2048)] * 2,
            "tags: take 4106 bytes; an item has at most 4096 (what is long belongs into the data)",
        ),
        ([("A", 10)], "tags[0].value: must be text or bytes, found 10 (str(…) or json.dumps(…) makes text)"),
        ([("A", None)], "tags[0].value: must be text or bytes, found None (str(…) or json.dumps(…) makes text)"),
        ([("A", "\ud800")], "tags[0].value: is text that UTF-8 cannot hold: half of a surrogate pair"),
    ],
)
def test_tags_that_no_reader_takes(tags: list[tuple[str, str]], told: str) -> None:
    """What would be refused by a reader is not made in the first place."""
    with pytest.raises(ItemError) as caught:
        DataItem.create(tags=tags)
    assert str(caught.value) == told


def test_the_odd_ones_stay_as_they_came() -> None:
    """An item in an unusual form of Avro keeps its bytes when it is signed again: they are what is signed."""
    signer = wallet("ed1")
    body = b"".join(long(len(text)) + text for tag in TWO for text in tag)
    odd = long(-2) + long(len(body)) + body + b"\0"
    read = DataItem.parse(item(signer, count=2, tags=odd))
    assert read.verify()
    assert read.tags.to_list() == [{"name": "Type", "value": "Message"}, {"name": "A", "value": ""}]
    assert read.sign(wallet("eth1")).raw_tags == odd
    assert DataItem.parse(bytes(read)).verify()


def test_names_that_are_no_text() -> None:
    """A name or a value that is no UTF-8 is bytes, as everywhere in this package; it is signed and written as it is."""
    made = DataItem.create(tags=[(b"\xff\xfe", "text"), ("name", b"\x80"), (b"plain", b"text")], wallet=wallet("ed1"))
    read = DataItem.parse(bytes(made))
    assert [tuple(tag) for tag in read.tags] == [(b"\xff\xfe", "text"), ("name", b"\x80"), ("plain", "text")]
    assert read.verify()
