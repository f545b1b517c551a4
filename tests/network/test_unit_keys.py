"""A network whose units have RSA keys: what they sign, how the keys are kept, and that all is as with Ed25519."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.errors import InputError, JournalError, SnapshotError
from ao_runtime.models import from_json, to_json
from ao_runtime.network import UNIT_WALLETS, Item, Network, UnitKeys

from .programs import NOTES, PONG, TELL, alice, run, spawn, state
from .test_kills import killed
from .test_snapshot import apart, together

pytest.importorskip("cryptography", reason="signing needs the extra net")

from ao_runtime.items import DataItem, Wallet, WalletWarning

UNITS = ("scheduler", "messenger", "compute", "user")


def played(net: Network) -> Network:
    """With messages, a child, mail, data and an assignment."""
    tell, pong = spawn(net, TELL, "tell"), spawn(net, PONG, "pong")
    ping = alice(net).send(pong, Action="Ping")
    alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    run(tell, "Spawn(ao.env.Module.Id, { Data = 'x' })")
    net.assign(ping, tell)
    net.store("data")
    return net


def used(keys: UnitKeys) -> Network:
    """One in memory."""
    return played(Network(signed=True, keys=keys))


def items(net: Network) -> list[Item]:
    """All items, mail too."""
    return [one.item for one in net.scheduler.assignments()] + net.storage.items()


def modes(folder: Path) -> dict[str, int]:
    """The modes of what holds secrets."""
    found = [folder / "network.json", folder / "keys", *(folder / "keys").iterdir()]
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in found}


SECRET = {"network.json": 0o600, "keys": 0o700} | {f"keys/{unit}.json": 0o600 for unit in UNITS}


# ── what they sign ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_items_verify(rsa_keys: UnitKeys) -> None:
    """What the messenger signs is a data item of type 1 by an RSA key, what wallets sign one of Ed25519; all verify."""
    net = used(rsa_keys)
    kinds: dict[str, set[str]] = {}
    for item in items(net):
        assert item.raw is not None
        parsed = DataItem.parse(item.raw)
        parsed.check()
        assert (parsed.id, parsed.ao_address, parsed.data) == (item.id, item.owner, item.data)
        kinds.setdefault(net.label(item.owner), set()).add(parsed.signature_name)
        if item.owner == net.messenger.address:
            assert (parsed.signature_type, len(parsed.raw_owner), len(parsed.raw_signature)) == (1, 512, 512)
    assert kinds == {"messenger": {"arweave"}, "alice": {"ed25519"}, "owner": {"ed25519"}}


def test_assignments_verify(rsa_keys: UnitKeys) -> None:
    """An assignment is an item of the scheduler's RSA key with just its tags; signed again it is the same, to the byte."""
    net = used(rsa_keys)
    key = rsa_keys.wallets["scheduler"].deterministic()
    assert net.scheduler.address == key.address
    for one in net.scheduler.assignments():
        made = DataItem.create(tags=[(tag["name"], tag["value"]) for tag in one.tags], wallet=key)
        made.check()
        assert (made.signature_type, made.id, made.signature) == (1, one.id, one.signature)


def test_addresses(rsa_keys: UnitKeys) -> None:
    """Each unit has the address of its own key."""
    net = Network(signed=True, keys=rsa_keys)
    found = {unit: net.maker.address(name) for unit, name in UNIT_WALLETS.items()}
    assert found == {unit: rsa_keys.wallets[unit].address for unit in UNITS}
    assert len({*found.values()}) == 4
    assert (net.scheduler.address, net.messenger.address) == (found["scheduler"], found["messenger"])
    assert net.wallet("alice") == Network(signed=True).wallet("alice")


def test_the_same_bytes(rsa_keys: UnitKeys) -> None:
    """With the same keys the same happens again with the same ids: nothing comes of chance."""
    assert used(rsa_keys).snapshot() == used(rsa_keys).snapshot()


def test_in_an_anchor(rsa_keys: UnitKeys) -> None:
    """What is undone and done again has the same ids."""
    net = used(rsa_keys)

    def once() -> list[str]:
        with net.anchor():
            alice(net).send("tell", Action="Tell", Other=net.process("pong"), What="Ping")
            return [item.id for item in items(net)]

    assert once() == once()


