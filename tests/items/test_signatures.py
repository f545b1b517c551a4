"""Signatures of all types, and what a stranger could try: keys that are nobody's, other bytes for the same message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import coincurve
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ao_runtime.errors import ItemError
from ao_runtime.items import DataItem, Wallet, deep_hash
from ao_runtime.items.keccak import keccak256
from ao_runtime.items.signatures import check
from ao_runtime.items.signatures.ethereum import ORDER

from .making import raw_item
from .vectors import VECTORS, by_name, unb64, wallet

MESSAGE = deep_hash([b"a", b"message"])
P = 2**255 - 19
"""The field of Ed25519."""


def fails(number: int, owner: bytes, signature: bytes, words: str, message: bytes = MESSAGE) -> None:
    """A signature is refused with these words, also in an item."""
    problem = check(number, owner, message, signature)
    assert problem is not None
    assert words in problem.words
    with pytest.raises(ItemError):
        DataItem.parse(raw_item(number, signature, owner)).check()


# Type 1.


def rsa_key() -> rsa.RSAPrivateKey:
    """The first made-up wallet's."""
    numbers = {
        name: int.from_bytes(unb64(text), "big") for name, text in VECTORS["wallets"]["rsa1"].items() if name != "kty"
    }
    public = rsa.RSAPublicNumbers(numbers["e"], numbers["n"])
    private = rsa.RSAPrivateNumbers(
        numbers["p"], numbers["q"], numbers["d"], numbers["dp"], numbers["dq"], numbers["qi"], public
    )
    return private.private_key(unsafe_skip_rsa_key_validation=True)


@pytest.mark.parametrize("salt", [0, 1, 20, 31, 32, 33, 64, 256, 477, 478])
def test_any_salt(salt: int) -> None:
    """RSA-PSS is taken with a salt of any length that there can be."""
    signature = rsa_key().sign(MESSAGE, padding.PSS(padding.MGF1(SHA256()), salt), SHA256())
    assert check(1, wallet("rsa1").raw_owner, MESSAGE, signature) is None


@pytest.mark.parametrize(
    ("scheme", "digest"),
    [
        (padding.PKCS1v15(), SHA256()),
        (padding.PSS(padding.MGF1(SHA384()), 32), SHA256()),
        (padding.PSS(padding.MGF1(SHA256()), 32), SHA384()),
        (padding.PSS(padding.MGF1(SHA384()), 48), SHA384()),
    ],
)
def test_other_paddings(scheme: Any, digest: Any) -> None:
    """Only PSS with SHA-256 in both places."""
    fails(1, wallet("rsa1").raw_owner, rsa_key().sign(MESSAGE, scheme, digest), "is not by the owner")


def test_a_modulus_that_is_none() -> None:
    """An even modulus, a short one with zeros before it, and other numbers verify nothing, and raise nothing of OpenSSL's."""
    good = wallet("rsa1")
    signature = good.sign(MESSAGE)
    short = rsa.generate_private_key(65537, 2048)
    modulus = short.public_key().public_numbers().n.to_bytes(512, "big")
    short_signature = short.sign(MESSAGE, padding.PSS(padding.MGF1(SHA256()), 32), SHA256()).rjust(512, b"\0")
    fails(1, modulus, short_signature, "is no RSA modulus of 4096 bits")
    fails(1, good.raw_owner[:-1] + bytes([good.raw_owner[-1] & 0xFE]), signature, "is no RSA modulus")
    for owner in (bytes(511) + b"\1", bytes(511) + b"\3", b"\0" + b"\xff" * 511):
        fails(1, owner, signature, "is no RSA modulus")
    for owner in (b"\xff" * 512, b"\x80" + bytes(510) + b"\1", b"\1" + bytes(510) + b"\1"):
        for tried in (signature, bytes(512), bytes(511) + b"\1", b"\xff" * 512):
            fails(1, owner, tried, "is not by the owner")


def test_a_signature_plus_the_modulus() -> None:
    """The number of a signature has one form: not itself plus the modulus, where that fits."""
    good = wallet("rsa1")
    modulus = int.from_bytes(good.raw_owner, "big")
    for _ in range(20):
        signature = int.from_bytes(good.sign(MESSAGE), "big")
        if signature + modulus < 1 << 4096:
            fails(1, good.raw_owner, (signature + modulus).to_bytes(512, "big"), "is not by the owner")
            return
    pytest.fail("no signature was small enough")


