"""What the messenger makes of an outbox: tags and their order, and what it does not carry (spec: units, mu)."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.errors import RefusedError
from ao_runtime.models import shown
from ao_runtime.network import AOS, KNOWN_MESSENGERS, Item, Network, NetworkProcess

from .programs import NOTES, PONG, TELL, alice, last_item, pairs, run, spawn

#: Shows what a process has got.
SEEN = """
Seen = {}
Handlers.prepend("seen", function() return "continue" end, function(msg) Seen[#Seen + 1] = msg end)
"""
_PROTOCOL = ("Data-Protocol", "ao")


def tail(sender: NetworkProcess, pushed_for: str | None) -> list[tuple[str, str]]:
    """What every message of a process ends with."""
    last = [_PROTOCOL, ("Type", "Message"), ("From-Process", sender.id), ("From-Module", AOS)]
    return last if pushed_for is None else [*last, ("Pushed-For", pushed_for)]


def put(process: NetworkProcess, entry: str, kind: str = "Messages") -> Any:
    """Have a process leave an entry in its outbox that `ao.send` did not make; what was sent."""
    code = f"table.insert(ao.outbox.{kind}, {entry})"
    return alice(process._network).send(process, Action="Eval", Data=code)


def deliveries(sent: Any) -> list[tuple[str, str | None]]:
    """Kind and problem of what a message has set off."""
    return [(one.kind, one.problem) for one in sent.evaluation.effects]


# ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_message() -> None:
    """A message is an item of the messenger's: target, anchor and data as the process left them, tags in order."""
    net = Network()
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    sent = alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="hello")
    item = last_item(notes)
    assert (item.owner, item.target, item.data, item.anchor) == (
        net.messenger.address,
        notes.id,
        b"hello",
        b"00000000000000000000000000000001",
    )
    own = [("Variant", "ao.TN.1"), ("Reference", "1"), ("Action", "Note")]
    assert pairs(item) == own + tail(tell, sent.id)
    assert notes.get("Notes[1]") == "hello"


def test_no_data() -> None:
    """Without data a message has one space, and so with empty data."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    run(
        process,
        f"Send({{ Target = '{notes.id}', Action = 'Note' }}) Send({{ Target = '{notes.id}', Action = 'Note', Data = '' }})",
    )
    assert notes.get("Notes") == [" ", " "]


def test_own_tags_that_are_the_messengers() -> None:
    """What is the messenger's to say is taken out of a process's tags; all others stay, duplicates too."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    mine = "Data-Protocol Type From-Process From-Module Variant Reference Pushed-For X X".split()
    tags = ", ".join(f"{{ name = '{name}', value = 'mine{at}' }}" for at, name in enumerate(mine))
    sent = put(process, f"{{ Target = '{notes.id}', Anchor = string.rep('a', 32), Data = 'd', Tags = {{ {tags} }} }}")
    kept = [("Variant", "mine4"), ("Reference", "mine5"), ("Pushed-For", "mine6"), ("X", "mine7"), ("X", "mine8")]
    assert pairs(last_item(notes)) == kept + tail(process, sent.id)


def test_pushed_for() -> None:
    """`Pushed-For` is the user's message, however long the chain; of a boot the process, of an assignment that one's id."""
    net = Network()
    one, two, notes = spawn(net, TELL, "one"), spawn(net, PONG, "two"), spawn(net, NOTES, "notes")
    run(two, f"Handlers.prepend('on', 'On', function(msg) Send({{ Target = '{notes.id}', Action = 'Note' }}) end)")
    sent = alice(net).send(one, Action="Tell", Other=two, What="On")
    assert dict(pairs(last_item(notes)))["Pushed-For"] == sent.id
    boot = spawn(net, f"Send({{ Target = '{notes.id}', Action = 'Note' }})", "boot")
    assert dict(pairs(last_item(notes)))["Pushed-For"] == boot.id
    run(two, "ao.addAssignable('all', function() return true end)")
    on = alice(net).send(notes, Action="On")
    assigned = net.assign(on, two)
    assert assigned.evaluation.assignment is not None
    assert dict(pairs(last_item(notes)))["Pushed-For"] == assigned.evaluation.assignment.id
    run(one, f"Assign({{ Processes = {{ '{two.id}' }}, Message = '{on.id}' }})")
    assert two.evaluations[-1].skipped
    other = alice(net).send(notes, Action="On")
    run(one, f"Assign({{ Processes = {{ '{two.id}' }}, Message = '{other.id}' }})")
    assert pairs(last_item(notes))[-4:] == tail(two, None)


def test_wallets_and_unknown() -> None:
    """What is for a wallet, for an id that nobody has, or for nobody at all, is kept and can be read."""
    net = Network()
    process = spawn(net, "")
    targets = [net.wallet("bob").address, "A" * 43, ""]
    for target in targets:
        run(process, f"Send({{ Target = '{target}', Action = 'Hi', Data = 'x' }})")
    assert [(message.target or "", message.action, message.data) for message in net.mail()] == [
        (target, "Hi", "x") for target in targets
    ]
    assert [message.data for message in net.mail("A" * 43)] == ["x"]
    item = net.storage.mail[0]
    assert pairs(item)[3:7] == tail(process, None)
    assert net.storage.find(item.id) == b"x"


@pytest.mark.parametrize("target", ["nobody", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "é", "x" * 5000])
def test_target_that_is_no_address(target: str) -> None:
    """A target that no item can name is not delivered; the message after it is."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    sent = process.eval(
        f"Send({{ Target = '{target}', Data = 'x' }}) Send({{ Target = '{notes.id}', Action = 'Note' }})"
    )
    assert deliveries(sent) == [
        ("message", f"{shown(target)} is no address: an address has 43 characters"),
        ("message", None),
    ]
    assert (net.mail(), notes.get("Notes")) == ([], [" "])


ANCHOR = "Anchor = string.rep('a', 32)"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (f"Tags = {{}}, {ANCHOR}, Data = 'x'", "has no Target that is text"),
        (f"Target = 3, Tags = {{}}, {ANCHOR}", "has no Target that is text"),
        ("Target = TO, Tags = {}, Data = 'x'", "has no Anchor"),
        ("Target = TO, Tags = {}, Anchor = 3", "has no Anchor"),
        (f"Target = TO, {ANCHOR}", "has no Tags"),
        (f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X', value = 3 }} }}", "has a tag that is no text"),
        (f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X', value = true }} }}", "has a tag that is no text"),
        (f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X' }} }}", "has a tag that is no text"),
        (f"Target = TO, {ANCHOR}, Tags = {{ {{ value = 'X' }} }}", "has a tag that is no text"),
        (f"Target = TO, {ANCHOR}, Tags = {{ 'X' }}", "has a tag that is no text"),
        (f"Target = TO, {ANCHOR}, Tags = 'X'", "has a tag that is no text"),
        (f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X', value = 'y' }} }}, Data = 3", "has Data that is no text"),
        (
            f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X', value = 'y' }} }}, Data = false",
            "has Data that is no text",
        ),
        ("Target = TO, Tags = { { name = 'X', value = 'y' } }, Anchor = 'short'", "has an Anchor that has no 32 bytes"),
        (
            f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X+link', value = 'y' }} }}",
            "has a tag that ends in +link, which schedulers refuse",
        ),
        (
            f"Target = TO, {ANCHOR}, Tags = {{ {{ name = 'X', value = 'y+link' }} }}",
            "has a tag that ends in +link, which schedulers refuse",
        ),
    ],
)
def test_message_that_is_dropped(fields: str, problem: str) -> None:
    """A message that a messenger cannot read is dropped, and says why; the one beside it arrives."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    fields = fields.replace("TO", f"'{notes.id}'")
    good = f"{{ Target = '{notes.id}', {ANCHOR}, Tags = {{ {{ name = 'Action', value = 'Note' }} }} }}"
    sent = process.eval(f"ao.outbox.Messages = {{ {{ {fields} }}, {good} }}")
    assert sent.ok
    assert deliveries(sent) == [("message", problem), ("message", None)]
    assert notes.get("Notes") == [" "]
    assert net.pending == []


@pytest.mark.parametrize("entry", ["3", "'x'", "true", "{}", "{ 1, 2 }"])
def test_message_that_is_none(entry: str) -> None:
    """An entry of the outbox that is no message at all is dropped as well."""
    net = Network()
    process = spawn(net, "")
    sent = put(process, entry)
    assert [kind for kind, _ in deliveries(sent)] in ([], ["message"])
    assert all(problem is not None for _, problem in deliveries(sent))
    assert net.mail() == []


def test_number_tag_by_send() -> None:
    """`ao.send` with a number among the tags never arrives: aos leaves it a number."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    sent = process.eval(f"ao.send({{ Target = '{notes.id}', Action = 'Note', Num = 12 }})")
    assert deliveries(sent) == [("message", "has a tag that is no text")]
    assert notes.count == 1


def test_data_that_is_a_table() -> None:
    """aos makes JSON of a table in Data, and reads it back; of text that is no UTF-8 the network makes U+FFFD."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    run(process, f"Send({{ Target = '{notes.id}', Action = 'Note', Data = {{ a = 1 }} }})")
    run(process, f"Send({{ Target = '{notes.id}', Action = 'Note', Data = 'a\\xffb' }})")
    assert notes.get("Notes") == [{"a": 1}, "a\ufffdb"]


def test_assignments_tag() -> None:
    """A text `Assignments` among the tags: the target gets the message, nobody is assigned, and no more is sent of it."""
    net = Network()
    process, relay, notes = spawn(net, "", "p"), spawn(net, TELL, "relay"), spawn(net, NOTES, "notes")
    run(relay, f"Handlers.prepend('on', 'On', function(msg) Send({{ Target = '{notes.id}', Action = 'Note' }}) end)")
    tags = f"{{ {{ name = 'Action', value = 'On' }}, {{ name = 'Assignments', value = '{notes.id}' }} }}"
    put(process, f"{{ Target = '{relay.id}', {ANCHOR}, Tags = {tags} }}")
    evaluation = relay.evaluations[-1]
    assert evaluation.result is not None
    assert [message.action for message in evaluation.result.messages] == ["Note"]
    assert "Assignments" not in dict(pairs(last_item(relay)))
    assert evaluation.problem == "its message has a tag Assignments, at which messengers stop"
    assert notes.count == 1
    assert net.pending == []


# ── whom it shows itself as ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("known", KNOWN_MESSENGERS)
@pytest.mark.parametrize("form", ["{}", "x,{}", "{},y"])
def test_known_messenger(known: str, form: str) -> None:
    """A process that trusts a real network's messenger sees ours under that address, also in a list of several."""
    net = Network()
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes", tags={"Authority": form.format(known)})
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    assert last_item(notes).owner == known
    assert notes.get("Last.Owner") == known
    assert notes.get("Notes") == ["x"]


def test_authority_with_space() -> None:
    """aos splits at commas only: what has a space before it is another address, and is not trusted."""
    net = Network()
    known = KNOWN_MESSENGERS[0]
    tell = spawn(net, TELL, "tell")
    notes = spawn(net, NOTES, "notes", tags={"Authority": f"{net.messenger.address}, {known}"})
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    assert last_item(notes).owner == net.messenger.address
    assert notes.get("Notes") == ["x"]


def test_own_address() -> None:
    """To a process that trusts ours, or nobody, it shows its own address; who trusts nobody does not read it."""
    net = Network()
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    deaf = spawn(net, NOTES, "deaf", tags={"Authority": "nobody"})
    for process in (notes, deaf):
        alice(net).send(tell, Action="Tell", Other=process, What="Note", Data="x")
    assert last_item(notes).owner == last_item(deaf).owner == net.messenger.address
    assert (notes.get("Notes"), deaf.get("Notes")) == (["x"], [])
    assert deaf.evaluations[-1].result is not None
    assert "not trusted" in deaf.evaluations[-1].result.text


def test_both_known() -> None:
    """Of a process that trusts both, the first known address is taken, always the same."""
    net = Network()
    tell, notes = spawn(net, TELL), spawn(net, NOTES, tags={"Authority": ",".join(reversed(KNOWN_MESSENGERS))})
    alice(net).send(tell, Action="Tell", Other=notes, What="Note")
    assert last_item(notes).owner == KNOWN_MESSENGERS[0]


def test_to_a_wallet() -> None:
    """To a wallet it is itself, whomever its sender trusts."""
    net = Network()
    process = spawn(net, PONG, tags={"Authority": KNOWN_MESSENGERS[0]})
    alice(net).send(process, Action="Ping")
    assert alice(net).inbox[0].owner == net.messenger.address


def test_forged_sender() -> None:
    """A user who says to be a process by a tag is not trusted; and cannot say to be the real network's messenger."""
    net = Network()
    notes, other = spawn(net, NOTES, "notes"), spawn(net, "", "other")
    sent = net.wallet("eve").send(notes, Action="Note", Data="lie", Tags={"Action": "Note", "From-Process": other.id})
    assert notes.get("Notes") == []
    assert "not trusted" in sent.text
    with pytest.raises(RefusedError, match=r"Invalid From-Process value\."):
        net.wallet("eve").send(notes, Action="Note", Tags={"Action": "Note", "From-Process": KNOWN_MESSENGERS[0]})
    assert notes.count == 2


def item(net: Network, target: str, tags: dict[str, str]) -> Item:
    """An item of alice's with just these tags."""
    names, values = tuple(name.encode() for name in tags), tuple(value.encode() for value in tags.values())
    return net.maker.item(alice(net).address, target, b"", names, values, b"")


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ({"Data-Protocol": "ao"}, "Tag 'Type': must be either 'Process' or 'Message'"),
        ({"Data-Protocol": "ao", "Type": "Assignment"}, "Tag 'Type': must be either 'Process' or 'Message'"),
        ({"Type": "Message"}, "Tag 'Data-Protocol': must contain 'ao'"),
        ({"Type": "Message", "Data-Protocol": "AO"}, "Tag 'Data-Protocol': must contain 'ao'"),
    ],
)
def test_refused(tags: dict[str, str], problem: str) -> None:
    """An item that is neither message nor process of ao is refused, and leaves nothing."""
    net = Network()
    process = spawn(net, "")
    with pytest.raises(RefusedError) as raised:
        net.messenger.send(item(net, process.id, tags))
    assert str(raised.value) == problem
    assert process.count == 1


