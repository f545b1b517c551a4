"""A process that is hostile to the network: only errors of ours, in bounded time, and the others go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ao_runtime.errors import AoError, EndlessChainError
from ao_runtime.network import Faults, Network, NetworkProcess

from .programs import NOTES, PONG, TELL, alice, run, spawn, state


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """It takes no longer than that, of this program's own time."""
    start = time.process_time()
    yield
    took = time.process_time() - start
    assert took < seconds, f"took {took:.1f} s"


def good(net: Network) -> NetworkProcess:
    """Somebody who minds his own business."""
    return spawn(net, PONG + NOTES, "good")


def check_good(net: Network) -> None:
    """He is well, and answers."""
    process = net.process("good")
    count = process.get("Count")
    assert alice(net).send(process, Action="Ping").messages[0].data == f"pong {count + 1}"
    net.run()
    assert alice(net).inbox[-1].data == f"pong {count + 1}"
    assert all(one.result is None or one.result.ok for one in process.evaluations)


def dropped(net: Network) -> None:
    """Lose whatever is on its way."""
    net.messenger.pending.clear()


def test_endless_self_messages() -> None:
    """Two for each that it gets: an error after `most`, whatever comes of it."""
    net = Network(most=3000)
    good(net)
    evil = spawn(
        net, "Handlers.add('b', 'B', function() for _ = 1, 2 do Send({ Target = ao.id, Action = 'B' }) end end)", "evil"
    )
    with within(20), pytest.raises(EndlessChainError) as raised:
        alice(net).send(evil, Action="B")
    assert raised.value.cycle == ("evil.B",)
    assert len(net.pending) == 3002
    dropped(net)
    check_good(net)


def spammed(count: int) -> None:
    """So many messages in one result are delivered, if that many may be."""
    net = Network(most=150_000)
    good(net)
    evil = spawn(net, "", "evil")
    with within(20 + count / 1000):
        sent = evil.eval(f"for i = 1, {count} do Send({{ Target = '{alice(net).address}', Action = 'Spam' }}) end")
        assert sent.ok
        assert len(alice(net).inbox) == count
        text = str(sent.tree)
    assert text.split("\n")[-1] == f"  … and {count - 3} like these"
    assert len(text) < 1000
    check_good(net)


def test_many_messages() -> None:
    """Twenty thousand messages in one result are delivered, and shown in a few lines."""
    spammed(20_000)


@pytest.mark.long
def test_hundred_thousand_messages() -> None:
    """A hundred thousand are as well."""
    spammed(100_000)


def test_too_many_messages() -> None:
    """By default more than ten thousand are too many; the others go on when they are dropped."""
    net = Network()
    good(net)
    evil = spawn(net, "", "evil")
    with within(40), pytest.raises(EndlessChainError, match="10000 deliveries, and 15000 are on their way"):
        evil.eval(f"for i = 1, 25000 do Send({{ Target = '{alice(net).address}' }}) end")
    with within(10), net.anchor():
        dropped(net)
    assert len(net.pending) == 15_000
    dropped(net)
    check_good(net)


def test_faults_among_many() -> None:
    """Nor do faults among many take long."""
    net = Network(most=60_000, faults=Faults(seed=1, delay=0.2, reorder=0.2, duplicate=0.2, drop=0.2))
    evil = spawn(net, "", "evil")
    with within(30):
        assert evil.eval(f"for i = 1, 8000 do Send({{ Target = '{alice(net).address}' }}) end").ok
    assert 4000 < len(alice(net).inbox) < 10_000


def test_giant_tags() -> None:
    """Tags of megabytes, and thousands of them, arrive as they are; what people read of them is short."""
    net = Network()
    process = good(net)
    evil = spawn(net, "", "evil")
    with within(20):
        sent = evil.eval(
            f"local tags = {{ Action = 'Note', Big = string.rep('x', 5000000) }} "
            f"for i = 1, 5000 do tags['T' .. i] = 'y' end tags[string.rep('n', 100000)] = 'z' "
            f"Send({{ Target = '{process.id}', Tags = tags, Data = 'n' }})"
        )
        assert sent.ok
        assert len(str(sent.tree)) < 2000
        assert process.get("Notes") == ["n"]
        item = process.evaluations[-1].item
        assert item is not None
        assert len(item.tag(b"Big") or b"") == 5_000_000
        assert Network.restore(net.snapshot()).process("good").get("Notes") == ["n"]
    check_good(net)


def test_new_names_all_the_time() -> None:
    """Ever new names of tags fill no memory for good: what is kept of them has a bound."""
    from ao_runtime.network import incoming, outgoing

    net = Network(most=20_000)
    good(net)
    evil = spawn(net, "", "evil")
    with within(40):
        assert evil.eval(f"for i = 1, 4500 do Send({{ Target = '{net.process('good').id}', ['N' .. i] = 'x' }}) end").ok
    assert len(incoming._forms) <= 4096
    assert len(outgoing._kept) <= 4096
    check_good(net)


