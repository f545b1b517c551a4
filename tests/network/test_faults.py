"""What goes wrong on purpose: always the same for the same seed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import InputError
from ao_runtime.network import Faults, Network
from ao_runtime.network.faults import KINDS

from .programs import NOTES, PONG, TELL, alice, run, spawn


def noted(faults: Faults | None, count: int = 30, **options: Any) -> tuple[Network, list[str]]:
    """Notes that one process sends to another, and those that came."""
    net = Network(faults=faults, **options)
    notes, sender = spawn(net, NOTES, "notes"), spawn(net, "", "sender")
    run(sender, f"for i = 1, {count} do Send({{ Target = '{notes.id}', Action = 'Note', Data = tostring(i) }}) end")
    return net, notes.get("Notes")


ALL = [f"{number}" for number in range(1, 31)]


def test_none() -> None:
    """Without a share nothing goes wrong."""
    faults = Faults(seed=1)
    assert noted(faults)[1] == noted(None)[1] == ALL
    assert faults.happened == []


def test_drop() -> None:
    """What is dropped does not arrive, and says so; all else does, in order."""
    faults = Faults(seed=1, drop=0.3)
    net, came = noted(faults)
    lost = [key for kind, key in faults.happened if kind == "drop"]
    assert 0 < len(lost) < 30
    assert len(came) == 30 - len(lost)
    assert came == [one for one in ALL if f"sender#1 Messages[{int(one) - 1}]" not in lost]
    effects = net.process("sender").evaluations[-1].effects
    assert {one.problem for one in effects} == {None, "was lost (fault injection)"}


def test_drop_all() -> None:
    """A share of 1 is all of them."""
    assert noted(Faults(drop=1.0))[1] == []


def test_delay() -> None:
    """A late one lets others pass, twenty at most; none is lost."""
    net, came = noted(Faults(seed=3, delay=0.2))
    assert came != ALL
    assert sorted(came, key=int) == ALL
    late = {int(key.split("[")[1][:-1]) + 1 for _, key in net.faults.happened}  # type: ignore[union-attr]
    punctual = [int(one) for one in came if int(one) not in late]
    assert punctual == sorted(punctual)
    for number in late:
        assert came.index(f"{number}") - (number - 1) <= 20


def test_delay_all() -> None:
    """If all are late, all come."""
    assert sorted(noted(Faults(delay=1.0))[1], key=int) == ALL


def test_reorder() -> None:
    """What overtakes comes before some that were sent before it; none is lost."""
    faults = Faults(seed=3, reorder=0.2)
    _, came = noted(faults)
    assert came != ALL
    assert sorted(came, key=int) == ALL
    fast = {int(key.split("[")[1][:-1]) + 1 for _, key in faults.happened}
    slow = [int(one) for one in came if int(one) not in fast]
    assert slow == sorted(slow)


def test_duplicate() -> None:
    """What is delivered twice is evaluated once; without the network's deduplication twice."""
    faults = Faults(seed=3, duplicate=0.3)
    net, came = noted(faults)
    assert came == ALL
    assert net.process("notes").count == 1 + 30 + len(faults.happened)
    bare = Faults(seed=3, duplicate=0.3)
    _, twice = noted(bare, deduplicate=False)
    assert bare.happened == faults.happened
    assert len(twice) == 30 + len(bare.happened)
    assert set(twice) == set(ALL)


def test_crash() -> None:
    """After a crash the state is what it was, and the message comes again, which is skipped."""
    faults = Faults(seed=3, crash=0.3)
    net, came = noted(faults)
    assert came == ALL
    assert faults.happened
    assert net.process("notes").count == 31 + len(faults.happened)
    _, twice = noted(Faults(seed=3, crash=0.3), deduplicate=False)
    assert len(twice) == 30 + len(faults.happened)


def test_crash_of_a_wallet() -> None:
    """A delivery to whom nothing is evaluated may crash as well."""
    net = Network(faults=Faults(crash=1.0, duplicate=1.0, delay=1.0, reorder=1.0))
    alice(net).send(spawn(net, PONG), Action="Ping")
    assert {message.data for message in alice(net).inbox} == {"pong 1"}


def test_spawns() -> None:
    """A spawn that is lost is no process; one that is to be delivered twice is spawned once."""
    for faults, children in ((Faults(drop=1.0), 0), (Faults(duplicate=1.0, crash=1.0), 1)):
        net = Network(faults=faults)
        run(spawn(net, "", "p"), "Spawn(ao.env.Module.Id, {})")
        assert len(net.processes) == 1 + children


