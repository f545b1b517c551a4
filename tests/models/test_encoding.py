"""Plain values cross the border unchanged."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import InputError
from ao_runtime.models.encoding import MAX_DEPTH, decode, encode

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(JSON)
def test_round_trip(value: object) -> None:
    """What is encoded is decoded to the same value."""
    assert decode(encode(value)) == value


@given(st.binary())
def test_bytes(value: bytes) -> None:
    """Bytes come back as text where they are UTF-8, else as bytes."""
    back = decode(encode(value))
    assert (back.encode() if isinstance(back, str) else back) == value


def test_integer_and_float_stay_apart() -> None:
    """1 is an integer and 1.0 a float."""
    assert [type(item) for item in decode(encode([1, 1.0]))] == [int, float]


def test_large_integers_become_floats() -> None:
    """An integer beyond 64 bits is a float in Lua, as JSON numbers are."""
    assert decode(encode([2**63, -(2**63) - 1, 10**400])) == [float(2**63), float(-(2**63)), math.inf]


def test_what_cannot_be_given() -> None:
    """A value that is no plain one is refused, with its place."""
    with pytest.raises(InputError, match=r"message\.a\[1\].*set"):
        encode({"a": [1, {2}]})


def test_depth() -> None:
    """A value that is nested without end is refused, and not a crash."""
    value: list[object] = []
    value.append(value)
    with pytest.raises(InputError, match=f"nested more than {MAX_DEPTH} deep"):
        encode(value)
