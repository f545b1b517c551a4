"""A lane for each process: each has its messages in its order, whatever others do meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import JournalError, Network, Pool, RefusedError
from ao_runtime.network import Lanes
from ao_runtime.store import log

CODE = """
Log = Log or {}
Handlers.add("Note", "Note", function(msg) Log[#Log + 1] = msg.Data end)
Handlers.add("Pass", "Pass", function(msg)
  Log[#Log + 1] = msg.Data
  local left = tonumber(msg.Tags.Left)
  if left > 0 then
    Send({ Target = msg.Tags.To, Action = "Pass", Data = msg.Data, To = ao.id, Left = tostring(left - 1) })
  end
end)
Handlers.add("Spawn", "Spawn", function(msg) Spawn(ao.env.Module.Id, { Tags = { ["On-Boot"] = "Data" }, Data = "Born = 1" }) end)
Handlers.add("Fail", "Fail", function() error("no") end)
"""


class Driver:
    """The thread that keeps a network: this one."""

    def __init__(self, network: Network, most: int = 16) -> None:
        self.network = network
        self._posted: deque[Callable[[], None]] = deque()
        self.lanes = Lanes(network, self._posted.append, most)
        self.lanes.failed = lambda error: self.errors.append(error)
        self.errors: list[BaseException] = []
        self.told: list[Any] = []

    def send(self, to: str, action: str, data: str = "", **tags: str) -> None:
        """A wallet's message; what it gives is told."""
        names = (b"Data-Protocol", b"Type", b"Action", *(name.encode() for name in tags))
        values = (b"ao", b"Message", action.encode(), *(value.encode() for value in tags.values()))
        maker = self.network.maker
        item = maker.item(maker.address("alice"), to, b"", names, values, data.encode())
        self.lanes.take(self.network.messenger.sending(item), lambda value, error: self.told.append(error or value))

    def run(self, seconds: float = 60) -> None:
        """Until nothing is on its way, and nothing is evaluated."""
        end = time.monotonic() + seconds
        pending = self.network.messenger.pending
        while pending or self.lanes.busy or self._posted:
            while self._posted:
                self._posted.popleft()()
            while pending:
                self.lanes.deliver(pending.popleft())
            self.lanes.look()
            assert time.monotonic() < end
            time.sleep(0.0005)

    def turn(self) -> None:
        """What has come back so far."""
        while self._posted:
            self._posted.popleft()()


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Children for all tests."""
    with Pool(2, apart=4) as made:
        yield made


SENDS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["Note", "Pass", "Fail", "Spawn"]), st.integers(0, 3), st.integers(0, 4)
    ),
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(SENDS)
def test_everything_arrives_in_order(pool: Pool, sends: list[tuple[int, str, int, int]]) -> None:
    """Each process has had what wallets sent it in their order, and everything that was passed on, once."""
    network = Network(isolated=pool, auto=False)
    processes = [network.spawn(code=CODE, name=f"p{number}").id for number in range(4)]
    driver = Driver(network)
    passed = [0] * 4
    for number, (to, action, other, left) in enumerate(sends):
        driver.send(processes[to], action, str(number), To=processes[other], Left=str(left))
        if action == "Pass":
            for at in range(left + 1):
                passed[other if at % 2 else to] += 1
    driver.run()
    driver.lanes.end()
    assert not driver.errors
    assert len(driver.told) == len(sends)
    for number, process in enumerate(processes):
        units = network.compute.unit(process)
        assert [one.assignment.nonce for one in units.evaluations if one.assignment] == list(range(len(units.nonces)))
        assert network.scheduler.schedule(process).assignments == [one.assignment for one in units.evaluations]
        # Of what wallets sent the order is theirs.
        own = [at for at, (to, action, _, _) in enumerate(sends) if to == number and action in ("Note", "Pass")]
        log = [int(one) for one in network.process(process).get("Log") or []]
        assert [one for one in dict.fromkeys(log) if one in own] == own
        assert len(log) == sum(to == number and action == "Note" for to, action, _, _ in sends) + passed[number]
    spawned = sum(action == "Spawn" for _, action, _, _ in sends)
    assert network.scheduler.count == 4 + spawned
    network.close()


def test_a_folder(tmp_path: Path, pool: Pool) -> None:
    """What the journals say is what was told; it is the same when it is evaluated again."""
    with Network.open(tmp_path / "town", isolated=pool, auto=False) as network:
        processes = [network.spawn(code=CODE, name=f"p{number}").id for number in range(4)]
        driver = Driver(network)
        for number in range(80):
            to = processes[number % 4]
            driver.send(to, "Pass", str(number), To=processes[(number + 1) % 4], Left="3")
        driver.run()
        driver.lanes.end()
        before = {one: network.process(one).get("Log") for one in processes}
    with Network.open(tmp_path / "town") as again:
        assert {one: again.process(one).get("Log") for one in processes} == before
        assert not again.pending
        assert again.verify().same


def test_one_that_is_busy(pool: Pool) -> None:
    """Others are evaluated, and what they send is delivered; what waits for the busy one comes in its order."""
    network = Network(isolated=pool, auto=False, limits={"seconds": 20.0, "instructions": 3_000_000_000})
    slow, one, two = (network.spawn(code=CODE, name=name).id for name in ("slow", "one", "two"))
    owner = network.compute.process(slow).owner
    driver = Driver(network)
    item = network.maker.item(
        owner, slow, b"", (b"Data-Protocol", b"Type", b"Action"), (b"ao", b"Message", b"Eval"), b"for i = 1, 2e8 do end"
    )
    driver.lanes.take(network.messenger.sending(item), lambda value, error: driver.told.append("slow"))
    for number in range(10):
        driver.send(slow, "Note", str(number))
        driver.send(one, "Pass", str(number), To=two, Left="1")
    end = time.monotonic() + 20
    while len(network.compute.unit(two).evaluations) < 11:
        driver.turn()
        pending = network.messenger.pending
        while pending:
            driver.lanes.deliver(pending.popleft())
        driver.lanes.look()
        assert time.monotonic() < end
        time.sleep(0.001)
    assert "slow" not in driver.told
    assert not driver.lanes.is_idle(slow)
    assert driver.lanes.waiting(slow) == 10
    driver.run()
    driver.lanes.end()
    assert network.process(slow).get("Log") == [str(number) for number in range(10)]
    network.close()


def test_what_cannot_be_evaluated(pool: Pool) -> None:
    """A process whose module nobody has is gone, and so is what was sent to it meanwhile; each is told."""
    network = Network(isolated=pool, auto=False)
    maker = network.maker
    names = (b"Data-Protocol", b"Type", b"Module", b"Scheduler")
    values = (b"ao", b"Process", b"m" * 43, network.scheduler.address.encode())
    item = maker.item(maker.address("alice"), "", b"", names, values, b" ")
    driver = Driver(network)
    driver.lanes.take(network.messenger.sending(item), lambda value, error: driver.told.append(error))
    driver.send(item.id, "Note", "1")
    driver.run()
    driver.lanes.end()
    assert [type(one) for one in driver.told] == [RefusedError, RefusedError]
    assert item.id not in network.scheduler
    network.close()


def test_the_end(pool: Pool) -> None:
    """What waits when the lanes are closed loses its place; what was on its way is on its way again, in its order."""
    network = Network(isolated=pool, auto=False)
    one, two = (network.spawn(code=CODE, name=name).id for name in ("one", "two"))
    many = f"for i = 1, 20 do Send({{ Target = '{two}', Action = 'Note', Data = tostring(i) }}) end"
    network.process(one).eval(many)
    driver = Driver(network)
    pending = network.messenger.pending
    order = [delivery.key for delivery in pending]
    assert len(order) == 20
    driver.lanes.job(two, lambda: time.sleep(0.3))
    while pending:
        driver.lanes.deliver(pending.popleft())
    driver.lanes.close()
    end = time.monotonic() + 20
    while driver.lanes.busy:
        driver.turn()
        assert time.monotonic() < end
        time.sleep(0.001)
    driver.lanes.end()
    assert [delivery.key for delivery in pending] == order
    assert len(network.scheduler.schedule(two).assignments) == 1
    assert network.run() == 20
    assert network.process(two).get("Log") == [str(number) for number in range(1, 21)]
    network.close()


def test_a_write_that_fails(tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sent it is told, and so is what waits behind it; a delivery is on its way again."""
    network = Network.open(tmp_path / "town", isolated=pool, auto=False)
    one, two = (network.spawn(code=CODE, name=name).id for name in ("one", "two"))
    network.process(one).eval(f"Send({{ Target = '{two}', Action = 'Note', Data = 'x' }})")
    driver = Driver(network)
    ledger = network.compute.ledger
    monkeypatch.setattr(ledger, "failed", True)
    driver.send(one, "Note", "1")
    driver.send(one, "Note", "2")
    driver.lanes.deliver(network.messenger.pending.popleft())
    end = time.monotonic() + 20
    while driver.lanes.busy:
        driver.turn()
        assert time.monotonic() < end
        time.sleep(0.001)
    driver.lanes.end()
    assert [type(one) for one in driver.told] == [JournalError, JournalError]
    assert [type(one) for one in driver.errors] == [JournalError]
    assert len(network.pending) == 1
    network.close()
    with Network.open(tmp_path / "town") as again:
        assert len(again.pending) == 1


def test_nobody_is_told_before_it_is_on_the_disk(tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane goes on while the disk is waited for, but what was evaluated is told, and sent on, after that."""
    asked, may = threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        asked.set()
        assert may.wait(30)
        os.fsync(descriptor)

    with Network.open(tmp_path / "net", isolated=pool, auto=False) as network:
        first, second = (network.spawn(code=CODE, name=name).id for name in ("first", "second"))
        driver = Driver(network)
        monkeypatch.setattr(log, "_sync_file", slow)
        driver.send(first, "Pass", "1", To=second, Left="1")
        assert asked.wait(30)
        driver.send(second, "Note", "2")
        end = time.monotonic() + 30
        while len(network.compute.unit(second).evaluations) < 2:
            assert time.monotonic() < end
            time.sleep(0.001)
        driver.turn()
        assert (driver.told, [*network.messenger.pending]) == ([], [])
        assert not driver.lanes.is_evaluated(network.scheduler.schedule(first).assignments[1])
        may.set()
        driver.run()
        driver.lanes.end()
        assert [type(one).__name__ for one in driver.told] == ["Evaluation", "Evaluation"]
        assert network.process(second).get("Log") == ["2", "1"]


def test_a_disk_that_refuses(tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sent a message that could not be kept is told so, and there is no such message; nothing is taken any more."""

    def refuse(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with Network.open(tmp_path / "net", isolated=pool, auto=False) as network:
        process = network.spawn(code=CODE, name="one").id
        driver = Driver(network)
        driver.send(process, "Note", "1")
        driver.run()
        monkeypatch.setattr(log, "_sync_file", refuse)
        driver.send(process, "Pass", "2", To=process, Left="1")
        driver.run()
        monkeypatch.undo()
        driver.send(process, "Note", "3")
        driver.run()
        driver.lanes.end()
        assert [type(one) for one in driver.told[1:]] == [JournalError, JournalError]
        assert "could not be written: Input/output error" in str(driver.told[1])
        assert "a write has failed" in str(driver.told[2])
        unit = network.compute.unit(process)
        assert (len(unit.evaluations), len(unit.nonces)) == (2, 2)
        assert len(network.scheduler.schedule(process).assignments) == 2
        assert [*network.messenger.pending] == []
