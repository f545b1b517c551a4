"""The compute unit: what is evaluated, when, and what is not evaluated twice."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.errors import AoError, InputError, LoadError, RefusedError
from ao_runtime.models import Moment
from ao_runtime.network import AOS, Evaluation, Network, NetworkProcess, unit_result, wire_of

from .programs import NOTES, PONG, TELL, alice, pairs, run, spawn, state

TICKS = """
Ticks = {}
Handlers.add("tick", "Cron", function(msg) Ticks[#Ticks + 1] = msg.Timestamp; TickSeen = msg end)
"""
CRON = {"Cron-Interval": "10-seconds", "Cron-Tag-Action": "Cron"}
SKIPPED = {"Messages": [], "Assignments": [], "Spawns": [], "Output": "", "GasUsed": 0}


def result(one: Evaluation) -> dict[str, Any]:
    """A result as the unit answers it."""
    assert one.result is not None
    return unit_result(one.result)


# ── what was there already ─────────────────────────────────────────────────────────────────────────────────────────


def doubled(net: Network) -> tuple[NetworkProcess, NetworkProcess]:
    """A message that is delivered twice, from one process to another."""
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    net.auto = False
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    net.duplicate(net.pending[0])
    net.run()
    return tell, notes


def test_duplicate_skipped() -> None:
    """What is pushed twice has two places and is evaluated once; the second has an empty result."""
    net = Network()
    _, notes = doubled(net)
    assert notes.get("Notes") == ["x"]
    assert notes.count == 3
    first, second = notes.evaluations[1:]
    assert (first.skipped, second.skipped) == (False, True)
    assert result(second) == SKIPPED
    assert second.item is not None
    assert first.item is not None
    assert pairs(second.item) == pairs(first.item)


def test_duplicate_not_skipped() -> None:
    """With `deduplicate=False` it is evaluated twice."""
    net = Network(deduplicate=False)
    _, notes = doubled(net)
    assert notes.get("Notes") == ["x", "x"]
    assert not notes.evaluations[-1].skipped


def test_alike_is_no_duplicate() -> None:
    """What a process sends twice by itself are two messages: their references differ, and their anchors."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    run(process, f"for _ = 1, 2 do Send({{ Target = '{notes.id}', Action = 'Note', Data = 'x' }}) end")
    assert notes.get("Notes") == ["x", "x"]


def test_alike_from_a_wallet_is_no_duplicate() -> None:
    """A wallet's messages are never taken for duplicates: each is signed by itself."""
    net = Network()
    notes = spawn(net, NOTES)
    for _ in range(2):
        alice(net).send(notes, Action="Note", Data="x", Anchor="a" * 32)
    assert notes.get("Notes") == ["x", "x"]


def test_assigned_again() -> None:
    """A message that is assigned to a process that had it is skipped; to another one it is evaluated, once."""
    net = Network()
    one, two = spawn(net, PONG, "one"), spawn(net, PONG, "two")
    run(two, "ao.addAssignable('all', function() return true end)")
    ping = alice(net).send(one, Action="Ping")
    for process in (one, two, two):
        net.assign(ping, process)
    assert (one.get("Count"), two.get("Count")) == (1, 1)
    assert [evaluation.skipped for evaluation in one.evaluations] == [False, False, True]
    assert [evaluation.skipped for evaluation in two.evaluations] == [False, False, False, True]


def test_assigned_seen() -> None:
    """An assigned message keeps its own Target, and has the anchor "" where it has none; the place is the process's."""
    net = Network()
    one, two = spawn(net, PONG, "one"), spawn(net, NOTES, "two")
    ping = alice(net).send(one, Action="Ping")
    sent = net.assign(ping, two)
    place = sent.evaluation.assignment
    assert place is not None
    wire = wire_of(place)
    assert (wire["Id"], wire["Target"], wire["Anchor"], wire["Nonce"]) == (ping.id, one.id, "", 1)
    assert "Assignment is not trusted!" in sent.result.text


# ── what a process gets ────────────────────────────────────────────────────────────────────────────────────────────


def test_message_seen() -> None:
    """A process gets exactly the fields of the network; From and Owner are no tags."""
    net = Network()
    notes = spawn(net, NOTES)
    sent = alice(net).send(notes, Data="d", Tags={"Action": "Note", "From": "x", "Owner": "y", "Z": "z"})
    place = sent.evaluation.assignment
    assert place is not None
    tags = "Action Z SDK Data-Protocol Variant Type".split()
    values = ["Note", "z", "aoconnect", "ao", "ao.TN.1", "Message"]
    assert wire_of(place) == {
        "Id": sent.id,
        "Signature": "",
        "Data": "d",
        "Owner": alice(net).address,
        "Target": notes.id,
        "Anchor": None,
        "From": alice(net).address,
        "Tags": [{"name": name, "value": value} for name, value in zip(tags, values, strict=True)],
        "Epoch": 0,
        "Nonce": 1,
        "Timestamp": place.timestamp,
        "Block-Height": place.block_height,
        "Hash-Chain": place.hash_chain,
        "Cron": False,
        "Read-Only": False,
    }
    seen = notes.get("Last")
    assert (seen["Nonce"], seen["Timestamp"], seen["Hash-Chain"]) == (1, place.timestamp, place.hash_chain)
    assert "Anchor" not in seen


def test_environment() -> None:
    """A process's environment names its owner, its tags and its module."""
    net = Network()
    process = spawn(net, "", tags={"Colour": "red"})
    assert process.get("ao.env.Process.Owner") == alice(net).address
    assert process.get("ao.env.Process.Tags.Colour") == "red"
    assert process.get("ao.env.Module.Id") == AOS


def test_data_that_is_no_text() -> None:
    """A message's data reaches the process as the scheduler's JSON has it: bytes that are no UTF-8 become U+FFFD."""
    net = Network()
    notes = spawn(net, NOTES)
    alice(net).send(notes, Action="Note", Data=bytes(range(256)))
    expected = bytes(range(256)).decode("utf-8", "replace")
    assert notes.get("Notes[1]") == expected


# ── dry runs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_dry_run() -> None:
    """A dry run sees the state as it is and leaves no trace: no place, no message, no state."""
    net = Network()
    process = spawn(net, PONG)
    alice(net).send(process, Action="Ping")
    before = state(net)
    found = process.dry_run(Action="Ping", From=alice(net))
    assert found.messages[0].data == "pong 2"
    assert found.messages[0].target == alice(net).address
    assert state(net) == before
    assert process.get("Count") == 1
    assert net.pending == []


def test_dry_run_of_the_unit() -> None:
    """The compute unit's dry run has the time of the last message, and Cron false, unless the message says otherwise."""
    net = Network()
    process = spawn(
        net,
        "Handlers.add('x', 'X', function(msg) msg.reply({ Data = table.concat({ msg.Timestamp, tostring(msg.Cron), msg.Target, msg['Block-Height'] }, ' ') }) end)",
    )
    last = net.scheduler.schedule(process.id).assignments[-1]
    net.clock.advance("1h")
    message = {"Tags": [{"name": "Action", "value": "X"}], "Owner": "O", "From": "O"}

    def told(**fields: Any) -> str:
        return str(net.compute.dry_run(process.id, {**message, **fields}).messages[0].data)

    assert told() == f"{last.timestamp} false {process.id} {last.block_height}"
    assert told(Timestamp=5, Cron=True) == f"5 true {process.id} {last.block_height}"
    with pytest.raises(RefusedError, match="there is no process"):
        net.compute.dry_run("A" * 43, message)


def test_error_leaves_no_trace() -> None:
    """A message that fails changes nothing, sends nothing, and has its place and its result."""
    net = Network()
    process = spawn(
        net, PONG + "Handlers.add('bad', 'Bad', function(msg) Count = 99; Send({ Target = msg.From }); error('no') end)"
    )
    sent = alice(net).send(process, Action="Bad")
    assert "no" in (sent.error or "")
    assert (process.get("Count"), process.count, net.mail()) == (0, 2, [])
    assert result(sent.evaluation)["Error"] == sent.error
    assert alice(net).send(process, Action="Ping").messages[0].data == "pong 1"


# ── crons ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ticks_before_the_next_message() -> None:
    """Ticks are due by the clock, and are evaluated before the next message; not before, as nobody monitors it."""
    net = Network()
    process = spawn(net, TICKS, tags=CRON)
    start = net.clock.now
    net.clock.advance("35s")
    assert process.get("Ticks") == []
    alice(net).send(process, Action="X")
    assert process.get("Ticks") == [start + 10_000, start + 20_000, start + 30_000]
    assert [one.tick is not None for one in process.evaluations] == [False, True, True, True, False]
    assert [one.nonce for one in process.evaluations] == [0, 0, 0, 0, 1]
    alice(net).send(process, Action="X")
    assert len(process.evaluations) == 6


def test_tick_of_this_moment() -> None:
    """A tick whose second is just now is due: it comes before a message of this moment, once."""
    net = Network()
    process = spawn(net, TICKS, tags=CRON)
    start = net.clock.now
    net.clock.advance("10s")
    for _ in range(2):
        alice(net).send(process, Action="X")
        assert process.get("Ticks") == [start + 10_000]
        net.clock.advance("1ms")


def test_standing_clock_has_no_ticks() -> None:
    """Messages that come while the clock stands have later timestamps, and set off no tick for that."""
    net = Network()
    process = spawn(net, TICKS, tags={**CRON, "Cron-Interval": "1-second"})
    for _ in range(2500):
        alice(net).send(process, Action="X")
    assert process.get("Ticks") == []


def test_tick_message() -> None:
    """A tick comes from the process's owner, has the Cron-Tags, and no Id, Data, Nonce or Hash-Chain."""
    net = Network()
    process = spawn(net, TICKS, tags={**CRON, "Cron-Tag-Colour": "red"})
    net.clock.advance("11s")
    alice(net).send(process, Action="X")
    seen = process.get("TickSeen")
    assert {name: seen[name] for name in ("From", "Owner", "Target", "Cron", "Action", "Colour")} == {
        "From": alice(net).address,
        "Owner": alice(net).address,
        "Target": process.id,
        "Cron": True,
        "Action": "Cron",
        "Colour": "red",
    }
    assert {"Nonce", "Hash-Chain", "Epoch"}.isdisjoint(seen)


def test_block_ticks() -> None:
    """An interval of blocks is due when blocks are mined and the clock goes on."""
    net = Network()
    process = spawn(net, TICKS, tags={**CRON, "Cron-Interval": "2-blocks"})
    net.clock.mine(4)
    net.clock.advance("5s")
    alice(net).send(process, Action="X")
    assert len(process.get("Ticks")) == 2


def test_block_ticks_come_once() -> None:
    """However often somebody looks, and whatever the time between blocks: each block is one tick, in their order."""
    net = Network()
    code = "Ticks = {} Handlers.add('tick', 'Cron', function(msg) table.insert(Ticks, { msg['Block-Height'], msg.Timestamp }) end)"
    process = spawn(net, code, tags={**CRON, "Cron-Interval": "1-block"})
    process.monitor()
    first = net.clock.height
    for _ in range(40):
        net.clock.advance("9s")
    net.clock.mine(3)
    net.tick()
    for _ in range(3):
        net.clock.advance("1s")
    heights, times = zip(*process.get("Ticks"), strict=True)
    assert heights == (*range(first + 1, first + 7),)
    assert [*times] == sorted(times)


def test_known_blocks_come_once() -> None:
    """Where somebody knows when blocks began, each is one tick at its own second, however often somebody looks."""
    net = Network()
    code = "Ticks = {} Handlers.add('tick', 'Cron', function(msg) table.insert(Ticks, { msg['Block-Height'], msg.Timestamp }) end)"
    process = spawn(net, code, tags={**CRON, "Cron-Interval": "1-block"})
    now, height = net.clock.now, net.clock.height
    began = {height + 1: 3, height + 2: 3, height + 3: 8}
    known = [Moment((now // 1000 + seconds) * 1000, number) for number, seconds in began.items()]
    net.compute.blocks = lambda process, after, until: [
        one for one in known if after.height < one.height <= until.height
    ]
    for seconds, to in ((4, 2), (4, 2), (5, 2), (9, 3), (20, 3)):
        net.compute.tick(process.id, Moment(now + 1000 * seconds, height + to))
    assert process.get("Ticks") == [[number, now + 1000 * seconds] for number, seconds in began.items()]


def test_unmonitored_ticks_send_nothing() -> None:
    """What ticks send without a monitor is never delivered, not even when a monitor comes later."""
    net = Network()
    code = "Handlers.add('tick', 'Cron', function(msg) Send({ Target = ao.env.Process.Owner, Action = 'Ticked' }) end)"
    process = spawn(net, code, tags=CRON)
    net.clock.advance("20s")
    alice(net).send(process, Action="X")
    process.monitor()
    assert alice(net).inbox == []
    net.clock.advance("15s")
    assert [message.action for message in alice(net).inbox] == ["Ticked"]
    assert alice(net).inbox[0].tags.get("Pushed-For") is None
    process.unmonitor()
    net.clock.advance("1h")
    alice(net).send(process, Action="X")
    assert len(alice(net).inbox) == 1


def test_monitored_ticks() -> None:
    """Those of a monitored process are evaluated and delivered as the clock goes on, each once."""
    net = Network()
    process = spawn(net, TICKS, tags=CRON)
    process.monitor()
    start = net.clock.now
    for _ in range(5):
        net.clock.advance("5s")
    assert process.get("Ticks") == [start + 10_000, start + 20_000]
    net.tick()
    alice(net).send(process, Action="X")
    assert len(process.get("Ticks")) == 2


def test_monitored_by_hand() -> None:
    """With `auto` off the ticks are evaluated, and what they send waits."""
    net = Network(auto=False)
    code = "Handlers.add('tick', 'Cron', function(msg) Send({ Target = ao.env.Process.Owner, Action = 'Ticked' }) end)"
    process = spawn(net, code, tags=CRON)
    process.monitor()
    net.clock.advance("21s")
    assert [one.action for one in net.pending] == ["Ticked", "Ticked"]
    assert net.run() == 2
    assert len(alice(net).inbox) == 2


def test_monitor_nobody() -> None:
    """A process that there is not cannot be monitored."""
    net = Network()
    with pytest.raises(RefusedError, match="there is no process"):
        net.messenger.monitor("A" * 43)
    net.clock.advance("1h")


def test_tick_that_fails() -> None:
    """A tick that fails is an evaluation with an error; the next ones come."""
    net = Network()
    process = spawn(
        net,
        "N = 0 Handlers.add('t', 'Cron', function() N = N + 1; if N == 1 and not Twice then Twice = 1; error('x') end end)",
        tags=CRON,
    )
    net.clock.advance("21s")
    alice(net).send(process, Action="X")
    results = [one.result for one in process.evaluations if one.tick is not None]
    assert [one is not None and one.ok for one in results] == [False, False]
    assert process.count == 2


@pytest.mark.parametrize(
    "interval", ["", "now", "0-seconds", "1-millisecond", "-5-seconds", "5 seconds", "5-fortnights", "9" * 20 + "-days"]
)
def test_bad_cron(interval: str) -> None:
    """A cron that makes no sense is refused at the spawn, and there is no such process."""
    net = Network()
    with pytest.raises(AoError, match="Cron-Interval"):
        spawn(net, "", tags={"Cron-Interval": interval})
    assert net.processes == []


# ── modules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_unknown_module() -> None:
    """A process of a module that nobody knows is refused, and how to make it known is said."""
    net = Network()
    with pytest.raises(RefusedError) as raised:
        spawn(net, "", module="A" * 43)
    assert str(raised.value) == "there is no module AAA...AAA (Network(modules={id: dialect or path}) makes one known)"
    assert net.processes == []


def test_module_made_known() -> None:
    """A module that is made known by its dialect evaluates."""
    net = Network(modules={"A" * 43: "2.0.1"})
    process = spawn(net, PONG, module="A" * 43)
    assert alice(net).send(process, Action="Ping").messages[0].data == "pong 1"
    assert process.get("ao.env.Module.Id") == "A" * 43


@pytest.mark.parametrize("given", [{"x": "2.0.6"}, {"A" * 43: "9.9"}, {"A" * 43: "/nowhere/x.wasm"}, {3: "2.0.6"}])
def test_bad_modules(given: Any) -> None:
    """An id that is none, a dialect and a file that there is not, are an `InputError`."""
    with pytest.raises(InputError) as raised:
        Network(modules=given)
    assert raised.value.field == "modules"


# ── rest ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rest_and_back() -> None:
    """Processes that are put to rest give the same results, to the byte, as those that are kept ready."""

    def played(live: int) -> tuple[dict[str, Any], list[Any]]:
        net = Network(live=live)
        tells = [spawn(net, TELL + PONG, f"t{number}") for number in range(5)]
        for step in range(30):
            alice(net).send(tells[step % 5], Action="Tell", Other=tells[(step * 3 + 1) % 5], What="Ping")
        return state(net), [one.get("Count") for one in tells]

    assert played(1) == played(2) == played(3000)


def test_live_is_kept() -> None:
    """No more than `live` processes are ready at any time."""
    net = Network(live=2)
    processes = [spawn(net, PONG, f"p{number}") for number in range(5)]
    for process in processes:
        alice(net).send(process, Action="Ping")
    assert len(net.compute._awake) == 2
    assert [process.get("Count") for process in processes] == [1] * 5
    assert len(net.compute._awake) == 2


@pytest.mark.parametrize("options", [{"live": 0}, {"live": True}, {"most": 0}, {"most": "many"}, {"live": 2.5}])
def test_bad_numbers(options: Any) -> None:
    """What is no number of them is an `InputError`."""
    with pytest.raises(InputError, match="must be a number, 1 or more"):
        Network(**options)


def test_crash() -> None:
    """A process whose memory is lost is as it was."""
    net = Network()
    process = spawn(net, PONG)
    alice(net).send(process, Action="Ping")
    net.compute.crash(process.id)
    assert process.get("Count") == 1
    net.compute.crash(process.id)
    assert alice(net).send(process, Action="Ping").messages[0].data == "pong 2"


# ── moments of one process ─────────────────────────────────────────────────────────────────────────────────────────


def test_at_and_fork() -> None:
    """`at` and `fork` give processes of their own, out of the network."""
    net = Network()
    _, notes = doubled(net)
    net.auto = True
    process = spawn(net, PONG, "pong")
    for _ in range(3):
        alice(net).send(process, Action="Ping")
    before = state(net)
    assert [process.at(nonce).get("Count") for nonce in range(4)] == [0, 1, 2, 3]
    fork = process.fork()
    fork.handle(Action="Ping", From=alice(net).address)
    assert (fork.get("Count"), process.get("Count")) == (4, 3)
    assert notes.at(2).get("Notes") == ["x"]
    assert notes.at(0).get("Notes") == []
    assert state(net) == before
    for nonce in (-1, 4, True, "1"):
        with pytest.raises(InputError, match="there is no message"):
            process.at(nonce)  # type: ignore[arg-type]


def test_load_error() -> None:
    """Code that fails at the spawn is a `LoadError` with its line, and leaves nothing: no process, name or message."""
    net = Network()
    before = state(net)
    with pytest.raises(LoadError) as raised:
        net.spawn(code="x = 1\nerror('no')", name="bad", owner="owner")
    assert (raised.value.line, "no" in str(raised.value)) == (2, True)
    assert net.labels.address("bad") is None
    assert {**state(net), "wallets": []} == {**before, "wallets": []}
