"""`Wallet`: made, kept in a file and read again; and no way in which its secret gets out."""

from __future__ import annotations

import copy
import json
import logging
import math
import os
import pickle
import stat
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ao_runtime.errors import AoError, InputError, InternalError
from ao_runtime.items import DataItem, Wallet, WalletWarning, keys
from ao_runtime.items.discreet import discreet

from .vectors import VECTORS, wallet

RSA = VECTORS["wallets"]["rsa1"]
NAMES = ("rsa1", "ed1", "eth1")
posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are of Unix")


@pytest.mark.parametrize("name", NAMES)
def test_saved_and_loaded(name: str, tmp_path: Path) -> None:
    """A wallet is read as it was saved, without a warning, and signs the same."""
    made, path = wallet(name), tmp_path / "key.json"
    made.save(path)
    read = Wallet.load(str(path))
    assert (read, hash(read), read.to_jwk(), read.kind) == (made, hash(made), made.to_jwk(), made.kind)
    assert DataItem.create("x", wallet=read).verify()


@pytest.mark.parametrize("kind", ["rsa", "ed25519", "ethereum"])
def test_generated(kind: str) -> None:
    """A new wallet of each kind signs, and no two are the same."""
    one = Wallet.generate(kind)
    assert one.kind == kind
    item = DataItem.create("x", wallet=one)
    assert (item.verify(), item.owner, item.address, item.ao_address) == (True, one.owner, one.address, one.ao_address)
    if kind != "rsa":
        assert Wallet.generate(kind) != one
    assert Wallet.from_jwk(one.to_jwk()) == one


def test_the_same_bytes_again() -> None:
    """RSA signs with a salt, so that an item signed twice has two ids; a deterministic wallet is the same one without."""
    salted = wallet("rsa1")
    one = salted.deterministic()
    assert (one, one.kind, one.owner, one.to_jwk()) == (salted, "rsa", salted.owner, salted.to_jwk())
    items = [DataItem.create("x", wallet=by) for by in (one, one, one.deterministic(), salted, salted)]
    assert all(item.verify() for item in items)
    ids = [item.id for item in items]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 3
    assert DataItem.create("y", wallet=one).id != ids[0]


@pytest.mark.parametrize("name", ["ed1", "eth1"])
def test_deterministic_anyhow(name: str) -> None:
    """Ed25519 and Ethereum sign without chance: a deterministic wallet is the same."""
    ids = {DataItem.create("x", wallet=by).id for by in (wallet(name), wallet(name).deterministic())}
    assert len(ids) == 1


@given(message=st.binary(min_size=48, max_size=48))
@settings(max_examples=30, deadline=None)
def test_without_a_salt(message: bytes) -> None:
    """It is PSS with an empty salt (RFC 8017): a verifier that insists on that length takes it, and no other does."""
    one = wallet("rsa1").deterministic()
    signature = one.sign(message)
    assert (len(signature), one.sign(message)) == (512, signature)
    key = rsa.RSAPublicNumbers(65537, int.from_bytes(one.raw_owner, "big")).public_key()
    key.verify(signature, message, padding.PSS(padding.MGF1(SHA256()), 0), SHA256())
    for length in (1, 32, 478):
        with pytest.raises(InvalidSignature):
            key.verify(signature, message, padding.PSS(padding.MGF1(SHA256()), length), SHA256())


def test_no_such_kind() -> None:
    """A kind that there is none of is an InputError that names those that there are."""
    with pytest.raises(InputError) as caught:
        Wallet.generate("dsa")
    assert str(caught.value) == "there is no kind 'dsa' of wallet (there are rsa, ed25519, ethereum)"


@posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_its_owner_reads_it(mask: int, tmp_path: Path) -> None:
    """A file is made with mode 0600, whatever the umask."""
    before = os.umask(mask)
    try:
        wallet("ed1").save(tmp_path / "key.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600


def test_never_overwritten(tmp_path: Path) -> None:
    """What is there already stays as it is: a file, a folder, a link, even one that leads nowhere."""
    path = tmp_path / "key.json"
    path.write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("key.json", "folder", "link"):
        with pytest.raises(InputError, match=r"is there already \(give another name: a wallet is never overwritten\)"):
            wallet("ed1").save(tmp_path / name)
    assert path.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        wallet("ed1").save(tmp_path / "no" / "folder")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wallet that could not be written whole is not left there in part."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"key.json: cannot be written: No space left on device"):
        wallet("ed1").save(tmp_path / "key.json")
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602, 0o666, 0o660])
def test_a_file_that_others_may_read(mode: int, tmp_path: Path) -> None:
    """Loading it gives a warning that says how to mend it; one in the caller's own line."""
    path = tmp_path / "key.json"
    wallet("ed1").save(path)
    path.chmod(mode)
    words = f"{path}: others may read this wallet \\(its mode is {mode:04o}\\); chmod 600 mends it"
    with pytest.warns(WalletWarning, match=words) as said:
        Wallet.load(path)
    assert said[0].filename == __file__
    path.chmod(0o400)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Wallet.load(path)


def test_forms_of_an_ethereum_key() -> None:
    """64 hexadecimal digits with or without 0x, of any case, or 32 bytes."""
    digits = VECTORS["wallets"]["eth1"]
    forms = [digits, "0x" + digits, digits.upper(), f" {digits}\n", bytes.fromhex(digits), bytearray.fromhex(digits)]
    assert {Wallet.from_ethereum(form).ao_address for form in forms} == {VECTORS["wallets"]["eth1_address"]}


ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"


@pytest.mark.parametrize(
    "key",
    ["", "0x", "11" * 31, "11" * 33, "1" * 63, "g" * 64, "0x" + "1" * 62, "٣" * 64, b"", b"1" * 31, b"1" * 64, 5, None],
)
def test_what_is_no_ethereum_key(key: Any) -> None:
    """Anything else is an InputError that does not repeat it."""
    with pytest.raises(InputError) as caught:
        Wallet.from_ethereum(key)
    assert str(caught.value) == "a private key of Ethereum is 64 hexadecimal digits, or 32 bytes; this is none"


@pytest.mark.parametrize("key", ["0" * 64, ORDER, "f" * 64])
def test_a_number_that_is_no_key(key: str) -> None:
    """Nor is nought, or what is over the order."""
    with pytest.raises(InputError, match="it is not between 0 and the order of the curve"):
        Wallet.from_ethereum(key)


@pytest.mark.parametrize("seed", [b"", b"1" * 31, b"1" * 33, "1" * 32, None])
def test_what_is_no_seed(seed: Any) -> None:
    """A seed of Ed25519 is 32 bytes."""
    with pytest.raises(InputError, match="a seed of Ed25519 is 32 bytes; this is none"):
        Wallet.from_ed25519(seed)


def test_forms_of_a_keyfile(tmp_path: Path) -> None:
    """Fields in any order, others beside them, and old files without p … qi, are the same wallet."""
    turned = dict(reversed(RSA.items())) | {"ext": True, "alg": "PS256", "key_ops": ["sign"], "kid": "x"}
    old = {name: RSA[name] for name in ("kty", "n", "e", "d")}
    halfway = {name: RSA[name] for name in ("kty", "n", "e", "d", "p", "q")}
    for jwk in (turned, old, halfway):
        path = tmp_path / f"{len(jwk)}.json"
        path.touch(0o600)
        path.write_text(json.dumps(jwk, indent=2))
        read = Wallet.load(path)
        assert read.to_jwk() | RSA == RSA
        assert read.address == VECTORS["wallets"]["rsa1_address"]
        assert DataItem.create("x", wallet=read).verify()
    for name in ("ed1", "eth1"):
        jwk = wallet(name).to_jwk()
        assert Wallet.from_jwk({field: jwk[field] for field in ("kty", "crv", "d")}) == wallet(name)


def changed(**fields: Any) -> dict[str, Any]:
    """The keyfile with other fields; None takes one out."""
    return {name: value for name, value in {**RSA, **fields}.items() if value is not None}


