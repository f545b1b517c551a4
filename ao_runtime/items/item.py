"""`DataItem`: how a message, or anything else, is signed and written down on the network (ANS-104)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeGuard

from ..errors import ItemError
from ..models import Tags, text
from . import signatures
from .addresses import address_of, ao_address_of
from .deep_hash import message_of
from .encoding import Readable, decode, encode, view_of
from .layout import TYPES, SignatureType, head, read_layout
from .message import message_fields, message_parts
from .tags import Pair, read_tags, write_tags

if TYPE_CHECKING:
    from ..models import Message
    from .wallet import Wallet

__all__ = ["DataItem"]


class DataItem:
    """A data item: data, tags, perhaps a target and an anchor, and who signed it.

    `create` makes one and `parse` reads one; both are strict about what an item may hold. That it is signed by its
    owner is asked with `verify`. Ids, addresses, keys and signatures are text, base64url without padding, as everywhere
    on the network; the same with `raw_` before their names are bytes. Items are equal when their bytes are.
    """

    __slots__ = ("_anchor", "_data", "_kind", "_owner", "_pairs", "_raw", "_raw_tags", "_signature", "_tags", "_target")

    _kind: SignatureType | None
    """`None` as long as nobody has signed."""
    _signature: bytes
    _owner: bytes
    _target: bytes
    _anchor: bytes
    _raw_tags: bytes
    _pairs: list[Pair]
    _data: memoryview
    _raw: memoryview | None
    """What it was read from."""
    _tags: Tags | None

    __hash__ = None  # type: ignore[assignment]
    """An item can be signed again: its `id` is what to look it up by."""

    @classmethod
    def create(
        cls,
        data: str | Readable = b"",
        *,
        target: str | bytes | None = None,
        anchor: str | bytes | None = None,
        tags: Any = (),
        wallet: Wallet | None = None,
    ) -> DataItem:
        """A new item, signed if a wallet is given.

        Text is written as UTF-8. `target` is an id, 43 characters or 32 bytes. `anchor` is any 32 bytes: as bytes, as
        text that has 32 in UTF-8, or as their base64url. `tags` have any of the shapes that `Tags` takes, and text or
        bytes as values. What no reader would take is an `ItemError`.
        """
        item = cls.__new__(cls)
        item._kind = item._raw = item._tags = None
        item._signature = item._owner = b""
        item._target = _thirty_two(target, "target")
        item._anchor = _thirty_two(anchor, "anchor", text=True)
        item._pairs = [*tags] if _is_pairs(tags) else _pairs(tags)
        item._raw_tags = write_tags(item._pairs)
        item._data = view_of(_bytes(data, "data") if isinstance(data, str) else data)
        return item if wallet is None else item.sign(wallet)

    @classmethod
    def parse(cls, data: Readable) -> DataItem:
        """The item that these bytes are, to the last.

        Anything that is none is an `ItemError` that names the field and the byte. Its data is not copied, however long
        it is: the item holds on to the bytes that it was read from (those of a `bytearray`, which could change, are
        copied). Whether it is signed by its owner is not looked at: see `verify`.
        """
        view = view_of(data)
        at = read_layout(view)
        item = cls.__new__(cls)
        item._raw_tags = bytes(view[at.tags : at.data])
        item._pairs = read_tags(item._raw_tags, at.tag_count, at.tags) if at.tag_count else []
        item._kind = kind = at.type
        owner = 2 + kind.signature
        item._signature = bytes(view[2:owner])
        item._owner = bytes(view[owner : owner + kind.owner])
        item._target = bytes(view[at.target : at.target + 32]) if at.target else b""
        item._anchor = bytes(view[at.anchor : at.anchor + 32]) if at.anchor else b""
        item._data = view[at.data :]
        item._raw = view
        item._tags = None
        return item

    @classmethod
    def of(cls, message: Message | Mapping[str, Any], wallet: Wallet, *, sdk: str | None = "aoconnect") -> DataItem:
        """The item that a client of the network makes of a message, signed by `wallet`.

        Target, Anchor, Tags and Data are the message's (any shape that `Message` takes); all else, such as From and Id,
        is the wallet's and the scheduler's to say. As from aoconnect, no data becomes one space with the tag
        Content-Type=text/plain, and the tags SDK, Data-Protocol=ao, Variant and Type come after the message's own; a
        Type=Process or a Variant of its own is kept. `sdk` is what SDK names; `None` leaves that tag out.
        A message that no item can hold is an `InputError`: a tag that is no text, an anchor that has no 32 bytes.
        """
        data, target, anchor, tags = message_parts(message, sdk)
        return cls.create(data, target=target, anchor=anchor, tags=tags, wallet=wallet)

    def message(self, **fields: Any) -> Message:
        """The message that a process gets when this item is sent to it, as the compute unit makes it.

        Owner is who signed, From is the tag From-Process or else the owner. Tags named From or Owner are left out,
        bytes that are no UTF-8 become U+FFFD, and an anchor that is no UTF-8 is left out. What only the scheduler
        knows (Epoch, Nonce, Timestamp, Block-Height, Hash-Chain) may be given as `fields`, by any of their names.
        """
        from ..models import Message

        return Message(
            **message_fields(
                item_id=self.id,
                signature=self.signature,
                owner=self.ao_address,
                target=self.target,
                anchor=self._anchor,
                tags=self._pairs,
                data=self._data,
                given=fields,
            )
        )

    # Signing.

    @property
    def is_signed(self) -> bool:
        """Whether there is a signature at all."""
        return self._kind is not None

    def sign(self, wallet: Wallet) -> DataItem:
        """Signs the item, anew if it was signed before; its tags' bytes stay as they are. Returns the item itself."""
        message = message_of(
            wallet.signature_type, wallet.raw_owner, self._target, self._anchor, self._raw_tags, self._data
        )
        self._signature = wallet.sign(message)
        self._owner = wallet.raw_owner
        self._kind = TYPES[wallet.signature_type]
        self._raw = None
        return self

    def verify(self) -> bool:
        """Whether it is signed, by its owner, over what it holds. `check` says what is wrong."""
        try:
            self.check()
        except ItemError:
            return False
        return True

    def check(self) -> None:
        """Raises an `ItemError` that says why, unless the item is signed by its owner over what it holds."""
        kind = self._signed()
        problem = signatures.check(kind.number, self._owner, self.deep_hash, self._signature)
        if problem is not None:
            start = 2 + kind.signature if problem.field == "owner" else 2
            raise ItemError(problem.words, field=problem.field, byte=start + problem.offset)

    @property
    def deep_hash(self) -> bytes:
        """The 48 bytes that the signature is over."""
        number = self._signed().number
        return message_of(number, self._owner, self._target, self._anchor, self._raw_tags, self._data)

    def _signed(self) -> SignatureType:
        if self._kind is None:
            raise ItemError("the item is not signed", advice="item.sign(wallet)")
        return self._kind

    # Its fields. Those that an unsigned item does not have yet are an ItemError.

    @property
    def id(self) -> str:
        """SHA-256 of the signature, 43 characters: what the network calls the item."""
        return encode(self.raw_id)

    @property
    def raw_id(self) -> bytes:
        """The id's 32 bytes."""
        self._signed()
        return sha256(self._signature).digest()

    @property
    def signature_type(self) -> int:
        """The number of the type of its signature: 1 is Arweave's, 2 Ed25519, 3 Ethereum's."""
        return self._signed().number

    @property
    def signature_name(self) -> str:
        """The type's name: `arweave`, `ed25519`, `ethereum`, …"""
        return self._signed().name

    @property
    def signature(self) -> str:
        """The signature."""
        return encode(self.raw_signature)

    @property
    def raw_signature(self) -> bytes:
        """The signature as bytes."""
        self._signed()
        return self._signature

    @property
    def owner(self) -> str:
        """The public key of who signed it. For its address see `address`."""
        return encode(self.raw_owner)

    @property
    def raw_owner(self) -> bytes:
        """The public key as bytes."""
        self._signed()
        return self._owner

    @property
    def address(self) -> str:
        """Arweave's address of the owner, whatever the type: what the scheduler shows."""
        return address_of(self.raw_owner)

    @property
    def ao_address(self) -> str:
        """The address that a process sees as Owner: of an Ethereum key `0x…`, else the same as `address`."""
        return ao_address_of(self.raw_owner)

    @property
    def target(self) -> str:
        """The id of the process or wallet that it is for; empty if there is none."""
        return encode(self._target)

    @property
    def raw_target(self) -> bytes:
        """32 bytes, or none."""
        return self._target

    @property
    def anchor(self) -> str:
        """The 32 bytes of the anchor in base64url; empty if there is none."""
        return encode(self._anchor)

    @property
    def raw_anchor(self) -> bytes:
        """32 bytes, or none."""
        return self._anchor

    @property
    def tags(self) -> Tags:
        """Its tags in order: text, or bytes where they are no UTF-8."""
        if self._tags is None:
            self._tags = Tags.of([{"name": text(name), "value": text(value)} for name, value in self._pairs])
        return self._tags

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Its tags in order, as bytes: name and value of each."""
        return tuple(self._pairs)

    @property
    def raw_tags(self) -> bytes:
        """The bytes that the tags are written in, as they came: what is signed."""
        return self._raw_tags

    @property
    def data(self) -> bytes:
        """The data: a copy, if it was read from a longer text. `data_view` never copies."""
        return _whole(self._data)

    @property
    def data_view(self) -> memoryview:
        """The data, where it lies."""
        return self._data

    @property
    def size(self) -> int:
        """How many bytes the item has in all."""
        return self._head_size() + len(self._data)

    @property
    def is_bundle(self) -> bool:
        """Whether its tags say that its data is a bundle, which `Bundle.inside` reads."""
        found = {name.lower(): value for name, value in reversed(self._pairs)}
        return found.get(b"bundle-format") == b"binary" and found.get(b"bundle-version") == b"2.0.0"

    def __bytes__(self) -> bytes:
        """The item as it is sent: what was read is written back byte for byte."""
        if self._raw is not None:
            return _whole(self._raw)
        return b"".join((self._head(), self._data))

    def __eq__(self, other: object) -> bool:
        """Whether the other is an item of the same bytes, or as unsigned and of the same contents."""
        if not isinstance(other, DataItem):
            return NotImplemented
        return self._kind == other._kind and self._parts() == other._parts() and self._data == other._data

    def __repr__(self) -> str:
        """Its id and what it is, not what it holds."""
        name = f"{self.id}, {self.signature_name}" if self.is_signed else "unsigned"
        return f"<DataItem {name}, {len(self._pairs)} tags, {len(self._data)} bytes of data>"

    def _parts(self) -> tuple[bytes, ...]:
        return self._signature, self._owner, self._target, self._anchor, self._raw_tags

    def _head(self) -> bytes:
        return head(
            self._signed(),
            self._signature,
            self._owner,
            self._target,
            self._anchor,
            len(self._pairs),
            self._raw_tags,
        )

    def _head_size(self) -> int:
        kind = self._signed()
        parts = len(self._target) + len(self._anchor) + len(self._raw_tags)
        return 2 + kind.signature + kind.owner + 2 + 16 + parts


def _is_pairs(tags: Any) -> TypeGuard[list[Pair]]:
    """Whether tags are what they are written from already, as those who make many items have them."""
    return type(tags) is list and all(
        type(pair) is tuple and len(pair) == 2 and type(pair[0]) is type(pair[1]) is bytes for pair in tags
    )


def _pairs(tags: Any) -> list[Pair]:
    """Tags of any shape as bytes."""
    return [
        (_bytes(tag.name, f"tags[{index}].name"), _bytes(tag.value, f"tags[{index}].value"))
        for index, tag in enumerate(Tags(tags))
    ]


def _whole(view: memoryview) -> bytes:
    """The bytes of a view: those that it is a view of, if it is of all of them."""
    whole = view.obj
    return whole if type(whole) is bytes and len(whole) == len(view) else bytes(view)


def _bytes(value: Any, field: str) -> bytes:
    """Text in UTF-8, or the bytes that it is."""
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise ItemError("is text that UTF-8 cannot hold: half of a surrogate pair", field=field) from None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    shown = value if value is None or isinstance(value, (bool, int, float)) else f"a {type(value).__name__}"
    raise ItemError(f"must be text or bytes, found {shown}", field=field, advice="str(…) or json.dumps(…) makes text")


def _thirty_two(value: str | bytes | None, field: str, *, text: bool = False) -> bytes:
    """The 32 bytes of a target or an anchor; none for `None` and for nothing."""
    if value is None:
        return b""
    data = _bytes(value, field)
    if not data or (len(data) == 32 and (text or not isinstance(value, str))):
        return data
    found = decode(value) if isinstance(value, str) else None
    if found is None or len(found) != 32:
        wanted = "32 bytes, or text of 32 bytes in UTF-8" if text else "an id of 43 characters, or its 32 bytes"
        raise ItemError(f"must be {wanted}, found {len(data)} bytes: {_short(value)}", field=field)
    return found


def _short(value: str | bytes) -> str:
    return repr(value) if len(value) <= 60 else f"{value[:57]!r}…"
