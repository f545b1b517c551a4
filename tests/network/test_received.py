"""Items that somebody outside has signed, brought to a network."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Network, Wallet
from ao_runtime.errors import RefusedError
from ao_runtime.items import DataItem
from ao_runtime.network import AOS, RealClock

from .test_lanes import Driver

ALICE = Wallet.from_ed25519(b"a" * 32)


def process(net: Network, code: str = "", **tags: str) -> DataItem:
    """A process as a client signs it."""
    own = {
        "Data-Protocol": "ao",
        "Type": "Process",
        "Module": AOS,
        "Scheduler": net.scheduler.address,
        "Authority": net.messenger.address,
        "On-Boot": "Data",
        **tags,
    }
    return DataItem.create(code, tags=own, wallet=ALICE)


def message(to: str, data: str | bytes = " ", **tags: Any) -> DataItem:
    """A message as a client signs it."""
    return DataItem.create(data, target=to, tags={"Data-Protocol": "ao", "Type": "Message", **tags}, wallet=ALICE)


def test_it_is_evaluated_as_its_signer_wrote_it() -> None:
    """Id, owner and bytes are the signed item's; the process sees who has signed it."""
    net = Network(signed=True)
    item = process(net, "Handlers.add('Who', 'Who', function(msg) print(msg.Owner .. ' ' .. msg.Id) end)", Name="who")
    boot = net.receive(item)
    assert (boot.process, boot.result and boot.result.ok, net.process("who").owner) == (item.id, True, ALICE.address)
    asked = message(item.id, Action="Who")
    found = net.receive(asked)
    assert found.result is not None
    assert found.result.text == f"{ALICE.address} {asked.id}"
    assert found.item is not None
    assert found.item.raw == bytes(asked)


def test_nothing_is_delivered_before_somebody_says_so() -> None:
    """What it sends is on its way when `receive` returns."""
    net = Network(signed=True)
    item = process(net, "Send({Target = 'x' .. ('A'):rep(42), Action = 'Hello'})")
    net.receive(item)
    assert [one.action for one in net.pending] == ["Hello"]


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"Type": "Other"}, "Type"),
        ({"Data-Protocol": "other"}, "Data-Protocol"),
        ({"x+link": "y"}, r"\+link"),
        ({"x": "y+link"}, r"\+link"),
        ({"From-Process": "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"}, "From-Process"),
    ],
)
def test_what_a_scheduler_refuses_leaves_nothing(tags: dict[str, str], words: str) -> None:
    """A refused message has no place; one that is there already is refused too."""
    net = Network(signed=True)
    item = process(net)
    net.receive(item)
    with pytest.raises(RefusedError, match=words):
        net.receive(message(item.id, **tags))
    with pytest.raises(RefusedError, match="already exists"):
        net.receive(item)
    assert net.process(item.id).count == 1


def test_a_process_of_an_unknown_module_leaves_nothing() -> None:
    """Neither a process nor its name."""
    net = Network(signed=True)
    with pytest.raises(RefusedError, match="module"):
        net.receive(process(net, Name="lost", Module="x" * 43))
    assert net.processes == []
    assert net.labels.read().get("lost") is None
    assert "lost" not in net.labels.read().values()


def test_in_a_folder_the_signed_bytes_are_kept(tmp_path: Path) -> None:
    """After the folder is opened again the item is there, byte for byte, and stored data as well."""
    with Network.open(tmp_path, signed=True, seed="x") as net:
        item = process(net)
        net.receive(item)
        binary = message(item.id, bytes(range(256)))
        net.receive(binary)
        kept = DataItem.create(b"\xff\x00", tags={"Content-Type": "image/png"}, wallet=ALICE)
        assert net.keep(kept).data == b"\xff\x00"
        assert net.keep(kept).raw == bytes(kept)
    with Network.open(tmp_path) as net:
        found = net.scheduler.message(binary.id)
        assert found is not None
        assert found.raw == bytes(binary)
        stored = net.storage.item(kept.id)
        assert stored is not None
        assert stored.raw == bytes(kept)


