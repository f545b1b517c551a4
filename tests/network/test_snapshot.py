"""A network as bytes, and as another network: the same bytes, the same future, and nothing that a stranger could do."""

from __future__ import annotations

import builtins
import copy
import io
import json
import os
import random
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Limits
from ao_runtime.errors import AoError, InputError, InternalError, SnapshotError
from ao_runtime.network import Clock, Faults, Network, RealClock

from .programs import NOTES, PONG, TELL, alice, run, spawn, state

SIGNED = [False, pytest.param(True, id="signed")]
TICKS = {"Cron-Interval": "10-seconds", "Cron-Tag-Action": "Cron"}


def busy(signed: bool = False, **options: Any) -> Network:
    """A network with one of everything: ticks, mail, data, a child, errors, duplicates, assignments, and more on its way."""
    if signed:
        pytest.importorskip("cryptography", reason="signing needs the extra net")
    net = Network(signed=signed, **options)
    one, two = spawn(net, TELL + PONG, "one"), spawn(net, PONG + NOTES, "two")
    three = spawn(
        net,
        "N = 0 Handlers.add('t', 'Cron', function() N = N + 1; Send({ Target = ao.env.Process.Owner }) end)",
        "three",
        tags=TICKS,
    )
    three.monitor()
    net.clock.advance("25s")
    net.clock.mine(2)
    ping = alice(net).send(two, Action="Ping")
    net.wallet("bob").send(two, Action="Ping")
    run(one, "Spawn(ao.env.Module.Id, { Tags = { Name = 'kid' } })")
    one.eval("error('no')")
    net.assign(ping, one)
    net.store(b"\xff data", {"A": "b"})
    net.auto = False
    for word in ("a", "b"):
        alice(net).send(one, Action="Tell", Other=two, What="Note", Data=word)
    net.duplicate(net.pending[0])
    run(one, "Spawn(ao.env.Module.Id, { Tags = { Name = 'kid' } })")
    run(one, f"Assign({{ Processes = {{ '{two.id}' }}, Message = '{ping.id}' }})")
    net.clock.advance("10s")
    return net


def lua(net: Network) -> list[Any]:
    """Lua values of its processes."""
    return [
        net.process("one").get("Count"),
        net.process("two").get("Count"),
        net.process("two").get("Notes"),
        net.process("three").get("N"),
    ]


def go_on(net: Network) -> tuple[dict[str, Any], list[Any], bytes]:
    """What becomes of it."""
    net.run()
    net.auto = True
    alice(net).send("one", Action="Tell", Other=net.process("two"), What="Ping")
    net.clock.advance("1m")
    net.wallet("carol").send("two", Action="Ping")
    spawn(net, PONG, "kid")
    net.assign(alice(net).send("two", Action="Note", Data="n"), "kid")
    return state(net), lua(net), net.snapshot()


@pytest.mark.parametrize("signed", SIGNED)
def test_same_bytes_and_future(signed: bool) -> None:
    """What is restored is the same: to the eye, in its bytes, and in all that becomes of it."""
    net = busy(signed)
    data = net.snapshot()
    again = Network.restore(data)
    assert again.snapshot() == data == net.snapshot()
    assert state(again) == state(net)
    assert lua(again) == lua(net)
    assert again.auto is False
    assert go_on(again) == go_on(net)


@pytest.mark.parametrize("signed", SIGNED)
def test_same_program_same_bytes(signed: bool) -> None:
    """The same program gives the same bytes; so do children that evaluate, and processes that are put to rest."""
    assert busy(signed).snapshot() == busy(signed).snapshot()
    with busy(signed, isolated=1) as isolated:
        assert isolated.snapshot() == busy(signed).snapshot()
    assert b'"live":1,' in busy(signed, live=1).snapshot()
    assert busy(signed, live=1).snapshot().replace(b'"live":1,', b'"live":3000,')[90:] == busy(signed).snapshot()[90:]


