"""A message is packed as shape and values, or as bytes where it has no simple shape."""

from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.models.encoding import decode, to_bytes
from ao_runtime.models.packing import pack, unpack

MESSAGE = {
    "Id": "i",
    "Block-Height": 7,
    "Cron": False,
    "Tags": [{"name": "Action", "value": "Ping"}, {"name": "N", "value": "ä"}],
}


def test_shape_and_values() -> None:
    """The shape holds the names alone: messages of one kind have one shape."""
    assert pack(MESSAGE) == (
        ("Id", "Block-Height", "Cron", None, "Action", "N"),
        (b"i", 7, False, b"Ping", "ä".encode()),
    )


def test_unpack() -> None:
    """A packed message stands for the same message."""
    assert decode(pack_bytes(unpack(pack(MESSAGE)))) == MESSAGE


def pack_bytes(wire: dict) -> bytes:
    """The message as bytes, whatever its shape."""
    from ao_runtime.models.encoding import encode

    return encode(wire)


def test_none_is_absent() -> None:
    """A key with the value None is not there."""
    assert pack({"Id": "i", "Data": None, "Tags": []}) == (("Id", None), (b"i",))


def test_unusual_values_go_as_bytes() -> None:
    """A tag whose value is no text, and a key that holds a structure, make a message without a simple shape."""
    for message in ({"Tags": [{"name": "a", "value": 1}]}, {"X": {"a": [1]}, "Tags": []}, {"N": 2**70, "Tags": []}):
        packed = pack(message)
        assert isinstance(packed, bytes)
        assert decode(packed) == message


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text can be given; half a surrogate pair becomes U+FFFD."""
    assert to_bytes(text).decode() == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
