"""JSON as JavaScript writes it, and cursors."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.units.answers import Refusal, javascript, number
from ao_runtime.units.cursors import read_cursor


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-17.0, "-17"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (12345678901234567890.0, "12345678901234567000"),
        (1e-6, "0.000001"),
        (1.5e-5, "0.000015"),
        (1e-7, "1e-7"),
        (-1.25e-9, "-1.25e-9"),
        (5e-324, "5e-324"),
        (1e16, "10000000000000000"),
        (123456.789, "123456.789"),
        (2**53, "9007199254740992"),
        (2**53 + 1, "9007199254740992"),
        (2**63 - 1, "9223372036854776000"),
        (math.inf, "null"),
        (math.nan, "null"),
        (10**400, "null"),
    ],
)
def test_a_number(value: float, text: str) -> None:
    """What `JSON.stringify` of node gives for it."""
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_as_itself(value: float) -> None:
    """Whatever its form, it is the same number; with an exponent at most where JavaScript has one."""
    text = number(value)
    assert float(text) == value
    assert ("e" in text) == (value != 0 and not 1e-6 <= abs(value) < 1e21)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json(value: Any) -> None:
    """Any value of JSON is written so that it reads as itself, as compactly as JavaScript does."""
    text = javascript(value)
    assert json.loads(text) == value
    if all(ord(one) < 0xD800 for one in text.decode()):
        assert text.decode() == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_bytes_and_halves_of_letters() -> None:
    """Bytes that are no UTF-8 become U+FFFD; half of a surrogate pair is an escape."""
    assert javascript({b"a": b"\xffb"}) == '{"a":"\ufffdb"}'.encode()
    assert javascript("\ud800") == b'"\\ud800"'


def test_what_is_too_deep() -> None:
    """It is refused, and nothing breaks."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Refusal, match="nested too deeply"):
        javascript(value)


@given(st.text())
def test_a_cursor_that_is_none(text: str) -> None:
    """Any text is a cursor, a time, or refused with 400."""
    status = None
    try:
        place, sort = read_cursor(text, "from")
    except Refusal as refusal:
        status = refusal.status
    else:
        assert isinstance(place[0], int)
        assert sort in (None, "ASC", "DESC")
    assert status in (None, 400)
