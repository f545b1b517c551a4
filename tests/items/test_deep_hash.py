"""The deep hash, against its definition written down once more, and what of an item goes into it."""

from __future__ import annotations

from hashlib import sha384
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import InputError
from ao_runtime.items import deep_hash
from ao_runtime.items.deep_hash import message_of

DEEP = st.recursive(st.binary(max_size=50), lambda inner: st.lists(inner, max_size=5), max_leaves=20)


def defined(value: Any) -> bytes:
    """The definition, word by word."""

    def digest(data: bytes) -> bytes:
        return sha384(data).digest()

    if isinstance(value, bytes):
        return digest(digest(b"blob" + str(len(value)).encode()) + digest(value))
    accumulated = digest(b"list" + str(len(value)).encode())
    for part in value:
        accumulated = digest(accumulated + defined(part))
    return accumulated


@given(DEEP)
def test_as_defined(value: Any) -> None:
    """Of bytes and of lists of lists."""
    assert deep_hash(value) == defined(value)


@given(st.integers(1, 7), st.lists(st.binary(max_size=80), min_size=5, max_size=5))
def test_of_an_item(number: int, parts: list[bytes]) -> None:
    """An item's message is the deep hash of a list of eight."""
    assert message_of(number, *parts) == defined([b"dataitem", b"1", str(number).encode(), *parts])


def test_views() -> None:
    """A view, and an array that can change, count as their bytes."""
    assert deep_hash([memoryview(b"ab"), bytearray(b"c"), ()]) == defined([b"ab", b"c", []])


@pytest.mark.parametrize("value", ["text", 5, None, [b"a", "b"], {b"a": b"b"}])
def test_what_has_none(value: Any) -> None:
    """Text, numbers and dicts have none."""
    with pytest.raises(InputError, match="the deep hash is of bytes and of lists, found a "):
        deep_hash(value)


def test_a_list_in_itself() -> None:
    """A list that never ends is an InputError, not the end of the stack."""
    value: list[Any] = [b"a"]
    value.append(value)
    with pytest.raises(InputError, match="at most 100 deep"):
        deep_hash(value)