# ── spawns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_spawn() -> None:
    """A child is an item of the messenger's without target and anchor; its tags are the spawn's, then the messenger's."""
    net = Network()
    parent = spawn(net, "", "parent")
    sent = parent.eval("Spawn(ao.env.Module.Id, { Data = 'data', Tags = { Colour = 'red' } })")
    child = net.processes[-1]
    item = net.scheduler.schedule(child.id).item
    own = [tag for tag in pairs(item) if tag[0] in ("Colour", "Module", "From-Module", "Reference")]
    assert pairs(item)[-5:] == [
        _PROTOCOL,
        ("Type", "Process"),
        ("From-Process", parent.id),
        ("Pushed-For", sent.id),
        ("Scheduler", net.scheduler.address),
    ]
    assert sorted(own) == [("Colour", "red"), ("From-Module", AOS), ("Module", AOS), ("Reference", "1")]
    assert (item.owner, item.target, item.anchor, item.data) == (net.messenger.address, "", b"", b"data")
    assert child.owner == net.messenger.address
    assert child.name == "parent.1"


def test_spawned() -> None:
    """The parent hears `Spawned`: the spawn's own tags, then protocol, the child, and the Action; from itself."""
    net = Network()
    parent = spawn(net, SEEN, "parent")
    sent = parent.eval("Spawn(ao.env.Module.Id, { Tags = { Action = 'Mine' } })")
    child, item = net.processes[-1], last_item(parent)
    added = [_PROTOCOL, ("Type", "Message"), ("Process", child.id), ("Action", "Spawned"), ("Variant", "ao.TN.1")]
    assert pairs(item)[-5:] == added
    first = pairs(item)[:-5]
    assert ("Action", "Mine") in first
    assert ("From-Process", parent.id) in first
    assert {"Variant", "Type"}.isdisjoint(name for name, _ in first)
    assert "Pushed-For" not in dict(first)
    assert (item.data, item.owner, item.anchor) == (b" ", net.messenger.address, b"")
    assert parent.get("Seen[2].From") == parent.id
    assert parent.get("Seen[2].Process") == child.id
    assert [outcome.process for outcome in sent.evaluation.effects[0].outcomes] == [child.id, parent.id]


