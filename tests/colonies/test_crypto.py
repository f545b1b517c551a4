"""Keys, ids and signatures: the server's own code gives the same, and whatever is altered is somebody else's."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ao_runtime.colonies import gen_hash, gen_id, gen_prvkey, gen_signature, recid
from ao_runtime.errors import InputError, SignatureError

from .recordings import CRYPTO, KEYS, playable, recorded

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY = CRYPTO[0]["prvkey"]

keys = st.integers(1, ORDER - 1).map(lambda number: f"{number:064x}")
texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("vector", CRYPTO, ids=lambda vector: vector["prvkey"][:12])
def test_vectors(vector: dict[str, str]) -> None:
    """Ids, hashes and signatures are those of the server's own code, byte for byte."""
    assert gen_id(vector["prvkey"]) == vector["id"]
    assert gen_hash(vector["message"]) == vector["hash"]
    assert gen_signature(vector["message"], vector["prvkey"]) == vector["signature"]
    assert recid(vector["message"], vector["signature"]) == vector["id"]


def test_vectors_of_the_sdk() -> None:
    """So are those that are known from elsewhere."""
    key = "ddf7f7791208083b6a9ed975a72684f6406a269cfa36f1b1c32045c0a71fff05"
    text = "eyJtc2d0eXBlIjogImFzc2lnbnByb2Nlc3Ntc2ciLCAidGltZW91dCI6IDEwLCAiY29sb255bmFtZSI6ICJ0ZXN0In0="
    assert gen_id(key) == "3fc05cf3df4b494e95d6a3d297a34f19938f7daa7422ab0d4f794454133341ac"
    assert gen_signature(text, key) == (
        "89cd9b58b9a28586ee38f8d89b86be1ea4734a372869bc3389386d07ab8473ad"
        "752e7e1a585a9a31d1afd4134405b98c9a8558ac75853c4a88e5446b795b547301"
    )
    assert gen_hash("hello world") == "644bcc7e564373040999aac89e7622f3ca71fba1d972fd94a31c3bfbf24e3938"


def test_keys_of_the_recordings() -> None:
    """The ids of all who took part belong to their keys, and all that was sent was signed by them."""
    for roles in KEYS.values():
        assert {role: gen_id(who["prvkey"]) for role, who in roles.items()} == {
            role: who["id"] for role, who in roles.items()
        }

    for exchange in playable() + playable(transport="ws"):
        envelope = json.loads(exchange.request)
        assert recid(envelope["payload"], envelope["signature"]) == exchange.signer_id
        assert (
            gen_signature(envelope["payload"], KEYS[exchange.set][exchange.signer]["prvkey"]) == envelope["signature"]
        )


def test_what_servers_take_for_no_signature_is_none_here() -> None:
    """s in the upper half, v that counts from 27, and a wrong length are SignatureErrors; another payload another id."""

    cases = {exchange.case: exchange for exchange in recorded() if exchange.args is None}
    for case, words in (
        ("signature with high s", "r or s is not in the range of a signature's"),
        ("v raised by 27", "its last byte must be 00 or 01"),
        ("bad signature", "must be 130 hexadecimal characters: r, s and v"),
        ("no signature", "must be 130 hexadecimal characters: r, s and v"),
    ):
        envelope = json.loads(cases[case].request)
        with pytest.raises(SignatureError, match=words):
            recid(envelope["payload"], envelope["signature"])
    altered = cases["altered payload: another id"]
    envelope = json.loads(altered.request)
    assert recid(envelope["payload"], envelope["signature"]) not in [who["id"] for who in KEYS[altered.set].values()]


@given(texts, keys)
@example("", f"{1:064x}")
@example("\0", f"{ORDER - 1:064x}")
def test_whoever_signs_is_recovered(text: str, key: str) -> None:
    """A signature gives the id of its key, is the same again, is low in s, and its v is 0 or 1."""
    signature = gen_signature(text, key)
    assert recid(text, signature) == gen_id(key)
    assert gen_signature(text, key.upper()) == signature == signature.lower()
    assert recid(text, signature.upper()) == gen_id(key)
    assert len(signature) == 130
    assert int(signature[64:128], 16) <= ORDER // 2
    assert signature[128:] in ("00", "01")


@given(texts, texts, keys)
def test_another_text_is_somebody_elses(text: str, other: str, key: str) -> None:
    """The signature of one text gives the id of nobody for another."""
    assert (who(other, gen_signature(text, key)) == gen_id(key)) == (text == other)


@given(texts, keys, st.integers(0, 519))
def test_an_altered_signature_is_somebody_elses(text: str, key: str, bit: int) -> None:
    """Each bit of a signature counts."""
    signature = gen_signature(text, key)
    altered = f"{int(signature, 16) ^ (1 << bit):0130x}"
    assert who(text, altered) != gen_id(key)


@given(texts, keys)
def test_the_twin_of_a_signature_is_none(text: str, key: str) -> None:
    """r and n−s with the other v would give the same id: it is refused, so there is one signature only."""
    signature = gen_signature(text, key)
    s, v = int(signature[64:128], 16), int(signature[128:], 16)
    assert who(text, f"{signature[:64]}{ORDER - s:064x}{1 - v:02x}") is None


@given(texts, st.text("0123456789abcdef", min_size=130, max_size=130))
def test_any_130_characters(text: str, signature: str) -> None:
    """Whatever stands where a signature should is an id or a SignatureError."""
    found = who(text, signature)
    assert found is None or len(found) == 64


@pytest.mark.parametrize(
    "key",
    ["", "ab", "zz" * 32, "00" * 32, f"{ORDER:064x}", "ff" * 32, f"0x{1:062x}", f"{1:063x}\n", None, 5, b"\1" * 32],
)
def test_what_is_no_key(key: str) -> None:
    """Other lengths, other characters, zero and what is over the order are ValueErrors, that do not repeat them."""
    for use in (gen_id, lambda prvkey: gen_signature("x", prvkey)):
        with pytest.raises(ValueError, match=r"^prvkey: is no private key \(64 hex") as raised:
            use(key)
        assert isinstance(raised.value, InputError)
        assert not key or str(key) not in str(raised.value)


@pytest.mark.parametrize("text", ["\ud800", b"x", None, 3])
def test_what_cannot_be_signed(text: str) -> None:
    """Half a character, and what is no text at all."""
    for use in (gen_hash, lambda text: gen_signature(text, KEY), lambda text: recid(text, CRYPTO[0]["signature"])):
        with pytest.raises(ValueError, match=r"^message: must be text"):
            use(text)


@pytest.mark.parametrize(
    "signature", ["", "00" * 64, "00" * 66, "0g" * 65, "00" * 65, None, b"0" * 130, "00" * 65 + "\n"]
)
def test_what_is_no_signature(signature: str) -> None:
    """Other lengths and characters, and zeros."""
    with pytest.raises(ValueError, match=r"^signature: "):
        recid("x", signature)


def test_new_keys() -> None:
    """Keys are made by chance, and are keys."""
    made = {gen_prvkey() for _ in range(50)}
    assert len(made) == 50
    assert all(len(gen_id(key)) == 64 for key in made)


def who(text: str, signature: str) -> str | None:
    """Who has signed, nobody if it is no signature."""
    try:
        return recid(text, signature)
    except SignatureError:
        return None
