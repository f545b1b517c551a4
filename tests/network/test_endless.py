"""A chain of messages without end."""

from __future__ import annotations

import pytest

from ao_runtime.errors import EndlessChainError
from ao_runtime.network import Network

from .programs import NOTES, PONG, alice, run, spawn

BALL = """
Count = 0
Handlers.add("Ball", "Ball", function(msg) Count = Count + 1; Send({ Target = msg.Tags.Other or msg.From, Action = "Ball" }) end)
"""


def test_two() -> None:
    """Two that never stop: an error after `most` deliveries, which shows the cycle, message and process."""
    net = Network(most=100)
    one, two = spawn(net, BALL, "one"), spawn(net, BALL, "two")
    with pytest.raises(EndlessChainError) as raised:
        alice(net).send(one, Action="Ball", Other=two)
    assert raised.value.cycle == ("one.Ball", "two.Ball")
    assert str(raised.value) == (
        "one, message Ball: what it set off does not end: 100 deliveries, and 1 are on their way; again and again: "
        "one.Ball ← two.Ball (if it is meant, Network(most=…) allows more)"
    )
    assert (one.get("Count"), two.get("Count")) == (51, 50)


def test_itself() -> None:
    """One that sends to itself is a cycle of one."""
    net = Network(most=20)
    process = spawn(net, BALL, "mad")
    with pytest.raises(EndlessChainError) as raised:
        alice(net).send(process, Action="Ball", Other=process)
    assert raised.value.cycle == ("mad.Ball",)


def test_three() -> None:
    """A longer cycle is shown whole, the last one first."""
    net = Network(most=50)
    names = ["a", "b", "c"]
    processes = [spawn(net, "", name) for name in names]
    for index, process in enumerate(processes):
        target = processes[(index + 1) % 3].id
        run(
            process,
            f"Handlers.add('s', 'Step{index}', function() Send({{ Target = '{target}', Action = 'Step{(index + 1) % 3}' }}) end)",
        )
    with pytest.raises(EndlessChainError) as raised:
        alice(net).send(processes[0], Action="Step0")
    assert len(raised.value.cycle) == 3
    assert set(raised.value.cycle) == {"a.Step0", "b.Step1", "c.Step2"}
    cycle = raised.value.cycle
    assert cycle in [
        ("c.Step2", "b.Step1", "a.Step0"),
        ("b.Step1", "a.Step0", "c.Step2"),
        ("a.Step0", "c.Step2", "b.Step1"),
    ]


def test_no_cycle() -> None:
    """Many without a cycle are as well too many; there is none to show."""
    net = Network(most=50)
    process = spawn(net, "", "wide")
    with pytest.raises(EndlessChainError) as raised:
        process.eval(f"for _ = 1, 60 do Send({{ Target = '{alice(net).address}' }}) end")
    assert raised.value.cycle == ()
    assert "50 deliveries, and 10 are on their way (if" in str(raised.value)
    assert net.run() == 10
    assert len(alice(net).inbox) == 60


def test_most() -> None:
    """Just `most` deliveries are no chain without end."""
    net = Network(most=50)
    process = spawn(net, "")
    assert process.eval(f"for _ = 1, 50 do Send({{ Target = '{alice(net).address}' }}) end").ok
    assert len(alice(net).inbox) == 50


def test_usable_afterwards() -> None:
    """What was on its way is still; once it is dropped, all goes on, and nothing of what happened is lost."""
    net = Network(most=30)
    mad, pong = spawn(net, BALL, "mad"), spawn(net, PONG, "pong")
    with pytest.raises(EndlessChainError):
        alice(net).send(mad, Action="Ball", Other=mad)
    assert (mad.count, mad.get("Count"), len(net.pending)) == (32, 31, 1)
    for delivery in net.pending:
        net.drop(delivery)
    assert alice(net).send(pong, Action="Ping").messages[0].data == "pong 1"
    assert alice(net).inbox[-1].data == "pong 1"
    assert mad.get("Count") == 31


def test_others_go_on_meanwhile() -> None:
    """While two never stop, the others get their messages: all is delivered in turn."""
    net = Network(most=60)
    mad, notes = spawn(net, BALL, "mad"), spawn(net, NOTES, "notes")
    sender = spawn(net, "", "sender")
    with pytest.raises(EndlessChainError):
        run(
            sender,
            f"Send({{ Target = '{mad.id}', Action = 'Ball', Other = '{mad.id}' }}) "
            f"for i = 1, 20 do Send({{ Target = '{notes.id}', Action = 'Note', Data = tostring(i) }}) end",
        )
    assert notes.get("Notes") == [f"{number}" for number in range(1, 21)]


def test_in_an_anchor() -> None:
    """In an anchor it is undone with all the rest."""
    net = Network(most=30)
    mad = spawn(net, BALL, "mad")
    with pytest.raises(EndlessChainError), net.anchor():
        alice(net).send(mad, Action="Ball", Other=mad)
    assert (mad.get("Count"), net.pending) == (0, [])


def test_at_the_spawn() -> None:
    """A process that never stops from its boot on is there; the error says so."""
    net = Network(most=30)
    with pytest.raises(EndlessChainError) as raised:
        spawn(net, BALL + "Send({ Target = ao.id, Action = 'Ball' })", "mad")
    assert raised.value.cycle == ("mad.Ball",)
    assert net.process("mad").get("Count") == 30


def test_ticks() -> None:
    """What a tick has set off and does not end is an error of whoever moved the clock on."""
    net = Network(most=30)
    code = BALL + "Handlers.add('c', 'Cron', function() Send({ Target = ao.id, Action = 'Ball' }) end)"
    process = spawn(net, code, "mad", tags={"Cron-Interval": "10-seconds", "Cron-Tag-Action": "Cron"})
    process.monitor()
    with pytest.raises(EndlessChainError) as raised:
        net.clock.advance("11s")
    assert raised.value.cycle == ("mad.Ball",)