# Types 2, 4, 5.

TEXTS: dict[int, Callable[[bytes], bytes]] = {
    2: lambda message: message,
    4: lambda message: message.hex().encode(),
    5: lambda message: f"APTOS\nmessage: {message.hex()}\nnonce: bundlr".encode(),
}


@pytest.mark.parametrize("number", TEXTS)
def test_ed25519_texts(number: int) -> None:
    """Types 2, 4 and 5 sign three texts of the same message, and none of another type."""
    key = wallet("ed1")
    for other, text in TEXTS.items():
        signature = key.sign(text(MESSAGE))
        assert (check(number, key.raw_owner, MESSAGE, signature) is None) == (number == other)
    upper = key.sign(TEXTS[number](MESSAGE).upper())
    assert number == 2 or check(number, key.raw_owner, MESSAGE, upper) is not None


D = -121665 * pow(121666, -1, P) % P


def points_of_small_order() -> list[bytes]:
    """The points of Ed25519 whose order divides 8, in all forms in which they can be written."""
    root = pow(2, (P - 1) // 4, P)
    found = set()
    for y in range(0, 2 * P, P):
        for value in (0, 1, P - 1, *order_eight()):
            if value + y < 1 << 255:
                square = (value * value - 1) * pow(D * value * value + 1, -1, P) % P
                x = pow(square, (P + 3) // 8, P)
                assert (x * x - square) % P == 0 or (x * root * x * root - square) % P == 0
                found |= {(value + y | sign << 255).to_bytes(32, "little") for sign in (0, 1)}
    return sorted(found)


def order_eight() -> list[int]:
    """The y of the points of order 8: doubled, they have y = 0, so that y^2 + x^2 = 0 and D y^4 + 2 y^2 - 1 = 0."""
    found = []
    root_of_minus_one = pow(2, (P - 1) // 4, P)
    discriminant = (1 + D) % P
    root = pow(discriminant, (P + 3) // 8, P)
    if root * root % P != discriminant:
        root = root * root_of_minus_one % P
    for half in (root, -root):
        square = (half - 1) * pow(D, -1, P) % P
        y = pow(square, (P + 3) // 8, P)
        for candidate in (y, y * root_of_minus_one % P):
            if candidate * candidate % P == square:
                found += [candidate, P - candidate]
    return found


def test_keys_of_small_order() -> None:
    """A key of small order is refused: with each of them somebody can sign without any secret."""
    keys = points_of_small_order()
    assert len(keys) >= 12
    identity = (1).to_bytes(32, "little")
    for key in keys:
        for point in keys:
            for number in (2, 4, 5):
                assert check(number, key, MESSAGE, point + bytes(32)) is not None
    fails(2, identity, identity + bytes(32), "is not by the owner")


def test_the_small_order_is_real() -> None:
    """OpenSSL itself takes the signature that our check refuses: the test above refuses something."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    identity = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), MESSAGE)


def test_a_signature_plus_the_order() -> None:
    """S of Ed25519 has one form: not itself plus the order of the curve."""
    key = wallet("ed1")
    signature = key.sign(MESSAGE)
    order = 2**252 + 27742317777372353535851937790883648493
    more = int.from_bytes(signature[32:], "little") + order
    fails(2, key.raw_owner, signature[:32] + more.to_bytes(32, "little"), "is not by the owner")


# Type 6.


def multiple(keys: dict[int, Wallet], threshold: int, signing: dict[int, Wallet] | None = None) -> tuple[bytes, bytes]:
    """Owner and signature: some of 32 keys, those that sign (all, if not said), and how many must."""
    signing = keys if signing is None else signing
    owner = b"".join(keys[index].raw_owner if index in keys else bytes(32) for index in range(32)) + bytes([threshold])
    parts = [signing[index].sign(MESSAGE) if index in signing else bytes(64) for index in range(32)]
    bits = sum(1 << 31 - index for index in signing)
    return owner, b"".join(parts) + bits.to_bytes(4, "big")


def test_some_of_many() -> None:
    """At least as many as the threshold must sign, in any places; all that say that they signed must have."""
    one, two, three = wallet("ed1"), wallet("ed2"), wallet("apt1")
    keys = {0: one, 7: two, 31: three}
    for threshold, signing in ((1, {31: three}), (2, {0: one, 31: three}), (2, keys), (3, keys)):
        assert check(6, *swap(multiple(keys, threshold, signing))) is None
    fails(6, *multiple(keys, 3, {0: one, 7: two}), "is by 2 signers, and the owner asks for 3")
    fails(6, *multiple(keys, 1, {}), "is by 0 signers, and the owner asks for 1")
    fails(6, *multiple(keys, 0, {}), "asks for 0 signers; it must be 1 to 32")
    fails(6, *multiple(keys, 33, keys), "asks for 33 signers; it must be 1 to 32")
    fails(6, *multiple(keys, 1, {0: one, 7: one}), "of signer 8 is not by the owner")
    full = dict.fromkeys(range(32), one)
    assert check(6, *swap(multiple(full, 32))) is None


def swap(both: tuple[bytes, bytes]) -> tuple[bytes, bytes, bytes]:
    """Owner and signature around the message."""
    return both[0], MESSAGE, both[1]


def test_a_place_that_is_empty() -> None:
    """A place without a key is a key of small order: nobody can sign for it, and so reach the threshold alone."""
    key = wallet("ed1")
    owner, signature = multiple({0: key}, 2)
    forged = (1).to_bytes(32, "little") + bytes(32)
    for index in range(1, 32):
        parts = bytearray(signature)
        parts[index * 64 : index * 64 + 64] = forged
        parts[-4:] = (1 << 31 | 1 << 31 - index).to_bytes(4, "big")
        fails(6, owner, bytes(parts), f"of signer {index + 1} is not by the owner")


def test_bytes_that_nobody_signed() -> None:
    """What stands in the place of one who did not sign is nothing, else the same message could have many ids."""
    owner, signature = multiple({0: wallet("ed1"), 1: wallet("ed2")}, 1, {0: wallet("ed1")})
    changed = bytearray(signature)
    changed[100] = 1
    fails(6, owner, bytes(changed), "has bytes in the place of signer 2, who did not sign")


# Types 3 and 7.


def personal(message: bytes) -> bytes:
    """What an Ethereum wallet signs for type 3."""
    return keccak256(b"\x19Ethereum Signed Message:\n48" + message)


def typed(message: bytes, address: str) -> bytes:
    """What it signs for type 7."""
    domain = keccak256(keccak256(b"EIP712Domain(string name,string version)") + keccak256(b"Bundlr") + keccak256(b"1"))
    kind = keccak256(b"Bundlr(bytes Transaction hash,address address)")
    struct = keccak256(kind + keccak256(message) + bytes(12) + bytes.fromhex(address[2:]))
    return keccak256(b"\x19\x01" + domain + struct)


KEY = coincurve.PrivateKey(bytes.fromhex(VECTORS["wallets"]["typed1"]))
ADDRESS = VECTORS["wallets"]["typed1_address"]


def ethereum(digest: bytes) -> bytes:
    """r, s, v of that key."""
    signature = KEY.sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes([27 + signature[64]])


def owner_of(number: int) -> bytes:
    """The key itself, or its address."""
    return KEY.public_key.format(compressed=False) if number == 3 else ADDRESS.encode()


@pytest.mark.parametrize("number", [3, 7])
def test_one_form_of_a_signature(number: int) -> None:
    """v is 27 or 28 and the right one, s is not over half the order, r and s are numbers of the curve."""
    owner = owner_of(number)
    good = ethereum(personal(MESSAGE) if number == 3 else typed(MESSAGE, ADDRESS))
    assert check(number, owner, MESSAGE, good) is None
    for v in range(256):
        if v != good[64]:
            words = "is not by the owner" if v in (27, 28) else f"ends with {v}; the last byte"
            fails(number, owner, good[:64] + bytes([v]), words)
    high = (ORDER - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
    for v in (27, 28):
        fails(number, owner, good[:32] + high + bytes([v]), "has an s over half the order of the curve")
    for r in (0, ORDER, ORDER + 1, 2**256 - 1):
        fails(number, owner, r.to_bytes(32, "big") + good[32:], "is not by the owner")
    fails(number, owner, good[:32] + bytes(32) + good[64:], "is not by the owner")
    half = ORDER // 2
    fails(number, owner, good[:32] + half.to_bytes(32, "big") + good[64:], "is not by the owner")


@pytest.mark.parametrize("start", [0, 2, 3, 5, 6, 7, 255])
def test_an_owner_in_another_form(start: int) -> None:
    """The owner of type 3 is a point that starts with 04, not the same one with another byte there."""
    owner = owner_of(3)
    good = ethereum(personal(MESSAGE))
    fails(3, bytes([start]) + owner[1:], good, "is no uncompressed point, which starts with 04")


@pytest.mark.parametrize("form", [ADDRESS, ADDRESS.lower(), "0x" + ADDRESS[2:].upper()])
def test_an_address_as_owner(form: str) -> None:
    """The owner of type 7 may be written in small letters, in capitals, or with those of EIP-55."""
    signature = ethereum(typed(MESSAGE, ADDRESS))
    assert check(7, form.encode(), MESSAGE, signature) is None


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (ADDRESS.swapcase().replace("0X", "0x"), "capitals that are not those of EIP-55"),
        (ADDRESS[:-1] + ADDRESS[-1].swapcase() if ADDRESS[-1].isalpha() else ADDRESS[:3] + "b" + ADDRESS[4:], "EIP-55"),
        ("0X" + ADDRESS[2:], "is no address, which is 0x and 40 hexadecimal digits"),
        (ADDRESS[2:] + "00", "is no address"),
        ("0x" + "g" * 40, "is no address"),
        (ADDRESS[:-1] + "\n", "is no address"),
        ("0x" + "0" * 40, "is not by the owner"),
    ],
)
def test_what_is_no_address(owner: str, words: str) -> None:
    """Anything else as the owner of type 7 is refused."""
    fails(7, owner.encode(), ethereum(typed(MESSAGE, ADDRESS)), words)


@given(st.integers(1, 7), st.data())
@settings(max_examples=300, deadline=None)
def test_any_owner_and_signature(number: int, data: st.DataObject) -> None:
    """Whatever bytes a stranger gives as owner and signature, the answer is that it is not signed, and no exception."""
    raw = next(unb64(vector["raw"]) for vector in VECTORS["items"] if vector["signature_type"] == number)
    item = DataItem.parse(raw)
    change = data.draw(st.sampled_from(["owner", "signature", "both", "bit"]))
    owner, signature = item.raw_owner, item.raw_signature
    if change in ("owner", "both"):
        owner = data.draw(st.binary(min_size=len(owner), max_size=len(owner)))
    if change in ("signature", "both"):
        signature = data.draw(st.binary(min_size=len(signature), max_size=len(signature)))
    if change == "bit":
        bit = data.draw(st.integers(0, 8 * len(signature) - 1))
        signature = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(len(signature), "big")
    assert (owner, signature) == (item.raw_owner, item.raw_signature) or check(
        number, owner, item.deep_hash, signature
    ) is not None


@given(st.integers(1, 7), st.integers(1, 7))
@example(2, 4)
def test_another_type(one: int, other: int) -> None:
    """An item whose type is changed, as far as the lengths allow it, is not signed any more."""
    if one == other:
        return
    for vector in VECTORS["items"]:
        if vector["signature_type"] == one:
            raw = other.to_bytes(2, "little") + unb64(vector["raw"])[2:]
            try:
                item = DataItem.parse(raw)
            except ItemError:
                continue
            assert not item.verify()
            return


def test_where_it_is() -> None:
    """The byte of a wrong signature is that of what is wrong in it."""
    raw = bytearray(by_name("ethereum ao message"))
    places = {}
    for name, at, value in (("v", 66, 0), ("owner", 67, 5), ("signature", 2, raw[2] ^ 1)):
        changed = raw.copy()
        changed[at] = value
        with pytest.raises(ItemError) as caught:
            DataItem.parse(changed).check()
        places[name] = (caught.value.field, caught.value.byte)
    assert places == {"v": ("signature", 66), "owner": ("owner", 67), "signature": ("signature", 2)}
