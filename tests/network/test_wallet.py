"""Wallets: deterministic addresses, sending, and an inbox."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import InputError, RefusedError
from ao_runtime.network import Network
from ao_runtime.network.ids import from_id, is_id, short, to_id

from .programs import PONG, alice, spawn


def test_deterministic() -> None:
    """A name has one address for a seed, in every network; another one for another seed, and for another name."""
    first, again, other = Network(), Network(), Network(seed="other")
    assert first.wallet("alice").address == again.wallet("alice").address
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", first.wallet("alice").address)
    addresses = {net.wallet(name).address for net in (first, again, other) for name in ("alice", "bob", "")}
    assert len(addresses) == 6


def test_signed_addresses() -> None:
    """So it is with real keys, and they are others than those of an unsigned network."""
    pytest.importorskip("cryptography", reason="signing needs the extra net")
    one, again, plain = Network(signed=True), Network(signed=True), Network()
    assert one.wallet("alice").address == again.wallet("alice").address != plain.wallet("alice").address


def test_same_wallet() -> None:
    """The same name is the same wallet; wallets are equal by their addresses."""
    net = Network()
    wallet = net.wallet("alice")
    assert net.wallet("alice") == wallet
    assert wallet == Network().wallet("alice")
    assert len({wallet, Network().wallet("alice"), net.wallet("bob")}) == 2
    assert wallet != wallet.address
    assert (str(wallet), wallet.id) == (wallet.address, wallet.address)
    assert repr(wallet) == f"<wallet alice {wallet.address}>"
    assert [one.name for one in net.wallets] == ["alice", "bob"]


def test_label() -> None:
    """People read its name wherever its address stands."""
    net = Network()
    assert net.label(alice(net).address) == "alice"
    stranger = Network(seed="x").wallet("alice").address
    assert net.label(stranger) == short(stranger)


def test_name_of_a_process() -> None:
    """What is the name of a process here is no wallet's name."""
    net = Network()
    spawn(net, "", "shop")
    with pytest.raises(InputError, match="'shop' is the name of something else here"):
        net.wallet("shop")


def test_inbox() -> None:
    """Messages to its address are in its inbox, in order, and nobody else's."""
    net = Network()
    bob, process = net.wallet("bob"), spawn(net, PONG)
    assert bob.inbox == []
    for _ in range(2):
        bob.send(process, Action="Ping")
    alice(net).send(process, Action="Ping")
    assert [message.data for message in bob.inbox] == ["pong 1", "pong 2"]
    assert [message.data for message in alice(net).inbox] == ["pong 3"]
    message = bob.inbox[0]
    assert (message.from_, message.owner, message.target) == (process.id, net.messenger.address, bob.address)
    assert [one.data for one in net.mail()] == ["pong 1", "pong 2", "pong 3"]
    assert net.mail("bob") == net.mail(bob) == net.mail(bob.address) == bob.inbox


def test_sends_as_itself() -> None:
    """A process sees its address as From and Owner; a message cannot say otherwise by a tag."""
    net = Network()
    bob, process = (
        net.wallet("bob"),
        spawn(net, "Handlers.add('x', 'X', function(msg) F, O, T = msg.From, msg.Owner, msg.Tags.From end)"),
    )
    bob.send(process, Action="X", Tags={"From": "eve", "Owner": "eve"})
    assert [process.get(name) for name in "FOT"] == [bob.address, bob.address, None]


def test_send_by_name() -> None:
    """A process is named by itself, its id, or its name; a wrong name is an error that knows a better one."""
    net = Network()
    process = spawn(net, PONG, "market")
    for to in (process, process.id, "market"):
        assert alice(net).send(to, Action="Ping").ok
    with pytest.raises(RefusedError) as raised:
        alice(net).send("markt", Action="Ping")
    assert str(raised.value) == "there is no process 'markt' (did you mean market?)"
    with pytest.raises(RefusedError, match=r"there is no process alice \(it is the address of a wallet\)"):
        alice(net).send("alice", Action="Ping")


def test_client_tags() -> None:
    """What it sends is as the client makes it: its own tags, then SDK and protocol, and a space for no data."""
    net = Network()
    process = spawn(net, PONG)
    sent = alice(net).send(process, Action="Ping", Colour="red")
    assert sent.evaluation.item is not None
    wire = sent.evaluation.item.to_wire()
    assert [(tag["name"], tag["value"]) for tag in wire["tags"]] == [
        ("Action", "Ping"),
        ("Colour", "red"),
        ("Content-Type", "text/plain"),
        ("SDK", "aoconnect"),
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Message"),
    ]
    assert (wire["data"], wire["anchor"], wire["target"], wire["owner"]) == (
        " ",
        None,
        process.id,
        {"address": alice(net).address},
    )


def test_values_that_are_somebody() -> None:
    """Wallets and processes among the values stand for their addresses."""
    net = Network()
    process = spawn(net, "Handlers.add('x', 'X', function(msg) A, B = msg.Tags.Who, msg.Tags.What end)")
    alice(net).send(process, {"Action": "X", "Tags": {"Action": "X", "Who": net.wallet("bob").address}}, What=process)
    assert (process.get("A"), process.get("B")) == (net.wallet("bob").address, process.id)


def test_bad_messages() -> None:
    """A message that makes no sense is an `InputError` and leaves nothing."""
    net = Network()
    process = spawn(net, PONG)
    for fields in ({"Anchor": "short"}, {"Tags": 3}, {"Tags": {"X": []}}, {"Data": 3.5}):
        with pytest.raises(InputError):
            alice(net).send(process, **fields)
    assert process.count == 1


def test_twice_is_two() -> None:
    """Who sends the same twice has sent two messages."""
    net = Network()
    process = spawn(net, PONG)
    first, second = alice(net).send(process, Action="Ping"), alice(net).send(process, Action="Ping")
    assert first.id != second.id
    assert process.get("Count") == 2


@given(st.binary(min_size=32, max_size=32))
def test_ids(raw: bytes) -> None:
    """An id is 43 characters, and its 32 bytes again."""
    text = to_id(raw)
    assert is_id(text)
    assert from_id(text) == raw


@pytest.mark.parametrize("text", ["", "A" * 42, "A" * 44, "A" * 42 + "+", "A" * 43 + "\n", None, b"A" * 43])
def test_no_id(text: object) -> None:
    """Anything else is none."""
    assert not is_id(text)