def test_large_data() -> None:
    """Ten megabytes of data go from process to process and into a wallet."""
    net = Network()
    process = good(net)
    evil = spawn(net, "", "evil")
    with within(20):
        run(
            evil,
            f"local data = string.rep('x', 10000000) Send({{ Target = '{process.id}', Action = 'Note', Data = data }}) Send({{ Target = '{alice(net).address}', Data = data }})",
        )
        assert len(process.get("Notes[1]")) == 10_000_000
        assert len(str(alice(net).inbox[0].data)) == 10_000_000
        sent = alice(net).send(evil, Action="X", Data=b"\xff" * 10_000_000)
        assert len(str(sent.tree)) < 500
    check_good(net)


def test_spawn_bomb() -> None:
    """A process that spawns itself, and so on, ends at `most`; the others go on."""
    net = Network(most=150, live=50)
    good(net)
    code = "for _ = 1, 2 do Spawn(ao.env.Module.Id, { Data = ao.env.Process.Data or Code, Tags = { Name = 'bomb', ['On-Boot'] = ao.env.Process.Tags['On-Boot'], Authority = ao.authorities[1] } }) end"
    id = net.store(code)
    with within(60), pytest.raises(EndlessChainError):
        net.spawn(data="", owner="alice", name="bomb", tags={"On-Boot": id})
    assert len(net.processes) == 152
    assert len({process.name for process in net.processes}) == 152
    dropped(net)
    check_good(net)


def test_many_spawns_in_one_result() -> None:
    """Hundreds of spawns of one name in one result are all there, each with its own name."""
    net = Network()
    good(net)
    evil = spawn(net, "", "evil")
    with within(60):
        assert evil.eval("for i = 1, 300 do Spawn(ao.env.Module.Id, { Tags = { Name = 'good' } }) end").ok
    assert len(net.processes) == 302
    assert net.processes[-1].name == "good-301"
    assert evil.count == 302
    check_good(net)


@pytest.mark.parametrize(
    "name",
    [
        "good",
        "alice",
        "owner",
        "messenger",
        "scheduler",
        "",
        "\x1b[2J\n",
        "\0",
        "a" * 100_000,
        "\u202e",
        "$(rm)",
        "../x",
        "💥",
    ],
)
def test_names(name: str) -> None:
    """Whatever a child is called: nobody else loses a name, and what is shown is one line."""
    net = Network()
    process = good(net)
    evil = spawn(net, "", "evil")
    escaped = (
        "".join(f"\\{byte}" if byte < 100 else f"\\{byte:03d}" for byte in name.encode()) if len(name) < 100 else name
    )
    run(evil, f"Spawn(ao.env.Module.Id, {{ Tags = {{ Name = '{escaped}' }} }})")
    child = net.processes[-1]
    assert (process.name, alice(net).address) == ("good", net.wallet("alice").address)
    assert net.process("good") == process
    assert len(child.name) <= 70
    assert "\n" not in child.name
    assert "\x1b" not in child.name
    assert net.process(child.name) == child
    assert net.spawn(code="", name="mine").name == "mine"
    assert Network.restore(net.snapshot()).process(child.name).id == child.id
    check_good(net)


TARGETS = [
    "ao.id", "ao.env.Process.Owner", "''", "' '", "'x'", "string.rep('A', 43)", "string.rep('A', 42) .. '\\0'", "string.rep('\\255', 43)", "'../../etc/passwd'",
    "string.rep('x', 1000000)", "3", "true", "{}", "{ 'x' }", "nil", "1/0", "0/0", "'\\27[2J'", "ao.env.Module.Id", "ao.authorities[1]", "function() end",
]  # fmt: skip


@pytest.mark.parametrize("signed", [False, pytest.param(True, id="signed")])
def test_targets(signed: bool) -> None:
    """Targets of all kinds: of messages, of assignments; by `ao.send` and past it."""
    if signed:
        pytest.importorskip("cryptography", reason="signing needs the extra net")
    net = Network(signed=signed)
    good(net)
    evil = spawn(net, "", "evil")
    for target in TARGETS:
        for code in (
            f"ao.send({{ Target = {target}, Data = 'x' }})",
            f"table.insert(ao.outbox.Messages, {{ Target = {target}, Anchor = string.rep('a', 32), Tags = {{}} }})",
            f"table.insert(ao.outbox.Messages, {{ Target = {target}, Anchor = string.rep('\\255', 32), Tags = {{ {{ name = {target}, value = {target} }} }}, Data = {target} }})",
            f"ao.assign({{ Processes = {{ {target} }}, Message = {target} }})",
            f"ao.assign({{ Processes = {{ ao.id }}, Message = {target} }})",
            f"Spawn({target}, {{}})",
            f"ao.spawn(ao.env.Module.Id, {{ Tags = {{ Module = {target}, Scheduler = {target}, Name = {target}, Authority = {target} }} }})",
            f"table.insert(ao.outbox.Spawns, {{ Anchor = 'x', Data = {target}, Tags = {{ {{ name = 'Module', value = ao.env.Module.Id }}, {{ name = 'On-Boot', value = {target} }} }} }})",
            f"ao.outbox.Messages = {target}",
            f"ao.outbox.Spawns = {target}",
            f"ao.outbox.Assignments = {{ {target} }}",
        ):
            sent = evil.eval(code)
            assert len(str(sent.tree)) < 4000, code
            sent.tree.to_dict()
    assert net.pending == []
    again = Network.restore(net.snapshot())
    assert state_of_all(again) == state_of_all(net)
    check_good(net)
    check_good(again)


