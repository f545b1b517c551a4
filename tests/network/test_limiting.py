"""`Memory-Limit` and `Compute-Limit` of a process: never more than the network gives."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Limits, Network
from ao_runtime.network.item import Item
from ao_runtime.network.limiting import own_limits

LOOP = "for i = 1, 3e5 do end"


def item(memory: bytes | None, compute: bytes | None) -> Item:
    """A process with these tags."""
    tags = [(b"Memory-Limit", memory), (b"Compute-Limit", compute)]
    found = [(name, value) for name, value in tags if value is not None]
    return Item("x" * 43, "o", "", b"", tuple(name for name, _ in found), tuple(value for _, value in found), b"")


@given(
    memory=st.one_of(st.none(), st.binary(max_size=8), st.from_regex(rb"\A[0-9]{1,14}-(kb|mb|gb|tb)\Z")),
    compute=st.one_of(st.none(), st.binary(max_size=8), st.from_regex(rb"\A[0-9]{1,20}\Z")),
    most=st.tuples(st.one_of(st.none(), st.integers(1, 10**12)), st.one_of(st.none(), st.integers(1, 10**12))),
)
def test_never_more_than_the_network_gives(
    memory: bytes | None, compute: bytes | None, most: tuple[int | None, int | None]
) -> None:
    """Whatever the tags say: an item of anybody's raises nothing, and no limit rises."""
    given_limits = Limits(most[0], most[1], 5.0)
    found = own_limits(item(memory, compute), given_limits, None)
    if found is not None:
        for own, cap in ((found.instructions, most[0]), (found.memory, most[1])):
            assert own is not None or cap is None
            assert own is None or (own > 0 and (cap is None or own <= cap))
        assert (found.instructions, found.memory) != most
        assert found.seconds == 5.0


def test_they_hold_in_a_fork_and_in_a_snapshot() -> None:
    """Also where whoever restores it gives limits of its own."""
    with Network() as net:
        small = net.spawn(code="N = 1", tags={"Compute-Limit": "200000"})
        blob = net.snapshot()
        for same in (net.fork(), Network.restore(blob), Network.restore(blob, limits={"instructions": 10**8})):
            assert "instruction limit of 200000" in str(same.process(small.id).eval(LOOP).error)


def test_they_hold_also_when_the_process_is_read_again(tmp_path: Path) -> None:
    """In a folder as in memory; what failed by them is the same when it is evaluated again."""
    tags = {"Compute-Limit": "200000"}
    for where in (None, tmp_path / "net"):
        net = Network() if where is None else Network.open(where)
        with net:
            small, usual = net.spawn(code="N = 1", tags=tags), net.spawn(code="N = 1")
            assert "instruction limit of 200000" in str(small.eval(LOOP).error)
            assert usual.eval(LOOP).ok
    with Network.open(tmp_path / "net") as net:
        assert "instruction limit of 200000" in str(net.process(small.id).eval(LOOP).error)
        assert net.verify().same
