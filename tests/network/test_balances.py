"""What a network's wallets have: what was minted for them, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.errors import InputError, JournalError, SnapshotError
from ao_runtime.network import Network

from .test_snapshot import apart, together

ANNA, BELA = "a" * 43, "b" * 42 + "A"


def test_minted() -> None:
    """It is added up for each address."""
    net = Network()
    assert [net.mint(ANNA, 5), net.mint(BELA, 10**29), net.mint(ANNA, 0), net.mint(ANNA, 1)] == [5, 10**29, 5, 6]
    assert net.balances == {ANNA: 6, BELA: 10**29}


@pytest.mark.parametrize(("address", "amount"), [("a" * 42, 1), ("", 1), (5, 1), (ANNA, -1), (ANNA, 1.5), (ANNA, True)])
def test_nothing_to_mint(address: Any, amount: Any) -> None:
    """What is no address, or no number, changes nothing."""
    net = Network()
    with pytest.raises(InputError, match="must be"):
        net.mint(address, amount)
    assert net.balances == {}


def test_bounds() -> None:
    """10^30 winston of an address, and 10 000 addresses: those that are there can have more."""
    net = Network()
    net.mint(ANNA, 10**30)
    with pytest.raises(InputError, match="is more than"):
        net.mint(ANNA, 1)
    net.balances |= {f"{number:043}": 1 for number in range(9999)}
    with pytest.raises(InputError, match="10000 addresses"):
        net.mint(BELA, 1)
    assert (len(net.balances), net.mint(f"{5:043}", 1)) == (10_000, 2)


def test_moments_and_copies() -> None:
    """A fork has them and goes its own way, a snapshot has them, and back at an anchor nothing was minted since."""
    net = Network()
    net.mint(ANNA, 5)
    other, bytes_ = net.fork(), net.snapshot()
    with net.anchor():
        net.mint(ANNA, 1)
        net.mint(BELA, 1)
    assert net.balances == {ANNA: 5}
    other.mint(ANNA, 2)
    assert (other.balances, net.balances, Network.restore(bytes_).balances) == ({ANNA: 7}, {ANNA: 5}, {ANNA: 5})


@pytest.mark.parametrize(
    "told", [{ANNA: 5}, {ANNA: "-5"}, {ANNA: "9" * 50}, {"anna": "5"}, [], {ANNA: "x"}, {ANNA: ""}]
)
def test_strange_balances(told: Any, tmp_path: Path) -> None:
    """In a snapshot, and in a folder, they are damage that is told."""
    net = Network(seed="s")
    snapshot, blobs = apart(net.snapshot())
    with pytest.raises(SnapshotError, match="is damaged"):
        Network.restore(together({**snapshot, "balances": told}, blobs))
    Network.open(tmp_path / "net").close()
    file = tmp_path / "net/network.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "balances": told}))
    with pytest.raises(JournalError, match="is damaged"):
        Network.open(tmp_path / "net")


@pytest.mark.parametrize("told", [5, [[1, 9]], [["1", 1]]])
def test_strange_mines(told: Any, tmp_path: Path) -> None:
    """More blocks than were mined, or what is no moment, is damage that is told as well."""
    net = Network(seed="s")
    snapshot, blobs = apart(net.snapshot())
    with pytest.raises(SnapshotError, match="is damaged"):
        Network.restore(together({**snapshot, "mines": told}, blobs))
    Network.open(tmp_path / "net").close()
    file = tmp_path / "net/network.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "mines": told}))
    with pytest.raises(JournalError, match="is damaged"):
        Network.open(tmp_path / "net")


def test_copies_know_when_blocks_were_mined(tmp_path: Path) -> None:
    """A fork, a snapshot and a folder, and back at an anchor: each block began when it did."""
    net = Network()
    net.clock.advance("10s")
    net.clock.mine(2)
    known = [net.clock.began(net.clock.height - back) for back in range(4)]
    with net.anchor():
        net.clock.advance("10s")
        net.clock.mine(3)
    with Network.open(tmp_path / "net", clock=net.fork().clock):
        pass
    for other in (net, net.fork(), Network.restore(net.snapshot()), Network.open(tmp_path / "net")):
        assert [other.clock.began(net.clock.height - back) for back in range(4)] == known
        other.close()


def test_a_folder_has_them(tmp_path: Path) -> None:
    """They are there again; a network without any is as it was before there were balances."""
    file = tmp_path / "net/network.json"
    with Network.open(tmp_path / "net") as net:
        assert "balances" not in json.loads(file.read_text())
        net.mint(ANNA, 10**29)
        assert json.loads(file.read_text())["balances"] == {ANNA: str(10**29)}
    with Network.open(tmp_path / "net") as net:
        assert net.balances == {ANNA: 10**29}


def test_what_cannot_be_written_was_not_minted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, nobody has more than before."""
    with Network.open(tmp_path / "net") as net:
        net.mint(ANNA, 1)
        with monkeypatch.context() as patch:

            def full(*_: Any) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr("os.fsync", full)
            with pytest.raises(JournalError, match="No space left"):
                net.mint(ANNA, 1)
        assert net.balances == {ANNA: 1}
    with Network.open(tmp_path / "net") as net:
        assert net.balances == {ANNA: 1}