def test_spawned_before_what_the_child_sends() -> None:
    """The parent sees `Spawned` before anything that the child has sent at its boot."""
    net = Network()
    parent = spawn(net, SEEN, "parent")
    boot = "Send({ Target = ao.env.Process.Tags['From-Process'], Action = 'Born' })"
    run(
        parent,
        f"Spawn(ao.env.Module.Id, {{ Data = [[{boot}]], Tags = {{ ['On-Boot'] = 'Data', Authority = ao.authorities[1] }} }})",
    )
    assert [parent.get(f"Seen[{at}].Action") for at in (1, 2, 3)] == ["Eval", "Spawned", "Born"]


def test_spawn_with_scheduler() -> None:
    """A scheduler that the spawn names stays, and is not named twice."""
    net = Network()
    parent = spawn(net, "")
    run(parent, "Spawn(ao.env.Module.Id, { Tags = { Scheduler = 'other' } })")
    assert [tag for tag in pairs(net.scheduler.schedule(net.processes[-1].id).item) if tag[0] == "Scheduler"] == [
        ("Scheduler", "other")
    ]


@pytest.mark.parametrize(
    ("kind", "entry", "problem"),
    [
        ("Spawns", "{ Tags = {} }", "Spawns[0] has no Anchor that is text: nothing of the result is sent"),
        ("Spawns", "3", "Spawns[0] has no Anchor that is text: nothing of the result is sent"),
        (
            "Spawns",
            "{ Anchor = 'a', Tags = { { name = 'X', value = 3 } } }",
            "Spawns[0] has a tag that is no text: nothing of the result is sent",
        ),
        ("Spawns", "{ Anchor = 'a' }", "Spawns[0] has a tag that is no text: nothing of the result is sent"),
        (
            "Assignments",
            "{ Processes = 'x', Message = 'm' }",
            "Assignments[0].Processes is no list of ids: nothing of the result is sent",
        ),
        (
            "Assignments",
            "{ Processes = { 1 }, Message = 'm' }",
            "Assignments[0].Processes is no list of ids: nothing of the result is sent",
        ),
        ("Assignments", "{ Processes = { 'x' } }", "Assignments[0] names no Message: nothing of the result is sent"),
        ("Assignments", "'x'", "Assignments[0].Processes is no list of ids: nothing of the result is sent"),
    ],
)
def test_whole_result_kept_back(kind: str, entry: str, problem: str) -> None:
    """A spawn or an assignment of the wrong form keeps back the whole result, the good messages too."""
    net = Network()
    process, notes = spawn(net, ""), spawn(net, NOTES)
    sent = process.eval(f"Send({{ Target = '{notes.id}', Action = 'Note' }}) ao.outbox.{kind} = {{ {entry} }}")
    assert sent.ok
    assert sent.evaluation.problem == problem
    assert (list(sent.evaluation.effects), notes.count, len(net.processes)) == ([], 1, 2)


