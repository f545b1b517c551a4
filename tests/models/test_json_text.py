"""ao_runtime.models.json_text: strings of Lua as text or bytes, and both through JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import InputError
from ao_runtime.models.json_text import from_json, restore, to_json


def as_bytes(value: object) -> bytes:
    """What Lua sees of a string."""
    return value if isinstance(value, bytes) else str(value).encode()


@given(st.binary())
def test_any_bytes_survive_json(data: bytes) -> None:
    """Bytes written as JSON are valid JSON, valid UTF-8, and the same bytes when read, as values and as keys."""
    text = to_json({"Data": data, b"\xff" + data: [data]})
    assert text.encode()
    (_, value), (key, (inner,)) = from_json(text).items()
    assert (as_bytes(value), as_bytes(key), as_bytes(inner)) == (data, b"\xff" + data, data)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_restored_to_a_string(text: str) -> None:
    """Only text with escaped bytes, and no other half of a surrogate pair, stands for bytes."""
    restored = restore(text)
    escaped = any("\udc80" <= char <= "\udcff" for char in text)
    other = any("\ud800" <= char <= "\udfff" and not "\udc80" <= char <= "\udcff" for char in text)
    assert restored == (text.encode("utf-8", "surrogateescape") if escaped and not other else text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_is_json(value: object) -> None:
    """Every JSON value comes back as it was, and Python's own json agrees."""
    assert from_json(to_json(value)) == value
    assert json.loads(to_json(value)) == value


def test_bytes_as_keys() -> None:
    """A table of Lua may have keys that are no text."""
    assert to_json({b"\xff": 1}) == '{"\\udcff":1}'


def test_text_is_written_as_it_is() -> None:
    """No escapes where none are needed."""
    assert to_json({"a": "é", "b": [1, None]}) == '{"a":"é","b":[1,null]}'
    assert to_json([1], indent=1) == "[\n 1\n]"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"a":\n nope}', "line 2: is no JSON: Expecting value, at column 2"),
        ("[NaN]", "is no JSON: there is no NaN in JSON"),
        ("[" * 200_000, "is JSON that is nested too deeply"),
    ],
)
def test_what_is_no_json(text: str, complaint: str) -> None:
    """Text that is no JSON is one clear error, with its line."""
    with pytest.raises(InputError) as caught:
        from_json(text)
    assert str(caught.value) == complaint


def test_bytes_that_are_no_utf8_are_read() -> None:
    """A file of JSON may hold bytes that are no UTF-8."""
    assert from_json(b'"\xff"') == b"\xff"
