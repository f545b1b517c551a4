"""The key of a unit that is alone: Ed25519 or RSA, made at first, and kept for its owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ao_runtime.errors import InputError, JournalError
from ao_runtime.items import DataItem, Wallet
from ao_runtime.network import UnitKeys
from ao_runtime.units.alone.places import SCHEMA
from ao_runtime.units.alone.unit_folder import UnitFolder
from tests.cli.running import ao_run_outside

from ..serving import Served
from ..test_rsa_units import item_of


def opened(path: Path | None, keys: str | None = None, unit: str = "scheduler") -> tuple[str, str]:
    """Kind and address of the key."""
    folder = UnitFolder(path, unit, SCHEMA, keys=keys)
    folder.close()
    return folder.wallet.kind, folder.wallet.address


@pytest.mark.parametrize(("keys", "other"), [(None, "rsa"), ("ed25519", "rsa"), ("rsa", "ed25519")])
def test_made_once(tmp_path: Path, keys: str | None, other: str) -> None:
    """It stays what it is; who asks for another kind is told so, and nothing is changed."""
    folder = tmp_path / "su"
    kind, address = opened(folder, keys)
    assert kind == (keys or "ed25519")
    file = folder / "scheduler-key.json"
    before = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {opened(folder), opened(folder, keys)} == {(kind, address)}
    words = rf"keys: {folder} holds a scheduler with a key of {kind} \(leave it out: a unit keeps its key\)"
    with pytest.raises(InputError, match=words):
        opened(folder, other)
    # It was let go of, too.
    assert opened(folder) == (kind, address)
    assert file.read_bytes() == before


def test_one_of_rsa_that_is_there(tmp_path: Path, rsa_keys: UnitKeys) -> None:
    """A keyfile that somebody has put there is taken, and signs the same again."""
    folder = tmp_path / "mu"
    folder.mkdir()
    key = rsa_keys.wallets["messenger"]
    key.save(folder / "messenger-key.json")
    assert opened(folder, unit="messenger") == ("rsa", key.address)
    one = UnitFolder(folder, "messenger", SCHEMA, keys="rsa")
    try:
        assert DataItem.create("x", wallet=one.wallet).id == DataItem.create("x", wallet=one.wallet).id
    finally:
        one.close()


def test_no_such_kind(tmp_path: Path) -> None:
    """It is named, and nothing is made."""
    with pytest.raises(InputError, match="keys: must be ed25519 or rsa, found 'dsa'"):
        opened(tmp_path / "su", "dsa")
    with pytest.raises(InputError, match="keys: must be ed25519 or rsa, found 'dsa'"):
        opened(None, "dsa")
    assert not (tmp_path / "su").exists()


def test_a_key_that_is_none(tmp_path: Path) -> None:
    """It is named with its file."""
    (tmp_path / "scheduler-key.json").write_text("{}")
    (tmp_path / "scheduler-key.json").chmod(0o600)
    with pytest.raises(JournalError, match=r"scheduler-key\.json: is no key"):
        opened(tmp_path, "rsa")


def test_a_scheduler_of_rsa(tmp_path: Path) -> None:
    """`ao-run serve FOLDER --unit su --keys rsa`: what it gives places to is signed by an RSA key. So of mu; not of cu."""
    gateway = Served()
    alone = None
    try:
        url, folder = gateway.urls["gateway"], str(tmp_path / "su")
        alone = Served(folder, "--unit", "su", "--gateway", url, "--keys", "rsa")
        item = alone.process_item()
        assert alone.http.post(alone.urls["su"], content=bytes(item)).status_code in (200, 201)
        [edge] = alone.get("su", f"/{item.id}").json()["edges"]
        assert item_of(edge["node"]["assignment"]).address == alone.scheduler
        others = ("--su", alone.urls["su"], "--cu", gateway.urls["cu"], "--gateway", url)
        messenger = Served(str(tmp_path / "mu"), "--unit", "mu", *others, "--keys", "rsa")
        messenger.close()
        key = Wallet.load(tmp_path / "mu" / "messenger-key.json")
        assert (key.kind, key.address) == ("rsa", messenger.messenger)
        ran = ao_run_outside("serve", "--unit", "cu", "--su", alone.urls["su"], "--gateway", url, "--keys", "rsa")
        assert (ran.code, "--keys is not for --unit cu" in ran.err) == (2, True)
    finally:
        if alone is not None:
            alone.close()
        gateway.close()