def test_child_of_which_nothing_can_be_sent() -> None:
    """A child whose boot cannot be carried is one that the parent never hears of; nothing of its boot is sent."""
    net = Network()
    parent, notes = spawn(net, "", "parent"), spawn(net, NOTES)
    boot = f"Send({{ Target = '{notes.id}', Action = 'Note' }}) ao.outbox.Spawns = {{ {{}} }}"
    run(
        parent,
        f"Spawn(ao.env.Module.Id, {{ Data = [[{boot}]], Tags = {{ ['On-Boot'] = 'Data', Authority = ao.authorities[1] }} }})",
    )
    assert (
        net.processes[-1].evaluations[0].problem
        == "Spawns[0] has no Anchor that is text: nothing of the result is sent"
    )
    assert (parent.count, notes.count) == (2, 1)


@pytest.mark.parametrize("module", ["A" * 43, "x", "", "../../etc/passwd"])
def test_spawn_of_unknown_module(module: str) -> None:
    """A child whose module nobody knows: the parent never hears of it, and messages to it fail by themselves."""
    net = Network()
    parent, notes = spawn(net, "", "parent"), spawn(net, NOTES)
    anchor = "Anchor = string.rep('s', 32)"
    tags = f"{{ {{ name = 'Module', value = '{module}' }} }}"
    sent = parent.eval(
        f"ao.outbox.Spawns = {{ {{ {anchor}, Tags = {tags} }} }} Send({{ Target = '{notes.id}', Action = 'Note' }})"
    )
    problems = [problem for kind, problem in deliveries(sent) if kind == "spawn"]
    assert problems[0] is not None
    assert problems[0].startswith("there is no module")
    assert parent.count == 2
    assert notes.get("Notes") == [" "]


