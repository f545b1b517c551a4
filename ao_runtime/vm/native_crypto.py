"""Digests, AES and the inner loop of PBKDF2 for the library's Lua.

hashlib does what it can; the rest (MD2, MD4, Keccak, AES) is pycryptodome's, imported on first use.
Every function is pure. Work is bounded by the size of the arguments, except in :func:`chain`, which
is bounded by ``MAX_CHAIN`` so that a process's time limit is looked at between two calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

INSTALL = b"this needs pycryptodome: pip install pycryptodome"

#: The most rounds of HMAC in one call of :func:`chain`: about 0.2 ms.
MAX_CHAIN = 64

Failure = tuple[None, bytes]

_HASHLIB: dict[bytes, Callable[..., Any]] = {
    b"md5": hashlib.md5,
    b"sha1": hashlib.sha1,
    b"sha256": hashlib.sha256,
    b"sha512": hashlib.sha512,
    b"sha3_256": hashlib.sha3_256,
    b"sha3_512": hashlib.sha3_512,
}


class _MissingLibraryError(Exception):
    """The optional library is not installed."""


@lru_cache(maxsize=8)
def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise _MissingLibraryError from None


def _bytes(*values: object) -> None:
    for value in values:
        if not isinstance(value, bytes):
            raise TypeError(f"bytes expected, got {type(value).__name__}")


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"integer expected, got {type(value).__name__}")
    return value


def digest(name: bytes, data: bytes) -> bytes | Failure:
    """Hash ``data`` with the algorithm of that name."""
    _bytes(name, data)
    algorithm = _HASHLIB.get(name)
    if algorithm is not None:
        # It is a network's hash, whatever it is used for: a FIPS build of OpenSSL must not refuse MD5.
        return bytes(algorithm(data, usedforsecurity=False).digest())
    try:
        if name == b"md2":
            return bytes(_library("Crypto.Hash.MD2").new(data).digest())
        if name == b"md4":
            return bytes(_library("Crypto.Hash.MD4").new(data).digest())
        if name == b"keccak256":
            return bytes(_library("Crypto.Hash.keccak").new(data=data, digest_bits=256).digest())
        if name == b"keccak512":
            return bytes(_library("Crypto.Hash.keccak").new(data=data, digest_bits=512).digest())
    except _MissingLibraryError:
        return None, INSTALL
    return None, b"no such digest"


def blake2b(data: bytes, length: int, key: bytes) -> bytes | Failure:
    """Hash ``data`` with BLAKE2b (RFC 7693)."""
    _bytes(data, key)
    return hashlib.blake2b(data, digest_size=_integer(length), key=key, usedforsecurity=False).digest()


def aes(way: bytes, mode: bytes, key: bytes, data: bytes) -> bytes | Failure:
    """En- or decrypt whole blocks; the first block is the IV (ECB has none). The counter of CTR is 64 bits."""
    _bytes(way, mode, key, data)
    if len(data) % 16 or way not in (b"encrypt", b"decrypt"):
        return None, b"bad blocks"
    try:
        library = _library("Crypto.Cipher.AES")
    except _MissingLibraryError:
        return None, INSTALL
    if mode == b"ECB":
        return bytes(getattr(library.new(key, library.MODE_ECB), way.decode())(data))
    iv, text = data[:16], data[16:]
    if not text:
        return b""
    if mode == b"CTR":
        return _ctr(library, key, iv, text)
    if mode == b"CBC":
        cipher = library.new(key, library.MODE_CBC, iv=iv)
    elif mode == b"CFB":
        cipher = library.new(key, library.MODE_CFB, iv=iv, segment_size=128)
    elif mode == b"OFB":
        cipher = library.new(key, library.MODE_OFB, iv=iv)
    else:
        return None, b"no such mode"
    return bytes(getattr(cipher, way.decode())(text))


def _ctr(library: Any, key: bytes, iv: bytes, text: bytes) -> bytes:
    """CTR as the network has it: only the low 64 bits count, and they wrap without a carry."""
    counter = int.from_bytes(iv[8:], "big")
    left = (1 << 64) - counter  # blocks until the counter wraps
    out = b""
    while text:
        part, text = text[: left * 16], text[left * 16 :]
        cipher = library.new(key, library.MODE_CTR, nonce=iv[:8], initial_value=counter)
        out += cipher.encrypt(part)
        counter, left = 0, 1 << 64
    return out


def chain(name: bytes, inner: bytes, outer: bytes, state: bytes, rounds: int) -> bytes | Failure:
    """Do some rounds of PBKDF2 (RFC 8018): U = HMAC(U), T = T xor U; state and answer are U .. T."""
    _bytes(name, inner, outer, state)
    algorithm = _HASHLIB.get(name)
    if algorithm is None:
        return None, b"no such digest"
    if not 0 <= _integer(rounds) <= MAX_CHAIN:
        return None, b"too many rounds"
    size = len(state) // 2
    unit, total = state[:size], int.from_bytes(state[size:], "big")
    inside, outside = algorithm(inner, usedforsecurity=False), algorithm(outer, usedforsecurity=False)
    if size != inside.digest_size or len(state) != 2 * size:
        return None, b"bad state"
    for _ in range(rounds):
        first = inside.copy()
        first.update(unit)
        second = outside.copy()
        second.update(first.digest())
        unit = second.digest()
        total ^= int.from_bytes(unit, "big")
    return bytes(unit + total.to_bytes(size, "big"))


def hexadecimal(data: bytes) -> bytes | Failure:
    """Write bytes as lower-case hexadecimal text."""
    _bytes(data)
    return data.hex().encode()


NATIVES: dict[str, Callable[..., bytes | Failure]] = {
    "crypto.digest": digest,
    "crypto.blake2b": blake2b,
    "crypto.aes": aes,
    "crypto.chain": chain,
    "crypto.hex": hexadecimal,
}
