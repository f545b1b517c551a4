"""The order of each process's messages, recomputed from what the scheduler says."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import InputError, RefusedError
from ao_runtime.network import Network
from ao_runtime.network.client_items import message_item, process_item

from .programs import PONG, TELL, alice, run, spawn


def raw(id: str) -> bytes:
    """The 32 bytes of an id."""
    return base64.urlsafe_b64decode(id + "=")


def tags_of(node: dict[str, Any]) -> dict[str, str]:
    """The tags of a node's assignment."""
    return {tag["name"]: tag["value"] for tag in node["assignment"]["tags"]}


def check_order(nodes: list[dict[str, Any]], process: str, scheduler: str) -> None:
    """Everything about a process's order that follows from the nodes themselves (the su's rules, written again)."""
    chain = hashlib.sha256(raw(process)).digest()
    before = {"Timestamp": "-1", "Block-Height": "0"}
    for nonce, node in enumerate(nodes):
        assignment, tags = node["assignment"], tags_of(node)
        if nonce:
            chain = hashlib.sha256(raw(nodes[nonce - 1]["assignment"]["id"]) + chain).digest()
        names = [
            "Process",
            "Epoch",
            "Nonce",
            "Hash-Chain",
            "Block-Height",
            "Timestamp",
            "Data-Protocol",
            "Type",
            "Variant",
        ]
        names += ["Message"] if nonce else []
        assert [tag["name"] for tag in assignment["tags"]] == names
        assert tags["Process"] == process
        assert (tags["Epoch"], tags["Nonce"]) == ("0", str(nonce))
        assert tags["Hash-Chain"] == base64.urlsafe_b64encode(chain).decode().rstrip("=")
        assert len(tags["Block-Height"]) == 12
        assert int(tags["Timestamp"]) > int(before["Timestamp"])
        assert int(tags["Block-Height"]) >= int(before["Block-Height"])
        assert (tags["Data-Protocol"], tags["Type"], tags["Variant"]) == ("ao", "Assignment", "ao.TN.1")
        assert assignment["owner"] == {"address": scheduler}
        assert (assignment["anchor"], assignment["target"]) == (None, "")
        if nonce and node["message"] is not None:
            assert tags["Message"] == node["message"]["id"]
            assert node["message"]["target"] == process
        before = tags
    ids = [node["assignment"]["id"] for node in nodes]
    assert len(set(ids)) == len(ids)
    assert nodes[0]["message"]["id"] == process


def check_all(net: Network) -> int:
    """The same of all processes; how many places there are."""
    places = 0
    for process in net.processes:
        nodes = [one.to_wire() for one in net.scheduler.schedule(process.id).assignments]
        check_order(nodes, process.id, net.scheduler.address)
        places += len(nodes)
    return places


def busy(signed: bool = False) -> Network:
    """A network in which two processes, a child and a wallet have had messages, and one was assigned."""
    net = Network(signed=signed)
    pong, tell = spawn(net, PONG, "pong"), spawn(net, TELL, "tell")
    ping = alice(net).send(pong, Action="Ping")
    alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    net.clock.advance("5m")
    net.clock.mine(3)
    alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    run(tell, "Spawn(ao.env.Module.Id, { Data = '' })")
    net.assign(ping, tell)
    net.assign(ping, pong)
    return net


@pytest.mark.parametrize("signed", [False, True])
def test_order(signed: bool) -> None:
    """Nonces have no hole, timestamps rise strictly, and the hash chain is that of the assignments' ids."""
    if signed:
        pytest.importorskip("cryptography", reason="signing needs the extra net")
    assert check_all(busy(signed)) == 14


