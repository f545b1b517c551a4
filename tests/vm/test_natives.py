"""The allowlist of Python functions behind the library."""

from __future__ import annotations

import hashlib
import hmac as standard
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.vm import native_crypto
from ao_runtime.vm.natives import native

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers())
)
NAMES = sorted(native_crypto.NATIVES)


def call(name: str, *arguments: Any) -> Any:
    """Call a native that there is."""
    function = native(name)
    assert function is not None
    return function(*arguments)


@pytest.mark.parametrize(
    "name", ["", "crypto", "crypto.", "os.system", "crypto.__import__", b"\xff", "crypto.aes\0", 5]
)
def test_unknown(name: Any) -> None:
    """A name that is not in the list gives nothing."""
    assert native(name) is None


@pytest.mark.parametrize("name", NAMES)
def test_known(name: str) -> None:
    """Names may be bytes, as they come from Lua, or text; the bare function cannot be reached from what is given."""
    for form in (name, name.encode()):
        function = native(form)
        assert function is not None
        assert not hasattr(function, "__wrapped__")


@pytest.mark.parametrize("name", NAMES)
@given(arguments=st.lists(ANYTHING, max_size=6))
def test_never_raises(name: str, arguments: list[Any]) -> None:
    """Whatever it is given, a native answers bytes, or None and a message in bytes."""
    answer = call(name, *arguments)
    if isinstance(answer, tuple):
        nothing, message = answer
        assert nothing is None
        assert isinstance(message, bytes)
    else:
        assert isinstance(answer, bytes)


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512", "sha3_256", "sha3_512"])
@given(data=st.binary(max_size=300))
def test_digest(name: str, data: bytes) -> None:
    """Digests are hashlib's."""
    assert hashlib.new(name, data).digest() == call("crypto.digest", name.encode(), data)


@given(st.binary(max_size=64), st.binary(max_size=64), st.integers(0, native_crypto.MAX_CHAIN))
def test_chain(password: bytes, salt: bytes, rounds: int) -> None:
    """The chain goes on where the first HMAC of PBKDF2 ended, and gives what hashlib gives for the whole."""
    key = password.ljust(64, b"\0")
    first = standard.digest(password, salt + b"\0\0\0\1", "sha256")
    pads = [bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C)]
    state = call("crypto.chain", b"sha256", *pads, first + first, rounds)
    assert hashlib.pbkdf2_hmac("sha256", password, salt, rounds + 1) == state[32:]


def test_chain_is_bounded() -> None:
    """One call does a bounded number of rounds: the rest is the Lua loop's, which limits can stop."""
    answer = call("crypto.chain", b"sha1", bytes(64), bytes(64), bytes(40), native_crypto.MAX_CHAIN + 1)
    assert answer == (None, b"too many rounds")


def test_counter_wraps_in_its_second_half() -> None:
    """CTR counts in 64 bits, without a carry into the first half of the IV."""
    key = b"super_secret_shh"
    stream = call("crypto.aes", b"encrypt", b"CTR", key, b"\xff" * 16 + bytes(48))
    blocks = b"\xff" * 16 + b"\xff" * 8 + bytes(8) + b"\xff" * 8 + bytes(7) + b"\1"
    assert call("crypto.aes", b"encrypt", b"ECB", key, blocks) == stream


def test_library_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pycryptodome there is a message that says what to install, and hashlib's digests still work."""
    native_crypto._library.cache_clear()
    for name in list(sys.modules):
        if name.split(".")[0] == "Crypto":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "Crypto", None)
    message = b"this needs pycryptodome: pip install pycryptodome"
    assert (None, message) == call("crypto.digest", b"keccak256", b"")
    assert (None, message) == call("crypto.aes", b"encrypt", b"ECB", bytes(16), bytes(16))
    assert hashlib.sha1(b"").digest() == call("crypto.digest", b"sha1", b"")
    native_crypto._library.cache_clear()
