"""ao_runtime.models.message: one message, however it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import InputError
from ao_runtime.models import Message, Tags
from ao_runtime.models.reading import FIELDS, read_message

WIRE = {
    "Id": "m1",
    "Signature": "s",
    "Data": "hello",
    "Owner": "bob",
    "Target": "process",
    "Anchor": "a",
    "From": "bob",
    "Forwarded-By": "mu",
    "Tags": [{"name": "Action", "value": "Ping"}],
    "Epoch": 0,
    "Nonce": 3,
    "Timestamp": 1700000000000,
    "Block-Height": "1234567",
    "Hash-Chain": "h",
    "Cron": False,
    "Read-Only": True,
    "Module": "module",
}
VECTORS = Path(__file__).parent.parent / "vectors"


def test_the_networks_names() -> None:
    """A message as the network writes it is read, and written again as it was."""
    message = Message.model_validate(WIRE)
    assert message.block_height == "1234567"
    assert message.from_ == "bob"
    assert message.read_only is True
    assert message.to_wire() == WIRE


def test_pythons_names() -> None:
    """The same message with Python's names is the same message."""
    python = {FIELDS[name]: value for name, value in WIRE.items()}
    assert Message(**python) == Message(**WIRE)
    assert Message.model_validate(python).to_wire() == WIRE
    assert read_message(python) == read_message(WIRE)


def test_root_keys_become_tags() -> None:
    """Keys that are no field become tags, after the other tags, in their order (seed: Root-level Tag Conversion)."""
    message = Message(From="bob", Zebra="1", tags={"Action": "Ping"}, Apple="2", **{"Content-Type": "text/plain"})
    assert message.tags == Tags([("Action", "Ping"), ("Zebra", "1"), ("Apple", "2"), ("Content-Type", "text/plain")])
    assert message.to_wire() == {"From": "bob", "Tags": message.tags.to_list()}


def test_a_root_key_keeps_its_type() -> None:
    """Nothing is made text behind the caller's back."""
    assert Message(Quantity=5, Flag=True, List=[1]).tags.to_dict() == {"Quantity": 5, "Flag": True, "List": [1]}


def test_none_is_not_given() -> None:
    """A field, or a root key, that is None is not there."""
    assert Message(Id=None, Foo=None).to_wire() == {"Tags": []}


def test_numbers_keep_their_type() -> None:
    """Digits stay text and numbers stay numbers: a process sees the difference."""
    assert Message(Timestamp="17", Nonce=1.5, Epoch=0).to_wire() == {
        "Timestamp": "17",
        "Nonce": 1.5,
        "Epoch": 0,
        "Tags": [],
    }


@pytest.mark.parametrize("data", ["text", "é\x00\n", b"bytes", b"\xff\x00\xfe"])
def test_data_is_text_or_bytes(data: str | bytes) -> None:
    """Data is what it was given as."""
    assert Message(Data=data).data == data
    assert Message(data=bytearray(b"x")).data == b"x"


@given(st.binary())
def test_any_bytes_survive_the_models_json(data: bytes) -> None:
    """A message with any Data goes through JSON and back."""
    from ao_runtime.models.json_text import to_json

    message = Message.model_validate_json(to_json(Message(Data=data).to_wire()))
    assert (message.data if isinstance(message.data, bytes) else message.data.encode()) == data


def test_dump_and_validate() -> None:
    """What pydantic dumps, in either kind of names, is read as the same message."""
    message = Message.model_validate(WIRE)
    assert Message.model_validate(message.model_dump()) == message
    assert Message.model_validate(message.model_dump(by_alias=True)) == message
    assert Message.model_validate_json(message.model_dump_json()) == message
    assert message.model_dump(by_alias=True) == WIRE


def test_bytes_in_json() -> None:
    """Data that is no UTF-8 can be dumped as JSON, and read again."""
    message = Message(Data=b"\xff", X={"a": b"\xfe"})
    assert Message.model_validate_json(message.model_dump_json(by_alias=True, exclude_none=True)) == message


def test_repr_shows_what_is_there() -> None:
    """Of the many fields, only those that are given."""
    assert repr(Message(From="bob", Action="Ping")) == "Message(from_='bob', tags=Tags([('Action', 'Ping')]))"


