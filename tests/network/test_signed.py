"""A network in which everything is really signed."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from ao_runtime.errors import NetworkError, RefusedError
from ao_runtime.network import KNOWN_MESSENGERS, Item, Network

from .programs import ASK, NOTES, PONG, TELL, alice, last_item, run, spawn, state

pytest.importorskip("cryptography", reason="signing needs the extra net")

from ao_runtime.items import DataItem, Wallet


def used(seed: str = "") -> Network:
    """A signed network with messages, a child, mail, data and an assignment."""
    net = Network(signed=True, seed=seed)
    tell, pong = spawn(net, TELL, "tell"), spawn(net, PONG, "pong")
    ping = alice(net).send(pong, Action="Ping")
    alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    run(tell, "Spawn(ao.env.Module.Id, { Data = 'x' })")
    net.assign(ping, tell)
    net.store("data")
    return net


def items(net: Network) -> list[Item]:
    """All items."""
    return [one.item for one in net.scheduler.assignments()] + net.storage.items()


def test_items_verify() -> None:
    """Every item is a data item whose bytes verify, with the id, owner, target, anchor, tags and data that are shown."""
    net = used()
    assert len(items(net)) > 10
    for item in items(net):
        assert item.raw is not None
        parsed = DataItem.parse(item.raw)
        assert parsed.verify()
        assert (parsed.id, parsed.ao_address, parsed.target or "") == (item.id, item.owner, item.target)
        assert (parsed.data, parsed.signature, parsed.raw_anchor or b"") == (item.data, item.signature, item.anchor)
        assert [(tag.name, tag.value) for tag in parsed.tags] == [(tag.name, tag.value) for tag in item.tags]


def test_changed_item() -> None:
    """A byte that is changed is noticed."""
    net = used()
    raw = items(net)[0].raw
    assert raw is not None
    assert not DataItem.parse(raw[:-1] + bytes([raw[-1] ^ 1])).verify()


def test_ids() -> None:
    """An id is SHA-256 of the signature; no two are the same."""
    net = used()
    for item in items(net):
        signature = base64.urlsafe_b64decode(item.signature + "=" * (-len(item.signature) % 4))
        digest = hashlib.sha256(signature).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == item.id
    ids = [one.id for one in net.scheduler.assignments()]
    assert len(set(ids)) == len(ids)


def test_assignments_verify() -> None:
    """An assignment is signed by the scheduler: an item without data and target that has just its tags."""
    net = used()
    wallet = net.maker._wallets[net.scheduler.address]  # type: ignore[attr-defined]
    for one in net.scheduler.assignments():
        tags = [(tag["name"], tag["value"]) for tag in one.tags]
        made = DataItem.create(tags=tags, wallet=wallet)
        assert (made.id, made.signature, made.ao_address) == (one.id, one.signature, net.scheduler.address)
        assert DataItem.parse(bytes(made)).verify()


def test_same_seed() -> None:
    """The same seed gives the same bytes; another one other ids for everything."""
    assert used().snapshot() == used().snapshot()
    one, other = used(), used("other")
    assert {item.id for item in items(one)}.isdisjoint(item.id for item in items(other))
    assert {item.owner for item in items(one)}.isdisjoint(item.owner for item in items(other))


def test_twice() -> None:
    """Who sends the same twice has sent two messages: the second has an anchor of its own."""
    net = Network(signed=True)
    notes = spawn(net, NOTES)
    sent = [alice(net).send(notes, Action="Note", Data="x") for _ in range(3)]
    assert len({one.id for one in sent}) == 3
    anchors = [one.evaluation.item.anchor for one in sent if one.evaluation.item is not None]
    assert anchors[0] == b""
    assert len(set(anchors)) == 3
    assert all(len(anchor) == 32 for anchor in anchors[1:])
    assert notes.get("Notes") == ["x", "x", "x"]


def test_twice_in_an_anchor() -> None:
    """What was sent in an anchor has not been sent: the same afterwards is the same item."""
    net = Network(signed=True)
    notes = spawn(net, NOTES)
    with net.anchor():
        inside = alice(net).send(notes, Action="Note", Data="x")
    assert alice(net).send(notes, Action="Note", Data="x").id == inside.id


def test_same_results() -> None:
    """Results, order, and what people see are those of a network that signs nothing."""

    def played(signed: bool) -> list[Any]:
        net = Network(signed=signed)
        tell, pong, ask = spawn(net, TELL, "tell"), spawn(net, PONG, "pong"), spawn(net, ASK, "ask")
        alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
        sent = alice(net).send(ask, Action="Ask", Other=pong)
        net.clock.advance("1m")
        tree = [line.split("] ", 1)[-1] for line in str(sent.tree).split("\n")]
        return [
            tree,
            ask.get("Got"),
            pong.get("Count"),
            [process.count for process in net.processes],
            [message.data for message in net.mail()],
        ]

    assert played(True) == played(False)


def test_known_messenger() -> None:
    """Where it shows itself as a known messenger the item is still signed by its own key."""
    net = Network(signed=True)
    tell, notes = spawn(net, TELL), spawn(net, NOTES, tags={"Authority": KNOWN_MESSENGERS[0]})
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    item = last_item(notes)
    assert (item.owner, notes.get("Notes")) == (KNOWN_MESSENGERS[0], ["x"])
    assert item.raw is not None
    parsed = DataItem.parse(item.raw)
    assert parsed.verify()
    assert parsed.ao_address == net.messenger.address


def test_own_key() -> None:
    """A real wallet signs with its own key, and has its own address."""
    key = Wallet.from_ed25519(b"k" * 32)
    net = Network(signed=True)
    bob = net.wallet("bob", key)
    assert bob.address == key.ao_address
    sent = bob.send(spawn(net, PONG), Action="Ping")
    assert sent.evaluation.item is not None
    assert sent.evaluation.item.raw is not None
    parsed = DataItem.parse(sent.evaluation.item.raw)
    assert parsed.verify()
    assert parsed.ao_address == bob.address
    assert [message.data for message in bob.inbox] == ["pong 1"]


def test_own_key_unsigned() -> None:
    """In a network that signs nothing it has that address as well."""
    key = Wallet.from_ed25519(b"k" * 32)
    assert Network().wallet("bob", key).address == key.ao_address


def test_no_key() -> None:
    """Nobody sends as whom nobody has the key of, and nothing is left of it."""
    net = Network(signed=True)
    process = spawn(net, PONG)
    before = state(net)
    for sender in ("A" * 43, process.id):
        with pytest.raises(NetworkError, match="nobody here has the key of"):
            net.send(sender, process, Action="Ping")
    assert state(net) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"Tags": {f"T{number}": "x" for number in range(200)}},
        {"Tags": {"X": "y" * 5000}},
        {"Tags": {"N" * 2000: "y"}},
        {"Tags": {"": "y"}},
    ],
)
def test_no_item(fields: dict[str, Any]) -> None:
    """What is no data item (too many tags, too long ones) is refused, of a wallet as of a process."""
    net = Network(signed=True)
    notes = spawn(net, NOTES)
    with pytest.raises(RefusedError):
        alice(net).send(notes, **fields)
    assert notes.count == 1
    name, value = next(iter(fields["Tags"].items()))
    many = len(fields["Tags"])
    sender = spawn(net, "", "sender")
    code = (
        f"local tags = {{}} for i = 1, {many} do tags[i] = {{ name = '{name}', value = '{value}' }} end "
        f"table.insert(ao.outbox.Messages, {{ Target = '{notes.id}', Anchor = string.rep('a', 32), Tags = tags }})"
    )
    sent = sender.eval(code)
    assert sent.ok
    assert [one.problem is not None for one in sent.evaluation.effects] == [True]
    assert notes.count == 1


def test_duplicate() -> None:
    """What is delivered twice would be the same item, which the scheduler has: it is there once."""
    net = Network(signed=True, auto=False)
    tell, notes = spawn(net, TELL), spawn(net, NOTES)
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    delivery = net.pending[0]
    net.duplicate(delivery)
    net.run()
    assert (notes.get("Notes"), delivery.problem) == (["x"], None)