@pytest.mark.parametrize(
    ("spawned", "problem"),
    [
        ("Spawn(string.rep('A', 43), { Tags = { Name = 'kid' } })", "there is no module AAA...AAA"),
        ("Spawn(ao.env.Module.Id, { Tags = { Name = 'kid', ['Cron-Interval'] = 'now' } })", "Cron-Interval: "),
        ("Spawn(ao.env.Module.Id, { Tags = { Name = 'kid', ['On-Boot'] = 'x' } })", "Invalid tx id for On-Boot tag"),
    ],
)
def test_child_that_is_refused(spawned: str, problem: str) -> None:
    """There is no such child, and its name is free: messages to it are kept as those to anybody, others arrive."""
    net = Network()
    parent = spawn(net, "", "parent")
    sent = parent.eval(spawned)
    assert str(deliveries(sent)[0][1]).startswith(problem)
    item = sent.evaluation.effects[0].item
    assert item is not None
    assert (net.scheduler.processes, net.labels.address("kid")) == ([parent.id], None)
    assert deliveries(parent.eval(f"Send({{ Target = '{item.id}', Action = 'X' }})")) == [("message", None)]
    assert [message.action for message in net.mail(item.id)] == ["X"]
    with pytest.raises(RefusedError, match="there is no process"):
        alice(net).send(item.id, Action="X")
    run(parent, "Spawn(ao.env.Module.Id, { Tags = { Name = 'kid' } })")
    assert net.process("kid").count == 1