@pytest.mark.parametrize("signed", SIGNED)
def test_fork(signed: bool) -> None:
    """A fork is the same, and what is done in one is not in the other."""
    net = busy(signed)
    fork = net.fork()
    before, bytes_ = state(net), net.snapshot()
    assert state(fork) == before
    assert (fork.auto, fork.snapshot()) == (False, bytes_)
    future = go_on(fork)
    assert (state(net), net.snapshot()) == (before, bytes_)
    assert go_on(net) == future
    alice(net).send("two", Action="Ping")
    assert state(fork) == future[0]


def test_fork_of_a_fork_and_restored() -> None:
    """Forks of forks, and of what was restored, are the same as well."""
    net = busy()
    twins = [net.fork().fork(), Network.restore(net.snapshot()).fork(), Network.restore(net.fork().snapshot())]
    futures = [go_on(each) for each in (*twins, net)]
    assert all(future == futures[0] for future in futures)


def test_fork_of_the_clock() -> None:
    """A fork's clock is its own, at the same moment."""
    net = Network(clock=Clock(5, height=3))
    net.clock.advance("5m")
    fork = net.fork()
    assert fork.clock.read() == net.clock.read()
    fork.clock.advance("1h")
    assert net.clock.now == 300_005
    assert isinstance(Network(clock=RealClock()).fork().clock, RealClock)
    assert isinstance(Network.restore(Network(clock=RealClock()).snapshot()).clock, RealClock)


def test_stand_ins() -> None:
    """A fork has stand-ins that answer by the same functions, and what each received is its own; bytes have none."""
    net = Network()
    net.stand_in("oracle", lambda message: {"Target": alice(net).address, "Data": "x"})
    tell = spawn(net, TELL, "tell")
    fork = net.fork()
    for _ in range(2):
        alice(fork).send("tell", Action="Tell", Other=net.wallet("oracle"), What="Ask")
    alice(net).send(tell, Action="Tell", Other=net.wallet("oracle"), What="Ask")
    counts = [len(each.messenger.stand_ins[net.wallet("oracle").address].received) for each in (net, fork)]
    assert counts == [1, 2]
    again = Network.restore(net.snapshot())
    alice(again).send("tell", Action="Tell", Other=net.wallet("oracle"), What="Ask")
    assert [message.action for message in again.wallet("oracle").inbox] == ["Ask"]


def test_pending() -> None:
    """What is on its way is still, in its order, with the cause that it had."""
    net = busy()
    again = Network.restore(net.snapshot())
    assert [one.to_dict() for one in again.pending] == [one.to_dict() for one in net.pending]
    assert [one.kind for one in again.pending].count("spawn") == 1
    for each in (net, again):
        each.drop(each.pending[0])
        each.reorder(seed=3)
        each.run()
    assert state(again) == state(net)


def test_waiting() -> None:
    """A process that waits inside of a message goes on in the restored network when its answer comes."""
    net = Network(auto=False)
    pong = spawn(net, PONG, "pong")
    asker = spawn(net, "", "asker")
    asker.eval(f"Got = Send({{ Target = '{pong.id}', Action = 'Ping' }}).receive().Data")
    again = Network.restore(net.snapshot())
    again.run()
    assert again.process("asker").get("Got") == "pong 1"
    assert asker.get("Got") is None


def test_options() -> None:
    """Options are as they were, unless others are given."""
    net = Network(
        seed="s", most=7, live=2, deduplicate=False, dialect="2.0.1", auto=False, limits={"instructions": 10**6}
    )
    spawn(net, PONG, "p")
    again = Network.restore(net.snapshot())
    assert (again.seed, again.most, again.auto, again.compute.deduplicate) == ("s", 7, False, False)
    assert again.described == net.described
    assert spawn(again, "", "q").id == spawn(net, "", "q").id
    assert again.process("q").eval("while true do end").result.failure.limit == "instructions"  # type: ignore[union-attr]
    other = Network.restore(net.snapshot(), most=9, auto=True, clock=Clock(10**14), limits={"instructions": 10**5})
    assert (other.most, other.auto, other.clock.now) == (9, True, 10**14)
    assert other.process("p").eval("for i = 1, 300000 do end").result.failure.limit == "instructions"  # type: ignore[union-attr]


