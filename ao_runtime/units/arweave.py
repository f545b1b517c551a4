"""Arweave's own transactions, format 2, as arweave-js makes them: read and checked; and the merkle tree of their data.

A leaf is a chunk: ``id = H(H(H(chunk)) || H(note))``, a branch ``H(H(left) || H(right) || H(note))``, H is SHA-256. A
note is 32 bytes, big-endian: where the chunk, or the left side, ends in the data. The root's id is the `data_root`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ..errors import ItemError
from ..items import check_transaction, from_base64url
from ..models import shown
from ..network import Item, to_id

__all__ = ["Chunk", "Posted", "read_chunk", "read_transaction", "root_of"]

#: Bytes of a chunk, at most; and at least, but for the last one.
_MOST, _LEAST = 256 << 10, 32 << 10
#: Bytes of the data of one transaction.
_LARGEST = 100 << 20
#: Bytes of all tags of one, as on Arweave.
_TAGS = 2048
_KEY = 512


@dataclass(frozen=True)
class Posted:
    """A transaction whose signature is right; `item` has its data where it came with it, else nothing."""

    item: Item
    root: bytes
    size: int
    complete: bool


@dataclass(frozen=True)
class Chunk:
    """A chunk that belongs to `root`: the bytes of its data from `start` on."""

    root: bytes
    size: int
    start: int
    data: bytes


def read_transaction(told: Any) -> Posted:
    """A transaction from its JSON. Raises an `ItemError` for what is none, or whose signature or data is not right."""
    if not isinstance(told, dict) or told.get("format") != 2:
        raise ItemError("is no transaction of format 2", field="format")
    owner, signature = _bytes(told, "owner"), _bytes(told, "signature")
    if len(owner) != _KEY or len(signature) != _KEY:
        raise ItemError("an RSA key and its signature have 512 bytes", field="owner")
    target, last, root, data = (_bytes(told, name) for name in ("target", "last_tx", "data_root", "data"))
    if len(target) not in (0, 32) or len(last) > 64 or len(root) not in (0, 32):
        raise ItemError("target, last_tx or data_root has a wrong length", field="target")
    quantity, reward, size = (_number(told, name) for name in ("quantity", "reward", "data_size"))
    tags = told.get("tags", [])
    if not (isinstance(tags, list) and len(tags) <= _TAGS and all(isinstance(tag, dict) for tag in tags)):
        raise ItemError("is no list of tags", field="tags")
    pairs = [(_bytes(tag, "name"), _bytes(tag, "value")) for tag in tags]
    if sum(len(name) + len(value) for name, value in pairs) > _TAGS:
        raise ItemError(f"have more than {_TAGS} bytes", field="tags")
    check_transaction(owner, [target, quantity, reward, last, pairs, size, root], signature)
    id = to_id(sha256(signature).digest())
    if told.get("id") != id:
        raise ItemError("is not the hash of the signature", field="id")
    length = int(size)
    if length > _LARGEST:
        raise ItemError(f"is more than {_LARGEST} bytes", field="data_size")
    if (length == 0) != (root == b""):
        raise ItemError("does not go with data_size", field="data_root")
    if data and (len(data) != length or root_of(data) != root):
        raise ItemError("is not the root of the data", field="data_root")
    names, values = tuple(name for name, _ in pairs), tuple(value for _, value in pairs)
    to = to_id(target) if target else ""
    item = Item(id, to_id(sha256(owner).digest()), to, b"", names, values, data, str(told["signature"]))
    return Posted(item, root, length, len(data) == length)


def read_chunk(told: Any) -> Chunk:
    """A chunk from its JSON, proved by its path. Raises an `ItemError` for anything else."""
    if not isinstance(told, dict):
        raise ItemError("is no chunk", field="chunk")
    root, path, data = (_bytes(told, name) for name in ("data_root", "data_path", "chunk"))
    size, offset = int(_number(told, "data_size")), int(_number(told, "offset"))
    if len(root) != 32 or not offset < size <= _LARGEST:
        raise ItemError("lies outside of the data", field="offset")
    start, end, hashed = _walk(root, path, offset, size)
    if len(data) != end - start or sha256(data).digest() != hashed:
        raise ItemError("is not what its path says", field="chunk")
    if len(data) > _MOST or (len(data) < _LEAST and end != size):
        raise ItemError(f"has {len(data)} bytes: {_LEAST} to {_MOST}, but for the last one", field="chunk")
    return Chunk(root, size, start, data)


def root_of(data: bytes) -> bytes:
    """The root of data that is cut as arweave-js cuts it: the last two chunks are alike where one would be small."""
    level: list[tuple[bytes, int]] = []
    start = 0
    while len(data) - start >= _MOST:
        rest = len(data) - start
        length = (rest + 1) // 2 if 0 < rest - _MOST < _LEAST else _MOST
        level.append(_leaf(data[start : start + length], start + length))
        start += length
    # Where nothing is left, the tree ends with a chunk of no bytes.
    level.append(_leaf(data[start:], len(data)))
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [(_id(left[0], right[0], _note(left[1])), right[1]) for left, right in pairs]
        level = above + level[len(above) * 2 :]
    return level[0][0]


def _walk(id: bytes, path: bytes, offset: int, size: int) -> tuple[int, int, bytes]:
    """Where the chunk around an offset begins and ends, and its hash."""
    start, end = 0, size
    while len(path) > 64:
        left, right, note = path[:32], path[32:64], path[64:96]
        middle = int.from_bytes(note, "big")
        # Sides never overlap: each offset belongs to one chunk.
        if _id(left, right, note) != id or not start < middle <= end:
            break
        id, start, end = (left, start, middle) if offset < middle else (right, middle, end)
        path = path[96:]
    else:
        hashed, note = path[:32], path[32:]
        if len(path) == 64 and _id(hashed, note) == id and int.from_bytes(note, "big") == end:
            return start, end, hashed
    raise ItemError("does not lead from the root to the chunk", field="data_path")


def _leaf(chunk: bytes, end: int) -> tuple[bytes, int]:
    return _id(sha256(chunk).digest(), _note(end)), end


def _id(*parts: bytes) -> bytes:
    return sha256(b"".join(sha256(part).digest() for part in parts)).digest()


def _note(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _bytes(told: dict[str, Any], name: str) -> bytes:
    text = told.get(name, "")
    found = from_base64url(text) if isinstance(text, str) else None
    if found is None:
        raise ItemError(f"is no base64url: {shown(text)}", field=name)
    return found


def _number(told: dict[str, Any], name: str) -> bytes:
    text = told.get(name, "0")
    if not (isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 30):
        raise ItemError(f"is no number as text: {shown(text)}", field=name)
    return text.encode()
