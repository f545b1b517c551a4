"""What was seen of the real messenger and compute unit while they were recorded (spec: units, corrections).

A test for each, with its number; 4, 6, 9, 15 and 16 are about HTTP: `tests/units/test_corrections.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ao_runtime.network import AOS, Clock, Item, Network, NetworkProcess, wire_of

from .programs import NOTES, PONG, TELL, alice, last_item, pairs, run, spawn, state

#: Notes the Action of all that comes.
HEARD = """
Heard = {}
Handlers.prepend("heard", function() return "continue" end, function(msg) Heard[#Heard + 1] = msg.Action end)
"""
ANCHOR = "Anchor = string.rep('a', 32)"
#: A process that is ticked, and sends itself what it has heard.
CRON = {"Cron-Interval": "1-second", "Cron-Tag-Action": "Tick"}


def to_parent(action: str) -> str:
    """Code of a child that sends to its parent."""
    return f"Send({{ Target = ao.env.Process.Tags['From-Process'], Action = '{action}' }})"


def child(boot: str, tags: str = "") -> str:
    """Code that spawns a process with that code."""
    own = f"['On-Boot'] = 'Data', Authority = ao.authorities[1], {tags}"
    return f"Spawn(ao.env.Module.Id, {{ Data = [[{boot}]], Tags = {{ {own} }} }})"


def put(process: NetworkProcess, **entries: str) -> Any:
    """Have a process leave entries in its outbox that `ao.send` did not make, beside a good message to `notes`."""
    code = " ".join(f"table.insert(ao.outbox.{kind}, {entry})" for kind, entry in entries.items())
    return process.eval(f"Send({{ Target = '{process._network.process('notes').id}', Action = 'Note' }}) {code}")


def test_1_order_at_a_spawn() -> None:
    """1. Child, its boot, `Spawned` and its result; then one list: first the boot's messages, then those of `Spawned`."""
    net = Network(auto=False)
    notes = spawn(net, NOTES + HEARD, "notes")
    on_spawned = f"Handlers.add('s', 'Spawned', function() Send({{ Target = '{notes}', Action = 'Of-Spawned' }}) end)"
    parent = spawn(net, HEARD + on_spawned, "parent")
    run(parent, child(to_parent("Born") + f"Send({{ Target = '{notes}', Action = 'Of-Boot' }})"))
    net.step()
    assert parent.get("Heard") == ["Eval", "Spawned"]
    assert [(one.target, one.action) for one in net.pending] == [
        (parent.id, "Born"),
        (notes.id, "Of-Boot"),
        (notes.id, "Of-Spawned"),
    ]
    net.run()
    assert (parent.get("Heard"), notes.get("Heard")) == (["Eval", "Spawned", "Born"], ["Of-Boot", "Of-Spawned"])


def test_2_values_that_are_no_text() -> None:
    """2. A message with such a tag is dropped alone; a spawn or an assignment of the wrong form takes all with it."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, "", "process")
    tag = "{ { name = 'X', value = 12 } }"
    put(process, Messages=f"{{ Target = '{notes}', {ANCHOR}, Tags = {tag} }}")
    assert notes.count == 2, "the other message has arrived"
    for entries in (
        {"Spawns": f"{{ {ANCHOR}, Data = 'x', Tags = {tag} }}"},
        {"Spawns": "{ Data = 'x', Tags = {} }"},
        {"Assignments": f"{{ Processes = '{notes}', Message = '{process.id}' }}"},
    ):
        assert put(process, **entries).ok
        assert (notes.count, len(net.processes), net.pending) == (2, 2, [])
    run(process, "Send({ Target = ao.id, Action = 'X' })")
    assert notes.count == 2, "and it stays so"


def test_2_a_child_whose_boot_cannot_be_carried() -> None:
    """2. The parent never hears of it, and nothing of its boot is sent; it is there all the same."""
    net = Network()
    notes, parent = spawn(net, NOTES, "notes"), spawn(net, HEARD, "parent")
    run(parent, child(f"Send({{ Target = '{notes}', Action = 'Note' }}) ao.outbox.Spawns = {{ {{ Tags = {{}} }} }}"))
    born = net.processes[-1]
    assert (parent.get("Heard"), notes.count, net.scheduler.schedule(born.id).item.tag(b"From-Process")) == (
        ["Eval"],
        1,
        parent.id.encode(),
    )


def test_3_assignments_on_a_message() -> None:
    """3. As a list the message is dropped; as text it arrives, nobody is assigned, and no more of it is sent."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, "", "process")
    forward = f"Handlers.add('f', 'Fwd', function() Send({{ Target = '{notes}', Action = 'Note' }}) end)"
    target = spawn(net, forward, "target")
    run(process, f"Send({{ Target = '{target}', Action = 'Fwd', Assignments = {{ '{notes}' }} }})")
    assert (target.count, notes.count) == (1, 1)
    run(process, f"Send({{ Target = '{target}', Action = 'Fwd', Assignments = '{notes}' }})")
    assert (target.count, notes.count, net.pending) == (2, 1, [])
    # A user's tag of that name does nothing: its message is pushed on as any other.
    alice(net).send(target, Action="Fwd", Assignments=notes.id)
    assert (target.count, notes.count) == (3, 2)


def test_4_exclude_of_a_process() -> None:
    """4. `Exclude` and `BaseLayer` of an entry of a process's `Assignments` are taken off: it is assigned without."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, "", "process")
    run(notes, "ao.addAssignable('all', function() return true end)")
    sent = alice(net).send(process, Action="Note", Data="whole")
    run(
        process,
        f"Assign({{ Processes = {{ '{notes}' }}, Message = '{sent.id}', Exclude = {{ 'Data' }}, BaseLayer = '' }})",
    )
    place = notes.evaluations[-1].assignment
    assert place is not None
    assert [tag for tag in place.tags if tag["name"] == "Exclude"] == []
    assert notes.get("Notes") == ["whole"]


def test_5_targets() -> None:
    """5. An unknown id of 32 bytes and "" get mail; what no item can name, and an anchor of another length, nothing."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, "", "process")
    entries = [
        f"{{ Target = '{'x' * 42}A', {ANCHOR}, Tags = {{}}, Data = 'wallet' }}",
        f"{{ Target = '', {ANCHOR}, Tags = {{}}, Data = 'nobody at all' }}",
        f"{{ Target = 'nobody', {ANCHOR}, Tags = {{}} }}",
        f"{{ Target = '{notes}', Anchor = 'short', Tags = {{}} }}",
        f"{{ Target = '{notes}', Tags = {{}} }}",
        f"{{ Target = '{notes}', {ANCHOR} }}",
    ]
    run(process, f"ao.outbox.Messages = {{ {', '.join(entries)} }} Send({{ Target = '{notes}', Action = 'Note' }})")
    assert [(one.target, one.data) for one in net.mail()] == [("x" * 42 + "A", "wallet"), (None, "nobody at all")]
    assert (notes.get("Notes"), notes.count, net.pending) == ([" "], 2, [])
    # 32 bytes, but in JSON the one that is no UTF-8 becomes three.
    run(process, f"Send({{ Target = '{notes}' }}) ao.outbox.Messages[1].Anchor = '\\xff' .. string.rep('a', 31)")
    assert (notes.count, net.pending) == (2, [])


def test_5_tags_that_stay() -> None:
    """5. A process's own `Pushed-For` comes before the messenger's; Variant and Reference stay, also twice."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, "", "process")
    own = [(name, str(at)) for at, name in enumerate("Pushed-For Variant Reference Variant From-Process Type".split())]
    tags = ", ".join(f"{{ name = '{name}', value = '{value}' }}" for name, value in own)
    sent = process.eval(f"ao.outbox.Messages = {{ {{ Target = '{notes}', {ANCHOR}, Tags = {{ {tags} }} }} }}")
    protocol = [("Data-Protocol", "ao"), ("Type", "Message"), ("From-Process", process.id), ("From-Module", AOS)]
    assert pairs(last_item(notes)) == [*own[:4], *protocol, ("Pushed-For", sent.id)]


def test_8_pushed_for() -> None:
    """8. After a user's assignment it is the assignment's id, after a spawn the process's; a process's own has none."""
    net = Network()
    notes = spawn(net, NOTES, "notes")
    forward = f"Send({{ Target = '{notes}', Action = 'Note' }})"
    process = spawn(net, f"{forward} ao.addAssignable('a', function() return true end)", "process")

    def told() -> str | None:
        return dict(pairs(last_item(notes))).get("Pushed-For")

    assert told() == process.id
    run(process, f"Handlers.add('f', 'Fwd', function() {forward} end)")
    one, two = (alice(net).send(notes, Action="Fwd") for _ in range(2))
    place = net.assign(one, process).evaluation.assignment
    assert place is not None
    assert told() == place.id
    run(process, f"Assign({{ Processes = {{ ao.id }}, Message = '{two.id}' }})")
    assert (notes.count, told()) == (6, None)


def test_10_two_actions_of_spawned() -> None:
    """10. `Spawned` keeps the spawn's own Action before its own: `msg.Action` is the last, `msg.Tags.Action` the first."""
    net = Network()
    parent = spawn(net, "Handlers.prepend('l', 'Spawned', function(msg) Last = msg end)", "parent")
    run(parent, "Spawn(ao.env.Module.Id, { Data = 'not told', Tags = { Action = 'Mine' } })")
    item = last_item(parent)
    assert [value for name, value in pairs(item) if name == "Action"] == ["Mine", "Spawned"]
    assert (parent.get("Last.Action"), parent.get("Last.Tags.Action"), item.data) == ("Spawned", "Mine", b" ")


def test_11_a_list_keeps_its_order() -> None:
    """11. What a result sends to one process arrives in the order of the list."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, "", "process")
    run(process, f"for n = 1, 50 do Send({{ Target = '{notes}', Action = 'Note', Data = tostring(n) }}) end")
    assert notes.get("Notes") == [str(n) for n in range(1, 51)]


def test_12_what_is_on_its_way_stays_so(tmp_path: Path) -> None:
    """12. A messenger that was ended goes on with its tasks at the next start."""
    with Network.open(tmp_path, auto=False) as net:
        notes, tell = spawn(net, NOTES, "notes"), spawn(net, TELL, "tell")
        alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="kept")
    with Network.open(tmp_path) as net:
        net.run()
        assert net.process("notes").get("Notes") == ["kept"]


def test_13_a_process_with_a_target() -> None:
    """13. After its boot it is also assigned to its target, as a message that is elsewhere."""
    net = Network()
    one = spawn(net, PONG, "one")
    like = net.scheduler.schedule(one.id).item
    made = net.maker.item(alice(net).address, one.id, b"", like.names, like.values, b" ")
    boot = net.messenger.send(made)
    place = one.evaluations[-1].assignment
    assert place is not None
    assert (boot.process, place.nonce, place.to_wire()["message"], place.item.id) == (made.id, 1, None, made.id)
    assert place.timestamp >= boot.timestamp


def test_14_crons() -> None:
    """14. What a tick sends and spawns has no `Pushed-For`; ticks from before the monitor are never pushed."""
    net = Network()
    notes = spawn(net, NOTES, "notes")
    tick = f"Send({{ Target = '{notes}', Action = 'Note', Data = 'tick ' .. N }}) {child('')}"
    process = spawn(net, f"N = 0 Handlers.add('t', 'Tick', function() N = N + 1 {tick} end)", "process", tags=CRON)
    net.clock.advance("3s")
    net.compute.tick(process.id)
    assert process.get("N") == 3
    process.monitor()
    assert (notes.count, len(net.processes)) == (1, 2)
    net.clock.advance("1s")
    assert (notes.get("Notes"), len(net.processes)) == (["tick 4"], 3)
    for item in (last_item(notes), last_item(process), net.scheduler.schedule(net.processes[-1].id).item):
        assert item.tag(b"Pushed-For") is None


def item_seen(net: Network, process: NetworkProcess, **tags: str) -> tuple[Item, list[str], dict[str, Any]]:
    """A message of alice's without an anchor; the keys of what the process gets, in their order, and their values."""
    place = alice(net).send(process, Tags=tags).evaluation.assignment
    assert place is not None
    wire = wire_of(place)
    return place.item, list(wire), wire


def test_17_keys_of_a_message() -> None:
    """17. They are in this order; an assigned message has `Anchor: ""` where it has none."""
    net = Network()
    notes, other = spawn(net, NOTES, "notes"), spawn(net, "", "other")
    first = "Id Signature Data Owner Target Anchor From".split()
    rest = "Tags Epoch Nonce Timestamp Block-Height Hash-Chain Cron Read-Only".split()
    item, keys, wire = item_seen(net, notes, Action="Note")
    assert (keys, wire["Anchor"]) == ([*first, *rest], None)
    _, keys, wire = item_seen(net, notes, **{"From-Process": other.id})
    assert (keys, wire["Forwarded-By"]) == ([*first, "Forwarded-By", *rest], alice(net).address)
    place = net.assign(item.id, other).evaluation.assignment
    assert place is not None
    assert ([*wire_of(place)], wire_of(place)["Anchor"]) == ([*first, *rest], "")


@pytest.mark.parametrize("late", [0, 1, 456, 999])
def test_18_times_of_ticks(late: int) -> None:
    """18. Whole seconds from the message before; due where the whole seconds since the process divide the interval."""
    net = Network(clock=Clock(1_700_000_000_700))
    code = "T = {} Handlers.add('t', 'Tick', function(msg) T[#T + 1] = msg.Timestamp end)"
    process = spawn(net, code, tags={**CRON, "Cron-Interval": "10-seconds"})
    began = net.scheduler.schedule(process.id).assignments[0].timestamp
    net.clock.set(began + 4000 + late)
    before = alice(net).send(process, Action="X").evaluation.timestamp
    net.clock.advance("30s")
    alice(net).send(process, Action="X")
    ticks = process.get("T")
    assert len(ticks) == 3
    assert {(tick - before) % 1000 for tick in ticks} == {0}
    assert [tick // 1000 - began // 1000 for tick in ticks] == [10, 20, 30]


def test_19_order_of_monitored_ticks() -> None:
    """19. The ticks of one look come before what the earlier of them sent; those after it have the new ordinate."""
    net = Network()
    code = """
    Seen = {}
    Handlers.add("t", "Tick", function() Seen[#Seen + 1] = "tick" Send({ Target = ao.id, Action = "Own" }) end)
    Handlers.add("o", "Own", function() Seen[#Seen + 1] = "own" end)
    """
    process = spawn(net, code, tags=CRON)
    process.monitor()
    net.clock.advance("3s")
    assert process.get("Seen") == ["tick"] * 3 + ["own"] * 3
    net.clock.advance("2s")
    assert process.get("Seen")[6:] == ["tick"] * 2 + ["own"] * 2
    found = [(one.nonce, one.tick is not None) for one in process.evaluations[1:]]
    assert found == [(0, True)] * 3 + [(1, False), (2, False), (3, False)] + [(3, True)] * 2 + [(4, False), (5, False)]


def test_20_anchors_and_dry_runs() -> None:
    """20. `Anchor` is null without one, and where its bytes are no UTF-8; a dry run has no place, and is read-only."""
    net = Network()
    keys = "local k = {} for n, v in pairs(msg) do if type(v) ~= 'function' then k[#k + 1] = n end end"
    seen = f"Handlers.prepend('k', 'Keys', function(msg) {keys} table.sort(k) print(table.concat(k, ' ')) end)"
    process = spawn(net, seen)
    _, _, wire = item_seen(net, process, Action="Keys")
    assert wire["Anchor"] is None
    anchor = b"\xff" * 32
    binary = net.maker.item(
        alice(net).address, process.id, anchor, (b"Data-Protocol", b"Type"), (b"ao", b"Message"), b""
    )
    place = net.messenger.send(binary).assignment
    assert place is not None
    assert (place.item.anchor, wire_of(place)["Anchor"], place.to_wire()["message"]["anchor"]) == (anchor, None, None)
    assert process.evaluations[-1].item is place.item
    message = {"Id": "1234", "Owner": "me", "From": "me", "Tags": [{"name": "Action", "value": "Keys"}], "Anchor": "0"}
    told = net.compute.dry_run(process.id, message).text
    assert {*told.split()} >= {"Read-Only", "Timestamp", "Block-Height", "Cron", "Target", "Anchor"}
    assert {*told.split()}.isdisjoint({"Epoch", "Nonce", "Hash-Chain", "Signature"})


@pytest.mark.parametrize("signed", [False, True])
def test_20_an_anchor_that_is_no_text_is_kept(tmp_path: Path, signed: bool) -> None:
    """20. Its bytes are there when the folder is opened again, and the process has seen none."""
    anchor = b"\xff" * 32
    with Network.open(tmp_path, signed=signed) as net:
        process = spawn(net, "Handlers.prepend('l', 'Look', function(msg) Last = tostring(msg.Anchor) end)", "process")
        names, values = (b"Data-Protocol", b"Type", b"Action"), (b"ao", b"Message", b"Look")
        net.messenger.send(net.maker.item(alice(net).address, process.id, anchor, names, values, b""))
        before = state(net)
    with Network.open(tmp_path) as net:
        process = net.process("process")
        assert (state(net), last_item(process).anchor, process.get("Last")) == (before, anchor, "nil")