def test_bad_options() -> None:
    """Options that make no sense are an `InputError`, not a damaged snapshot."""
    data = busy().snapshot()
    for options in ({"most": 0}, {"limits": {"x": 1}}, {"modules": {"x": "y"}}, {"dialect": "9"}):
        with pytest.raises(InputError):
            Network.restore(data, **options)


def test_restored_by_children() -> None:
    """What is restored may be evaluated by children."""
    net = busy()
    with Network.restore(net.snapshot(), isolated=1) as again:
        future = go_on(again)
    assert future[:2] == go_on(net)[:2]


def test_faults_after_restoring() -> None:
    """Faults do the same to a restored network as to the one that it was."""
    net = busy()
    again = Network.restore(net.snapshot())
    found = []
    for each in (net, again):
        each.faults = Faults(seed=3, delay=0.3, drop=0.2, duplicate=0.3)
        each.run()
        alice(each).send("one", Action="Tell", Other=each.process("two"), What="Ping")
        each.run()
        found.append((each.faults.happened, state(each)))
    assert found[0] == found[1]


# ── what is no snapshot ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is no snapshot of a network"),
        (b"ao-runtime network", "is no snapshot of a network"),
        (b"\x00" * 500, "is no snapshot of a network"),
        (b"ao-runtime network 2\n", "was written by a newer ao-runtime"),
        (b"ao-runtime network 1\n", "is damaged: its digest is another one"),
        (b"ao-runtime network 1\n" + b"0" * 64 + b"\n{}", "is damaged: its digest is another one"),
    ],
)
def test_foreign(data: bytes, problem: str) -> None:
    """Bytes that are none, of a later version, or damaged, are a `SnapshotError` that says which."""
    with pytest.raises(SnapshotError) as raised:
        Network.restore(data)
    assert str(raised.value) == problem


def test_process_snapshot() -> None:
    """A process's snapshot is none of a network."""
    net = busy()
    with pytest.raises(SnapshotError, match="is no snapshot of a network"):
        Network.restore(net.process("one").fork().snapshot())


@pytest.mark.parametrize("data", ["text", None, 3, []])
def test_no_bytes(data: Any) -> None:
    """What is no bytes is an `InputError`."""
    with pytest.raises(InputError, match="must be bytes"):
        Network.restore(data)


def test_any_bytes() -> None:
    """Bytes of any kind will do: bytearray and memoryview too."""
    data = busy().snapshot()
    assert Network.restore(bytearray(data)).snapshot() == Network.restore(memoryview(data)).snapshot() == data


@settings(max_examples=60)
@given(st.data())
def test_cut_or_changed(data: Any) -> None:
    """A byte more, less or other anywhere is noticed."""
    whole = _small()
    at = data.draw(st.integers(0, len(whole) - 1))
    what = data.draw(st.sampled_from(["cut", "flip", "insert"]))
    changed = {
        "cut": whole[:at],
        "flip": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        "insert": whole[:at] + b"x" + whole[at:],
    }[what]
    with pytest.raises(SnapshotError):
        Network.restore(changed)


_kept: list[bytes] = []


def _small() -> bytes:
    if not _kept:
        _kept.append(busy().snapshot())
    return _kept[0]


def apart(data: bytes) -> tuple[Any, bytes]:
    """What a snapshot tells, and its processes."""
    body = data.split(b"\n", 2)[2]
    told, blobs = body.split(b"\n", 1)
    return json.loads(told), blobs


def together(told: Any, blobs: bytes) -> bytes:
    """A snapshot, its digest made right."""
    body = json.dumps(told).encode() + b"\n" + blobs
    return b"ao-runtime network 1\n" + sha256(body).hexdigest().encode() + b"\n" + body


