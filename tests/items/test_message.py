"""A message as an item and back, as the network's client and compute unit make them (recorded from both)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Message, Process, Tags
from ao_runtime.errors import InputError
from ao_runtime.items import DataItem

from .vectors import by_name, wallet

USER = wallet("rsa1")
P1 = "uJjMqPoLsiqnmOBOHcSzFBmFxtrlt7kWChVig2Fbp_0"
P2 = "pPDxqt7KidGToOz-OdDNuQDEeqpr3PrEQJNMT1uEb4E"
END = [("SDK", "aoconnect"), ("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]
PLAIN = ("Content-Type", "text/plain")


def tags_of(item: DataItem) -> list[tuple[Any, Any]]:
    """Its tags as pairs."""
    return [tuple(tag) for tag in item.tags]


#: What a user sends, and the tags and data of the item that aoconnect 0.0.98 made of it.
SENT: list[tuple[dict[str, Any], list[tuple[str, str]], bytes]] = [
    ({"Action": "A", "Data": "x"}, [("Action", "A"), *END], b"x"),
    ({"Tags": [("Action", "Tags"), ("Dup", "1"), ("Dup", "2")]}, [("Action", "Tags"), ("Dup", "1"), ("Dup", "2"), PLAIN, *END], b" "),
    ({"action": "tags"}, [("action", "tags"), PLAIN, *END], b" "),
    ({"Action": "x", "Data": ""}, [("Action", "x"), PLAIN, *END], b" "),
    ({"Tags": [("From", "me"), ("Owner", "me"), ("Data", "me")]}, [("From", "me"), ("Owner", "me"), ("Data", "me"), PLAIN, *END], b" "),
    ({"Action": "F", "Content-Type": "application/octet-stream", "Data": b"\0\1\x7f\x80\xc8\xff\nA"}, [("Action", "F"), ("Content-Type", "application/octet-stream"), *END], b"\0\1\x7f\x80\xc8\xff\nA"),
    ({"Action": "U", "Word": "naïve 日本", "Data": "Grüße 🚀 \0 end \u2028"}, [("Action", "U"), ("Word", "naïve 日本"), *END], "Grüße 🚀 \0 end \u2028".encode()),
    ({"From-Process": P2, "Pushed-For": P2}, [("From-Process", P2), ("Pushed-For", P2), PLAIN, *END], b" "),
    ({"Variant": "ao.N.1", "Data": "x"}, [*END[:2], ("Variant", "ao.N.1"), END[3]], b"x"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "tags", "data"), SENT)
def test_what_a_client_sends(message: dict[str, Any], tags: list[tuple[str, str]], data: bytes) -> None:
    """The item has the client's tags in the client's order; no data is one space."""
    item = DataItem.of({"Target": P1, **message}, USER)
    assert (tags_of(item), item.data, item.target, item.anchor) == (tags, data, P1, "")
    assert item.verify()
    assert DataItem.of(Message(Target=P1, **message), USER).raw_tags == item.raw_tags


def test_what_is_not_the_messages_to_say() -> None:
    """Who it is from, its id and its place in the order are the wallet's and the scheduler's."""
    full = Message(Id=P2, From="alice", Owner="bob", Target=P1, Nonce=7, Timestamp=5, Cron=True, Data="x", Action="A")
    item = DataItem.of(full, USER)
    assert tags_of(item) == [("Action", "A"), *END]
    assert (item.message().from_, item.message().owner) == (USER.address, USER.address)


def test_a_protocol_that_is_there_already() -> None:
    """Tags of the protocol stay where they are if all are there, and go to the end if not; others' stay."""
    whole = [("Action", "A"), ("Data-Protocol", "ao"), ("Type", "Process"), ("Variant", "ao.TN.1"), ("Module", P2)]
    assert tags_of(DataItem.of({"Tags": whole, "Data": "x"}, USER, sdk=None)) == whole
    assert tags_of(DataItem.of({"Tags": whole, "Data": "x"}, USER)) == [whole[0], END[0], *whole[1:]]
    part = [("Type", "Odd"), ("Data-Protocol", "ao"), ("A", "1"), ("variant", "v"), ("Data-Protocol", "other")]
    assert tags_of(DataItem.of({"Tags": part, "Data": "x"}, USER, sdk="mine")) == [
        ("SDK", "mine"),
        ("A", "1"),
        ("variant", "v"),
        ("Data-Protocol", "other"),
        ("Data-Protocol", "ao"),
        ("Variant", "v"),
        ("Type", "Message"),
    ]
    spawn = [("Type", "Process"), ("Module", P2), ("SDK", "other")]
    assert tags_of(DataItem.of({"Tags": spawn, "Data": "x"}, USER)) == [
        ("Module", P2),
        ("SDK", "other"),
        *END[1:3],
        ("Type", "Process"),
    ]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"Quantity": 10}, "Tags[0].value: must be text on the network, found the number 10"),
        ({"Tags": [("A", "b"), ("Ok", True)]}, "Tags[1].value: must be text on the network, found true"),
        ({"List": ["a"]}, "Tags[0].value: must be text on the network, found an array"),
        ({"Data": {"a": 1}}, "Data: must be text or bytes, found an object"),
        ({"Target": "nobody"}, "target: must be an id of 43 characters"),
        ({"Anchor": "short"}, "anchor: must be 32 bytes"),
        ([], "must be an object, found an array"),
    ],
)
def test_what_no_item_can_hold(message: Any, told: str) -> None:
    """What the network would drop in silence is an InputError that says what and where."""
    with pytest.raises(InputError) as caught:
        DataItem.of(message, USER)
    assert str(caught.value).startswith(told)


