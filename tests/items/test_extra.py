"""Without the extra `net` items are read and made all the same; what needs a library says which. Nothing heavy early."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from ao_runtime.errors import InputError
from ao_runtime.items import DataItem, Wallet, keccak
from ao_runtime.items.signatures import ed25519, ethereum, rsa

from .vectors import VECTORS, by_name


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without the libraries."""
    cached = (rsa.library, ed25519.library, ethereum.library, keccak._library)
    for name in ("cryptography.hazmat.primitives.asymmetric", "coincurve", "Crypto.Hash"):
        monkeypatch.setitem(sys.modules, name, None)
    for function in cached:
        function.cache_clear()
    monkeypatch.setattr(ethereum, "keccak256", lambda data: bytes(32))


CALLS: dict[str, tuple[Callable[[], object], str]] = {
    "verify RSA": (lambda: DataItem.parse(by_name("rsa ao message")).verify(), "an RSA signature needs cryptography"),
    "verify Ed25519": (lambda: DataItem.parse(by_name("ed25519 minimal")).verify(), "an Ed25519 signature needs cryptography"),
    "verify Ethereum": (lambda: DataItem.parse(by_name("ethereum minimal")).verify(), "an Ethereum signature needs coincurve"),
    "an Ethereum address": (lambda: DataItem.parse(by_name("ethereum minimal")).ao_address, "an Ethereum address or signature needs pycryptodome"),
    "a wallet": (lambda: Wallet.generate("rsa"), "an RSA signature needs cryptography"),
    "an Ed25519 wallet": (lambda: Wallet.generate("ed25519"), "an Ed25519 signature needs cryptography"),
    "an Ethereum wallet": (lambda: Wallet.generate("ethereum"), "an Ethereum signature needs coincurve"),
    "a keyfile": (lambda: Wallet.from_jwk(VECTORS["wallets"]["rsa1"]), "an RSA signature needs cryptography"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.usefixtures("bare")
def test_what_needs_a_library(name: str) -> None:
    """It is an InputError with the command that installs it: never a verdict that an item is not signed."""
    call, words = CALLS[name]
    with pytest.raises(InputError) as caught:
        call()
    assert type(caught.value) is InputError
    assert str(caught.value) == f"{words}, which is not installed (pip install cryptography coincurve)"


@pytest.mark.usefixtures("bare")
def test_what_needs_none() -> None:
    """An item is read, shown and made without them."""
    item = DataItem.parse(by_name("rsa ao message"))
    assert (item.id, item.address, item.message().owner) == (item.id, item.ao_address, item.address)
    assert DataItem.create(item.data, tags=item.tags).raw_tags == item.raw_tags


def test_nothing_heavy_at_import() -> None:
    """The package imports no items, and the items none of the libraries and no pydantic."""
    code = (
        "import sys, ao_runtime; assert 'ao_runtime.items' not in sys.modules; import ao_runtime.items\n"
        "print([name for name in ('cryptography', 'coincurve', 'Crypto', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
