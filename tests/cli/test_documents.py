"""ao_runtime.cli.documents: JSON files, and what is wrong in them, with file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.cli.documents import read_env, read_messages
from ao_runtime.errors import InputError
from ao_runtime.models.reading import FIELDS

A, B = {"From": "a", "Tags": []}, {"From": "b", "Tags": []}


def written(folder: Path, text: str | bytes) -> str:
    """The path of a new file."""
    file = folder / "messages.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"From": "a"}{"From": "b"}', [1, 1]),
        ('{"From": "a"}\n{"From": "b"}\n', [1, 2]),
        ('\n\n{"From":\n"a"}\n\n{"From": "b"}', [3, 6]),
        ('[{"From": "a"}, {"From": "b"}]', [1, 1]),
        ('[\n{"From": "a"},\n\n{"From": "b"}\n]\n', [2, 4]),
        ('[{"From": "a"}]\n[{"From": "b"}]', [1, 2]),
        ('[]\n{"From": "a"}\r\n{"From": "b"}', [2, 3]),
        ('\ufeff[{"From": "a"}, {"From": "b"}]', [1, 1]),
    ],
)
def test_every_form_of_a_file(tmp_path: Path, text: str, lines: list[int]) -> None:
    """One object, an array, JSON lines, and mixtures of them, each message with its line."""
    found = read_messages(written(tmp_path, text))
    assert [message.wire for message in found] == [A, B]
    assert [message.line for message in found] == lines


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ": holds no message"),
        ("[]", ": holds no message"),
        ("{", ":1: is no JSON: Expecting property name enclosed in double quotes, at column 2"),
        ('[{"From": "a"}\n{"From": "b"}]', ":2: is no JSON: Expecting ',' or ']', at column 1"),
        ('[{"From": "a"},\n]', ":2: is no JSON: Expecting value, at column 1"),
        ('[{"From": "a"}', ":1: is no JSON: Expecting ',' or ']', at column 15"),
        ('{"From": "a"}\n{"From": b}', ":2: is no JSON: Expecting value, at column 10"),
        ('{"N": "NaN",\n"M": NaN}', ":2: is no JSON: there is no NaN in JSON, at column 6"),
        ("[" * 100_000, ":1: is no JSON: nested too deeply, at column 2"),
        ("[1]", ":1: must be an object, found the number 1"),
        ('{"From": "a"}\n"b"', ":2: must be an object, found the text 'b'"),
        ('{"From": "a",\n"Id": 5}', ":2, Id: must be text, found the number 5"),
        ('{"From": "a",\n\n"block_height": []}', ":3, Block-Height: must be a number, found an array"),
        ('[{},\n{\n"Tags": [\n{"name": "A"},\n{"name": 5}\n]}]', ":5, Tags[1].name: must be text, found the number 5"),
        ('{"x": {"Id": 1},\n"Id": 5}', ":2, Id: must be text, found the number 5"),
        ('{"Tags":\n{"Action": "a"},\n"Data": {}}', ":3, Data: must be text or bytes, found an object"),
    ],
)
def test_what_is_wrong_and_where(tmp_path: Path, text: str, complaint: str) -> None:
    """File, line of the field, and the field."""
    file = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_messages(file)
    assert str(caught.value).split(" (")[0] == file + complaint


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, or a folder, is an error that names it."""
    for file in (tmp_path / "nope.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_messages(str(file))


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    """Data may hold any bytes."""
    found = read_messages(written(tmp_path, b'{"Data": "\xff\xfe"}\n{"Data": "\\udcff\\u00e9"}'))
    assert [message.wire["Data"] for message in found] == [b"\xff\xfe", b"\xff\xc3\xa9"]


def test_an_environment(tmp_path: Path) -> None:
    """An environment file is one object, checked in the same way."""
    assert read_env(written(tmp_path, '{"process": {"id": "p"}}')) == {"Process": {"Id": "p", "Tags": []}}
    for text, complaint in [
        ('{"Process":\n{"Id": 5}}', ":2, Process.Id: must be text, found the number 5"),
        ("[]", ":1: must be an object, found an array"),
        ("{}{}", ": holds 2 JSON values, not one environment"),
        ('{"From": "a"}', ":1, Process: is missing"),
    ]:
        file = written(tmp_path, text)
        with pytest.raises(InputError) as caught:
            read_env(file)
        assert str(caught.value).split(" (")[0] == file + complaint


JSON = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


KEYS = st.text().filter(lambda key: key not in FIELDS and key not in [*FIELDS.values(), "from"])


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.dictionaries(KEYS, JSON, max_size=5), min_size=1, max_size=4), st.sampled_from([None, 1]), st.booleans()
)
def test_any_messages_in_any_form(
    tmp_path_factory: pytest.TempPathFactory, messages: list[dict[str, Any]], indent: int | None, array: bool
) -> None:
    """However JSON is laid out, the messages are those that Python's json reads."""
    parts = [json.dumps(message, indent=indent) for message in messages]
    text = f"[{', '.join(parts)}]" if array else "\n".join(parts)
    found = read_messages(written(tmp_path_factory.mktemp("any"), text))
    wires = [{tag["name"]: tag["value"] for tag in message.wire["Tags"]} for message in found]
    assert wires == messages
