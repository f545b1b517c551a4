"""Ids and addresses: 43 characters of base64url, which are 32 bytes (spec: units)."""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from hashlib import sha256

from ..models import legible

__all__ = ["digest_of", "from_id", "is_id", "short", "to_id"]

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


def digest_of(texts: Iterable[bytes], *rest: bytes) -> bytes:
    """SHA-256 over texts and whatever else, so that nothing else gives the same.

    Between them stands the byte FF, which is in no UTF-8 text; what may hold any bytes comes last, and the lengths of
    all of it but the last belong among the texts.
    """
    return sha256(b"\xff".join((*texts, *rest))).digest()


def short(id: str) -> str:
    """An id as aos prints it to people: its first three characters and its last three. What is no id is cut off."""
    return f"{id[:3]}...{id[-3:]}" if is_id(id) else legible(id)
