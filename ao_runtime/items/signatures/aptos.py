"""Aptos: type 5, one Ed25519 key over a text; type 6, some of up to 32 keys, each over the 48 bytes.

The owner of type 6 is 32 keys and how many of them must sign (its threshold). The signature is 32 signatures and 32
bits that say which are there, the first signer's being the highest bit of the first byte.
"""

from __future__ import annotations

from . import ed25519
from .problem import NOT_BY_OWNER, Problem

__all__ = ["check", "check_multiple"]

_SIGNERS = 32
_KEY = 32
_SIGNATURE = 64
_NONE = bytes(_SIGNATURE)


def check(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Type 5: whether the owner signed the text around the digits of the message."""
    text = f"APTOS\nmessage: {message.hex()}\nnonce: bundlr".encode()
    return None if ed25519.verify(owner, text, signature) else NOT_BY_OWNER


def check_multiple(owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """Type 6: whether at least so many signed the message as the owner asks for, and nothing else is there."""
    threshold = owner[_SIGNERS * _KEY]
    bits = int.from_bytes(signature[_SIGNERS * _SIGNATURE :], "big")
    signed = bits.bit_count()
    if not 1 <= threshold <= _SIGNERS:
        words = f"asks for {threshold} signers; it must be 1 to {_SIGNERS}"
        return Problem(words, "owner", _SIGNERS * _KEY)
    if signed < threshold:
        words = f"is by {signed} signers, and the owner asks for {threshold}"
        return Problem(words, offset=_SIGNERS * _SIGNATURE)
    for index in range(_SIGNERS):
        part = signature[index * _SIGNATURE : (index + 1) * _SIGNATURE]
        if not bits >> (_SIGNERS - 1 - index) & 1:
            if part != _NONE:
                # Not signed by anybody: with other bytes here the same message would have another id.
                words = f"has bytes in the place of signer {index + 1}, who did not sign"
                return Problem(words, offset=index * _SIGNATURE)
        elif not ed25519.verify(owner[index * _KEY : (index + 1) * _KEY], message, part):
            words = f"of signer {index + 1} {NOT_BY_OWNER.words}"
            return Problem(words, offset=index * _SIGNATURE)
    return None