def test_delivered_twice(rsa_keys: UnitKeys) -> None:
    """What is delivered twice is the same item, which the scheduler has: it is there once."""
    net = Network(signed=True, keys=rsa_keys, auto=False)
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    alice(net).send(tell, Action="Tell", Other=notes, What="Note", Data="x")
    delivery = net.pending[0]
    net.duplicate(delivery)
    net.run()
    assert (notes.get("Notes"), delivery.problem) == (["x"], None)


def test_a_wallet_of_rsa(rsa_keys: UnitKeys) -> None:
    """A wallet of RSA that is brought signs the same again, too; what it sends twice is two messages."""

    def sent() -> list[str]:
        net = Network(signed=True)
        bob, notes = net.wallet("bob", rsa_keys.wallets["user"]), spawn(net, NOTES)
        return [bob.send(notes, Action="Note", Data="x").id for _ in range(2)]

    assert sent() == sent()
    assert len({*sent()}) == 2


# ── what is no RSA network ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"keys": "rsa"}, r"keys: nothing is signed in this network \(signed=True signs\)"),
        ({"keys": "dsa", "signed": True}, "keys: must be ed25519 or rsa, found 'dsa'"),
        ({"keys": None, "signed": True}, "keys: must be ed25519 or rsa, found None"),
        ({"keys": ["rsa"], "signed": True}, "keys: must be ed25519 or rsa, found"),
    ],
)
def test_options_without_sense(tmp_path: Path, options: dict[str, Any], complaint: str) -> None:
    """They are named, and no key is made for them: nothing is in the folder."""
    with pytest.raises(InputError, match=complaint):
        Network(**options)
    with pytest.raises(InputError, match=complaint):
        Network.open(tmp_path / "net", **options)
    assert not (tmp_path / "net" / "keys").exists()
    Network.open(tmp_path / "net").close()


def test_keys_of_another_kind(rsa_keys: UnitKeys) -> None:
    """All units have a key of RSA, or it says whose is missing."""
    ed = Wallet.from_ed25519(b"x" * 32)
    with pytest.raises(InputError, match="keys: the key of the messenger is none of RSA"):
        UnitKeys({**rsa_keys.wallets, "messenger": ed})
    with pytest.raises(InputError, match="keys: there is no key of the user"):
        UnitKeys({unit: rsa_keys.wallets[unit] for unit in UNITS[:3]})
    assert repr(rsa_keys) == "<UnitKeys rsa>"


# ── in a folder ────────────────────────────────────────────────────────────────────────────────────────────────────


def made(folder: Path, keys: UnitKeys | None = None) -> Path:
    """A network in a folder, played."""
    options: dict[str, Any] = {} if keys is None else {"keys": keys}
    with Network.open(folder, signed=True, **options) as net:
        played(net)
    return folder


def test_kept(tmp_path: Path, rsa_keys: UnitKeys) -> None:
    """The keys are the owner's alone to read, are there again without a word, and nothing is signed anew."""
    folder = made(tmp_path / "net", rsa_keys)
    assert modes(folder) == SECRET
    with Network.open(folder, write=False) as net:
        before = state(net)
        assert net.unit_keys == rsa_keys
    (folder / "network.db").unlink()
    for options in ({}, {"keys": "rsa"}, {"keys": rsa_keys}):
        with Network.open(folder, **options) as net:
            assert (state(net), net.unit_keys) == (before, rsa_keys)
    # Whatever is rebuilt without an index, as after a kill: mail too has its ids.
    assert before["mail"]
    with Network.open(folder) as net:
        alice(net).send("pong", Action="Ping")
        assert net.verify(1).same
        for item in items(net):
            assert item.raw is not None
            assert DataItem.parse(item.raw).verify()


