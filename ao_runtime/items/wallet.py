"""`Wallet`: a private key, the file it is kept in, and the address that it is known by."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from ..errors import InputError
from . import keys
from .addresses import address_of, ao_address_of
from .discreet import discreet
from .encoding import encode

__all__ = ["Wallet", "WalletWarning"]

_LARGEST = 1 << 16
"""Bytes of a file that may be a wallet: one of RSA has 3 200."""


class WalletWarning(UserWarning):
    """A wallet lies where others may read it."""


class Wallet:
    """A private key that signs items; immutable.

    No secret is in its repr, in an error of it, or in what such an error carries: `save` and `to_jwk` alone give it
    away. Wallets are equal when their addresses are.
    """

    __slots__ = ("_address", "_key")

    def __init__(self, key: keys.Key) -> None:
        """Use `generate`, `load`, `from_jwk`, `from_ed25519` or `from_ethereum`."""
        self._key = key
        self._address = address_of(key.owner)

    @classmethod
    @discreet
    def generate(cls, kind: str = "rsa") -> Wallet:
        """A new wallet: `rsa` (Arweave's, 4096 bits, takes some seconds), `ed25519` or `ethereum`."""
        return cls(keys.generate(kind))

    @classmethod
    @discreet
    def load(cls, path: str | os.PathLike[str]) -> Wallet:
        """The wallet in a file: Arweave's keyfiles, and other JWK of the three kinds.

        A file that cannot be read, or holds no wallet, is an `InputError`. Gives a `WalletWarning` where others than
        its owner may read the file.
        """
        name = os.fspath(path)
        try:
            with open(name, "rb") as file:
                # By what is open, not by its name: under that another file could be by now.
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(_LARGEST + 1)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror or error}", file=name) from None
        if os.name == "posix" and mode & 0o077:
            words = f"{name}: others may read this wallet (its mode is {mode & 0o777:04o}); chmod 600 mends it"
            warnings.warn(words, WalletWarning, stacklevel=3)
        if len(text) > _LARGEST:
            raise InputError("is no wallet: it is too long for one", file=name)
        try:
            jwk = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError("is no wallet: it is no JSON", file=name) from None
        try:
            return cls(keys.read_jwk(jwk))
        except InputError as error:
            raise error.within(file=name) from None

    @classmethod
    @discreet
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Wallet:
        """The wallet in a JWK: RSA, OKP with crv Ed25519, or EC with crv secp256k1. What is none is an `InputError`."""
        return cls(keys.read_jwk(jwk))

    @classmethod
    @discreet
    def from_ethereum(cls, key: str | bytes) -> Wallet:
        """The wallet of an Ethereum key: 64 hexadecimal digits, with or without `0x`, or 32 bytes."""
        return cls(keys.read_ethereum(key))

    @classmethod
    @discreet
    def from_ed25519(cls, seed: bytes) -> Wallet:
        """The wallet of an Ed25519 seed, 32 bytes."""
        return cls(keys.read_ed25519(seed))

    @discreet
    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the wallet, with its secret, to a new file that only its owner may read.

        A file that is there already is never overwritten: that is an `InputError`, as is one that cannot be written.
        """
        name = os.fspath(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(name, flags, 0o600)
        except FileExistsError:
            advice = "give another name: a wallet is never overwritten"
            raise InputError("is there already", file=name, advice=advice) from None
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror or error}", file=name) from None
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(self._key.jwk()).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                os.unlink(name)
            raise InputError(f"cannot be written: {error.strerror or error}", file=name) from None

    @discreet
    def to_jwk(self) -> dict[str, str]:
        """The wallet as JWK, with its secret."""
        return self._key.jwk()

    @discreet
    def sign(self, message: bytes) -> bytes:
        """The signature over 48 bytes, the deep hash of an item: see `DataItem.sign`."""
        if not isinstance(message, bytes):
            raise InputError(f"a wallet signs bytes, found a {type(message).__name__}")
        return self._key.sign(message)

    def deterministic(self) -> Wallet:
        """The same wallet, whose signatures are always the same bytes for the same item, and so is the item's id.

        Of Ed25519 and Ethereum that is so anyhow; one of RSA signs without a salt then (RSA-PSS, RFC 8017), which
        verifies as any other.
        """
        return Wallet(self._key.deterministic())

    @property
    def kind(self) -> str:
        """`rsa`, `ed25519` or `ethereum`."""
        return self._key.kind

    @property
    def signature_type(self) -> int:
        """The number of the type of its signatures: 1, 2 or 3."""
        return self._key.type.number

    @property
    def owner(self) -> str:
        """The public key: of RSA the modulus, of Ethereum the uncompressed point."""
        return encode(self._key.owner)

    @property
    def raw_owner(self) -> bytes:
        """The public key as bytes."""
        return self._key.owner

    @property
    def address(self) -> str:
        """Arweave's address, 43 characters, whatever the kind."""
        return self._address

    @property
    def ao_address(self) -> str:
        """The address that a process sees: of an Ethereum key `0x…`, else the same as `address`."""
        return ao_address_of(self._key.owner)

    def __eq__(self, other: object) -> bool:
        """Whether the other is a wallet of the same address."""
        return self._address == other._address if isinstance(other, Wallet) else NotImplemented

    def __hash__(self) -> int:
        """By its address."""
        return hash(self._address)

    def __repr__(self) -> str:
        """Its kind and its address."""
        return f"<Wallet {self._key.kind} {self._address}>"

    def __copy__(self) -> Wallet:
        """Itself: it never changes."""
        return self

    def __deepcopy__(self, memo: object) -> Wallet:
        """Itself: it never changes."""
        return self

    def __reduce__(self) -> NoReturn:
        """A wallet is not pickled: its secret would lie in whatever the pickle is written to."""
        raise TypeError("a wallet cannot be pickled: it is saved with wallet.save(path)")
