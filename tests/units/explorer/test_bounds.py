"""No page costs more than a bounded amount: a network of 10 000 processes and 100 000 messages, and a folder of many."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ao_runtime.models import Result
from ao_runtime.network import Assignment, Evaluation, Item, Network, to_id
from ao_runtime.network.compute import Unit
from ao_runtime.units.explorer import timeline
from ao_runtime.units.explorer.timeline import SCANNED, Timeline

from .asking import asked


def id_of(number: int) -> str:
    """An id for a number."""
    return to_id(number.to_bytes(32, "big"))


def filled(processes: int, messages: int) -> Network:
    """A network that was sent so many messages in turn, of which only the books are there: no process is made."""
    network = Network(seed="large")
    owner = network.wallet("alice").address
    names, values = (b"Type", b"Module", b"Scheduler"), (b"Process", b"m" * 43, b"s" * 43)
    units: list[tuple[str, Unit]] = []
    count = 0

    def put(process: str, unit: Unit, item: Item) -> None:
        nonlocal count
        count += 1
        one = Assignment(process, len(unit.nonces), 1_700_000_000_000 + count, 1, id_of(count), item, "s" * 43)
        one.digest = (2**200 + count).to_bytes(32, "big")
        network.scheduler.put(one)
        unit.add(
            Evaluation(
                process, one.nonce, len(unit.evaluations), Result.of_wire({"Output": "", "Messages": []}), item, one
            )
        )

    for number in range(processes):
        id = id_of(10**9 + number)
        item = Item(id, owner, "", b"", names, values, b"")
        unit = Unit(lambda: pytest.fail("no page needs this process"), item)
        put(id, unit, item)
        network.compute.put(id, unit)
        network.labels.add(id, f"process {number}")
        units.append((id, unit))
    for number in range(messages - processes):
        id, unit = units[number % processes if number % 2 else 0]
        tags = (b"Action", b"Number"), (b"Do", str(number).encode())
        put(id, unit, Item(id_of(number), owner, id, b"", *tags, b"data"))
    return network


def check(processes: int, messages: int, seconds: float) -> None:
    """Every page, the first and the last of each list: none is large, and none takes long."""
    first = id_of(10**9)
    paths = [
        "",
        "/processes",
        f"/processes?page={processes // 50}",
        "/processes?page=999999999",
        "/messages",
        f"/messages?before={messages // 2}",
        "/messages?before=1",
        "/waiting",
        f"/process/{first}",
        f"/process/{first}?before=60",
        f"/process/{first}/1",
        "/search?q=process",
        "/search?q=Number%3D0",
        "/search?q=Nothing%3Dof+this",
        f"/search?q={id_of(5)}",
        f"/wallet?address={'w' * 43}",
    ]
    with asked(filled(processes, messages)) as explorer:
        explorer.page("")  # the first page finds all messages
        took = {}
        for path in paths:
            begun = time.perf_counter()
            page = explorer.page(path)
            took[path] = time.perf_counter() - begun
            assert (page.status, len(page.html) < 150_000) == (200, True), path
        assert max(took.values()) < seconds, took
        # What is far back is found by going on.
        path, steps = "/search?q=Number%3D0", 0
        while "#1" not in (page := explorer.page(path)).text:
            [path] = [link.removeprefix("/explorer") for link in page.links if "before=" in link]
            steps += 1
        assert steps == (messages - processes - 2) // SCANNED


def test_a_network_of_some_size() -> None:
    """1000 processes and 25 000 messages: every page within a second, none with more than 150 kB."""
    check(1000, 25_000, 1.0)


@pytest.mark.long
def test_a_large_network() -> None:
    """10 000 processes and 100 000 messages: the same."""
    check(10_000, 100_000, 1.0)


def test_the_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last message is the first; what lost its place is gone; what is read later stands where its time is."""
    network = filled(3, 30)
    line = Timeline(network)
    found, more = line.before(None, 10)
    assert [one.timestamp for one in found] == sorted((one.timestamp for one in found), reverse=True)
    assert more == 20
    rest, end = line.before(more, 100)
    assert (len(rest), end) == (20, None)
    last = found[0]
    network.scheduler.cut(last.process, last.nonce)
    assert line.before(None, 1)[0] == [found[1]]
    id, item = id_of(7**20), Item(id_of(7**20), "o" * 43, "", b"", (), (), b"")
    early = Assignment(id, 0, 1_700_000_000_000, 1, id_of(1), item, "s" * 43)
    network.scheduler.put(early)
    assert line.before(None, 100)[0][-1] is early
    monkeypatch.setattr(timeline, "SCANNED", 7)
    assert line.before(None, 100, lambda one: False) == ([], len(line) - 7)


def test_a_folder_is_not_read_for_a_page(tmp_path: Path) -> None:
    """What lies in journals is listed by its name, and read when somebody asks for it."""
    with Network.open(tmp_path / "net", seed="folder") as network:
        alice = network.wallet("alice")
        for number in range(5):
            network.spawn(code="N = 0", owner=alice, name=f"p{number}")
        alice.send("p3", Action="Hello")
        id = network.found("p3")
    with asked(Network.open(tmp_path / "net")) as explorer:
        page = explorer.page("")
        assert page.text.count("lies in its journal") == 5
        assert "No messages yet" in page.text
        assert "5 processes lie in their journals" in explorer.page("/messages").text
        assert len(explorer.network.scheduler.unread) == 5
        assert explorer.page("/search?q=p3").links.count(f"/explorer/process/{id}") == 1
        assert len(explorer.network.scheduler.unread) == 5
        process = explorer.page(f"/process/{id}")
        assert "Hello #1" in process.text
        assert len(explorer.network.scheduler.unread) == 4
        assert "Hello #1" in explorer.page("").text
        assert "N 0" in explorer.page(f"/process/{id}/state").text
