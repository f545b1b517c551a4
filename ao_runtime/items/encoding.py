"""Base64url without padding, as the network writes ids, addresses and keys; and bytes that are read without a copy."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from ..errors import ItemError

__all__ = ["Readable", "decode", "encode", "view_of"]

#: What an item or a bundle can be read from.
Readable = bytes | bytearray | memoryview

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode(data: bytes | memoryview) -> str:
    """Bytes as base64url: 32 bytes are 43 characters."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes | None:
    """The bytes of base64url without padding; `None` for what is none.

    Strict, where `base64` passes over letters that it does not know: a text has one meaning, and only the text that
    `encode` writes has it.
    """
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        return None
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if encode(data) == text else None


def view_of(data: Readable) -> memoryview:
    """A view of the bytes that are there, which nobody can change any more.

    What may be written to (a `bytearray`) is copied: an item must not become another one after it was verified.
    """
    try:
        view = memoryview(data)
        if not view.readonly or view.ndim != 1 or view.format != "B" or not view.c_contiguous:
            view = memoryview(view.tobytes())
    except TypeError:
        raise ItemError(f"must be bytes, found a {type(data).__name__}") from None
    except ValueError as error:  # A view that was released.
        raise ItemError(f"cannot be read: {error}") from None
    return view
