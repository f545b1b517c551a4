"""`ao-run wallet`: wallets are made, never overwritten, and their addresses shown; never a secret."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from ao_runtime.items import Wallet

from .running import Ran, ao_run


@pytest.mark.parametrize("kind", ["rsa", "ed25519", "ethereum"])
def test_new_and_address(kind: str, tmp_path: Path) -> None:
    """A new wallet of each kind is in a file that only its owner reads; its address is what a process sees."""
    path = tmp_path / "key.json"
    made = ao_run("wallet", "new", str(path), "--kind", kind)
    wallet = Wallet.load(path)
    assert made == ao_run("wallet", "address", str(path)) == Ran(0, f"{wallet.ao_address}\n", "")
    assert (wallet.kind, stat.S_IMODE(path.stat().st_mode)) == (kind, 0o600)
    [shown] = ao_run("wallet", "address", "--json", str(path)).results
    assert shown == {
        "file": str(path),
        "kind": kind,
        "address": wallet.address,
        "ao_address": wallet.ao_address,
        "owner": wallet.owner,
    }


def test_the_default_is_arweaves(tmp_path: Path) -> None:
    """Without a kind it is RSA; with --json what `address --json` shows."""
    path = str(tmp_path / "key.json")
    [shown] = ao_run("wallet", "new", "--json", path).results
    assert shown["kind"] == "rsa"
    assert [shown] == ao_run("wallet", "address", "--json", path).results


def test_never_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    path = tmp_path / "key.json"
    path.write_text("mine")
    ran = ao_run("wallet", "new", str(path), "--kind", "ed25519")
    assert ran == Ran(2, "", f"error: {path}: is there already (give another name: a wallet is never overwritten)\n")
    assert path.read_text() == "mine"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of Unix")
def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    """A warning on stderr says how to mend it; stdout stays what it is."""
    path = tmp_path / "key.json"
    address = ao_run("wallet", "new", str(path), "--kind", "ed25519").out
    path.chmod(0o644)
    told = f"warning: {path}: others may read this wallet (its mode is 0644); chmod 600 mends it\n"
    assert ao_run("wallet", "address", str(path)) == Ran(0, address, told)


def test_what_is_no_wallet(tmp_path: Path) -> None:
    """A file that is none is told with its field, and nothing of what is in it."""
    path = tmp_path / "key.json"
    path.touch(0o600)
    for text, told in (
        ("secret", f"{path}: is no wallet: it is no JSON"),
        (
            json.dumps({"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "secretly"}),
            f"{path}, n: is no modulus of 4096 bits",
        ),
        (json.dumps({"kty": "secret"}), f"{path}, kty: is no key of a kind that signs items"),
    ):
        path.write_text(text)
        ran = ao_run("wallet", "address", str(path))
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"error: {told}")
        assert "secret" not in ran.err
    assert ao_run("wallet", "address", "nope").err == "error: nope: cannot be read: No such file or directory\n"
