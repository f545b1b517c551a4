"""What answers in Python, in place of a process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ao_runtime.errors import InputError, RefusedError, StandInError
from ao_runtime.models import Message
from ao_runtime.network import Network

from .programs import ASK, NOTES, TELL, alice, pairs, run, spawn


def told(net: Network, to: Any, what: str = "Hi", data: str = "d") -> Any:
    """Have a process send a message there; what was sent."""
    teller = spawn(net, TELL, "teller") if net.labels.address("teller") is None else net.process("teller")
    return alice(net).send(teller, Action="Tell", Other=to, What=what, Data=data)


def test_receives() -> None:
    """It gets each message as a `Message`, and keeps it."""
    net = Network()
    seen: list[Message] = []
    oracle = net.stand_in("oracle", seen.append)
    sent = told(net, oracle)
    assert seen == oracle.received
    message = seen[0]
    assert (message.action, message.data, message.target) == ("Hi", "d", oracle.address)
    assert (message.from_, message.owner) == (net.process("teller").id, net.messenger.address)
    assert message.tags["Pushed-For"] == sent.id
    assert net.mail() == []


def test_address() -> None:
    """A name stands for the wallet of that name; an address is taken as it is; what it answers comes from there."""
    net, given = Network(), "A" * 43
    assert net.stand_in("oracle", print).address == net.wallet("oracle").address
    assert net.stand_in(net.wallet("bob"), print).name == "bob"
    assert net.stand_in(given, print).address == given
    assert set(net.messenger.stand_ins) == {net.wallet("oracle").address, net.wallet("bob").address, given}


def test_answers() -> None:
    """What it returns without a Target is an answer, which `receive` finds by its X-Reference."""
    net = Network()
    net.stand_in("oracle", lambda message: {"Action": "Pong", "Data": f"to {message.action}"})
    ask = spawn(net, ASK, "ask")
    alice(net).send(ask, Action="Ask", Other=net.wallet("oracle"))
    assert ask.get("Got") == "to Ping"
    assert [message.data for message in alice(net).inbox] == ["to Ping"]
    assert ask.waiting == ()


def test_answer_tags() -> None:
    """An answer is an item of the messenger's as that of a process, but for From-Module; its references count on."""
    net = Network()
    oracle = net.stand_in("oracle", lambda message: {"Data": "x", "Colour": "red"})
    notes = spawn(net, NOTES + TELL, "notes")
    for _ in range(2):
        sent = alice(net).send(notes, Action="Tell", Other=oracle, What="Hi")
    item = notes.evaluations[-1].item
    assert item is not None
    assert (item.owner, item.sender, item.anchor) == (net.messenger.address, oracle.address, b"2".rjust(32, b"0"))
    assert pairs(item) == [
        ("Variant", "ao.TN.1"),
        ("Reference", "2"),
        ("Colour", "red"),
        ("X-Reference", "2"),
        ("Data-Protocol", "ao"),
        ("Type", "Message"),
        ("From-Process", oracle.address),
        ("Pushed-For", sent.id),
    ]


def test_sends_elsewhere() -> None:
    """With a Target it sends wherever it likes: to processes and wallets, which may be named by themselves."""
    net = Network()
    notes = spawn(net, NOTES, "notes")
    bob = net.wallet("bob")
    net.stand_in(
        "oracle",
        lambda message: [
            {"Target": notes.id, "Action": "Note", "Data": "1"},
            Message(target=bob.address, data="2"),
            {"Target": notes, "Action": "Note", "Data": "3"},
        ],
    )
    told(net, net.wallet("oracle"))
    assert notes.get("Notes") == ["1", "3"]
    assert [message.data for message in bob.inbox] == ["2"]
    assert "X-Reference" not in bob.inbox[0].tags


@pytest.mark.parametrize("nothing", [None, [], (), [None], iter(())])
def test_nothing(nothing: Any) -> None:
    """It may answer nothing."""
    net = Network()
    oracle = net.stand_in("oracle", lambda message: nothing)
    told(net, oracle)
    assert (len(oracle.received), net.mail(), net.pending) == (1, [], [])


def test_several() -> None:
    """It may answer several, also as a generator; they are delivered in order."""
    net = Network()

    def answers(message: Message) -> Iterator[dict[str, Any]]:
        for number in range(3):
            yield {"Action": "Note", "Data": f"{number}"}

    net.stand_in("oracle", answers)
    notes = spawn(net, NOTES + TELL, "notes")
    alice(net).send(notes, Action="Tell", Other=net.wallet("oracle"), What="Hi")
    assert notes.get("Notes") == ["0", "1", "2"]


class Oracle:
    """An object that stands in."""

    def __init__(self) -> None:
        self.actions: list[str | None] = []

    def handle(self, message: Message) -> dict[str, str]:
        """Answer."""
        self.actions.append(message.action)
        return {"Data": "object"}


def test_object() -> None:
    """An object with a method `handle` stands in."""
    net, oracle = Network(), Oracle()
    net.stand_in("oracle", oracle)
    ask = spawn(net, ASK)
    alice(net).send(ask, Action="Ask", Other=net.wallet("oracle"))
    assert (oracle.actions, ask.get("Got")) == (["Ping"], "object")


