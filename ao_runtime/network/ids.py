"""Ids and addresses: 43 characters of base64url, which are 32 bytes (spec: units)."""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from hashlib import sha256

from ..state import made_id

__all__ = ["digest_of", "from_id", "is_id", "made_address", "short", "to_id"]

_ID = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = str.maketrans("-_", "+/")


def is_id(text: object) -> bool:
    """Whether something is an id or an address, as an item can name one."""
    return isinstance(text, str) and _ID.match(text) is not None


def to_id(digest: bytes) -> str:
    """The 43 characters of 32 bytes."""
    return b2a_base64(digest, newline=False).translate(_TO_URL)[:43].decode()


def from_id(text: str) -> bytes:
    """The 32 bytes of 43 characters."""
    return a2b_base64(text.translate(_FROM_URL) + "=")


def digest_of(parts: Iterable[bytes]) -> bytes:
    """SHA-256 over parts, so that no other parts give the same: their lengths in digits, and then they themselves."""
    parts = tuple(parts)
    return sha256(b"%s\n%s" % (" ".join(map(str, map(len, parts))).encode(), b"".join(parts))).digest()


def made_address(name: str) -> str:
    """The address of a wallet without a key: always the same for a name."""
    return made_id("wallet", name)


def short(id: str) -> str:
    """An id as aos prints it to people: its first three characters and its last three."""
    return f"{id[:3]}...{id[-3:]}" if len(id) > 12 else id
