"""What a transaction says beside its data, as it is kept with its item."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Wallet
from ao_runtime.items import DataItem
from ao_runtime.network import Item
from ao_runtime.units.headers import Header, encoded, header_of, told_transaction, with_header

HEADER = Header("b3duZXI", "bGFzdA", encoded(b"r" * 32), "12", "3", "4")


def item(raw: bytes | None) -> Item:
    """A transaction with that in place of a signed item's bytes."""
    return Item("i" * 43, "o" * 43, "t" * 43, b"", (b"a\xff",), (b"\xf0\x9f",), b"twelve bytes", "c2ln", raw)


@given(numbers=st.tuples(*[st.integers(0, 2**53)] * 3), winston=st.integers(0, 10**30 - 1))
def test_what_was_written_is_read(numbers: tuple[int, int, int], winston: int) -> None:
    """The same header, wherever the chain has it, and its bytes are those of no data item."""
    header = Header("b3duZXI", "bGFzdA", "", "0", str(winston), str(winston)).placed(*numbers)
    assert header_of(item(header.write())) == header
    assert header.write().startswith(b"{")


def test_a_transaction_is_told_as_it_was_signed() -> None:
    """Bytes of tags that are no text, too."""
    told = told_transaction(item(HEADER.write()), header_of(item(HEADER.write())), "")
    assert told == {
        "format": 2,
        "id": "i" * 43,
        "last_tx": "bGFzdA",
        "owner": "b3duZXI",
        "tags": [{"name": "Yf8", "value": "8J8"}],
        "target": "t" * 43,
        "quantity": "3",
        "data": "",
        "data_size": "12",
        "data_root": HEADER.data_root,
        "reward": "4",
        "signature": "c2ln",
    }


def test_another_header_is_all_that_changes() -> None:
    """And the data, where it is given."""
    placed = HEADER.placed(7, 8, 9)
    for data, expected in ((None, b"twelve bytes"), (b"", b"")):
        found = with_header(item(HEADER.write()), placed, data)
        assert header_of(found) == placed
        assert (found.id, found.names, found.data, found.signature) == ("i" * 43, (b"a\xff",), expected, "c2ln")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"{",
        b"{}",
        b"{" * 100_000,
        b'{"a": ' * 100_000,
        b"{\xff}",
        HEADER.write()[:-1] + b', "more": 1}',
        json.dumps({**json.loads(HEADER.write()), "owner": 1}).encode(),
        json.dumps({**json.loads(HEADER.write()), "start": "1"}).encode(),
        json.dumps({**json.loads(HEADER.write()), "start": True}).encode(),
        json.dumps({**json.loads(HEADER.write()), "start": -1}).encode(),
        json.dumps({**json.loads(HEADER.write()), "data_size": "x"}).encode(),
        json.dumps({**json.loads(HEADER.write()), "data_size": "-1"}).encode(),
        json.dumps({**json.loads(HEADER.write()), "reward": ""}).encode(),
        json.dumps({**json.loads(HEADER.write()), "quantity": "9" * 5000}).encode(),
        bytes(DataItem.create("data", wallet=Wallet.from_ed25519(b"a" * 32))),
    ],
)
def test_what_is_no_header(raw: Any) -> None:
    """A data item's bytes, those of a folder from before, and a file that somebody has changed: there is none."""
    assert header_of(item(raw)) is None