def test_apart_and_together() -> None:
    """These tests' own taking apart and putting together changes nothing."""
    net = busy()
    assert state(Network.restore(together(*apart(net.snapshot())))) == state(net)


VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 3, 2**31, 2**62, 2**64, 10**400, 1.5, 1e308, "", "x", "\0", "../x", "/etc/passwd", "A" * 43, "\ud800", "\udcff",
    "é", [], {}, [[]], {"a": 1}, "1" * 5000, [None] * 3, "2.0.1", "message", "spawn", "drop", [[[[1]]]] * 2, ["x", "y"], {"x": "/etc/passwd"},
]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a JSON value."""
    found = [at] if at else []
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found += places(value[key], (*at, key))
    return found


def mutated(told: Any, chance: random.Random, where: dict[str, list[tuple[Any, ...]]]) -> Any:
    """What a snapshot tells with something else in up to three places."""
    value = copy.deepcopy(told)
    for _ in range(chance.choice((1, 1, 2, 3))):
        # Each part of it as often as the others, however long it is.
        *way, last = chance.choice(where[chance.choice([*where])])
        holder = value
        try:
            for key in way:
                holder = holder[key]
            kind = chance.random()
            if kind < 0.15:
                del holder[last]
            elif kind < 0.25 and isinstance(holder, list):
                holder.append(holder[last])
            elif kind < 0.35 and isinstance(holder, list):
                other = chance.randrange(len(holder))
                holder[last], holder[other] = holder[other], holder[last]
            else:
                holder[last] = copy.deepcopy(chance.choice(VALUES))
        except (KeyError, IndexError, TypeError):
            continue
    return value


def touch_all(net: Network) -> None:
    """Use everything of a network; only errors of ours may come of it."""

    def tried(what: Any) -> None:
        try:
            what()
        except InternalError:
            raise
        except AoError:
            pass

    tried(lambda: state(net))
    tried(lambda: repr([*net.processes, *net.wallets, *net.messages(), *net.pending]))
    tried(net.run)
    net.auto = True
    for process in net.processes:
        tried(lambda process=process: alice(net).send(process, Action="Ping"))
        tried(lambda process=process: [str(one.result.failure) + one.result.text for one in process.evaluations])
        tried(lambda process=process: [one.result.raise_for_error().messages for one in process.evaluations])
        tried(lambda process=process: process.at(1))
    tried(lambda: net.process("two").dry_run(Action="Ping"))
    tried(lambda: net.clock.advance("20s"))
    tried(lambda: spawn(net, PONG, "new"))
    tried(net.fork)
    tried(net.snapshot)


def odd_ones(seed: int, count: int) -> list[str]:
    """What has come of so many mutated snapshots that is no error of ours, or took long."""
    chance = random.Random(seed)
    told, blobs = apart(busy(signed=bool(seed % 2)).snapshot())
    where = {name: places(part, (name,)) for name, part in told.items()}
    odd = []
    for number in range(count):
        other = bytearray(blobs)
        if chance.random() < 0.1:
            other[chance.randrange(len(other))] ^= 1 << chance.randrange(8)
        data = together(mutated(told, chance, where) if other == blobs else told, bytes(other))
        began = time.process_time()
        try:
            net = Network.restore(data, limits=Limits(instructions=10**6, seconds=1), most=200, live=100)
        except (SnapshotError, InputError):
            pass
        except Exception as error:
            odd.append(f"{seed}, {number}: restoring: {error!r:.300}")
        else:
            try:
                touch_all(net)
            except Exception as error:
                odd.append(f"{seed}, {number}: {error!r:.300}")
        if (took := time.process_time() - began) > 5:
            odd.append(f"{seed}, {number}: {took:.1f} s")
    return odd


@pytest.mark.parametrize("seed", [0, 1])
def test_mutated(seed: int) -> None:
    """Of snapshots that somebody has changed, with their digests made right, come only errors of ours."""
    assert odd_ones(seed, 150) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_mutated_long(seed: int) -> None:
    """The same of twenty thousand."""
    assert odd_ones(seed, 1000) == []


# ── what a stranger's snapshot may name ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "told",
    [
        {"files": "/etc"},
        {"isolated": 50},
        {"isolated": True},
        {"clock": None},
        {"faults": {"drop": 2.0}},
        {"faults": {"seed": [], "label": "/etc"}},
        {"faults": "/etc"},
        {"unknown": 1},
        {"modules": {"A" * 43: "/etc"}},
        {"modules": {"A" * 43: "/etc/passwd"}},
        {"modules": {"A" * 43: 3}},
        {"modules": []},
        {"dialect": "/etc"},
        {"dialect": "wasm"},
        {"limits": {"seconds": -1}},
        {"limits": {"hard": "/etc"}},
        {"most": 0},
        {"live": 10.5},
        {"seed": 3},
        {"signed": "yes"},
        {"deduplicate": None},
        {"auto": 1},
    ],
)
def test_options_of_a_stranger(told: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot's options are either left aside or refused: none makes children or reads a file."""
    snapshot, blobs = apart(_small())
    snapshot["given"] |= told
    data = together(snapshot, blobs)
    opened: list[str] = []
    for module, name in ((builtins, "open"), (io, "open"), (os, "open"), (os, "scandir"), (os, "listdir")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda path, *a, real=real, **k: (opened.append(str(path)), real(path, *a, **k))[1]
        )
    real_exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: (opened.append(str(path)), real_exists(path))[1])
    try:
        net = Network.restore(data)
    except SnapshotError:
        pass
    else:
        assert net.pool is None
        assert net.faults is None
        touch_all(net)
    assert [path for path in opened if "etc" in path] == []


