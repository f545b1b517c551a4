"""A message is packed as shape and values, or as bytes where it has no simple shape."""

from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.models.encoding import decode, to_bytes
from ao_runtime.models.packing import pack, pack_complete, unpack
from ao_runtime.models.reading import read_message
from ao_runtime.state.defaults import Defaults

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


#: As the compute unit makes them.
COMPLETE = {
    "Id": "i" * 43,
    "Signature": "s",
    "Data": "1",
    "Owner": "o" * 43,
    "Anchor": None,
    "From": "o" * 43,
    "Tags": [{"name": "Action", "value": "Ping"}],
    "Epoch": 0,
    "Nonce": 7,
    "Timestamp": 1700000000000,
    "Block-Height": 1234567,
    "Hash-Chain": "h",
    "Target": "p" * 43,
    "Cron": False,
    "Read-Only": False,
}
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.sampled_from(["7", "007", "-7", "٧"])
)


def slowly(message: dict) -> object:
    """The way of all other messages."""
    wire = read_message(message)
    Defaults("P", "owner", "M").fill(wire)
    return pack(wire)


def test_messages_of_the_network_take_the_fast_way() -> None:
    """All fields that a compute unit gives, numbers as digits, a cron tick, a loader's message with its Module."""
    tick = {name: COMPLETE[name] for name in ("Owner", "From", "Target", "Tags", "Timestamp", "Block-Height")}
    for message in (
        COMPLETE,
        COMPLETE | {"Block-Height": "1234567", "Nonce": "7", "Timestamp": "1"},
        COMPLETE | {"Module": "m"},
        tick | {"Cron": True},
    ):
        packed = pack_complete(message)
        assert packed is not None
        assert packed == slowly(message)


@given(
    st.dictionaries(st.sampled_from([*COMPLETE, "Module", "Forwarded-By", "X-Root", "from_"]), VALUES),
    st.lists(st.dictionaries(st.sampled_from(["name", "value", "x"]), VALUES), max_size=2),
)
def test_the_fast_way_is_only_faster(changed: dict, tags: list) -> None:
    """What the fast way takes, the slow way packs alike."""
    message = COMPLETE | changed
    if "Tags" not in changed:
        message["Tags"] = [*COMPLETE["Tags"], *tags]
    packed = pack_complete(message)
    if packed is not None:
        assert packed == slowly(message)


def test_root_keys_of_the_network_stay() -> None:
    """In the network's form a root key that is no field is one, as on the network; elsewhere it becomes a tag."""
    assert read_message(COMPLETE | {"X-Root": "1"})["X-Root"] == "1"
    assert read_message({"From": "bob", "X-Root": "1"}) == {"From": "bob", "Tags": [{"name": "X-Root", "value": "1"}]}
