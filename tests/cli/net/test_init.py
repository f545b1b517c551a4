"""`ao-run net init`: a new network in a folder, made once."""

from __future__ import annotations

from pathlib import Path

from ao_runtime import Network

from ..running import Ran
from .town import net, shape, town


def test_wallets(tmp_path: Path) -> None:
    """It says which folder it is, and the addresses of the wallets."""
    folder = tmp_path / "town"
    ran = net("init", folder, "--wallet", "alice", "--wallet", "bo")
    with Network.open(folder, write=False) as network:
        alice, bo = network.wallet("alice"), network.wallet("bo")
    assert ran == Ran(0, f"{folder}: a new network\nwallet alice  {alice}\nwallet bo     {bo}\n", "")


def test_options_stay(tmp_path: Path) -> None:
    """How it was made goes for every command after it."""
    folder = tmp_path / "town"
    limits = ("--limit-instructions", "5000", "--limit-memory", "64MB", "--limit-seconds", "2")
    [told] = net("init", folder, "--seed", "s", "--dialect", "1", "--wallet", "a", *limits, "--json").results
    with Network(seed="s") as other:
        address = str(other.wallet("a"))
    clock = {"now": 1700000000000, "height": 1000000}
    assert told == {"folder": str(folder), "seed": "s", "signed": False, "wallets": {"a": address}, **clock}
    assert net("spawn", folder, "--code", "X = 1", "--name", "one").code == 0
    ran = net("eval", folder, "one", "local n = 0 for i = 1, 1e6 do n = n + i end")
    assert ran.code == 4
    assert "[5000] one.Eval(From=owner) ✗\n  error: " in ran.out
    with Network.open(folder, write=False) as network:
        assert {name: network.described[name] for name in ("seed", "dialect", "limits")} == {
            "seed": "s",
            "dialect": "1",
            "limits": {"instructions": 5000, "memory": 64 << 20, "seconds": 2},
        }


def test_signed_by_the_machines_clock(tmp_path: Path) -> None:
    """Items are really signed, and the time is the machine's."""
    folder = tmp_path / "town"
    assert net("init", folder, "--signed", "--real-clock").code == 0
    assert net("spawn", folder, "--code", "X = 1", "--name", "one").code == 0
    with Network.open(folder, write=False) as network:
        [place] = network.scheduler.assignments()
        assert place.item.raw is not None
        assert place.timestamp > 1_750_000_000_000


def test_keys(tmp_path: Path) -> None:
    """`--keys rsa` makes RSA keys for the units, kept for their owner alone; without `--signed` nobody would sign."""
    folder = tmp_path / "town"
    ran = net("init", folder, "--keys", "rsa")
    assert (ran.code, ran.out, "--keys is for --signed" in ran.err, folder.exists()) == (2, "", True, False)
    assert net("init", folder, "--signed", "--keys", "rsa").code == 0
    kept = {path: path.read_bytes() for path in (folder / "keys").iterdir()}
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert net("spawn", folder, "--code", "X = 1", "--name", "one").code == 0
    assert {path: path.read_bytes() for path in (folder / "keys").iterdir()} == kept
    with Network.open(folder, write=False) as network:
        [place] = network.scheduler.assignments()
        assert (len(kept), len(place.signature)) == (4, 683)
    assert net("init", tmp_path / "other", "--signed", "--keys", "ed25519").code == 0
    assert not (tmp_path / "other" / "keys").exists()


def test_never_twice(tmp_path: Path) -> None:
    """What is there already stays as it is."""
    folder = town(tmp_path / "town")
    before = sorted(path.name for path in folder.rglob("*"))
    complaint = f"error: folder: {folder} holds a network already (give a new folder)\n"
    assert net("init", folder) == Ran(2, "", complaint)
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert shape(net("get", folder, "Points", "Balances.bob")).out == "250\n"
    file = tmp_path / "file"
    file.touch()
    assert net("init", file) == Ran(2, "", f"error: folder: {file} is no folder\n")


def test_what_makes_no_sense(tmp_path: Path) -> None:
    """A dialect that there is not is wrong usage, and leaves no network."""
    folder = tmp_path / "town"
    ran = net("init", folder, "--dialect", "9")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: dialect: there is no dialect '9' (the dialects are 2.0.6, ")
    assert net("init", folder).code == 0