def test_what_a_process_gets() -> None:
    """The message of an item has the fields that the compute unit gives, with those of the assignment."""
    item = DataItem.of({"Target": P1, "Action": "A", "Data": "x", "Anchor": "0" * 32}, USER)
    seen = item.message(**{"Epoch": 0, "Nonce": 2, "Timestamp": 5, "Block-Height": 7, "Hash-Chain": "h"}).to_wire()
    assert seen == {
        "Id": item.id,
        "Signature": item.signature,
        "Data": "x",
        "Owner": USER.address,
        "Target": P1,
        "Anchor": "0" * 32,
        "From": USER.address,
        "Tags": [{"name": name, "value": value} for name, value in [("Action", "A"), *END]],
        "Epoch": 0,
        "Nonce": 2,
        "Timestamp": 5,
        "Block-Height": 7,
        "Hash-Chain": "h",
        "Cron": False,
        "Read-Only": False,
    }
    assert list(seen) == [
        *("Id", "Signature", "Data", "Owner", "Target", "Anchor", "From", "Tags", "Epoch", "Nonce", "Timestamp"),
        *("Block-Height", "Hash-Chain", "Cron", "Read-Only"),
    ]
    assert item.message(nonce=3, from_="other").to_wire()["From"] == "other"


def test_a_message_that_was_pushed() -> None:
    """From is the first tag From-Process, and then Forwarded-By is who signed."""
    tags = [
        ("From-Process", P2),
        ("From-Process", P1),
        ("From", "me"),
        ("Owner", "me"),
        ("Target", "me"),
        ("from", "me"),
    ]
    seen = DataItem.create(" ", target=P1, tags=tags, wallet=wallet("eth1")).message()
    address = wallet("eth1").ao_address
    assert address.startswith("0x")
    assert (seen.from_, seen.owner, seen.forwarded_by) == (P2, address, address)
    assert [tuple(tag) for tag in seen.tags] == [*tags[:2], *tags[4:]]
    assert DataItem.create(" ", wallet=USER).message().forwarded_by is None


def test_what_is_no_text() -> None:
    """Data and tags lose what is no UTF-8, and an anchor of it is none, as at the scheduler."""
    item = DataItem.create(b"\0\1\x7f\x80\xc8\xff\nA", anchor=b"\xff" * 32, tags=[(b"N\xff", b"\xc3")], wallet=USER)
    seen = item.message()
    assert (seen.data, seen.anchor, [tuple(tag) for tag in seen.tags]) == (
        "\0\1\x7f\ufffd\ufffd\ufffd\nA",
        None,
        [("N\ufffd", "\ufffd")],
    )
    every = DataItem.create(bytes(range(256)), wallet=USER).message().data
    assert len(every.encode()) == 512


def test_a_processs_own_item() -> None:
    """The message that starts a process is for itself; its data is nothing if it is no text."""
    tags = {"Type": "Process", "Module": P2}
    item = DataItem.create(b"\xff", tags=tags, wallet=USER)
    seen = item.message()
    assert (seen.id, seen.target, seen.data) == (item.id, item.id, None)
    assert DataItem.create("code", tags=tags, wallet=USER).message().data == "code"


@given(
    st.dictionaries(
        st.sampled_from(["Action", "Name", "x", "SDK", "Variant"]), st.text(st.characters(codec="utf-8"), max_size=20)
    ),
    st.text(st.characters(codec="utf-8"), max_size=30),
)
def test_there_and_back(tags: dict[str, str], data: str) -> None:
    """What a process gets, sent again, is the same: nothing is added twice."""
    signer = wallet("ed1")
    once = DataItem.of(Message(Target=P1, Tags=tags, Data=data), signer).message()
    again = DataItem.of(once, signer).message()
    assert (again.tags, again.data, again.target, again.id) == (once.tags, once.data, P1, once.id)
    assert {name: value for name, value in tags.items() if name != "Variant"}.items() <= once.tags.items()


def test_an_item_evaluated() -> None:
    """A recorded Eval, given to a process of its signer, is evaluated; the same signed by another is not."""
    item = DataItem.parse(by_name("ethereum ao message"))
    process = Process.spawn(id=item.target, owner=item.ao_address)
    process.eval("A = 'evaluated'")
    assert process.handle(item.message()).text == "evaluated"
    assert process.handle(DataItem.create(item.data, tags=item.tags, wallet=USER).message()).text != "evaluated"
    assert isinstance(item.tags, Tags)
