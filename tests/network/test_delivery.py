"""Delivery in your hand: what is on its way, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import InputError
from ao_runtime.network import Network, NetworkProcess

from .programs import NOTES, alice, run, spawn


def waiting(*notes: str) -> tuple[Network, NetworkProcess]:
    """A network in which notes are on their way to a process."""
    net = Network()
    to, sender = spawn(net, NOTES, "to"), spawn(net, "", "sender")
    net.auto = False
    for note in notes:
        run(sender, f"Send({{ Target = '{to.id}', Action = 'Note', Data = '{note}' }})")
    return net, to


def on_their_way(net: Network) -> list[str]:
    """The notes that are on their way."""
    return [(one.data or b"").decode() for one in net.pending]


def test_auto_off() -> None:
    """With `auto` off the message is evaluated, and what it sends waits."""
    net, to = waiting("a", "b")
    assert on_their_way(net) == ["a", "b"]
    assert (to.count, repr(net)) == (1, "Network(processes=2, wallets=1, pending=2)")
    net.auto = True
    alice(net).send(to, Action="X")
    assert (to.get("Notes"), net.pending) == (["a", "b"], [])


def test_pending_is_a_copy() -> None:
    """Changing the list changes nothing."""
    net, _ = waiting("a")
    net.pending.clear()
    assert on_their_way(net) == ["a"]


def test_delivery_tells() -> None:
    """A delivery says what is on its way, from whom and to whom."""
    net, to = waiting("a")
    delivery = net.pending[0]
    sender = net.process("sender")
    assert (delivery.kind, delivery.sender, delivery.target, delivery.action) == ("message", sender.id, to.id, "Note")
    told = delivery.to_dict()
    assert {**told, "Tags": {tag["name"]: tag["value"] for tag in told["Tags"]}} == {
        "kind": "message",
        "From": sender.id,
        "Target": to.id,
        "Tags": {"Action": "Note", "Data-Protocol": "ao", "Variant": "ao.TN.1", "Type": "Message", "Reference": "1"},
        "Data": "a",
    }
    assert repr(delivery) == f"Delivery(message, from={sender.id!r}, to={to.id!r}, action='Note')"
    assert delivery.item is None
    net.step()
    assert delivery.item is not None
    assert delivery.item.id == delivery.outcomes[0].item.id  # type: ignore[union-attr]


def test_other_kinds_tell() -> None:
    """So do a spawn and an assignment."""
    net, to = waiting()
    run(
        net.process("sender"),
        f"Spawn(ao.env.Module.Id, {{ Data = 'd' }}) Assign({{ Processes = {{ '{to.id}' }}, Message = 'm' }})",
    )
    spawned, assigned = (one.to_dict() for one in net.pending)
    sender = net.process("sender").id
    assert (spawned["kind"], spawned["From"], spawned["Data"], "Target" in spawned) == ("spawn", sender, "d", False)
    assert assigned == {"kind": "assignment", "From": sender, "Target": to.id, "Message": "m"}
    assert [repr(one).split("(")[1].split(",")[0] for one in net.pending] == ["spawn", "assignment"]


def test_step() -> None:
    """`step` delivers the next one and gives it; None where nothing is left."""
    net, to = waiting("a", "b")
    first = net.pending[0]
    assert net.step() is first
    assert (to.get("Notes"), on_their_way(net)) == (["a"], ["b"])
    assert first.outcomes[0].cause is first
    net.step()
    assert (net.step(), to.get("Notes")) == (None, ["a", "b"])


def test_run() -> None:
    """`run` delivers all, and says how many; with `until` no more than needed."""
    net, to = waiting("a", "b", "c")
    assert net.run(until=lambda: to.get("Notes") == ["a", "b"]) == 2
    assert on_their_way(net) == ["c"]
    assert net.run(until=lambda: True) == 0
    assert (net.run(), net.run()) == (1, 0)


def test_deliver() -> None:
    """`deliver` delivers one whatever is before it."""
    net, to = waiting("a", "b", "c")
    net.deliver(net.pending[2])
    assert (to.get("Notes"), on_their_way(net)) == (["c"], ["a", "b"])


def test_drop() -> None:
    """`drop` loses one, and it says so."""
    net, to = waiting("a", "b")
    lost = net.pending[0]
    net.drop(lost)
    net.run()
    assert (lost.problem, lost.outcomes, to.get("Notes")) == ("was dropped", (), ["b"])


def test_duplicate() -> None:
    """`duplicate` has one delivered once more, after all others; the compute unit skips the second."""
    net, to = waiting("a", "b")
    net.duplicate(net.pending[0])
    assert on_their_way(net) == ["a", "b", "a"]
    delivery = net.pending[0]
    net.run()
    assert (to.get("Notes"), to.count) == (["a", "b"], 4)
    assert [one.skipped for one in delivery.outcomes] == [False, True]
    assert len({one.item.id for one in delivery.outcomes if one.item is not None}) == 2


def test_duplicate_after_delivery() -> None:
    """What was delivered can be delivered once more."""
    net, to = waiting("a")
    delivery = net.step()
    assert delivery is not None
    net.duplicate(delivery)
    net.run()
    assert (to.get("Notes"), to.count) == (["a"], 3)


def test_drop_one_of_two() -> None:
    """Of one that is there twice `drop` takes one."""
    net, to = waiting("a")
    delivery = net.pending[0]
    net.duplicate(delivery)
    net.drop(delivery)
    assert on_their_way(net) == ["a"]
    net.run()
    assert (to.get("Notes"), delivery.problem) == (["a"], None)


def test_reorder() -> None:
    """`reorder` shuffles what is on its way: nothing is lost, and the same seed gives the same order."""
    letters = "abcdefgh"

    def shuffled(seed: Any) -> list[str]:
        net, to = waiting(*letters)
        net.reorder(seed=seed)
        order = on_their_way(net)
        net.run()
        assert to.get("Notes") == order
        return order

    assert shuffled(1) == shuffled(1) != shuffled(2)
    assert sorted(shuffled("x")) == list(letters)


@pytest.mark.parametrize("how", ["deliver", "drop"])
def test_not_on_its_way(how: str) -> None:
    """What is not on its way can neither be delivered nor lost."""
    net, _ = waiting("a")
    delivery = net.step()
    with pytest.raises(InputError) as raised:
        getattr(net, how)(delivery)
    assert str(raised.value) == "delivery: is not on its way (net.pending is what is)"


def test_of_another_network() -> None:
    """A delivery of another network is none of this one."""
    net, _ = waiting("a")
    other, _ = waiting("a")
    with pytest.raises(InputError, match="is not on its way"):
        net.deliver(other.pending[0])
    assert len(net.pending) == len(other.pending) == 1


def test_ends_with_the_program() -> None:
    """A process that asks and waits for its answer goes on when that is delivered by hand."""
    net = Network()
    pong = spawn(net, "Handlers.add('p', 'Ping', function(msg) msg.reply({ Data = 'x' }) end)", "pong")
    asker = spawn(net, "", "asker")
    net.auto = False
    sent = asker.eval(f"Got = Send({{ Target = '{pong.id}', Action = 'Ping' }}).receive().Data")
    assert sent.ok
    assert (len(asker.waiting), asker.get("Got")) == (1, None)
    net.step()
    assert asker.get("Got") is None
    net.step()
    assert (asker.waiting, asker.get("Got")) == ((), "x")


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["step", "deliver", "drop", "duplicate", "reorder"]), max_size=12),
    st.randoms(use_true_random=False),
)
def test_any_way(steps: list[str], chance: Any) -> None:
    """Whatever is done by hand: what is delivered arrives once, what is dropped not at all, and nothing else comes."""
    letters = "abcdef"
    net, to = waiting(*letters)
    lost: list[str] = []
    for what in steps:
        if what == "step":
            net.step()
        elif what == "reorder":
            net.reorder(seed=chance.randrange(100))
        elif net.pending:
            delivery = chance.choice(net.pending)
            getattr(net, what)(delivery)
            if what == "drop":
                lost.append((delivery.data or b"").decode())
    net.run()
    arrived = to.get("Notes")
    assert len(set(arrived)) == len(arrived)
    assert set(letters) - set(arrived) <= set(lost)