def written(**numbers: int) -> dict[str, str]:
    """A keyfile of these numbers."""
    parts = {
        name: keys.encode(number.to_bytes((number.bit_length() + 7) // 8, "big")) for name, number in numbers.items()
    }
    return {"kty": "RSA", **parts}


def made_of(p: int, q: int) -> dict[str, str]:
    """A keyfile of two numbers that are no primes of their own, whose d is right as far as it can be."""
    d = pow(65537, -1, math.lcm(p - 1, q - 1))
    return written(n=p * q, e=65537, d=d, p=p, q=q)


P, Q = (int.from_bytes(keys.decode(RSA[name]) or b"", "big") for name in ("p", "q"))
PRIME = 2**4095 + 579

OTHER = VECTORS["wallets"]["rsa2"]
SHORT = keys.encode(b"\x81" * 256)
WRONG_KEYFILES: dict[str, tuple[Any, str]] = {
    "a list": ([1], "holds no object"),
    "text": ("x", "holds no object"),
    "nothing": ({}, "kty: is no key of a kind that signs items"),
    "of another kind": ({"kty": "oct", "k": "AAAA"}, "kty: is no key of a kind"),
    "of another curve": ({"kty": "EC", "crv": "P-256", "d": "A" * 43}, "kty: is no key of a kind"),
    "X25519": ({"kty": "OKP", "crv": "X25519", "d": "A" * 43}, "kty: is no key of a kind"),
    "a kind that is a list": ({"kty": ["RSA"]}, "kty: is no key of a kind"),
    "public": ({name: RSA[name] for name in ("kty", "n", "e")}, "d: is missing: without it this is no private key"),
    "n of 2048 bits": (changed(n=SHORT), "n: is no modulus of 4096 bits"),
    "n with padding": (changed(n=RSA["n"] + "="), "n: must be a number in base64url"),
    "n of base64": (changed(n=RSA["n"].replace("_", "/").replace("-", "+")), "n: must be a number in base64url"),
    "n that is a number": (changed(n=5), "n: must be a number in base64url"),
    "n even": (changed(n=keys.encode(b"\xfe" * 512)), "n: is no modulus of 4096 bits"),
    "n empty": (changed(n=""), "n: must be a number in base64url"),
    "n too long": (changed(n="A" + RSA["n"] + "A"), "n: must be a number in base64url"),
    "another n": (changed(n=OTHER["n"]), "p: does not belong to n and e"),
    "another e": (changed(e="Aw"), "e: must be AQAB (65537)"),
    "another d": (changed(d=OTHER["d"]), "d: does not belong to n and e"),
    "d of nought": (changed(d="AA"), "d: does not belong to n and e"),
    "another p": (changed(p=OTHER["p"]), "p: does not belong to n and e"),
    "p without q": (changed(q=None), "q: is missing"),
    "p of one": (changed(p="AQ", q=RSA["n"]), "p: does not belong to n and e"),
    "p of nought": (changed(p="AA"), "p: does not belong to n and e"),
    "n as p": (changed(p=RSA["n"], q="AQ"), "p: does not belong to n and e"),
    "another dp": (changed(dp=OTHER["dp"]), "dp: does not belong to n and e"),
    "another dq": (changed(dq=RSA["dp"]), "dq: does not belong to n and e"),
    "another qi": (changed(qi="AQ"), "qi: does not belong to n and e"),
    "old, another d": ({**{f: RSA[f] for f in ("kty", "n", "e")}, "d": OTHER["d"]}, "d: does not belong to n and e"),
    "old, d of one": ({**{f: RSA[f] for f in ("kty", "n", "e")}, "d": "AQ"}, "d: does not belong to n and e"),
    "old, d of nought": ({**{f: RSA[f] for f in ("kty", "n", "e")}, "d": "AA"}, "d: does not belong to n and e"),
    "a square": (made_of(P, P), "p: does not belong to n and e"),
    "p and q that share a factor": (made_of(3 * (P >> 2 | 1), 3 * (Q >> 2 | 1)), "p: does not belong to n and e"),
    "old, n prime": (written(n=PRIME, e=65537, d=pow(65537, -1, PRIME - 1)), "d: does not belong to n and e"),
    "Ed25519 too short": ({"kty": "OKP", "crv": "Ed25519", "d": "A" * 42}, "d: must be 32 bytes in base64url"),
    "Ed25519 without d": ({"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}, "d: must be 32 bytes in base64url"),
    "Ed25519, another x": (wallet("ed1").to_jwk() | {"x": wallet("ed2").to_jwk()["x"]}, "x: does not belong to d"),
    "Ethereum, another y": (wallet("eth1").to_jwk() | {"y": "A" * 43}, "y: does not belong to d"),
    "Ethereum of nought": ({"kty": "EC", "crv": "secp256k1", "d": "A" * 43}, "this is no private key of Ethereum"),
}


@pytest.mark.parametrize("name", WRONG_KEYFILES)
def test_what_is_no_wallet(name: str, tmp_path: Path) -> None:
    """A key that is none, or that was put together of two, is an InputError with file and field."""
    jwk, words = WRONG_KEYFILES[name]
    with pytest.raises(InputError) as caught:
        Wallet.from_jwk(jwk)
    assert str(caught.value).startswith(words)
    path = tmp_path / "key.json"
    path.touch(0o600)
    path.write_text(json.dumps(jwk))
    with pytest.raises(InputError) as caught:
        Wallet.load(path)
    assert str(caught.value).startswith(f"{path}{', ' if caught.value.field else ': '}{words}")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"no", b"\xff\xfe", b'{"kty": NaN', b"[" * 20_000, b" " * 70_000, b'{"kty": "RSA"}' * 2]
)
def test_a_file_that_is_no_wallet(text: bytes, tmp_path: Path) -> None:
    """Other files are an InputError."""
    path = tmp_path / "key.json"
    path.touch(0o600)
    path.write_bytes(text)
    with pytest.raises(InputError, match=r"key\.json: is no wallet: "):
        Wallet.load(path)
    with pytest.raises(InputError, match="nope: cannot be read: No such file or directory"):
        Wallet.load(tmp_path / "nope")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        Wallet.load(tmp_path)


def test_compared_by_address() -> None:
    """Wallets are equal, and one in a set, when their addresses are the same."""
    again = Wallet.from_jwk(RSA)
    assert again == wallet("rsa1")
    assert {again, wallet("rsa1"), wallet("ed1")} == {wallet("rsa1"), wallet("ed1")}
    assert wallet("rsa1") != wallet("rsa2")
    assert (wallet("rsa1") == RSA["n"]) is False
    assert copy.copy(again) is copy.deepcopy(again) is again


# No secret gets out.


def secrets_of(jwk: dict[str, str]) -> set[str]:
    """The secret parts of a key in every form in which they could be printed."""
    found = set()
    for field in ("d", "p", "q", "dp", "dq", "qi"):
        if field in jwk:
            raw = keys.decode(jwk[field])
            assert raw is not None
            number = int.from_bytes(raw, "big")
            found |= {jwk[field], raw.hex(), str(number), hex(number)[2:], repr(raw)[2:-1], f"{number:X}"}
    # So that a part that was cut (`'AAAA…`) is found as well.
    return {cut for text in found if len(text) >= 16 for cut in (text[:16], text[-16:])}


def told_by(error: BaseException) -> str:
    """All that an error tells, with the local variables of all frames that it, its causes and contexts carry."""
    texts = []
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is None or found in seen:
            continue
        seen.append(found)
        waiting += [found.__cause__, found.__context__]
        texts += [repr(found), str(found), repr(vars(found)), repr(found.args)]
        frames = found.__traceback__
        while frames is not None:
            if "ao_runtime" in frames.tb_frame.f_code.co_filename:
                texts.append(repr(frames.tb_frame.f_locals))
            frames = frames.tb_next
        texts += traceback.TracebackException.from_exception(found).format()
    return "\n".join(texts)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_in_what_it_shows(name: str) -> None:
    """Not in its repr, its attributes, or an item that it signed."""
    found = wallet(name)
    item = DataItem.create("x", wallet=found)
    shown = [repr(found), str(found), f"{found!r:>90}", repr([found]), repr(item), repr(vars(type(found)))]
    shown += [repr(getattr(found, attribute)) for attribute in dir(found) if attribute not in ("to_jwk", "__class__")]
    shown += [repr(vars(found._key)), repr(found._key)]
    assert repr(found) == f"<Wallet {found.kind} {found.address}>"
    for text in secrets_of(found.to_jwk()):
        assert not any(text in part for part in shown)


def failing(tmp_path: Path) -> Iterator[tuple[Callable[[], object], dict[str, str]]]:
    """Calls that fail while they hold a secret, and the key whose secret it is."""
    for name, (jwk, _) in WRONG_KEYFILES.items():
        path = tmp_path / f"{len(name)}{name[-3:]}.json"
        path.touch(0o600)
        path.write_text(json.dumps(jwk))
        secret = jwk if isinstance(jwk, dict) and {"d", "n"} <= set(jwk) and jwk["d"] not in ("AA", "AQ") else RSA
        yield lambda path=path: Wallet.load(path), secret
        yield lambda jwk=jwk: Wallet.from_jwk(jwk), secret
    cut = tmp_path / "cut.json"
    cut.touch(0o600)
    cut.write_text(json.dumps(RSA)[:-2])
    yield lambda: Wallet.load(cut), RSA
    for name in NAMES:
        jwk = wallet(name).to_jwk()
        yield lambda name=name: wallet(name).save(cut), jwk
        yield lambda name=name: wallet(name).save(tmp_path / "no" / "folder"), jwk
        yield lambda name=name: wallet(name).sign("no bytes"), jwk  # type: ignore[arg-type]
        yield lambda name=name: pickle.dumps(wallet(name)), jwk
    ethereum = wallet("eth1").to_jwk()
    digits = VECTORS["wallets"]["eth1"]
    yield lambda: Wallet.from_ethereum(digits + "0"), ethereum
    yield lambda: Wallet.from_ethereum(bytes.fromhex(digits) + b"\0"), ethereum
    yield lambda: Wallet.from_ed25519(bytes.fromhex(VECTORS["wallets"]["ed1"]) + b"\0"), wallet("ed1").to_jwk()


def test_no_secret_in_an_error(tmp_path: Path) -> None:
    """Nor in any error, in what it carries, or in the local variables of our frames that its traceback leads to."""
    count = 0
    for call, jwk in failing(tmp_path):
        with pytest.raises((AoError, TypeError)) as caught:
            call()
        told = told_by(caught.value)
        assert not [text for text in secrets_of(jwk) if text in told], caught.value
        count += 1
    assert count > 80


def test_the_test_would_see_it() -> None:
    """What an error of json carries, without `discreet`, is the whole wallet."""

    def read(text: str) -> Any:
        return json.loads(text)

    text = json.dumps(RSA)[:-2]
    with pytest.raises(json.JSONDecodeError) as caught:
        read(text)
    assert [part for part in secrets_of(RSA) if part in told_by(caught.value)]


def test_nothing_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """No line of a log and no output."""
    with caplog.at_level(logging.DEBUG):
        path = tmp_path / "key.json"
        wallet("rsa1").save(path)
        DataItem.create("x", wallet=Wallet.load(path))
    assert (caplog.text, *capfd.readouterr()) == ("", "", "")


def test_discreet() -> None:
    """What fails in there has neither frames, cause nor context; of an error that is not ours only the class is told."""

    @discreet
    def ours(secret: str) -> None:
        try:
            int(secret)
        except ValueError as error:
            raise InputError("is wrong", field="d") from error

    @discreet
    def foreign(secret: str) -> None:
        int(secret)

    text = "hid" + "den"
    with pytest.raises(InputError, match="d: is wrong") as caught:
        ours(text)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert text not in told_by(caught.value)
    with pytest.raises(InternalError, match=r"^ValueError in test_discreet\.<locals>\.foreign$") as broken:
        foreign(text)
    assert text not in told_by(broken.value)
    assert ours.__name__ == "ours"


def test_a_key_that_signs_wrongly() -> None:
    """A keyfile whose p is no prime is not found out when it is read, but signs nothing: every signature is checked."""
    half = rsa.generate_private_key(65537, 2048).private_numbers()
    p, q = half.p * half.q, int.from_bytes(keys.decode(RSA["p"]) or b"", "big")
    d = pow(65537, -1, (p - 1) * (q - 1))
    numbers = {"n": p * q, "e": 65537, "d": d % math.lcm(p - 1, q - 1), "p": p, "q": q}
    jwk = {name: keys.encode(value.to_bytes((value.bit_length() + 7) // 8, "big")) for name, value in numbers.items()}
    found = Wallet.from_jwk({"kty": "RSA", **jwk})
    with pytest.raises(InputError, match=r"makes signatures that are wrong \(the wallet is damaged\)"):
        found.sign(b"m" * 48)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=60),
        lambda i: st.lists(i) | st.dictionaries(st.sampled_from([*RSA, "crv", "x", "y"]), i),
    )
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_any_json(jwk: Any) -> None:
    """Any JSON is a wallet or an InputError."""
    for value in (jwk, {"kty": "RSA", "d": jwk}, {**RSA, "n": jwk}, {"kty": jwk, "crv": jwk}):
        try:
            Wallet.from_jwk(value)
        except InputError:
            continue
