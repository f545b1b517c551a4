"""Results and order depend on the messages and the clock, and on nothing that is done in between."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ao_runtime import InputError
from ao_runtime.isolation import Pool
from ao_runtime.network import Faults, Network

from .tracing import trace

# Does what a plan says, a letter after the other: goes on at a peer (a, b, c) or at all of them (f), spawns a child and
# goes on there (s), asks a peer and waits (A, B, C), waits for what never comes (q), assigns (x), throws (e), writes to a
# wallet (m). Its state has what is hard to keep: closures, tables within themselves, waiting handlers, random numbers.
CODE = """
Peers = Peers or {}
Log = Log or {}
Seen = Seen or setmetatable({}, { __index = function() return 0 end })
Seen.itself = Seen
local count = 0
Next = Next or function() count = count + 1; return count end

local PEERS = { a = 1, b = 2, c = 3 }

local function go(msg, plan)
  local op, rest = plan:sub(1, 1), plan:sub(2)
  Log[#Log + 1] = table.concat({ Next(), op, msg.Timestamp, math.random(1000), msg["Block-Height"] }, " ")
  if #Log > 40 then table.remove(Log, 1) end
  Seen[op] = Seen[op] + 1
  if PEERS[op] then
    ao.send({ Target = Peers[PEERS[op]], Action = "Go", Plan = rest, Count = tostring(Next()) })
  elseif PEERS[op:lower()] then
    local answer = ao.send({ Target = Peers[PEERS[op:lower()]], Action = "Ask", Data = rest }).receive()
    Log[#Log + 1] = "answer " .. answer.Data
    return go(answer, rest)
  elseif op == "f" then
    for _, peer in ipairs(Peers) do ao.send({ Target = peer, Action = "Go", Plan = rest:sub(1, 2) }) end
  elseif op == "s" then
    local tags = { Authority = table.concat(ao.authorities, ","), ["On-Boot"] = ao.env.Process.Tags.Code, Plan = "m" }
    tags.Code, tags.Peers = tags["On-Boot"], table.concat(Peers, ",")
    local child = ao.spawn(ao.env.Module.Id, { Tags = tags }).receive().Tags.Process
    ao.send({ Target = child, Action = "Go", Plan = rest })
  elseif op == "q" then
    Receive({ Action = "Never" })
  elseif op == "x" then
    ao.assign({ Processes = Peers, Message = msg.Id })
  elseif op == "m" then
    ao.send({ Target = ("m"):rep(43), Action = "Mail", Data = Log[#Log] })
  elseif op == "e" then
    error("as the plan says")
  end
  if op == "m" or op == "x" then go(msg, rest) end
end

for peer in (ao.env.Process.Tags.Peers or ""):gmatch("[^,]+") do Peers[#Peers + 1] = peer end
ao.addAssignable("all", function() return true end)
Handlers.add("Go", "Go", function(msg) go(msg, msg.Tags.Plan or "") end)
Handlers.add("Ask", "Ask", function(msg) msg.reply({ Data = tostring(Next()) .. msg.Data }) end)
Handlers.add("Tick", "Tick", function(msg) go(msg, "bm") end)
"""
NAMES = ("one", "two", "three")


def begin(**options: Any) -> Network:
    """Three processes that know one another; the third one has ticks, which are delivered."""
    net = Network(**options)
    code = net.store(CODE)
    for name in NAMES:
        tags = (
            {"Code": code, "Cron-Interval": "10-seconds", "Cron-Tag-Action": "Tick"}
            if name == "three"
            else {"Code": code}
        )
        net.spawn(code=CODE, tags=tags, name=name)
    peers = ", ".join(f'"{net.process(name).id}"' for name in NAMES)
    for name in NAMES:
        net.process(name).eval(f"Peers = {{ {peers} }}")
    net.process("three").monitor()
    net.auto = False
    return net


# ── a program: what happens to a network ───────────────────────────────────────────────────────────────────────────

PLANS = st.text("abcABCfsqxme", max_size=5)
SENDS = st.tuples(st.just("send"), st.sampled_from(["alice", "bob"]), st.sampled_from(NAMES), PLANS)
DELIVERS = st.tuples(st.just("deliver"), st.integers(1, 8))
ADVANCES = st.tuples(st.just("advance"), st.integers(1, 40_000))
MINES = st.tuples(st.just("mine"), st.integers(1, 3))
RUNS = st.tuples(st.just("run"))
REORDERS = st.tuples(st.just("reorder"), st.integers(0, 3))
STEPS = st.one_of(SENDS, SENDS, DELIVERS, DELIVERS, RUNS, ADVANCES, MINES, REORDERS)


def do(net: Network, step: tuple[Any, ...]) -> None:
    """One step of a program."""
    kind, *values = step
    if kind == "send":
        sender, name, plan = values
        net.send(sender, net.process(name), Action="Go", Plan=plan)
    elif kind == "deliver":
        for _ in range(values[0]):
            net.step()
    elif kind == "advance":
        net.clock.advance(values[0] / 1000)
    elif kind == "mine":
        net.clock.mine(values[0])
    elif kind == "reorder":
        net.reorder(values[0])
    else:
        net.run()


# ── interruptions: what must make no difference; each gives the network in which it goes on ────────────────────────


def anchor(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """Other things happen, and are undone."""
    with net.anchor():
        for step in steps:
            do(net, step)
        net.wallet("somebody else").send(name, Action="Go", Plan="sf")
        net.spawn(code="", name="another")
        net.run()
    return net


def failed_anchor(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """The same within each other, left by an exception."""

    def fail() -> None:
        with net.anchor():
            for step in steps[:1]:
                do(net, step)
            with net.anchor():
                for step in steps[1:]:
                    do(net, step)
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    return net


def rest(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """Processes are put to rest, and are made again from their bytes."""
    for process in net.processes:
        net.compute.crash(process.id)
    return net


def dry_run(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """Messages are tried out."""
    net.process(name).dry_run(Action="Go", Plan="fsA")
    net.process(name).dry_run(Action="Ask", Data="nothing")
    return net


def look(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """Everything is looked at, and separate processes go their own ways."""
    process = net.process(name)
    process.get("Seen.a")
    process.get("Log")
    str([process.waiting, process.evaluations, net.pending, net.messages(action="Go"), net.mail(), net.processes])
    process.fork().handle(Action="Go", Plan="fsm")
    # A restored process knows nothing of the moments before.
    with suppress(InputError):
        process.at(process.count // 2).handle(Action="Go", Plan="fsm")
    return net


def fork(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """A fork goes its own way."""
    other = net.fork()
    for step in steps:
        do(other, step)
    other.run()
    return net


def go_on_in_fork(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """It goes on in a fork, and the network that it was forked from goes its own way."""
    other = net.fork()
    for step in steps:
        do(net, step)
    net.run()
    return other


def restore(net: Network, name: str, steps: list[tuple[Any, ...]]) -> Network:
    """It goes on in a network that is made again from its bytes."""
    data = net.snapshot()
    other = Network.restore(data)
    assert other.snapshot() == data
    return other


INTERRUPTIONS = (anchor, failed_anchor, rest, dry_run, look, fork, go_on_in_fork, restore)
#: Those in which a network stays the one that it is.
STAYING = (anchor, failed_anchor, rest, dry_run, look, fork)
Interruption = tuple[Any, str, list[tuple[Any, ...]]]


def interruptions(chosen: tuple[Any, ...]) -> st.SearchStrategy[list[Interruption]]:
    """A few interruptions one after the other."""
    one = st.tuples(st.sampled_from(chosen), st.sampled_from(NAMES), st.lists(STEPS, max_size=4))
    return st.lists(one, max_size=2)


def programs(chosen: tuple[Any, ...]) -> st.SearchStrategy[list[tuple[tuple[Any, ...], list[Interruption]]]]:
    """Steps, and before each what interrupts."""
    return st.lists(st.tuples(STEPS, interruptions(chosen)), min_size=1, max_size=10)


def played(
    net: Network, program: list[tuple[tuple[Any, ...], list[Interruption]]], interrupted: bool
) -> dict[str, Any]:
    """What comes of a program, with all its interruptions or with none."""
    for step, between in program:
        for interrupt, name, steps in between if interrupted else []:
            net = interrupt(net, name, steps)
        do(net, step)
    net.run()
    return trace(net)


#: Hypothesis thinks that what runs for a second is too slow to be shrunk.
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def same(program: Any, faults: Faults | None = None, **options: Any) -> None:
    """With interruptions and without the same comes of it."""
    plain, interrupted = begin(), begin(**options)
    if faults is not None:
        plain.faults, interrupted.faults = faults, faults.again()
    assert played(interrupted, program, True) == played(plain, program, False)


@given(programs(INTERRUPTIONS))
@settings(max_examples=40, suppress_health_check=SLOW)
def test_interruptions_make_no_difference(program: Any) -> None:
    """Anchors, rest, dry runs, looks, forks and snapshots in between: the same ids, hash chains and results."""
    same(program)


@pytest.mark.long
@given(programs(INTERRUPTIONS))
@settings(max_examples=500, suppress_health_check=SLOW)
def test_interruptions_make_no_difference_long(program: Any) -> None:
    """As in short, in more programs."""
    same(program)


@given(programs((*STAYING, go_on_in_fork)), st.integers(0, 1000))
@settings(max_examples=20, suppress_health_check=SLOW)
def test_interruptions_make_no_difference_to_faults(program: Any, seed: int) -> None:
    """With the faults of one seed, too: they hit the same deliveries."""
    same(program, Faults(seed, delay=0.2, reorder=0.2, duplicate=0.2, drop=0.1, crash=0.1))


@pytest.fixture(scope="module")
def pool() -> Any:
    """Two children."""
    with Pool(2) as children:
        yield children


@given(program=programs((anchor, rest, dry_run, look, fork)))
@settings(max_examples=10, suppress_health_check=SLOW)
def test_isolation_makes_no_difference(pool: Pool, program: Any) -> None:
    """Evaluated in children, and interrupted there, it is the same."""
    same(program, isolated=pool)


@given(programs((rest,)), st.integers(1, 3))
@settings(max_examples=10, suppress_health_check=SLOW)
def test_number_of_live_processes_makes_no_difference(program: Any, live: int) -> None:
    """However few processes are kept ready, it is the same."""
    same(program, live=live)


def test_tick_is_the_origin_of_what_it_sent() -> None:
    """What a tick has sent is on its way as before in a network that is made again, and in a fork."""
    net = begin()
    net.clock.advance("10s")
    for other in (net.fork(), Network.restore(net.snapshot())):
        (delivery, *_) = other.pending
        assert delivery.origin.tick is not None
        assert delivery.origin in other.process("three").evaluations
        other.run()
        assert trace(other) != trace(net)
    net.run()
    assert trace(other) == trace(net)


def test_fork_delivers_as_its_network() -> None:
    """Whether all is delivered at once, and what goes wrong, is the same in a fork; each has its own from then on."""
    net = begin(faults=Faults(7, duplicate=1.0))
    do(net, ("send", "alice", "one", "bc"))
    fork = net.fork()
    assert (fork.auto, repr(fork.faults)) == (False, repr(net.faults))
    fork.auto = True
    do(fork, ("send", "alice", "one", "a"))
    assert net.auto is False
    assert fork.faults is not None
    assert net.faults is not None
    assert len(fork.faults.happened) > len(net.faults.happened) > 0


def test_programs_do_something() -> None:
    """A program reaches all that the tests above are about: children, waiting handlers, ticks, failures, assignments."""
    net = begin()
    for step in [
        ("send", "alice", "one", "Abscm"),
        ("run",),
        ("send", "bob", "two", "fxm"),
        ("run",),
        ("send", "bob", "two", "fe"),
        ("run",),
        ("advance", 25_000),
    ]:
        do(net, step)
    do(net, ("send", "alice", "two", "q"))
    net.run()
    evaluations = [one for process in net.processes for one in process.evaluations]
    assert len(net.processes) == 4
    assert net.process("two").waiting
    assert sum(one.tick is not None for one in evaluations) == 2
    assert {one.assignment.elsewhere for one in evaluations if one.assignment is not None} == {True, False}
    assert {one.result.ok for one in evaluations if one.result is not None} == {True, False}
    assert [message.action for message in net.mail("m" * 43)]