def test_immutable() -> None:
    """A message is a value."""
    with pytest.raises(Exception, match="frozen"):
        Message(From="bob").from_ = "eve"


def test_read_message_takes_keywords_as_well() -> None:
    """Keyword arguments take the place of the same field or tag, however that was named."""
    wire = read_message({"From": "bob", "Action": "Ping"}, {"from_": "eve", "Action": "Pong"})
    assert wire == {"From": "eve", "Tags": [{"name": "Action", "value": "Pong"}]}
    assert read_message(Message(From="bob"), {"Action": "Ping"})["From"] == "bob"


def test_reading_leaves_the_input_alone() -> None:
    """What was given is not changed, and what was read does not change with it."""
    given = json.loads(json.dumps(WIRE))
    read = read_message(given, {"Foo": "bar"})
    read["Tags"][0]["value"] = "changed"
    assert given == WIRE


def test_every_recorded_message_is_read_as_it_is() -> None:
    """All messages of the vectors, written by the network, come back as they were."""
    messages = [
        step["message"] for file in sorted(VECTORS.glob("*.json")) for step in json.loads(file.read_text())["steps"]
    ]
    assert len(messages) > 300
    for message in messages:
        assert Message.model_validate(message).to_wire() == message
        assert read_message(message) == message


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"Id": 5}, "Id: must be text, found the number 5"),
        ({"from_": ["bob"]}, "From: must be text, found an array"),
        ({"Timestamp": "yesterday"}, "Timestamp: must be a number, found the text 'yesterday'"),
        ({"Timestamp": True}, "Timestamp: must be a number, found true"),
        ({"Block-Height": {}}, "Block-Height: must be a number, found an object"),
        ({"Cron": 1}, "Cron: must be true or false, found the number 1"),
        ({"Data": {"a": 1}}, "Data: must be text or bytes, found an object"),
        ({"Data": 5}, "Data: must be text or bytes, found the number 5"),
        ({"Tags": 5}, "Tags: must be an array or an object, found the number 5"),
        ({"From": "a", "from_": "b"}, "From: is given twice, under two names"),
        ({5: "x"}, "keys of a message must be text, found 5"),
        ({"Foo": {1}}, "Foo: cannot be a set"),
        ([], "must be an object, found an array"),
        ("text", "must be an object, found the text 'text'"),
        (5, "must be an object, found the number 5"),
    ],
)
def test_wrong_messages(given: Any, complaint: str) -> None:
    """Wrong input is one InputError that says where, from the reader and from the model alike."""
    with pytest.raises(InputError) as caught:
        read_message(given)
    assert str(caught.value).split(" (")[0] == complaint
    with pytest.raises(InputError) as caught:
        Message.model_validate(given)
    assert str(caught.value).split(" (")[0] == complaint


def test_text_that_is_no_json() -> None:
    """A model reads JSON, and complains with the same error."""
    with pytest.raises(InputError, match="is no JSON"):
        Message.model_validate_json("{nope")


NAMES = st.text(min_size=1).filter(lambda name: name not in FIELDS and name not in [*FIELDS.values(), "from"])
JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(NAMES, JSON), st.lists(st.tuples(st.text(), JSON)))
def test_nothing_is_ever_lost(roots: dict[str, Any], pairs: list[tuple[str, Any]]) -> None:
    """Whatever the keys and values: all of them are among the tags, in order."""
    read = read_message({**roots, "Tags": pairs})
    assert [(tag["name"], tag["value"]) for tag in read["Tags"]] == [*pairs, *roots.items()]
    assert Message.model_validate({**roots, "Tags": pairs}).to_wire() == read


def test_outgoing_messages_are_as_they_were_sent() -> None:
    """What a process sent is shown as it is: nothing becomes a tag, unknown keys are kept."""
    wire = {"Target": "bob", "Data": {"a": 1}, "Anchor": "0", "Tags": [{"name": "N", "value": 1}], "Foo": "x"}
    message = Message.outgoing(wire)
    assert (message.target, message.data, message.tags["N"]) == ("bob", {"a": 1}, 1)
    assert message.model_extra == {"Foo": "x"}
    assert message.to_wire() == wire
