"""Items made byte by byte, well signed whatever they hold: what no writer would write."""

from __future__ import annotations

from ao_runtime.items import Wallet, deep_hash

__all__ = ["avro", "item", "long", "raw_item"]


def long(number: int) -> bytes:
    """A number as a zigzag varint, negative ones too."""
    bits = number << 1 if number >= 0 else (-number << 1) - 1
    written = bytearray()
    while bits > 0x7F:
        written.append(bits & 0x7F | 0x80)
        bits >>= 7
    return bytes([*written, bits])


def avro(*tags: tuple[bytes, bytes]) -> bytes:
    """Tags as libraries write them."""
    body = b"".join(long(len(name)) + name + long(len(value)) + value for name, value in tags)
    return (long(len(tags)) if tags else b"") + body + b"\0"


def item(
    wallet: Wallet,
    *,
    target: bytes = b"",
    anchor: bytes = b"",
    count: int = 0,
    tags: bytes = b"",
    size: int | None = None,
    data: bytes = b"",
    presence: tuple[int, int] | None = None,
) -> bytes:
    """An item whose signature is good over its target, anchor, tag bytes and data; the rest of it is as given."""
    number = wallet.signature_type
    message = deep_hash([b"dataitem", b"1", b"%d" % number, wallet.raw_owner, target, anchor, tags, data])
    return raw_item(
        number,
        wallet.sign(message),
        wallet.raw_owner,
        target=target,
        anchor=anchor,
        count=count,
        tags=tags,
        size=size,
        data=data,
        presence=presence,
    )


def raw_item(
    number: int,
    signature: bytes,
    owner: bytes,
    *,
    target: bytes = b"",
    anchor: bytes = b"",
    count: int = 0,
    tags: bytes = b"",
    size: int | None = None,
    data: bytes = b"",
    presence: tuple[int, int] | None = None,
) -> bytes:
    """The bytes of an item of these fields."""
    has_target, has_anchor = presence or (bool(target), bool(anchor))
    return b"".join(
        (
            number.to_bytes(2, "little"),
            signature,
            owner,
            bytes([has_target]),
            target,
            bytes([has_anchor]),
            anchor,
            count.to_bytes(8, "little"),
            (len(tags) if size is None else size).to_bytes(8, "little"),
            tags,
            data,
        )
    )
