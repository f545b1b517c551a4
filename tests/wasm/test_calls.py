"""What goes into a module and what comes out, as the network's loader writes and reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ao_runtime.models.answer import to_wire
from ao_runtime.models.encoding import encode
from ao_runtime.models.packing import pack
from ao_runtime.wasm.calls import answer, message_text, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            [1e16, 1e21, 1.0, -0.0, 0.1, 1e-7, 123456789012345678, 1e300],
            "[10000000000000000,1e+21,1,0,0.1,1e-07,123456789012345680,1e+300]",
        ),
        ([float("nan"), float("inf"), 10**400, -(2**63)], "[null,null,null,-9223372036854776000]"),
        (
            {"a": '\u2028\x7f\x01/"\\\n', "b": [True, None, {}]},
            '{"a":"\u2028\x7f\\u0001/\\"\\\\\\n","b":[true,null,{}]}',
        ),
        ({1: "x", "é": "😀"}, '{"1":"x","é":"😀"}'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_text(value: Any, text: str) -> None:
    """Values are written as JavaScript writes them (but for the zero in `1e-07`)."""
    assert text_of(value).decode() == text


def test_bytes() -> None:
    """Bytes that are no text go in as they are: Lua's strings are bytes."""
    assert text_of({"Data": b"\xff\x00a"}) == b'{"Data":"\xff\\u0000a"}'


def test_order() -> None:
    """A message's tags stand before its data, wherever the packed ones were, and a message as bytes is as it is."""
    message = {"Id": "1", "Data": "x", "From": "me", "Tags": [{"name": "A", "value": "b"}]}
    assert list(json.loads(message_text(pack(message)))) == ["Id", "Tags", "Data", "From"]
    assert list(json.loads(message_text(encode(message)))) == ["Id", "Data", "From", "Tags"]
    assert json.loads(message_text(pack(message))) == message
    without = {"Id": "1", "Tags": []}
    assert message_text(pack(without)) == b'{"Id":"1","Tags":[]}'


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # What the network's loader makes of each, asked.
        ('{"ok":true,"response":{"Output":1}}', {"Output": 1}),
        ('{"response":{"Output":1},"ok":true}', {"Output": 1}),
        (' {"ok": true, "response": {"Output":{"data":"x"},"Extra":3} }', {"Output": {"data": "x"}}),
        ('{"ok":false,"response":"boom"}', {"Error": "boom"}),
        ('{"ok":false,"response":{"message":"boom","x":1}}', {"Error": "boom"}),
        ('{"ok":false,"response":{"x":1}}', {"Error": "[object Object]"}),
        ('{"ok":false,"response":[1,{"a":2}]}', {"Error": "1,[object Object]"}),
        ('{"ok":false}', {"Error": "undefined"}),
        ('{"ok":true,"response":[]}', {}),
        ('{"ok":true,"response":"text"}', {}),
        ('{"ok":true,"response":7}', {}),
        ("[]", {"Error": "undefined"}),
        ("3", {"Error": "undefined"}),
        ('"abc"', {"Error": "undefined"}),
        ('{"ok":1,"response":{"Error":0,"Output":2}}', {"Output": 2}),
        ('{"ok":true,"response":{"Error":{"a":1},"Output":2}}', {"Error": {"a": 1}}),
        ('{"ok":true,"response":{"Error":"","Output":2}}', {"Output": 2}),
        ('{"ok":true,"response":{"Error":"bad","Output":2}}', {"Error": "bad"}),
        ('{"ok":true,"response":{"Error":[],"Output":2}}', {"Error": []}),
        ('{"ok":false,"response":""}', {"Error": ""}),
        ('{"ok":false,"response":null}', {"Error": "null"}),
        ('{"ok":false,"response":1.50}', {"Error": "1.5"}),
        ('{"ok":false,"response":true}', {"Error": "true"}),
        ('{"ok":true,"response":{"Output":1.0,"Messages":null,"Spawns":{}}}', {"Output": 1}),
        # Our own words, for what the loader says in JavaScript's.
        ('{"ok":true}', {"Error": "the module answered without a response"}),
        ('{"ok":true,"response":null}', {"Error": "the module answered without a response"}),
        ("null", {"Error": "the module answered null"}),
        ("", {"Error": "the module answered nothing"}),
        (
            "{",
            {
                "Error": "the module answered something that is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
            },
        ),
        (
            '{"ok":true,"response":NaN}',
            {"Error": "the module answered something that is no JSON: there is no NaN in JSON"},
        ),
        ('{"ok":true,"response":1,"response":{"Output":2}}', {"Output": 2}),
        ('{"ok":true,"response":{},"ok":false}', {"Error": "[object Object]"}),
        ("[" * 200_000, {"Error": "the module answered something that is nested too deeply"}),
    ],
)
def test_answer(text: str, result: dict[str, Any]) -> None:
    """What a module answers is the result that the network's loader makes of it."""
    whole = {"Output": None, "Messages": [], "Spawns": [], "Assignments": []}
    assert to_wire(answer(5, text.encode())) == ({**whole, **result} if "Error" not in result else result)


def test_binary() -> None:
    """What is no UTF-8 comes out as the network's loader reads it: with U+FFFD."""
    raw = b'{"ok":true,"response":{"Output":"a\xff\xe2\x82b"}}'
    assert to_wire(answer(5, raw))["Output"] == "a\ufffd\ufffdb"
