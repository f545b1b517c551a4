"""Arweave's own transactions, format 2, and chunks of their data, as arweave-js makes them: read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ..errors import ItemError
from ..items import check_transaction, from_base64url
from ..models import shown
from ..network import Item, Key, to_id
from .headers import Header, encoded
from .merkle import LEAST, MOST, root_of, walk

__all__ = ["Chunk", "Posted", "read_chunk", "read_transaction"]

#: Bytes of the data of one transaction.
_LARGEST = 100 << 20
#: Bytes of all tags of one, as on Arweave.
_TAGS = 2048
_KEY = 512


@dataclass(frozen=True)
class Posted:
    """A transaction whose signature is right; `item` has its header, and its data where it came with it."""

    item: Item
    root: bytes
    size: int
    complete: bool

    @property
    def key(self) -> Key:
        """Which data it is of."""
        return self.root, self.size


@dataclass(frozen=True)
class Chunk:
    """A chunk that belongs to `root`: the bytes of its data from `start` on."""

    root: bytes
    size: int
    start: int
    data: bytes

    @property
    def key(self) -> Key:
        """Which data it is of."""
        return self.root, self.size


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
    header = Header(
        encoded(owner), encoded(last), encoded(root), size.decode(), quantity.decode(), reward.decode()
    ).write()
    item = Item(id, to_id(sha256(owner).digest()), to, b"", names, values, data, encoded(signature), header)
    return Posted(item, root, length, len(data) == length)


def read_chunk(told: Any) -> Chunk:
    """A chunk from its JSON, proved by its path. Raises an `ItemError` for anything else."""
    if not isinstance(told, dict):
        raise ItemError("is no chunk", field="chunk")
    root, path, data = (_bytes(told, name) for name in ("data_root", "data_path", "chunk"))
    size, offset = int(_number(told, "data_size")), int(_number(told, "offset"))
    if len(root) != 32 or not offset < size <= _LARGEST:
        raise ItemError("lies outside of the data", field="offset")
    start, end, hashed = walk(root, path, offset, size)
    if len(data) != end - start or sha256(data).digest() != hashed:
        raise ItemError("is not what its path says", field="chunk")
    if len(data) > MOST or (len(data) < LEAST and end != size):
        raise ItemError(f"has {len(data)} bytes: {LEAST} to {MOST}, but for the last one", field="chunk")
    return Chunk(root, size, start, data)


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
