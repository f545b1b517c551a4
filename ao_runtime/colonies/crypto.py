"""Who somebody is in a colony, and how they sign: secp256k1, with SHA3-256 as the hash of everything.

An id is the hash of the public key *as text* (`04`, X and Y in lower-case hexadecimal), not of its bytes. A signature
is r, s and v in hexadecimal; it is deterministic (RFC 6979), s is in the lower half of the order and v is 0 or 1.
Nobody's public key is ever sent: a server recovers it from the signature (SEC 1, 4.1.6).

All functions take and give text. What is no key or no signature is a SignatureError, which is a ValueError too.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from ..errors import SignatureError
from .extra import library

__all__ = ["PrivateKey", "check_key", "gen_hash", "gen_id", "gen_prvkey", "gen_signature", "hidden", "recid"]

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_SIGNATURE = re.compile(r"[0-9a-fA-F]{130}")


class PrivateKey(str):
    """A private key that no traceback, log or repr shows: it is text, and only its repr is another."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Not the key."""
        return "PrivateKey(…)"


def gen_prvkey() -> str:
    """A new private key, from the system's random numbers: 32 bytes as 64 hexadecimal characters."""
    while True:
        key = secrets.token_hex(32)
        if _is_key(key):
            return key


def gen_id(prvkey: str) -> str:
    """The id that belongs to a private key: 64 hexadecimal characters.

    Raises SignatureError if it is no private key.
    """
    prvkey = hidden(prvkey)
    check_key(prvkey)
    return _id(library("coincurve").PublicKey.from_secret(bytes.fromhex(prvkey)))


def gen_signature(message: str, prvkey: str) -> str:
    """The signature of a text: 130 hexadecimal characters, always the same for the same text and key.

    Raises SignatureError if it is no private key, or the text cannot be written as UTF-8.
    """
    prvkey = hidden(prvkey)
    check_key(prvkey)
    signer = library("coincurve").PrivateKey(bytes.fromhex(prvkey))
    return str(signer.sign_recoverable(_digest(message), hasher=None).hex())


def gen_hash(message: str) -> str:
    """SHA3-256 (FIPS 202) of a text's UTF-8: 64 hexadecimal characters.

    Raises SignatureError if the text cannot be written as UTF-8.
    """
    return _digest(message).hex()


def recid(message: str, signature: str) -> str:
    """The id of whoever has signed the text; of a text that was altered since then, the id of nobody.

    Raises SignatureError for what no server would take as a signature: another length, s in the upper half of the
    order, v other than 0 and 1, or numbers to which there is no public key.
    """
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        raise SignatureError("must be 130 hexadecimal characters: r, s and v", field="signature")
    digest = _digest(message)
    raw = bytes.fromhex(signature)
    r, s, v = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big"), raw[64]
    if v > 1:
        raise SignatureError("its last byte must be 00 or 01", field="signature")
    if not (0 < r < _ORDER and 0 < s <= _ORDER // 2):
        raise SignatureError("r or s is not in the range of a signature's", field="signature")
    recover = library("coincurve").PublicKey.from_signature_and_message
    try:
        return _id(recover(raw, digest, hasher=None))
    except Exception:  # coincurve raises a bare Exception: there is no public key to these numbers.
        raise SignatureError("belongs to no key", field="signature") from None


def hidden(prvkey: object) -> PrivateKey:
    """A key that no traceback shows; what is no text becomes no key.

    Whoever is given a key hides it first, under the same name, so that no frame has the bare text among its variables.
    """
    return PrivateKey(prvkey) if isinstance(prvkey, str) else PrivateKey()


def check_key(prvkey: PrivateKey) -> None:
    """SignatureError if it is no private key."""
    if not _is_key(prvkey):
        raise SignatureError(
            "is no private key", field="prvkey", advice="64 hexadecimal characters, as gen_prvkey gives"
        )


def _is_key(text: str) -> bool:
    return bool(_KEY.fullmatch(text)) and 0 < int(text, 16) < _ORDER


def _digest(message: str) -> bytes:
    try:
        return hashlib.sha3_256(message.encode()).digest()
    except (AttributeError, UnicodeEncodeError):
        raise SignatureError("must be text that can be written as UTF-8", field="message") from None


def _id(public: object) -> str:
    text: str = public.format(compressed=False).hex()  # type: ignore[attr-defined]
    return hashlib.sha3_256(text.encode()).hexdigest()
