"""Many runs of one scenario under faults: the first that breaks an invariant, with the fewest faults that do it."""

from __future__ import annotations

import pytest

from ao_runtime.errors import InputError
from ao_runtime.network import Faults, Found, Network, NetworkProcess

from .programs import alice, run, spawn, state

#: Believes that what is sent one after the other comes in that order.
ORDERED = """
Total = 0
Handlers.add("Set", "Set", function(msg) Total = tonumber(msg.Data) end)
"""
#: Its mended version: each note says which one it is.
MENDED = """
Total, Last = 0, 0
Handlers.add("Set", "Set", function(msg)
  local number = tonumber(msg.Number)
  if number > Last then Last, Total = number, tonumber(msg.Data) end
end)
"""


def network(code: str) -> tuple[Network, NetworkProcess, NetworkProcess]:
    """A network in which one tells another its total, five times."""
    net = Network()
    return net, spawn(net, code, "book"), spawn(net, "", "shop")


def scenario(net: Network) -> None:
    """Set it five times."""
    book, shop = net.process("book"), net.process("shop")
    run(
        shop,
        f"for i = 1, 5 do Send({{ Target = '{book.id}', Action = 'Set', Number = tostring(i), Data = tostring(i * 10) }}) end",
    )


def is_50(net: Network) -> bool:
    """The last one counts."""
    return bool(net.process("book").get("Total") == 50)


def test_found() -> None:
    """A fault of ordering is found, shrunk to the one late or overtaking message that does it, and told."""
    net, _, _ = network(ORDERED)
    found = net.explore(scenario, is_50, seeds=200)
    assert isinstance(found, Found)
    assert found.reason == "the invariant does not hold"
    assert 1 <= len(found.faults) <= 2
    assert {kind for kind, _ in found.faults} <= {"delay", "reorder"}
    assert str(found) == "\n".join(
        [
            f"seed {found.seed}: the invariant does not hold",
            *(f"  {kind} {delivery}" for kind, delivery in found.faults),
        ]
    )
    assert all(delivery.startswith("shop#1 Messages[") for _, delivery in found.faults)


def test_found_again() -> None:
    """What was found is always the same, and its faults alone do it."""
    net, book, _ = network(ORDERED)
    found, again = (net.explore(scenario, is_50, seeds=200) for _ in range(2))
    assert found is not None
    assert found == again
    net.faults = Faults(found.seed, delay=0.2, reorder=0.2, duplicate=0.1, crash=0.02, only=found.faults)
    scenario(net)
    assert book.get("Total") != 50


def test_mended() -> None:
    """The mended process stands all seeds."""
    net, _, _ = network(MENDED)
    assert net.explore(scenario, is_50, seeds=60) is None


@pytest.mark.long
def test_mended_long() -> None:
    """So it does a thousand."""
    net, _, _ = network(MENDED)
    assert net.explore(scenario, is_50, seeds=1000) is None


def test_undone() -> None:
    """Each run is undone: afterwards all is as before, and so are the faults of the network itself."""
    net, _, _ = network(ORDERED)
    own = net.faults = Faults(seed=4)
    before, bytes_ = state(net), net.snapshot()
    net.explore(scenario, is_50, seeds=20, faults=Faults(delay=0.5))
    assert state(net) == before
    assert net.snapshot() == bytes_
    assert net.faults is own
    assert own.happened == []


def test_assertion() -> None:
    """The text of an AssertionError of the invariant is the reason."""
    net, _, _ = network(ORDERED)

    def check(net: Network) -> None:
        total = net.process("book").get("Total")
        assert total == 50, f"the total is {total}"

    found = net.explore(scenario, check, seeds=200)
    assert found is not None
    assert found.reason.startswith("the total is ")
    assert str(found).startswith(f"seed {found.seed}: the total is ")


def test_assertion_in_the_scenario() -> None:
    """So is that of the scenario; of one without a text the line is told."""
    net, _, _ = network(ORDERED)

    def failing(net: Network) -> None:
        raise AssertionError

    found = net.explore(failing, is_50, seeds=5)
    assert found == Found(0, (), "an assertion does not hold: raise AssertionError", found.runs if found else 0)


def test_without_any_fault() -> None:
    """What fails without any fault says so."""
    net, _, _ = network(ORDERED)
    found = net.explore(scenario, lambda net: False, seeds=5)
    assert found is not None
    assert (found.seed, found.faults) == (0, ())
    assert str(found) == "seed 0: the invariant does not hold\n  without any fault"


def test_none_is_well() -> None:
    """An invariant that returns nothing, and raises nothing, holds."""
    net, _, _ = network(ORDERED)
    assert net.explore(scenario, lambda net: None, seeds=5) is None


def test_error_of_ours() -> None:
    """An error that a run ends in is a reason: a chain without end, a stand-in that raised."""
    net, _, _ = network(ORDERED)

    def endless(net: Network) -> None:
        net.most = 20
        code = "Handlers.add('b', 'B', function() Send({ Target = ao.id, Action = 'B' }) end)"
        net.process("shop").eval(code)
        alice(net).send("shop", Action="B")

    try:
        found = net.explore(endless, is_50, seeds=3)
    finally:
        net.most = 10_000
    assert found is not None
    assert found.reason.startswith("EndlessChainError: ")


def test_wrong_scenario() -> None:
    """A scenario that is wrong itself is an error, not a finding; the network is as before."""
    net, _, _ = network(ORDERED)
    before = state(net)

    def wrong(net: Network) -> None:
        scenario(net)
        net.clock.advance("never")

    with pytest.raises(InputError, match="is no duration"):
        net.explore(wrong, is_50, seeds=3)

    def broken(net: Network) -> None:
        scenario(net)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        net.explore(broken, is_50, seeds=3)
    assert state(net) == before
    assert net.faults is None


def test_chosen_seeds_and_faults() -> None:
    """Seeds may be chosen, and what may go wrong: by the call, else by the network."""
    net, _, _ = network(ORDERED)
    found = net.explore(scenario, is_50, seeds=[77], faults=Faults(drop=1.0))
    assert found is not None
    assert found.seed == 77
    assert found.faults == (("drop", "shop#1 Messages[4]"),)
    net.faults = Faults(drop=1.0)
    assert net.explore(scenario, is_50, seeds=1) == Found(0, found.faults, found.reason, found.runs)
    assert net.explore(scenario, is_50, seeds=0) is None


def test_state_of_python() -> None:
    """How many runs it took is told, and each begins from the same state."""
    net, _, _ = network(ORDERED)
    counts = []

    def counting(net: Network) -> None:
        counts.append((net.process("book").count, net.clock.now))
        net.clock.advance("1h")
        scenario(net)

    found = net.explore(counting, is_50, seeds=100)
    assert found is not None
    assert len(counts) == found.runs
    assert len(set(counts)) == 1