def state_of_all(net: Network) -> Any:
    """What can be seen of a network some of whose processes were refused at their beginning."""
    return [
        [place.to_wire() for place in net.scheduler.assignments()],
        [message.to_wire() for message in net.mail()],
        net.labels.read(),
    ]


def test_to_the_units() -> None:
    """Messages to the network's own units are mail, and change nothing."""
    net = Network()
    good(net)
    evil = spawn(net, "", "evil")
    for address in (net.messenger.address, net.scheduler.address):
        run(evil, f"Send({{ Target = '{address}', Action = 'Stop', Data = 'x' }})")
    assert [net.label(message.target or "") for message in net.mail()] == ["messenger", "scheduler"]
    check_good(net)


def test_forged_in_the_outbox() -> None:
    """A process cannot send as another one: what it writes as From, Owner or From-Process is not what arrives."""
    net = Network()
    process = good(net)
    evil = spawn(net, "", "evil")
    other = spawn(net, "", "other")
    tags = f"{{ {{ name = 'Action', value = 'Note' }}, {{ name = 'From-Process', value = '{other.id}' }}, {{ name = 'From', value = '{other.id}' }}, {{ name = 'Owner', value = '{alice(net).address}' }} }}"
    run(
        evil,
        f"table.insert(ao.outbox.Messages, {{ Target = '{process.id}', From = '{other.id}', Owner = '{other.id}', Anchor = string.rep('a', 32), Data = 'x', Tags = {tags} }})",
    )
    assert (process.get("Last.From"), process.get("Last.Owner")) == (evil.id, net.messenger.address)
    child_tags = (
        f"{{ {{ name = 'Module', value = ao.env.Module.Id }}, {{ name = 'From-Process', value = '{other.id}' }} }}"
    )
    run(evil, f"table.insert(ao.outbox.Spawns, {{ Anchor = 'a', Tags = {child_tags} }})")
    assert other.count == 1
    assert net.process("other") == other


def test_deep_output() -> None:
    """An output that is nested without end, or an error that is a table, is a result as any other."""
    net = Network()
    good(net)
    evil = spawn(net, "", "evil")
    for code in (
        "local t = {} for i = 1, 5000 do t = { t } end ao.outbox.Output = t",
        "local t = {} for i = 1, 5000 do t = { t } end Send({ Target = ao.id, Data = t })",
        "local t = {} for i = 1, 5000 do t = { t } end error(t)",
        "error({ a = 1 })",
        "error(nil)",
        "error(setmetatable({}, { __tostring = function() error('x') end }))",
        "local t = {} t.t = t ao.outbox.Output = t",
        "ao.outbox = nil",
        "ao = nil",
        "Handlers = nil",
    ):
        try:
            sent = evil.eval(code)
        except AoError:
            continue
        str(sent.tree)
        sent.tree.to_dict()
    check_good(net)
    assert state(Network.restore(net.snapshot())) == state(net)


def test_limits_in_the_middle() -> None:
    """A process that runs without end stops at its limits, in the middle of what others sent on."""
    net = Network(limits={"instructions": 10**6})
    process = good(net)
    evil = spawn(net, "Handlers.add('l', 'Loop', function() while true do end end)", "evil")
    tell = spawn(net, TELL, "tell")
    with within(30):
        for _ in range(5):
            alice(net).send(tell, Action="Tell", Other=evil, What="Loop")
            alice(net).send(tell, Action="Tell", Other=process, What="Note")
    assert len(process.get("Notes")) == 5
    assert all(one.result is not None and one.result.failure is not None for one in evil.evaluations[1:])
    check_good(net)


def test_interrupted() -> None:
    """Ctrl-C in the middle of an evaluation: the message has no place, and all goes on."""
    net = Network()
    process = good(net)
    alice(net).send(process, Action="Ping")
    before = state(net)
    unit = net.compute.unit(process.id)
    real = unit.process.handle_packed

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    unit.process.handle_packed = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        alice(net).send(process, Action="Ping")
    unit.process.handle_packed = real  # type: ignore[method-assign]
    assert state(net) == before
    check_good(net)
