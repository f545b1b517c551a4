"""Private keys of the three kinds that sign items, and their form as JWK (RFC 7517, 7518, 8037, 8812).

What is said of a wrong key names its fields and never their values. These functions are called through `discreet`.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

from ..errors import InputError
from .encoding import decode, encode
from .layout import TYPES, SignatureType
from .signatures import ed25519, ethereum, rsa

__all__ = ["KINDS", "Key", "generate", "read_ed25519", "read_ethereum", "read_jwk"]

_BITS = 4096
_ADVICE = "a wallet is a JSON Web Key, as Arweave's keyfiles are"


class Key(Protocol):
    """What a wallet needs of its key."""

    kind: str
    type: SignatureType
    owner: bytes

    def sign(self, message: bytes) -> bytes:
        """The signature over the 48 bytes of a deep hash."""

    def jwk(self) -> dict[str, str]:
        """The key, with its secret, as JWK."""

    def deterministic(self) -> Key:
        """The same key, as one that gives the same signature for the same bytes."""


class RsaKey:
    """Type 1: RSA of 4096 bits.

    A salt is what makes two signatures of the same bytes differ. PSS may have an empty one (RFC 8017, 9.1): it is as
    hard to forge then as a full-domain hash, and every verifier of Arweave's takes it, for wallets have signed so. The
    other way, a salt that follows from key and message, is one that no library signs with: the private operation would
    be our own, on Python's integers, 57 ms where OpenSSL takes 1.8, and neither blinded nor of constant time.
    """

    kind = "rsa"
    type = TYPES[1]

    def __init__(self, key: Any, *, salted: bool = True) -> None:
        self._key = key
        self._salted = salted
        self.owner = key.public_key().public_numbers().n.to_bytes(_BITS // 8, "big")

    def sign(self, message: bytes) -> bytes:
        """RSA-PSS, the salt 32 bytes or none. Checked before it is given away: a wrong one can betray the key."""
        have = rsa.library()
        salt = have.short_salt if self._salted else have.no_salt
        signature: bytes = self._key.sign(message, salt, have.sha256)
        if rsa.check(self.owner, message, signature) is not None:
            raise InputError("the wallet's key makes signatures that are wrong", advice="the wallet is damaged")
        return signature

    def jwk(self) -> dict[str, str]:
        """As in Arweave's keyfiles."""
        numbers = self._key.private_numbers()
        return {
            "kty": "RSA",
            "n": encode(self.owner),
            "e": _number(rsa.EXPONENT),
            "d": _number(numbers.d),
            "p": _number(numbers.p),
            "q": _number(numbers.q),
            "dp": _number(numbers.dmp1),
            "dq": _number(numbers.dmq1),
            "qi": _number(numbers.iqmp),
        }

    def deterministic(self) -> RsaKey:
        """The key without a salt."""
        return RsaKey(self._key, salted=False)


