"""Ed25519 (RFC 8032): type 2, also of Near and Algorand, over the 48 bytes; type 4, Solana, over their 96 digits.

Keys of small order are refused. There are eight such points; they are nobody's, and anybody can make signatures that
"verify" with them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..extra import missing
from .problem import NOT_BY_OWNER, Problem

__all__ = ["check", "check_solana", "library", "verify"]

_P = 2**255 - 19
_Y = 2**255 - 1
_EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
"""The y of a point of order 8."""

_SMALL = frozenset({0, 1, _P - 1, _EIGHTH, _P - _EIGHTH})
"""The y of the points whose order divides 8."""


@lru_cache(maxsize=1)
def library() -> Any:
    """The library's module for Ed25519; an `InputError` where it is not installed."""
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise missing("an Ed25519 signature", "cryptography") from None
    return ed25519


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of a key (32 bytes) signed a message of any length (64 bytes)."""
    have = library()
    y = int.from_bytes(key, "little") & _Y
    if y >= _P or y in _SMALL:
        return False
    try:
        have.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except Exception:
        # Whatever it is that OpenSSL does not like about a stranger's key: it has verified nothing.
        return False
    return True


def check(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Type 2: whether the owner signed the message."""
    return None if verify(owner, message, signature) else NOT_BY_OWNER


def check_solana(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Type 4: whether the owner signed the 96 digits of the message."""
    return None if verify(owner, message.hex().encode(), signature) else NOT_BY_OWNER
