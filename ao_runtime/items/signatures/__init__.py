"""Whether a signature is by an owner over 48 bytes: the deep hash of an item. One file a scheme.

Every check answers with what is wrong, in words, or with `None`. It is strict where a stranger could otherwise make
another signature, and so another id, for the same message, or one for a key that is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable

from . import aptos, ed25519, ethereum, rsa
from .problem import Problem

__all__ = ["Problem", "check"]

Check = Callable[[bytes, bytes, bytes], "Problem | None"]

_CHECKS: dict[int, Check] = {
    1: rsa.check,
    2: ed25519.check,
    3: ethereum.check,
    4: ed25519.check_solana,
    5: aptos.check,
    6: aptos.check_multiple,
    7: ethereum.check_typed,
}


def check(number: int, owner: bytes, message: bytes, signature: bytes) -> Problem | None:
    """What is wrong with a signature of a type that there is, or `None`. Lengths are those of the type."""
    return _CHECKS[number](owner, message, signature)
