"""The deep hash of Arweave (SHA-384), and what of an item is signed by it.

::

    blob(x)  = H( H("blob" + length in bytes) || H(x) )
    list(xs) = H( … H( H( H("list" + how many) || deep(x1) ) || deep(x2) ) … )

An item's signature is over the list ["dataitem", "1", type, owner, target, anchor, tags, data], where the type is its
number as text and the tags are their bytes, as they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha384
from typing import Any

from ..errors import InputError

__all__ = ["Deep", "deep_hash", "message_of"]

#: What has a deep hash: bytes, or a list of what has one.
Deep = bytes | bytearray | memoryview | Sequence["Deep"]

_DEEPEST = 100


def deep_hash(value: Deep) -> bytes:
    """The 48 bytes of the deep hash of bytes, or of a list of what has a deep hash.

    Anything else, and lists more than 100 deep, are an `InputError`.
    """
    return _deep(value, 0)


def message_of(number: int, owner: bytes, target: bytes, anchor: bytes, tags: bytes, data: bytes | memoryview) -> bytes:
    """The 48 bytes that the signature of an item is over. What is absent is empty bytes."""
    hashed = _start(number)
    for part in (owner, target, anchor, tags, data):
        hashed = sha384(hashed + _blob(part)).digest()
    return hashed


def _deep(value: Any, depth: int) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return _blob(value)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InputError(f"the deep hash is of bytes and of lists, found a {type(value).__name__}")
    if depth >= _DEEPEST:
        raise InputError(f"the deep hash is of lists that are nested at most {_DEEPEST} deep")
    hashed = sha384(b"list%d" % len(value)).digest()
    for part in value:
        hashed = sha384(hashed + _deep(part, depth + 1)).digest()
    return hashed


def _blob(data: bytes | bytearray | memoryview) -> bytes:
    length = data.nbytes if isinstance(data, memoryview) else len(data)
    return sha384(_length(length) + sha384(data).digest()).digest() if length else _EMPTY


# Of an item's five blobs, four have one of a few lengths; and the first three parts of the list are its type's.


@lru_cache(maxsize=1024)
def _length(length: int) -> bytes:
    return sha384(b"blob%d" % length).digest()


_EMPTY = sha384(_length(0) + sha384(b"").digest()).digest()


@lru_cache(maxsize=16)
def _start(number: int) -> bytes:
    """The hash of the list of eight after its first three parts."""
    hashed = sha384(b"list8").digest()
    for part in (b"dataitem", b"1", b"%d" % number):
        hashed = sha384(hashed + _blob(part)).digest()
    return hashed