def test_spawn_without_module() -> None:
    """A spawn without a Module is refused by the scheduler, and says so."""
    net = Network()
    parent = spawn(net, "")
    sent = put(parent, "{ Anchor = 'a', Tags = { { name = 'X', value = 'y' } } }", "Spawns")
    assert deliveries(sent) == [("spawn", "Required Module and Scheduler tags for Process type not present")]
    assert len(net.processes) == 1


# ── assignments ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_assignment() -> None:
    """An assignment is a place in each of the processes, in the order of the list; what does not exist is told."""
    net = Network()
    asker, one, two = spawn(net, "", "asker"), spawn(net, PONG, "one"), spawn(net, PONG, "two")
    ping = alice(net).send(asker, Action="Ping")
    for process in (one, two):
        run(process, "ao.addAssignable('all', function() return true end)")
    who = f"'{two.id}', '{alice(net).address}', '{one.id}'"
    sent = asker.eval(f"Assign({{ Processes = {{ {who} }}, Message = '{ping.id}' }})")
    assert [(one.target, one.problem is None, len(one.outcomes)) for one in sent.evaluation.effects] == [
        (two.id, True, 1),
        (alice(net).address, False, 0),
        (one.id, True, 1),
    ]
    assert (one.get("Count"), two.get("Count")) == (1, 1)
    assert one.evaluations[-1].item is ping.evaluation.item


def test_assignment_of_unknown_message() -> None:
    """An assignment of a message that nobody knows does not arrive."""
    net = Network()
    asker, one = spawn(net, "", "asker"), spawn(net, PONG, "one")
    sent = asker.eval(f"Assign({{ Processes = {{ '{one.id}' }}, Message = 'nothing' }})")
    assert deliveries(sent) == [("assignment", "there is no message nothing to assign")]
    assert one.count == 1


def test_process_with_target() -> None:
    """A process item with a Target is also assigned to that one."""
    net = Network()
    one = spawn(net, "", "one")
    parts = net.maker.item, net.scheduler.schedule(one.id).item
    made, like = parts
    child = made(alice(net).address, one.id, b"", like.names, like.values, b" ")
    net.messenger.send(child)
    assert one.count == 2
    assert last_item(one) is child


# ── order ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_breadth_first() -> None:
    """All is delivered in the order in which it was sent: what a message sets off comes after what was on its way."""
    net = Network()
    notes = spawn(net, NOTES, "notes")
    say = f"Send({{ Target = '{notes.id}', Action = 'Note', Data = ao.id:sub(1, 3) .. msg.Data }})"
    echo = f"Handlers.add('e', 'Say', function(msg) {say} end)"
    one, two = spawn(net, echo, "one"), spawn(net, echo, "two")
    start = spawn(net, "", "start")
    run(
        start,
        f"for i = 1, 2 do for _, to in ipairs({{ '{one.id}', '{two.id}' }}) do Send({{ Target = to, Action = 'Say', Data = tostring(i) }}) end end "
        f"Send({{ Target = '{notes.id}', Action = 'Note', Data = 'first' }})",
    )
    a, b = one.id[:3], two.id[:3]
    assert notes.get("Notes") == ["first", f"{a}1", f"{b}1", f"{a}2", f"{b}2"]


def test_messages_then_spawns_then_assignments() -> None:
    """Of one result messages go first, then spawns, then assignments."""
    net = Network(auto=False)
    process = spawn(net, "")
    ping = alice(net).send(process, Action="X")
    sent = process.eval(
        f"Assign({{ Processes = {{ '{process.id}' }}, Message = '{ping.id}' }}) Spawn(ao.env.Module.Id, {{}}) Send({{ Target = 'x' }})"
    )
    assert [one.kind for one in sent.evaluation.effects] == ["message", "spawn", "assignment"]
    assert net.pending == list(sent.evaluation.effects)