def test_the_mode_whatever_the_umask(tmp_path: Path, rsa_keys: UnitKeys, umask: Callable[[int], None]) -> None:
    """Of the folder and of its copy."""
    umask(0)
    folder = made(tmp_path / "net", rsa_keys)
    assert Network.backup(folder, tmp_path / "copy") == 3
    assert modes(folder) == modes(tmp_path / "copy") == SECRET
    umask(0o077)
    with Network.open(tmp_path / "copy") as net, Network.open(folder, write=False) as source:
        assert state(net) == state(source)


@pytest.fixture
def umask() -> Any:
    """Sets the umask, which is put back after the test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def test_other_keys(tmp_path: Path, rsa_keys: UnitKeys) -> None:
    """A network keeps its keys: who asks for others is told so, and nothing is changed."""
    ed, of_rsa = made(tmp_path / "ed"), made(tmp_path / "rsa", rsa_keys)
    one = rsa_keys.wallets
    others = UnitKeys({**one, "scheduler": one["messenger"], "messenger": one["scheduler"]})
    advice = r" \(leave it out: a network has its keys from its beginning\)"
    for folder, keys, kind in ((ed, "rsa", "ed25519"), (of_rsa, "ed25519", "rsa"), (of_rsa, others, "rsa")):
        with pytest.raises(InputError, match=rf"keys: {folder} was made with {kind} keys{advice}"):
            Network.open(folder, keys=keys)
    assert not (ed / "keys").exists()
    with Network.open(of_rsa) as net:
        assert net.unit_keys == rsa_keys
    with Network.open(ed, keys="ed25519") as net:
        assert net.unit_keys is None
    Network.open(tmp_path / "bare").close()
    with pytest.raises(InputError, match="bare holds a network that signs nothing"):
        Network.open(tmp_path / "bare", keys="rsa")


def test_a_folder_that_says_nothing(tmp_path: Path) -> None:
    """A network that was made before there was a choice has Ed25519 keys."""
    folder = made(tmp_path / "net")
    told = json.loads((folder / "network.json").read_text())
    assert told["given"].pop("keys") == "ed25519"
    (folder / "network.json").write_text(json.dumps(told))
    with Network.open(folder) as net:
        assert net.unit_keys is None
    with pytest.raises(InputError, match="was made with ed25519 keys"):
        Network.open(folder, keys="rsa")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is no wallet: it is no JSON"),
        (b"{}", "is no key of a kind that signs items"),
        (b'{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}', "is no modulus of 4096 bits"),
        (json.dumps(Wallet.from_ed25519(b"x" * 32).to_jwk()).encode(), "the key of the messenger is none of RSA"),
    ],
)
def test_lost_and_damaged(tmp_path: Path, rsa_keys: UnitKeys, content: bytes | None, complaint: str) -> None:
    """A key that is not there any more, or is none, is named with its file; the folder stays as it is."""
    folder = made(tmp_path / "net", rsa_keys)
    path = folder / "keys" / "messenger.json"
    whole = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    for write in (True, False):
        with pytest.raises(JournalError, match=complaint) as caught:
            Network.open(folder, write=write)
        assert str(caught.value).startswith(str(folder / "keys"))
        assert "take them from a copy" in str(caught.value)
    path.write_bytes(whole)
    path.chmod(0o600)
    with Network.open(folder) as net:
        assert net.unit_keys == rsa_keys


def test_others_may_read_it(tmp_path: Path, rsa_keys: UnitKeys) -> None:
    """Where others have come to be able to read a key there is a warning."""
    folder = made(tmp_path / "net", rsa_keys)
    (folder / "keys" / "user.json").chmod(0o644)
    with pytest.warns(WalletWarning, match=r"user\.json: others may read this wallet"):
        Network.open(folder).close()


def test_a_network_that_never_came_to_be(tmp_path: Path, rsa_keys: UnitKeys) -> None:
    """Keys of one that was killed before it was a network are nobody's: the new one has its own."""
    folder = tmp_path / "net"
    made(folder, rsa_keys)
    for name in ("network.json", "network.db"):
        (folder / name).unlink()
    for journal in (folder / "processes").iterdir():
        journal.unlink()
    one = rsa_keys.wallets
    others = UnitKeys({**one, "scheduler": one["messenger"], "messenger": one["scheduler"]})
    for _ in range(2):
        with Network.open(folder, signed=True, keys=others) as net:
            assert net.unit_keys == others
    assert modes(folder) == SECRET