def test_no_files_of_a_stranger(tmp_path: Path) -> None:
    """A process of a stranger's snapshot reads no file: neither by `require` nor as data, wherever it began."""
    (tmp_path / "code.lua").write_text("return require('helper')")
    (tmp_path / "helper.lua").write_text("return { x = 1 }")
    (tmp_path / "secret.lua").write_text("return 'secret'")
    (tmp_path / ("D" * 43)).write_text("secret")
    net = Network(files=tmp_path)
    process = net.spawn(tmp_path / "code.lua", owner="alice", name="p")
    assert net.storage.find("D" * 43) == b"secret"
    data = net.snapshot()
    assert str(tmp_path).encode() not in data.split(b"\n", 3)[2]
    again = Network.restore(data)
    assert again.process("p").eval("return require('helper').x").text == "1"
    before = state(again)
    with pytest.raises(InputError, match="asks for module secret, which it has not read before"):
        again.process("p").eval("return require('secret')")
    assert state(again) == before
    assert again.storage.find("D" * 43) is None
    assert process.eval("return require('secret')").text == "secret"
    given_again = Network.restore(data, files=tmp_path)
    assert given_again.storage.find("D" * 43) == b"secret"


def test_modules_that_are_files(tmp_path: Path) -> None:
    """A module that is a folder is not in the bytes; it is given again, and new processes run it then."""
    (tmp_path / "process.lua").write_text(
        "return { handle = function(msg) return { Output = 'mine', Messages = {}, Spawns = {} } end }"
    )
    net = Network(modules={"A" * 43: tmp_path, "B" * 43: "2.0.1"})
    net.spawn(data="", owner="alice", module="A" * 43, name="own")
    data = net.snapshot()
    assert str(tmp_path).encode() not in data.split(b"\n", 3)[2]
    again = Network.restore(data, modules={"A" * 43: tmp_path})
    assert again.spawn(data="", owner="alice", module="A" * 43, name="other").spawn_result.output == "mine"
    assert again.spawn(data="", owner="alice", module="B" * 43).count == 1
    bare = Network.restore(data)
    with pytest.raises(AoError, match=r"there is no module AAA\.\.\.AAA"):
        bare.spawn(data="", owner="alice", module="A" * 43)
