"""Ethereum (secp256k1 and Keccak-256): type 3, a personal message (EIP-191); type 7, typed data (EIP-712).

The signature is r, s and v. The key is recovered from it, as the scheduler does, so that v counts: it is 27 or 28. An s
over half the order is refused: anybody can turn one s into the other, which would give the message another id.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..addresses import checksum_address, ethereum_address
from ..extra import missing
from ..keccak import keccak256
from .problem import NOT_BY_OWNER, Problem

__all__ = ["ORDER", "check", "check_typed", "digest", "library"]

#: How many points the curve has (SEC 2).
ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141

_ADDRESS = re.compile(rb"0x[0-9a-fA-F]{40}")


@lru_cache(maxsize=1)
def library() -> Any:
    """coincurve; an `InputError` where it is not installed."""
    try:
        import coincurve
    except ImportError:
        raise missing("an Ethereum signature", "coincurve") from None
    return coincurve


def digest(message: bytes) -> bytes:
    """What an Ethereum wallet signs in place of a message: EIP-191, so that it can be no transaction."""
    return keccak256(b"\x19Ethereum Signed Message:\n%d%s" % (len(message), message))


def check(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Type 3: whether the owner, an uncompressed point, signed the message."""
    if owner[0] != 4:
        return Problem("is no uncompressed point, which starts with 04", "owner")
    found = _recovered(digest(message), signature)
    if isinstance(found, Problem):
        return found
    return None if found == owner else NOT_BY_OWNER


def check_typed(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Type 7: whether the owner, an address as text, signed the message and its own address."""
    if not _ADDRESS.fullmatch(owner):
        return Problem("is no address, which is 0x and 40 hexadecimal digits", "owner")
    address = owner.decode()
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper()) and address != checksum_address(digits):
        return Problem("is an address with capitals that are not those of EIP-55", "owner")
    found = _recovered(_typed_digest(message, bytes.fromhex(digits)), signature)
    if isinstance(found, Problem):
        return found
    return None if ethereum_address(found).lower() == address.lower() else NOT_BY_OWNER


def _recovered(hashed: bytes, signature: bytes) -> bytes | Problem:
    """The point (65 bytes) that signed, or what is wrong with the signature."""
    have = library()
    v = signature[64]
    if v not in (27, 28):
        return Problem(f"ends with {v}; the last byte of r, s, v is 27 or 28", offset=64)
    if int.from_bytes(signature[32:64], "big") > ORDER // 2:
        return Problem("has an s over half the order of the curve", offset=32)
    try:
        point = have.PublicKey.from_signature_and_message(signature[:64] + bytes([v - 27]), hashed, hasher=None)
        found: bytes = point.format(compressed=False)
    except Exception:
        # r or s out of range, or no point at all: whatever it is, it has verified nothing.
        return NOT_BY_OWNER
    return found


_STRUCT = b"Bundlr(bytes Transaction hash,address address)"


@lru_cache(maxsize=1)
def _domain() -> bytes:
    kind = keccak256(b"EIP712Domain(string name,string version)")
    return keccak256(kind + keccak256(b"Bundlr") + keccak256(b"1"))


def _typed_digest(message: bytes, address: bytes) -> bytes:
    struct = keccak256(keccak256(_STRUCT) + keccak256(message) + address.rjust(32, b"\0"))
    return keccak256(b"\x19\x01" + _domain() + struct)