class Ed25519Key:
    """Type 2: Ed25519. Signing twice gives the same bytes."""

    kind = "ed25519"
    type = TYPES[2]

    def __init__(self, key: Any) -> None:
        self._key = key
        self.owner = key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """RFC 8032."""
        signature: bytes = self._key.sign(message)
        return signature

    def jwk(self) -> dict[str, str]:
        """RFC 8037."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": encode(self.owner),
            "d": encode(self._key.private_bytes_raw()),
        }

    def deterministic(self) -> Ed25519Key:
        """Itself."""
        return self


class EthereumKey:
    """Type 3: secp256k1. Signing twice gives the same bytes (RFC 6979)."""

    kind = "ethereum"
    type = TYPES[3]

    def __init__(self, key: Any) -> None:
        self._key = key
        self.owner = key.public_key.format(compressed=False)

    def sign(self, message: bytes) -> bytes:
        """A personal message (EIP-191), as r, s and v."""
        signature: bytes = self._key.sign_recoverable(ethereum.digest(message), hasher=None)
        return signature[:64] + bytes([signature[64] + 27])

    def jwk(self) -> dict[str, str]:
        """RFC 8812."""
        return {
            "kty": "EC",
            "crv": "secp256k1",
            "x": encode(self.owner[1:33]),
            "y": encode(self.owner[33:]),
            "d": encode(self._key.secret),
        }

    def deterministic(self) -> EthereumKey:
        """Itself."""
        return self


KINDS = ("rsa", "ed25519", "ethereum")


def generate(kind: str) -> Key:
    """A new key of a kind. One of RSA takes some seconds to find."""
    if kind == "rsa":
        return RsaKey(rsa.library().rsa.generate_private_key(public_exponent=rsa.EXPONENT, key_size=_BITS))
    if kind == "ed25519":
        return Ed25519Key(ed25519.library().Ed25519PrivateKey.generate())
    if kind == "ethereum":
        # From 1 to the order of the curve; nobody has ever drawn one that is outside.
        return read_ethereum((1 + secrets.randbelow(ethereum.ORDER - 1)).to_bytes(32, "big"))
    raise InputError(f"there is no kind {kind!r} of wallet", advice=f"there are {', '.join(KINDS)}")


def read_ethereum(key: str | bytes) -> EthereumKey:
    """The key from its 32 bytes, or from 64 hexadecimal digits with or without `0x`."""
    data: bytes | None = None
    if isinstance(key, str):
        digits = key.strip().removeprefix("0x")
        if len(digits) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            data = bytes.fromhex(digits)
    elif isinstance(key, (bytes, bytearray, memoryview)) and len(key) == 32:
        data = bytes(key)
    if data is None:
        raise InputError("a private key of Ethereum is 64 hexadecimal digits, or 32 bytes; this is none")
    if not 0 < int.from_bytes(data, "big") < ethereum.ORDER:
        raise InputError("this is no private key of Ethereum: it is not between 0 and the order of the curve")
    return EthereumKey(ethereum.library().PrivateKey(data))


def read_ed25519(seed: bytes) -> Ed25519Key:
    """The key from its seed of 32 bytes."""
    if not isinstance(seed, (bytes, bytearray, memoryview)) or len(seed) != 32:
        raise InputError("a seed of Ed25519 is 32 bytes; this is none")
    return Ed25519Key(ed25519.library().Ed25519PrivateKey.from_private_bytes(bytes(seed)))


def read_jwk(jwk: Any) -> Key:
    """The key in a JWK. What is none, or has parts that do not belong together, is an `InputError`."""
    if not isinstance(jwk, Mapping):
        raise InputError("holds no object", advice=_ADVICE)
    what = (jwk.get("kty"), jwk.get("crv"))
    if what[0] == "RSA":
        return _read_rsa(jwk)
    if what == ("OKP", "Ed25519"):
        return _of_its_public_half(read_ed25519(_bytes(jwk, "d", 32)), jwk, "x")
    if what == ("EC", "secp256k1"):
        return _of_its_public_half(read_ethereum(_bytes(jwk, "d", 32)), jwk, "x", "y")
    raise InputError(
        "is no key of a kind that signs items: RSA, OKP with crv Ed25519, or EC with crv secp256k1",
        field="kty",
        advice=_ADVICE,
    )


def _of_its_public_half(key: Ed25519Key | EthereumKey, jwk: Mapping[str, Any], *fields: str) -> Key:
    """The key, if the public half that stands beside it is its own."""
    made = key.jwk()
    for field in fields:
        if jwk.get(field, made[field]) != made[field]:
            raise InputError("does not belong to d", field=field, advice="the wallet is damaged")
    return key


def _read_rsa(jwk: Mapping[str, Any]) -> RsaKey:
    have = rsa.library().rsa
    n, e, d = (_integer(jwk, field) for field in ("n", "e", "d"))
    if e != rsa.EXPONENT:
        raise InputError("must be AQAB (65537), as in all of Arweave", field="e")
    if not _BITS - 8 < n.bit_length() <= _BITS or not n & 1:
        raise InputError(f"is no modulus of {_BITS} bits: Arweave has no other", field="n")
    p, q = (_integer(jwk, "p"), _integer(jwk, "q")) if "p" in jwk or "q" in jwk else _factors(n, e * d - 1)
    if not (1 < p < n and p * q == n) or math.gcd(p, q) != 1:
        raise _torn("p")
    if e * d % (p - 1) != 1 or e * d % (q - 1) != 1:
        raise _torn("d")
    parts = {"dp": d % (p - 1), "dq": d % (q - 1), "qi": pow(q, -1, p)}
    for field, number in parts.items():
        if field in jwk and _integer(jwk, field) != number:
            raise _torn(field)
    numbers = have.RSAPrivateNumbers(p, q, d, *parts.values(), have.RSAPublicNumbers(e, n))
    # OpenSSL's own check takes a quarter of a second to see whether p and q are prime; every signature is checked.
    try:
        return RsaKey(numbers.private_key(unsafe_skip_rsa_key_validation=True))
    except ValueError:
        raise InputError("holds numbers that are no RSA key", advice="the wallet is damaged") from None


def _factors(n: int, multiple: int) -> tuple[int, int]:
    """The two factors of n, the larger first, from e * d - 1: by it every number but 0 has the power 1.

    Old keyfiles have no p and q. Half of all bases have a root of 1 among their powers that is neither 1 nor -1, and
    one less than it shares a factor with n (NIST SP 800-56B, appendix C).
    """
    if pow(2, n - 1, n) == 1:  # A prime: there is nothing to find, however long one looks.
        raise _torn("d")
    twos = (multiple & -multiple).bit_length() - 1
    for base in range(2, 34):
        power = pow(base, multiple >> twos, n)
        for _ in range(twos):
            square = power * power % n
            if square == 1 and power not in (1, n - 1):
                p = math.gcd(power - 1, n)
                return max(p, n // p), min(p, n // p)
            power = square
        if power != 1:
            break
    raise _torn("d")


def _torn(field: str) -> InputError:
    return InputError("does not belong to n and e", field=field, advice="the wallet is damaged")


def _bytes(jwk: Mapping[str, Any], field: str, length: int) -> bytes:
    text = jwk.get(field)
    data = decode(text) if isinstance(text, str) else None
    if data is None or len(data) != length:
        raise InputError(f"must be {length} bytes in base64url", field=field, advice=_ADVICE)
    return data


def _integer(jwk: Mapping[str, Any], field: str) -> int:
    text = jwk.get(field)
    data = decode(text) if isinstance(text, str) else None
    if not data or len(data) > _BITS // 8:
        words = "is missing: without it this is no private key" if text is None else "must be a number in base64url"
        raise InputError(words, field=field, advice=_ADVICE)
    return int.from_bytes(data, "big")


def _number(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
