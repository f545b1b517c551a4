"""Every vector: what libraries made is read, verified and written back; what is none is refused and says where."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from ao_runtime.errors import ItemError
from ao_runtime.items import Bundle, DataItem, Wallet

from .vectors import VECTORS, raw_of, unb64, wallet, wallet_of

ITEMS, BUNDLES, INVALID = VECTORS["items"], VECTORS["bundles"], VECTORS["invalid"]
SIGNED_AGAIN = [vector for vector in ITEMS if vector["signature_type"] in (2, 3)]


def named(vectors: list[dict[str, Any]]) -> Any:
    """The vectors as parameters."""
    return pytest.mark.parametrize("vector", vectors, ids=[vector["name"] for vector in vectors])


def fields_of(item: DataItem) -> dict[str, Any]:
    """What a vector says of an item."""
    return {
        "signature_type": item.signature_type,
        "id": item.id,
        "owner": item.owner,
        "address": item.address,
        "ao_address": item.ao_address,
        "target": item.target,
        "anchor": item.anchor,
        "tags": item.tags.to_list(),
        "tags_bytes": len(item.raw_tags),
        "deep_hash": item.deep_hash.hex(),
    }


def test_all_are_there() -> None:
    """54 items of seven types, 20 bundles, 65 that are no items and 4 odd ones."""
    assert {vector["signature_type"] for vector in ITEMS} == {1, 2, 3, 4, 5, 6, 7}
    odd = [vector for vector in INVALID if vector["expect"] == "odd"]
    assert (len(ITEMS), len(BUNDLES), len(INVALID) - len(odd), len(odd)) == (54, 20, 65, 4)


@named(ITEMS)
def test_an_item(vector: dict[str, Any]) -> None:
    """A good item verifies, has the vector's fields, and is written back byte for byte."""
    raw = raw_of(vector)
    item = DataItem.parse(raw)
    item.check()
    expected = {name: value for name, value in vector.items() if name not in ("name", "raw", "data")}
    assert fields_of(item) == expected
    assert item.data == unb64(vector["data"]) == bytes(item.data_view)
    assert bytes(item) == raw
    assert item.size == len(raw)


@named(ITEMS)
def test_an_item_is_made_again(vector: dict[str, Any]) -> None:
    """An item of the same fields has the same tag bytes and deep hash as the library's."""
    read = DataItem.parse(raw_of(vector))
    made = DataItem.create(read.data, target=read.target, anchor=read.anchor, tags=read.tags)
    assert made.raw_tags == read.raw_tags
    signer = wallet("ed1")
    assert made.sign(signer).deep_hash == read.sign(signer).deep_hash
    assert made == read
    made.check()


@named(SIGNED_AGAIN)
def test_signing_again(vector: dict[str, Any]) -> None:
    """Types 2 and 3, signed again by their wallet, are the library's bytes."""
    raw = raw_of(vector)
    item = DataItem.parse(raw)
    owner = wallet_of(vector["owner"])
    assert bytes(item.sign(owner)) == raw
    made = DataItem.create(item.data, target=item.target, anchor=item.anchor, tags=item.tags, wallet=owner)
    assert bytes(made) == raw


def test_a_large_item() -> None:
    """An item of 1 MiB, whose data is given by a rule."""
    vector = VECTORS["large"]
    data = bytes((7 * index + index // 256 + 3) & 0xFF for index in range(1 << 20))
    item = DataItem.parse(unb64(vector["head"]) + data)
    item.check()
    given = ("name", "recipe", "head", "data_sha256")
    assert fields_of(item) == {name: value for name, value in vector.items() if name not in given}
    assert sha256(item.data_view).hexdigest() == vector["data_sha256"]


@named(INVALID)
def test_what_is_no_item(vector: dict[str, Any]) -> None:
    """What is to be refused is refused, with a field and a byte; the odd ones are good: docs/items.md says why."""
    raw = raw_of(vector)
    if vector["expect"] == "odd":
        item = DataItem.parse(raw)
        item.check()
        assert bytes(item) == raw
        return
    with pytest.raises(ItemError) as caught:
        DataItem.parse(raw).check()
    assert caught.value.field is not None
    assert caught.value.byte is not None
    assert 0 <= caught.value.byte <= len(raw)


@named(BUNDLES)
def test_a_bundle(vector: dict[str, Any]) -> None:
    """A good bundle verifies, and is written back byte for byte; a bad one is refused, with a field and a byte."""
    raw = raw_of(vector)
    if not vector["valid"]:
        with pytest.raises(ItemError) as caught:
            Bundle.parse(raw).check()
        assert caught.value.field is not None
        assert caught.value.byte is not None
        return
    bundle = Bundle.parse(raw)
    bundle.check()
    assert bundle.verify()
    assert (len(bundle), bundle.ids, bundle.sizes) == (vector["count"], vector["ids"], vector["sizes"])
    assert [item.id for item in bundle] == vector["ids"]
    assert bytes(bundle) == raw
    assert bytes(Bundle.create(bundle)) == raw


def test_wallets() -> None:
    """Addresses are those that the libraries give to the same keys."""
    keys = VECTORS["wallets"]
    assert wallet("rsa1").address == wallet("rsa1").ao_address == keys["rsa1_address"]
    assert wallet("rsa2").address == keys["rsa2_address"]
    assert [wallet(name).ao_address for name in ("eth1", "eth2", "typed1")] == [
        keys[f"{name}_address"] for name in ("eth1", "eth2", "typed1")
    ]
    assert Wallet.from_jwk(wallet("rsa1").to_jwk()).to_jwk() == keys["rsa1"]
