"""Where the fields of a data item lie in its bytes, and the types of signature that give two of them their length.

The layout is that of ANS-104 as it is on the wire; all integers are little-endian::

    signature type       2
    signature            by type
    owner                by type
    target               1 + 0 or 32      the first byte says whether it is there
    anchor               1 + 0 or 32
    number of tags       8
    number of tag bytes  8
    tags                 as many bytes    (see `tags`)
    data                 all the rest
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import ItemError

__all__ = ["MAX_TAGS", "MAX_TAG_BYTES", "TYPES", "Layout", "SignatureType", "head", "read_layout"]

#: The most tags that an item may have: ANS-104.
MAX_TAGS = 128

#: The most bytes that its tags may take, in all: no published library reads more.
MAX_TAG_BYTES = 4096


class SignatureType(NamedTuple):
    """How an item is signed, and how many bytes its signature and its owner take."""

    number: int
    name: str
    signature: int
    owner: int


TYPES: dict[int, SignatureType] = {
    kind.number: kind
    for kind in (
        SignatureType(1, "arweave", 512, 512),
        SignatureType(2, "ed25519", 64, 32),
        SignatureType(3, "ethereum", 65, 65),
        SignatureType(4, "solana", 64, 32),
        SignatureType(5, "aptos", 64, 32),
        SignatureType(6, "multi-aptos", 64 * 32 + 4, 32 * 32 + 1),
        SignatureType(7, "typed-ethereum", 65, 42),
    )
}
"""The types that can be verified, by their number."""

_KYVE = 101


class Layout(NamedTuple):
    """Where the fields are: the first byte of each. `target` and `anchor` are 0 where there is none."""

    type: SignatureType
    target: int
    anchor: int
    tag_count: int
    """As the item says."""
    tags: int
    data: int


def read_layout(view: memoryview) -> Layout:
    """Finds the fields. What is shorter than its fields say, or says what cannot be, is an `ItemError`.

    The tags are not looked into, and nothing is sliced before it is known to be there.
    """
    size = len(view)
    if size < 2:
        raise _short("signature type", 0, 2, size)
    kind = TYPES.get(view[0] | view[1] << 8)
    if kind is None:
        raise _unknown(view[0] | view[1] << 8)
    owner = 2 + kind.signature
    if size < owner:
        raise _short("signature", 2, kind.signature, size)
    at = owner + kind.owner
    if size < at:
        raise _short("owner", owner, kind.owner, size)
    target, at = _optional(view, "target", at, size)
    anchor, at = _optional(view, "anchor", at, size)
    if size < at + 8:
        raise _short("number of tags", at, 8, size)
    if size < at + 16:
        raise _short("number of tag bytes", at + 8, 8, size)
    count = int.from_bytes(view[at : at + 8], "little")
    length = int.from_bytes(view[at + 8 : at + 16], "little")
    tags = at + 16
    if length > size - tags:
        raise ItemError(
            f"says that the tags take {length} bytes, of which {size - tags} are there",
            field="number of tag bytes",
            byte=at + 8,
        )
    if length > MAX_TAG_BYTES:
        raise ItemError(
            f"says that the tags take {length} bytes; an item has at most {MAX_TAG_BYTES}",
            field="number of tag bytes",
            byte=at + 8,
        )
    if count > MAX_TAGS:
        raise ItemError(f"is {count}; an item has at most {MAX_TAGS}", field="number of tags", byte=at)
    if (count == 0) != (length == 0):
        raise ItemError(f"is {count}, but the tags take {length} bytes", field="number of tags", byte=at)
    return Layout(kind, target, anchor, count, tags, tags + length)


def head(
    kind: SignatureType, signature: bytes, owner: bytes, target: bytes, anchor: bytes, count: int, tags: bytes
) -> bytes:
    """All of an item but its data. `target` and `anchor` are empty or 32 bytes."""
    return b"".join(
        (
            kind.number.to_bytes(2, "little"),
            signature,
            owner,
            b"\1" if target else b"\0",
            target,
            b"\1" if anchor else b"\0",
            anchor,
            count.to_bytes(8, "little"),
            len(tags).to_bytes(8, "little"),
            tags,
        )
    )


def _optional(view: memoryview, field: str, at: int, size: int) -> tuple[int, int]:
    """Where the 32 bytes of a field start (0: it is absent), and where the next field does."""
    if size <= at:
        raise _short(field, at, 1, size)
    present = view[at]
    if present == 0:
        return 0, at + 1
    if present != 1:
        raise ItemError(f"its first byte says whether it is there: 0 or 1, not {present}", field=field, byte=at)
    if size < at + 33:
        raise _short(field, at + 1, 32, size)
    return at + 1, at + 33


def _short(field: str, at: int, wanted: int, size: int) -> ItemError:
    there = size - at
    words = f"takes {wanted} byte{'s' * (wanted > 1)}, of which {there} {'is' if there == 1 else 'are'} there"
    return ItemError(f"{words}: the item is cut short", field=field, byte=at)


def _unknown(number: int) -> ItemError:
    if number == _KYVE:
        problem = f"is {number} (kyve), which nothing can verify"
    elif number & 0xFF == 0 and number >> 8 in TYPES:
        problem = f"is {number}, which is no type (it is written with its low byte first)"
    else:
        problem = f"is {number}, which is no type"
    known = ", ".join(f"{kind.number} ({kind.name})" for kind in TYPES.values())
    return ItemError(problem, field="signature type", byte=0, advice=f"the types are {known}")