def test_killed(tmp_path: Path, rsa_keys: UnitKeys) -> None:
    """Killed again and again, some times while the folder is opened: nothing is lost, nothing is there twice."""
    folder = tmp_path / "net"
    Network.open(folder, signed=True, keys=rsa_keys).close()
    assert killed(folder, 6, 6, 60) >= 3
    with Network.open(folder, write=False) as net:
        assert net.unit_keys == rsa_keys
        pushed = [item for item in items(net) if item.owner == net.messenger.address]
        assert len(pushed) == 6 * 61
        for item in pushed:
            assert item.raw is not None
            parsed = DataItem.parse(item.raw)
            assert (parsed.signature_type, parsed.verify(), parsed.id) == (1, True, item.id)


# ── as bytes, and in copies ────────────────────────────────────────────────────────────────────────────────────────


def test_copies(rsa_keys: UnitKeys) -> None:
    """A fork, and what is restored from a snapshot, go on with the same keys: what happens then has the same ids."""
    net = used(rsa_keys)
    restored = Network.restore(net.snapshot(), keys="rsa")
    for other in (net.fork(), Network.restore(net.snapshot()), restored):
        assert (other.unit_keys, state(other)) == (rsa_keys, state(net))
        alice(other).send("tell", Action="Tell", Other=other.process("pong"), What="Ping")
        assert state(other) != state(net)
    alice(net).send("tell", Action="Tell", Other=net.process("pong"), What="Ping")
    assert state(restored) == state(net)


def test_restored_otherwise(rsa_keys: UnitKeys) -> None:
    """Whoever restores it may choose other keys, or that nothing is signed."""
    data = used(rsa_keys).snapshot()
    assert Network.restore(data, keys="ed25519").unit_keys is None
    assert Network.restore(data, signed=False).unit_keys is None
    other = Network.restore(played(Network(signed=True)).snapshot(), keys=rsa_keys)
    assert other.scheduler.address == rsa_keys.wallets["scheduler"].address


_HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "none": lambda keys: None,
    "a file": lambda keys: "/etc/passwd",
    "no units": lambda keys: {},
    "a unit without": lambda keys: {unit: keys[unit] for unit in UNITS[:3]},
    "a file for a key": lambda keys: keys | {"user": "/etc/passwd"},
    "another kind": lambda keys: keys | {"user": Wallet.from_ed25519(b"x" * 32).to_jwk()},
    "numbers of two": lambda keys: keys | {"user": keys["user"] | {"d": keys["scheduler"]["d"]}},
    "short": lambda keys: keys | {"user": keys["user"] | {"n": "AQAB"}},
    "too long": lambda keys: keys | {"user": keys["user"] | {"d": "A" * 1_000_000}},
    "no text": lambda keys: keys | {"user": keys["user"] | {"p": 7}},
}


@pytest.mark.parametrize("changed", _HOSTILE.values(), ids=_HOSTILE)
def test_keys_of_a_stranger(rsa_keys: UnitKeys, changed: Callable[[dict[str, Any]], Any]) -> None:
    """A snapshot with keys that are none is refused; no new ones are made in their place."""
    snapshot, blobs = apart(Network(signed=True, keys=rsa_keys).snapshot())
    assert snapshot["given"]["keys"] == "rsa"
    snapshot["keys"] = changed(from_json(to_json(snapshot["keys"])))
    with pytest.raises(SnapshotError) as caught:
        Network.restore(together(snapshot, blobs))
    assert rsa_keys.wallets["user"].to_jwk()["d"] not in str(caught.value)


def test_no_keys_of_a_stranger(rsa_keys: UnitKeys) -> None:
    """A snapshot that only says it has such keys is refused as well."""
    snapshot, blobs = apart(Network(signed=True, keys=rsa_keys).snapshot())
    del snapshot["keys"]
    with pytest.raises(SnapshotError):
        Network.restore(together(snapshot, blobs))
