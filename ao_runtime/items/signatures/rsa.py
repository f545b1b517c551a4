"""Type 1, Arweave: RSA-PSS with SHA-256 (RFC 8017), 4096 bits, with a salt of any length.

The exponent is always 65537; the owner is the modulus. Node signs with the longest salt, browsers with one of 32 bytes,
old wallets with an empty one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..extra import missing
from .problem import NOT_BY_OWNER, Problem

__all__ = ["EXPONENT", "check", "library"]

EXPONENT = 65537


class _Library:
    """What we use of `cryptography`, imported once."""

    def __init__(self) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric import padding, rsa
            from cryptography.hazmat.primitives.hashes import SHA256
        except ImportError:
            raise missing("an RSA signature", "cryptography") from None
        self.rsa = rsa
        self.sha256 = SHA256()
        self.any_salt = padding.PSS(padding.MGF1(self.sha256), padding.PSS.AUTO)
        self.short_salt = padding.PSS(padding.MGF1(self.sha256), self.sha256.digest_size)
        self.no_salt = padding.PSS(padding.MGF1(self.sha256), 0)


@lru_cache(maxsize=1)
def library() -> _Library:
    """The library; an `InputError` where it is not installed."""
    return _Library()


def check(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Whether the owner, a modulus of 512 bytes, signed the message."""
    have = library()
    if not (owner[0] and owner[-1] & 1):
        return Problem("is no RSA modulus of 4096 bits", "owner")
    try:
        key: Any = have.rsa.RSAPublicNumbers(EXPONENT, int.from_bytes(owner, "big")).public_key()
        key.verify(signature, message, have.any_salt, have.sha256)
    except Exception:
        # Whatever it is that OpenSSL does not like about a stranger's key: it has verified nothing.
        return NOT_BY_OWNER
    return None