def everything(seed: Any) -> Faults:
    """A bit of everything."""
    return Faults(seed=seed, delay=0.2, reorder=0.2, duplicate=0.2, drop=0.1, crash=0.1)


def busy(faults: Faults) -> bytes:
    """A network's bytes after messages between four processes and two spawns."""
    net = Network(faults=faults)
    tells = [spawn(net, TELL + PONG, f"t{number}") for number in range(4)]
    for step in range(12):
        alice(net).send(tells[step % 4], Action="Tell", Other=tells[(step + 1) % 4], What="Ping")
    run(tells[0], "Spawn(ao.env.Module.Id, {}) Spawn(ao.env.Module.Id, { Tags = { Name = 'kid' } })")
    # They are in the bytes as well; here it is about what they have done.
    net.faults = None
    return net.snapshot()


@settings(max_examples=10)
@given(st.integers(0, 2**32) | st.text(max_size=5))
def test_same_seed(seed: Any) -> None:
    """The same seed gives the same faults and the same bytes."""
    one, again = everything(seed), everything(seed)
    assert busy(one) == busy(again)
    assert one.happened == again.happened


def test_other_seed() -> None:
    """Another seed gives others."""
    assert len({busy(everything(seed)) for seed in range(4)}) == 4


def test_only() -> None:
    """With `only` just those happen; named all, it is the same run again."""
    first = everything(5)
    bytes_ = busy(first)
    again = first.again(only=first.happened)
    assert busy(again) == bytes_
    assert again.happened == first.happened
    few = first.again(only=first.happened[:2])
    busy(few)
    assert few.happened == first.happened[:2]
    nothing = first.again(only=())
    assert busy(nothing) == busy(Faults())
    assert nothing.happened == []


def test_only_without_shares() -> None:
    """So it is whatever the shares are."""
    faults = Faults(only=[("drop", "sender#1 Messages[4]")])
    assert noted(faults)[1] == [one for one in ALL if one != "5"]


def test_again() -> None:
    """`again` has the same shares, another seed if one is given, and nothing has happened."""
    first = everything(5)
    busy(first)
    again = first.again(6)
    assert (again.seed, again.happened, again.only) == (6, [], None)
    assert [getattr(again, kind) for kind in KINDS] == [getattr(first, kind) for kind in KINDS]
    assert first.again().seed == 5


def test_key() -> None:
    """A fault is named by sender, nonce and place in the result: what people see, and what is the same in other runs."""
    faults = Faults(drop=1.0)
    net = Network(faults=faults)
    process = spawn(net, "", "shop")
    run(process, "Send({ Target = 'x' }) Spawn(ao.env.Module.Id, {})")
    run(process, f"Assign({{ Processes = {{ '{process.id}' }}, Message = 'm' }})")
    assert faults.happened == [
        ("drop", f"shop#{where}") for where in ("1 Messages[0]", "1 Spawns[0]", "2 Assignments[0]")
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [-0.1, 1.1, "half", None, True, float("nan")])
def test_no_share(kind: str, share: Any) -> None:
    """What is no share from 0 to 1 is an `InputError` that names it."""
    with pytest.raises(InputError, match="must be a share from 0 to 1") as raised:
        Faults(**{kind: share})
    assert raised.value.field == kind


def test_set_later() -> None:
    """Faults may begin and end at any time."""
    net = Network()
    notes, sender = spawn(net, NOTES, "notes"), spawn(net, "", "sender")
    for faults in (None, Faults(drop=1.0), None):
        net.faults = faults
        run(sender, f"Send({{ Target = '{notes.id}', Action = 'Note', Data = 'x' }})")
    assert notes.get("Notes") == ["x", "x"]


def test_anchor() -> None:
    """What has gone wrong in an anchor has not happened afterwards, and goes wrong again in the same way."""
    faults = everything(9)
    net = Network(faults=faults)
    notes, sender = spawn(net, NOTES, "notes"), spawn(net, "", "sender")
    code = f"for i = 1, 20 do Send({{ Target = '{notes.id}', Action = 'Note', Data = tostring(i) }}) end"
    with net.anchor():
        run(sender, code)
        once, came = [*faults.happened], notes.get("Notes")
    assert faults.happened == []
    run(sender, code)
    assert (faults.happened, notes.get("Notes")) == (once, came)