def test_chain_notices() -> None:
    """The test's own recomputing finds a node that was changed, left out, or put elsewhere."""
    net = busy()
    process = net.processes[0]
    places = net.scheduler.schedule(process.id).assignments

    def nodes() -> list[dict[str, Any]]:
        return [one.to_wire() for one in places]

    changed, shorter, swapped = nodes(), nodes(), nodes()
    changed[1]["assignment"]["id"] = process.id
    del shorter[2]
    swapped[1], swapped[2] = swapped[2], swapped[1]
    for wrong in (changed, shorter, swapped):
        with pytest.raises(AssertionError):
            check_order(wrong, process.id, net.scheduler.address)
    check_order(nodes(), process.id, net.scheduler.address)


def test_standing_clock() -> None:
    """While the clock stands, each message of a process comes a millisecond after the one before."""
    net = Network()
    one, other = spawn(net, "", "one"), spawn(net, "", "other")
    for _ in range(3):
        alice(net).send(one, Action="X")
    alice(net).send(other, Action="X")
    now = net.clock.now
    assert [place.timestamp for place in net.scheduler.schedule(one.id).assignments] == [now, now + 1, now + 2, now + 3]
    assert [place.timestamp for place in net.scheduler.schedule(other.id).assignments] == [now, now + 1]


def test_moved_clock() -> None:
    """A clock that is ahead of the last message gives its own time; one that is not, a millisecond after the last."""
    net = Network()
    process = spawn(net, "")
    start = net.clock.now
    alice(net).send(process, Action="X")
    net.clock.advance("1ms")
    alice(net).send(process, Action="X")
    net.clock.advance("1s")
    alice(net).send(process, Action="X")
    times = [place.timestamp - start for place in net.scheduler.schedule(process.id).assignments]
    assert times == [0, 1, 2, 1001]


def test_height() -> None:
    """A place has the height of the chain at its time, and the tag has twelve digits."""
    net = Network()
    process = spawn(net, "")
    net.clock.mine(2)
    alice(net).send(process, Action="X")
    net.clock.advance("4m")
    alice(net).send(process, Action="X")
    places = net.scheduler.schedule(process.id).assignments
    first = places[0].block_height
    assert [place.block_height - first for place in places] == [0, 2, 4]
    assert tags_of(places[2].to_wire())["Block-Height"] == f"{first + 4:012d}"


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200)), max_size=20))
def test_any_order(steps: list[tuple[int, int]]) -> None:
    """Whatever comes when: all orders are right."""
    net = Network()
    processes = [spawn(net, PONG, "a"), spawn(net, TELL, "b"), spawn(net, "", "c")]
    sent = []
    for index, wait in steps:
        sent.append(alice(net).send(processes[index], Action="Tell", Other=processes[0], What="Ping"))
        net.clock.advance(wait / 1000)
        if wait % 5 == 0:
            net.assign(sent[wait % len(sent)], processes[wait % 3])
    assert check_all(net) >= 3 + len(steps)


# ── what it refuses ────────────────────────────────────────────────────────────────────────────────────────────────


def item_of(net: Network, target: str, **fields: Any) -> Any:
    """An item of alice's."""
    return net.maker.item(alice(net).address, *message_item(target, None, fields))


def test_refuses_the_same_again() -> None:
    """A message is taken once; the order is as it was."""
    net = Network()
    process = spawn(net, PONG)
    item = item_of(net, process.id, Action="Ping")
    net.scheduler.accept(item)
    with pytest.raises(RefusedError, match="Message already exists"):
        net.scheduler.accept(item)
    assert len(net.scheduler.schedule(process.id).assignments) == 2


def test_refuses_unknown_process() -> None:
    """A message to nobody, or to a wallet, is refused, with its Action named."""
    net = Network()
    for target in (alice(net).address, "A" * 43):
        with pytest.raises(RefusedError, match=r"^Ping: there is no process \w+"):
            net.scheduler.accept(item_of(net, target, Action="Ping"))


