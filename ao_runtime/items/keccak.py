"""Keccak-256, the hash of Ethereum. It is older than SHA-3 and pads otherwise: `hashlib.sha3_256` is another one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .extra import missing

__all__ = ["keccak256"]


def keccak256(data: bytes) -> bytes:
    """The 32 bytes of the hash."""
    digest: bytes = _library().new(digest_bits=256, data=data).digest()
    return digest


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        from Crypto.Hash import keccak
    except ImportError:
        raise missing("an Ethereum address or signature", "pycryptodome") from None
    return keccak
