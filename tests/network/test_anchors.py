"""Anchors: everything in one is undone afterwards, all processes and the clock together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import AoError, LoadError, StandInError
from ao_runtime.network import Network, NetworkProcess, RealClock

from .programs import NOTES, PONG, TELL, alice, run, spawn, state


def busy(**options: Any) -> Network:
    """A network with three processes, mail, a stand-in, and something on its way."""
    net = Network(**options)
    one, two = spawn(net, TELL + PONG, "one"), spawn(net, PONG + NOTES, "two")
    spawn(
        net,
        "N = 0 Handlers.add('t', 'Cron', function() N = N + 1 end)",
        "three",
        tags={"Cron-Interval": "10-seconds", "Cron-Tag-Action": "Cron"},
    )
    net.stand_in("oracle", lambda message: {"Data": "answer"})
    alice(net).send(one, Action="Tell", Other=two, What="Ping")
    alice(net).send(two, Action="Ping")
    net.clock.advance("25s")
    return net


def values(net: Network) -> list[Any]:
    """Lua values of the three processes."""
    return [
        net.process("one").get("Count"),
        net.process("two").get("Count"),
        net.process("two").get("Notes"),
        net.process("three").get("N"),
    ]


def use(net: Network) -> None:
    """Do a bit of everything."""
    one, two = net.process("one"), net.process("two")
    alice(net).send(one, Action="Tell", Other=two, What="Ping")
    net.wallet("carol").send(two, Action="Ping")
    alice(net).send(one, Action="Tell", Other=net.wallet("oracle"), What="Ask")
    net.clock.advance("3m")
    net.clock.mine(2)
    alice(net).send("three", Action="X")
    net.process("three").monitor()
    kid = spawn(net, PONG, "kid")
    alice(net).send(one, Action="Tell", Other=kid, What="Ping")
    run(one, "Spawn(ao.env.Module.Id, { Tags = { Name = 'grandkid' } })")
    net.store("data")
    net.assign(alice(net).send(two, Action="Note", Data="n"), one)
    net.stand_in("other", lambda message: None)
    net.auto = False
    alice(net).send(one, Action="Tell", Other=two, What="Ping")
    alice(net).send(one, Action="Tell", Other=two, What="Note")
    net.duplicate(net.pending[0])


def check_undone(net: Network, action: Any = use) -> None:
    """After the action in an anchor all is as before, and goes on as if nothing had been."""
    twin = net.fork()
    before, lua, bytes_ = state(net), values(net), net.snapshot()
    with net.anchor() as inside:
        assert inside is net
        action(net)
        assert state(net) != before
    assert state(net) == before
    assert values(net) == lua
    assert net.snapshot() == bytes_
    for each in (net, twin):
        use(each)
        each.run()
    assert {**state(net), "received": 0} == {**state(twin), "received": 0}
    assert values(net) == values(twin)


def test_undone() -> None:
    """Messages, processes, names, wallets, data, mail, stand-ins, monitors, the clock: all is as before."""
    check_undone(busy())


def test_undone_signed() -> None:
    """So it is in a signed network."""
    pytest.importorskip("cryptography", reason="signing needs the extra net")
    check_undone(busy(signed=True))


def test_undone_at_rest() -> None:
    """So it is where processes are put to rest in between."""
    check_undone(busy(live=1))


def test_undone_isolated() -> None:
    """So it is where children evaluate."""
    with busy(isolated=2) as net:
        before, lua, bytes_ = state(net), values(net), net.snapshot()
        for _ in range(2):
            with net.anchor():
                use(net)
                net.run()
            assert (state(net), values(net)) == (before, lua)
        assert net.snapshot() == bytes_
    plain = busy()
    assert (state(plain), plain.snapshot()) == (before, bytes_)


def test_nested() -> None:
    """Anchors may be nested: each undoes what came since it."""
    net = busy()
    two = net.process("two")
    outer = state(net)
    with net.anchor():
        alice(net).send(two, Action="Ping")
        middle = state(net)
        with net.anchor():
            alice(net).send(two, Action="Ping")
            inner = state(net)
            with net.anchor():
                use(net)
            assert state(net) == inner
            alice(net).send(two, Action="Ping")
        assert state(net) == middle
        assert two.get("Count") == 3
        alice(net).send("one", Action="Ping")
    assert state(net) == outer
    assert two.get("Count") == 2


def test_spawn_inside() -> None:
    """A spawn in an anchor does not keep it from undoing what others did after that."""
    net = busy()
    one, two = net.process("one"), net.process("two")
    before = state(net)
    with net.anchor():
        kid = spawn(net, PONG, "kid")
        alice(net).send(two, Action="Ping")
        alice(net).send(kid, Action="Ping")
        with net.anchor():
            spawn(net, PONG, "kid2")
            alice(net).send(one, Action="Ping")
        assert (two.get("Count"), kid.get("Count"), one.get("Count")) == (3, 1, 0)
    assert (state(net), two.get("Count")) == (before, 2)
    with pytest.raises(AoError, match="there is no process"):
        kid.get("Count")
    assert spawn(net, PONG, "kid").id == kid.id


def test_failed_spawn_inside() -> None:
    """A spawn that fails in an anchor leaves the anchor as it is."""
    net = busy()
    two = net.process("two")
    before = state(net)
    with net.anchor():
        alice(net).send(two, Action="Ping")
        with pytest.raises(LoadError):
            spawn(net, "error('x')", "bad")
        alice(net).send(two, Action="Ping")
        assert two.get("Count") == 4
    assert (state(net), two.get("Count")) == (before, 2)


def test_exception_inside() -> None:
    """An exception goes out of it, and all is undone."""
    net = busy()
    before = state(net)

    def broken() -> None:
        with net.anchor():
            use(net)
            raise KeyError("mine")

    with pytest.raises(KeyError):
        broken()
    assert state(net) == before


def test_exception_of_a_stand_in() -> None:
    """So it is with what a stand-in raises in the middle of it."""
    net = busy()

    def broken(message: object) -> None:
        raise ValueError

    before = state(net)
    with net.anchor():
        net.stand_in("oracle", broken)
        with pytest.raises(StandInError):
            use(net)
    assert state(net) == before


def test_clock_alone() -> None:
    """The clock stands where it stood, and blocks come as they would have."""
    net = Network()
    net.clock.advance("1m")
    before = net.clock.read()
    with net.anchor():
        net.clock.advance("1h")
        net.clock.mine(5)
    assert net.clock.read() == before
    net.clock.advance("1m")
    assert net.clock.height == before[2] + 1


def test_pending_deliveries() -> None:
    """What was on its way is again, in its order, as if it had not been delivered; also where it was lost or shuffled."""
    net = busy()
    net.auto = False
    one, two = net.process("one"), net.process("two")
    for word in "abc":
        alice(net).send(one, Action="Tell", Other=two, What="Note", Data=word)
    before, first = state(net), net.pending[0]
    for action in (
        net.run,
        lambda: net.drop(first),
        lambda: net.reorder(seed=1),
        lambda: net.deliver(first),
        lambda: net.duplicate(first),
    ):
        with net.anchor():
            action()
        assert state(net) == before
        assert (first.problem, first.outcomes, first.item, first.copies) == (None, (), None, 0)
    net.run()
    assert two.get("Notes") == ["a", "b", "c"]


def test_duplicates_are_still_known() -> None:
    """What was there before the anchor is still known to have been there, also if it came again in it."""
    net = Network(auto=False)
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    delivery = net.step()
    assert delivery is not None
    with net.anchor():
        net.duplicate(delivery)
        net.run()
    net.duplicate(delivery)
    net.run()
    assert notes.get("Notes") == ["x"]


def test_duplicates_of_the_anchor_are_not() -> None:
    """What came in the anchor only is evaluated when it comes afterwards."""
    net = Network(auto=False)
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    with net.anchor():
        net.run()
        assert notes.get("Notes") == ["x"]
    assert notes.get("Notes") == []
    net.run()
    assert notes.get("Notes") == ["x"]


def test_assigned_in_an_anchor() -> None:
    """So it is where it was assigned again in the anchor."""
    net = Network(auto=False)
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    delivery = net.step()
    assert delivery is not None
    assert delivery.item is not None
    with net.anchor():
        net.assign(delivery.item.id, notes)
    net.duplicate(delivery)
    net.run()
    assert notes.get("Notes") == ["x"]


def test_real_clock() -> None:
    """A real clock that was put forward goes on by itself from before."""
    net = Network(clock=RealClock())
    process = spawn(net, PONG)
    with net.anchor():
        net.clock.advance("10h")
        alice(net).send(process, Action="Ping")
    assert net.clock.now - RealClock().now < 10_000
    assert alice(net).send(process, Action="Ping").messages[0].data == "pong 1"


def test_faster_than_a_fork() -> None:
    """An anchor makes nothing of processes that are not touched: two thousand cost nothing."""
    net = Network()
    processes = [spawn(net, "", f"p{number}") for number in range(50)]
    for _ in range(2000):
        with net.anchor():
            pass
    assert [process.count for process in processes] == [1] * 50


STEPS = ["send", "tell", "spawn", "advance", "anchor", "step", "by hand", "rest", "fail"]


def step(net: Network, what: str, processes: list[NetworkProcess]) -> None:
    """One of many things that may be done."""
    one = processes[len(net.mail()) % len(processes)]
    if what == "send":
        alice(net).send(one, Action="Ping")
    elif what == "tell":
        alice(net).send(processes[0], Action="Tell", Other=processes[-1], What="Ping")
    elif what == "spawn":
        run(processes[0], "Spawn(ao.env.Module.Id, { Tags = { Name = 'kid' } })")
    elif what == "advance":
        net.clock.advance("7s")
    elif what == "step":
        net.step()
    elif what == "by hand":
        net.auto = not net.auto
    elif what == "rest":
        net.compute.crash(one.id)
    elif what == "fail":
        one.eval("error('x')")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.lists(st.sampled_from(STEPS), max_size=4)), max_size=8))
def test_anchors_in_between(steps: list[tuple[str, list[str]]]) -> None:
    """Results and order do not depend on anchors in between, whatever is done in them."""

    def played(anchors: bool) -> tuple[dict[str, Any], bytes]:
        net = Network()
        processes = [spawn(net, TELL + PONG, name) for name in ("a", "b")]
        for what, inside in steps:
            step(net, what, processes)
            if anchors:
                with net.anchor():
                    for each in inside:
                        if each == "anchor":
                            with net.anchor():
                                step(net, "spawn", processes)
                        else:
                            step(net, each, processes)
        net.run()
        return state(net), net.snapshot()

    assert played(True) == played(False)