def test_between_stand_ins() -> None:
    """Stand-ins answer one another."""
    net = Network()
    other = net.stand_in("other", lambda message: {"Data": "back"} if message.action == "Ask" else None)
    one = net.stand_in(
        "one", lambda message: {"Target": other.address, "Action": "Ask"} if message.action == "Hi" else None
    )
    told(net, one)
    assert [message.data for message in one.received] == ["d", "back"]
    assert [message.action for message in other.received] == ["Ask"]


def test_process_in_place() -> None:
    """There is no stand-in for a process that is there."""
    net = Network()
    process = spawn(net, "", "shop")
    for who in (process, process.id, "shop"):
        with pytest.raises(InputError, match="shop is a process of this network"):
            net.stand_in(who, print)


@pytest.mark.parametrize("answer", [None, 3, "x", {"Data": "x"}])
def test_cannot_answer(answer: Any) -> None:
    """What cannot be called is no stand-in."""
    with pytest.raises(InputError, match="cannot answer"):
        Network().stand_in("oracle", answer)


def test_no_process() -> None:
    """A wallet cannot send to a stand-in, as there is no process."""
    net = Network()
    net.stand_in("oracle", print)
    with pytest.raises(RefusedError, match="there is no process oracle"):
        alice(net).send("oracle", Action="X")


# ── what goes wrong in it ──────────────────────────────────────────────────────────────────────────────────────────


def test_raises() -> None:
    """What it raises is a `StandInError` with its cause, name and message; the network goes on after it."""
    net = Network()
    cause = ValueError("no price")

    def broken(message: Message) -> None:
        raise cause

    oracle = net.stand_in("oracle", broken)
    notes = spawn(net, NOTES, "notes")
    teller = spawn(net, "", "teller")
    with pytest.raises(StandInError) as raised:
        run(
            teller,
            f"Send({{ Target = '{oracle.address}', Action = 'Hi' }}) Send({{ Target = '{notes.id}', Action = 'Note', Data = 'n' }})",
        )
    assert str(raised.value) == "stand-in oracle, Hi: raised ValueError: no price"
    assert raised.value.__cause__ is cause
    assert len(oracle.received) == 1
    assert len(net.pending) == 1
    net.run()
    assert notes.get("Notes") == ["n"]


def test_raises_later() -> None:
    """So it is where it raises between its answers; none of them is sent then."""
    net = Network()

    def broken(message: Message) -> Iterator[dict[str, str]]:
        yield {"Data": "first"}
        raise KeyError("second")

    net.stand_in("oracle", broken)
    with pytest.raises(StandInError, match="raised KeyError: 'second'"):
        told(net, net.wallet("oracle"))
    assert net.pending == []


@pytest.mark.parametrize(
    "answer",
    [
        3,
        "text",
        b"x",
        [3],
        [["x"]],
        {"Tags": {"X": 3}},
        {"Data": 3.5},
        {"Tags": 3},
        [{"Data": "fine"}, 3],
        {"Target": 3},
        {"Target": ["x"]},
        True,
    ],
)
def test_bad_answer(answer: Any) -> None:
    """What cannot be sent is a `StandInError` that says what can; nothing of it is sent."""
    net = Network()
    net.stand_in("oracle", lambda message: answer)
    with pytest.raises(StandInError) as raised:
        told(net, net.wallet("oracle"))
    assert str(raised.value).startswith("stand-in oracle, Hi: returned what cannot be sent: ")
    assert str(raised.value).endswith("(a stand-in returns None, a message (a dict, a Message), or a list of them)")
    assert net.pending == []


def test_asks_the_network() -> None:
    """What the network refuses a stand-in is not taken for a message that was refused."""
    net = Network()
    net.stand_in("oracle", lambda message: net.process("nobody"))
    with pytest.raises(StandInError, match="raised RefusedError: there is no process 'nobody'") as raised:
        told(net, net.wallet("oracle"))
    assert isinstance(raised.value.__cause__, RefusedError)


def test_sends_by_itself() -> None:
    """A stand-in may send as a wallet while it answers."""
    net = Network()
    notes = spawn(net, NOTES, "notes")

    def answer(message: Message) -> dict[str, Any]:
        net.wallet("bob").send(notes, Action="Note", Data="by hand")
        return {"Target": notes, "Action": "Note", "Data": "answer"}

    net.stand_in("oracle", answer)
    told(net, net.wallet("oracle"))
    assert notes.get("Notes") == ["by hand", "answer"]


def test_own_anchor() -> None:
    """It may give an anchor; one of another length does not arrive."""
    net = Network()
    anchors = iter(["a" * 32, "short"])
    net.stand_in("oracle", lambda message: {"Target": net.wallet("bob").address, "Anchor": next(anchors)})
    told(net, net.wallet("oracle"))
    told(net, net.wallet("oracle"))
    assert [message.anchor for message in net.wallet("bob").inbox] == ["a" * 32]


def test_duplicates() -> None:
    """It gets what is delivered twice twice, as nobody stands between; its answers are two then."""
    net = Network()
    oracle = net.stand_in("oracle", lambda message: {"Target": net.wallet("bob").address, "Data": "x"})
    net.auto = False
    told(net, oracle)
    net.duplicate(net.pending[0])
    net.run()
    assert len(oracle.received) == 2
    assert [message.tags["Reference"] for message in net.wallet("bob").inbox] == ["1", "2"]


def test_another_in_its_place() -> None:
    """A new one at the same address takes the place of the old one."""
    net = Network()
    old = net.stand_in("oracle", print)
    new = net.stand_in("oracle", lambda message: None)
    told(net, new)
    assert (len(old.received), len(new.received)) == (0, 1)
