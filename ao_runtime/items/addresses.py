"""Addresses: what a public key is called on the network."""

from __future__ import annotations

from hashlib import sha256

from .encoding import encode
from .keccak import keccak256

__all__ = ["address_of", "ao_address_of", "checksum_address", "ethereum_address"]

_UNCOMPRESSED_POINT = 65


def address_of(owner: bytes) -> str:
    """Arweave's address of a public key of any type: base64url of its SHA-256, 43 characters."""
    return encode(sha256(owner).digest())


def ao_address_of(owner: bytes) -> str:
    """The address that a process sees as `Owner`: Ethereum's for a key of Ethereum's, else Arweave's.

    The compute unit tells the two apart by the key's length.
    """
    return ethereum_address(owner) if len(owner) == _UNCOMPRESSED_POINT else address_of(owner)


def ethereum_address(owner: bytes) -> str:
    """Ethereum's address of an uncompressed point (65 bytes): `0x`, and 40 digits with the capitals of EIP-55."""
    return checksum_address(keccak256(owner[1:])[-20:].hex())


def checksum_address(digits: str) -> str:
    """40 hexadecimal digits as an address with the capitals of EIP-55."""
    digits = digits.lower()
    nibbles = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, nibbles, strict=False)
    )
