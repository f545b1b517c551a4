"""The vectors: items, bundles, and what is none, made with published libraries."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from functools import lru_cache
from pathlib import Path
from typing import Any

from ao_runtime.items import Wallet

__all__ = ["VECTORS", "by_name", "raw_of", "unb64", "wallet", "wallet_of"]

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


def unb64(text: str) -> bytes:
    """The bytes of base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def raw_of(vector: dict[str, Any]) -> bytes:
    """The bytes of a vector."""
    return unb64(vector["raw"])


def by_name(name: str) -> bytes:
    """The bytes of the good item of that name."""
    return next(raw_of(vector) for vector in VECTORS["items"] if vector["name"] == name)


@lru_cache
def wallet(name: str) -> Wallet:
    """One of the made-up wallets: rsa1, rsa2, ed1, ed2, sol1, apt1, apt2, eth1, eth2, typed1."""
    key = VECTORS["wallets"][name]
    if isinstance(key, dict):
        return Wallet.from_jwk(key)
    return Wallet.from_ethereum(key) if name.startswith(("eth", "typed")) else Wallet.from_ed25519(bytes.fromhex(key))


def wallet_of(owner: str) -> Wallet:
    """The wallet with that public key."""
    names = [name for name in VECTORS["wallets"] if not name.endswith("_address")]
    return next(found for found in map(wallet, names) if found.owner == owner)