@pytest.mark.parametrize("missing", [b"Module", b"Scheduler"])
def test_refuses_process_without(missing: bytes) -> None:
    """A process needs a Module and a Scheduler; and it is taken once."""
    net = Network()
    parts = process_item([], None, "M" * 43, net.scheduler.address, net.clock.now)
    target, anchor, names, values, data = parts
    kept = [(name, value) for name, value in zip(names, values, strict=True) if name != missing]
    item = net.maker.item(alice(net).address, target, anchor, *map(tuple, zip(*kept, strict=True)), data)
    with pytest.raises(RefusedError, match="Required Module and Scheduler tags for Process type not present"):
        net.scheduler.begin(item)
    whole = net.maker.item(alice(net).address, *parts)
    net.scheduler.begin(whole)
    with pytest.raises(RefusedError, match="Message already exists"):
        net.scheduler.begin(whole)


def test_refuses_on_boot() -> None:
    """`On-Boot` names something that can be loaded."""
    net = Network()
    for boot in ("x", "A" * 43, alice(net).address, "\0", "../../etc/passwd"):
        with pytest.raises(RefusedError, match="Invalid tx id for On-Boot tag"):
            net.spawn(data="", owner="alice", tags={"On-Boot": boot})
    assert net.processes == []


def test_refuses_links() -> None:
    """A tag whose name or value ends in +link is refused."""
    net = Network()
    process = spawn(net, PONG)
    for fields in ({"Tags": {"X+link": "y"}}, {"Tags": {"X": "y+link"}}):
        with pytest.raises(RefusedError, match=r"ends in \+link"):
            alice(net).send(process, **fields)
    alice(net).send(process, Tags={"X": "+linked"})
    assert process.count == 2


def test_unknown_process() -> None:
    """Questions about a process that is not there are refused."""
    net = Network()
    with pytest.raises(RefusedError, match="there is no process"):
        net.scheduler.schedule("A" * 43)
    assert ("A" * 43 in net.scheduler, None in net.scheduler) == (False, False)


# ── assignments ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_assign() -> None:
    """An assigned message has a place of its own, whose node holds no message, and keeps its id and target."""
    net = Network()
    one, other = spawn(net, PONG, "one"), spawn(net, PONG, "other")
    sent = alice(net).send(one, Action="Ping")
    net.assign(sent, other)
    place = net.scheduler.schedule(other.id).assignments[-1]
    assert (place.elsewhere, place.nonce, place.item.target) == (True, 1, one.id)
    node = place.to_wire()
    assert node["message"] is None
    assert tags_of(node)["Message"] == sent.id


def test_assign_unknown() -> None:
    """A message that nobody knows, and a process that there is not, cannot be assigned."""
    net = Network()
    process = spawn(net, PONG)
    sent = alice(net).send(process, Action="Ping")
    with pytest.raises(RefusedError, match="there is no message"):
        net.assign("A" * 43, process)
    with pytest.raises(RefusedError, match="there is no process"):
        net.assign(sent, alice(net))
    with pytest.raises(RefusedError, match="there is no process 'x'"):
        net.assign(sent, "x")
    assert process.count == 2


def test_assign_stored() -> None:
    """What lies in the storage can be assigned."""
    net = Network()
    process = spawn(net, PONG)
    run(process, "ao.addAssignable('all', function() return true end)")
    id = net.store("some data", {"Action": "Ping"}, owner="bob")
    assert net.assign(id, process).result.messages[0].data == "pong 1"


def test_assign_exclude() -> None:
    """Excluded fields stand in the assignment's tags, in order, and the process does not get them."""
    net = Network()
    one, other = spawn(net, PONG, "one"), spawn(net, "", "other")
    sent = alice(net).send(one, Action="Ping", Data="secret")
    place = net.scheduler.assign(other.id, sent.id, ("Data", "Tags"))
    assert place.tags[-2:] == [{"name": "Exclude", "value": "Data"}, {"name": "Exclude", "value": "Tags"}]
    evaluation = net.compute.evaluate(place)
    assert evaluation.result is not None
    assert "secret" not in str(evaluation.result.to_dict())
    with pytest.raises(RefusedError, match="'exclude' cannot be read by messengers"):
        net.messenger.assign(other.id, sent.id, ("Data",))