def test_the_machines_clock_goes_on_while_a_network_is_closed(tmp_path: Path) -> None:
    """Opened again it is now, not the moment at which it was closed; what it was put forward by stays, and the height."""
    with Network.open(tmp_path, clock=RealClock()) as net:
        net.clock.mine(5)
        height = net.clock.height
    with Network.open(tmp_path) as net:
        assert isinstance(net.clock, RealClock)
        assert abs(net.clock.now - time.time() * 1000) < 5000
        assert net.clock.height == height
        net.clock.advance("1h")
    with Network.open(tmp_path) as net:
        assert 3_590_000 < net.clock.now - time.time() * 1000 < 3_610_000


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_reads_the_seed(tmp_path: Path) -> None:
    """The keys of the network's units follow from what stands in network.json."""
    Network.open(tmp_path, signed=True, seed="secret").close()
    assert (tmp_path / "network.json").stat().st_mode & 0o777 == 0o600


def test_who_is_monitored_is_known_after_a_kill(tmp_path: Path) -> None:
    """Without the index, which is written at the end, ticks are delivered as before."""
    with Network.open(tmp_path / "killed") as net:
        got = net.spawn(code="N = 0 Handlers.add('T', 'T', function() N = N + 1 end)", owner="a", name="got")
        code = f"Handlers.add('Tick', 'Tick', function() Send({{ Target = '{got}', Action = 'T' }}) end)"
        tags = [("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Tick")]
        cron, other = (net.spawn(code=code, owner="a", name=name, tags=tags) for name in ("cron", "other"))
        cron.monitor()
        other.monitor()
        other.unmonitor()
        net.clock.advance("2s")
    (tmp_path / "killed" / "network.db").unlink()
    with Network.open(tmp_path / "killed") as net:
        assert list(net.messenger.monitored) == [cron.id]
        net.clock.advance("3s")
        assert net.process("got").get("N") == 5


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["Add", "Forward", "Fail", "Twice", "Bad"])), max_size=30))
def test_in_lanes_as_without(chosen: list[tuple[int, str]]) -> None:
    """Results, places, what is on its way and what is refused are the same; in a folder and in memory."""
    code = """
    Got = {}
    Handlers.add("Add", "Add", function(msg) Got[#Got + 1] = msg.Id msg.reply({ Data = tostring(#Got) }) end)
    Handlers.add("Forward", "Forward", function(msg) Send({ Target = Next, Action = "Add" }) end)
    Handlers.add("Fail", "Fail", function() error("it failed") end)
    """
    seen: list[Any] = []
    with TemporaryDirectory() as folder:
        for lanes in (False, True):
            for net in (
                Network(signed=True, seed="x"),
                Network.open(Path(folder) / str(lanes), signed=True, seed="x"),
            ):
                with net:
                    seen.append(_received(net, code, chosen, lanes))
    assert seen[0] == seen[1] == seen[2] == seen[3]


def _received(net: Network, code: str, chosen: list[tuple[int, str]], lanes: bool) -> Any:
    """All that there is after these messages."""
    ids: list[str] = []
    for _ in range(4):
        item = process(net, (f"Next = '{ids[-1]}'" if ids else "") + code)
        item = DataItem.create(item.data, tags=item.tags, anchor=b"%032d" % len(ids), wallet=ALICE)
        net.receive(item)
        ids.append(item.id)
    items = []
    for number, (which, action) in enumerate(chosen):
        # The last of them is no process.
        target = [*ids, ALICE.address][which]
        tags = {"Data-Protocol": "no" if action == "Bad" else "ao", "Type": "Message", "Action": action}
        one = DataItem.create(" ", target=target, tags=tags, anchor=b"%032d" % number, wallet=ALICE)
        items += [one, one] if action == "Twice" else [one]
    told: list[Any] = []
    if lanes:
        driver = Driver(net)
        for one in items:
            driver.lanes.take(net.receiving(one), lambda value, error: told.append(error or value))
            while driver.lanes.busy:
                driver.turn()
        driver.lanes.end()
    else:
        for one in items:
            try:
                told.append(net.receive(one))
            except RefusedError as error:
                told.append(error)
    said = [str(one) if isinstance(one, Exception) else one.result.to_dict() for one in told]  # type: ignore[union-attr]
    on_its_way = [(one.sender, one.target, one.action, one.pushed_for) for one in net.pending]
    net.run()
    assert net.pending == []
    places = [[one.item.id for one in net.scheduler.schedule(id).assignments] for id in ids]
    return said, on_its_way, [sorted(one) for one in places], [net.process(id).get("#Got") for id in ids]