def test_find() -> None:
    """A place is found by the id of its message and by that of its assignment, in its own process only."""
    net = Network()
    one, other = spawn(net, PONG, "one"), spawn(net, PONG, "other")
    sent = alice(net).send(one, Action="Ping")
    net.assign(sent, other)
    net.assign(sent, other)
    first, again = net.scheduler.schedule(one.id).assignments[1], net.scheduler.schedule(other.id).assignments
    find = net.scheduler.find
    assert find(one.id, sent.id) is first
    assert find(one.id, first.id) is first
    assert find(other.id, sent.id) is again[1]
    assert find(other.id, again[2].id) is again[2]
    assert find(other.id, first.id) is None
    assert find(one.id, one.id) is net.scheduler.schedule(one.id).assignments[0]
    assert [find(one.id, what) for what in ("", "x", "A" * 43, other.id)] == [None] * 4
    assert find("A" * 43, sent.id) is None


def test_result_by_id() -> None:
    """So does the compute unit find a result: by message, by assignment, and of a process's own message."""
    net = Network()
    process = spawn(net, PONG)
    sent = alice(net).send(process, Action="Ping")
    place = net.scheduler.schedule(process.id).assignments[1]
    assert net.compute.result(process.id, sent.id) is sent.evaluation
    assert net.compute.result(process.id, place.id) is sent.evaluation
    assert net.compute.result(process.id, process.id) is process.evaluations[0]
    for process_id, message in ((process.id, "A" * 43), ("A" * 43, sent.id), (process.id, "x")):
        with pytest.raises(RefusedError, match="there is no"):
            net.compute.result(process_id, message)


def test_messages_in_their_order() -> None:
    """`messages()` gives all by their timestamps, those of one process in its order; then those to wallets."""
    net = Network()
    one, other = spawn(net, TELL, "one"), spawn(net, PONG, "other")
    net.clock.advance("1s")
    alice(net).send(one, Action="Tell", Other=other, What="Ping")
    net.clock.advance("1s")
    alice(net).send(other, Action="Ping")
    net.clock.advance("1s")
    alice(net).send(one, Action="X")
    found = [(message.action, net.label(message.target or "")) for message in net.messages()]
    assert found == [
        (None, ""),
        (None, ""),
        ("Tell", "one"),
        ("Ping", "other"),
        ("Pong", "one"),
        ("Ping", "other"),
        ("X", "one"),
        ("Pong", "alice"),
    ]


def test_messages_chosen() -> None:
    """`messages` chooses by sender, receiver, action and tags, also by their names."""
    net = Network()
    one, other = spawn(net, TELL, "one"), spawn(net, PONG, "other")
    alice(net).send(one, Action="Tell", Other=other, What="Ping")
    net.wallet("bob").send(other, Action="Ping", Colour="red")

    def chosen(**how: Any) -> list[tuple[str | None, str]]:
        return [(message.action, net.label(message.from_ or "")) for message in net.messages(**how)]

    assert chosen(from_="one") == [("Ping", "one")]
    assert chosen(from_=net.wallet("bob")) == [("Ping", "bob")]
    assert chosen(to=other, action="Ping") == [("Ping", "one"), ("Ping", "bob")]
    assert chosen(Colour="red") == [("Ping", "bob")]
    assert chosen(to="bob") == [("Pong", "other")]
    assert chosen(action="Nothing") == []
    with pytest.raises(InputError, match="must be a process, a wallet, an id or a name"):
        chosen(to=3)


def test_the_messages_backwards() -> None:
    """The first places of all messages, the last first; each is found by its id; what was assigned has one place."""
    network = Network(seed="latest")
    pong, tell = network.spawn(code="", owner="alice"), network.spawn(code="", owner="alice")
    sent = network.send("alice", pong, Action="Hello")
    network.assign(sent, tell)
    latest = [one.item.id for one in network.scheduler.latest()]
    assert latest == [sent.id, tell.id, pong.id]
    assert [network.scheduler.place(id) for id in latest] == list(network.scheduler.latest())
    assert network.scheduler.place("n" * 43) is None
