"""What is in an envelope, and what is made of answers that are none."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.colonies import RPCError, recid
from ao_runtime.colonies.crypto import PrivateKey
from ao_runtime.colonies.envelope import seal, unseal
from ao_runtime.errors import InputError

from .recordings import KEYS, opened, recorded
from .scripted import envelope, refusal

WHO = KEYS["a"]["executor1"]
KEY = PrivateKey(WHO["prvkey"])
MALFORMED = [exchange for exchange in recorded() if exchange.args is None and exchange.set == "a"]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_what_is_sealed(fields: dict[str, Any]) -> None:
    """Three texts: the type, the payload with its `msgtype`, and a signature over the payload's base64."""
    made = json.loads(seal("somemsg", fields, KEY))
    assert set(made) == {"payloadtype", "payload", "signature"}
    assert made["payloadtype"] == "somemsg"
    assert json.loads(base64.b64decode(made["payload"])) == {**fields, "msgtype": "somemsg"}
    assert recid(made["payload"], made["signature"]) == WHO["id"]
    assert unseal(envelope(fields)) == fields


@pytest.mark.parametrize("value", [b"x", {1, 2}, float("nan"), float("inf"), object()])
def test_what_cannot_be_sealed(value: Any) -> None:
    """What is no JSON is an InputError."""
    with pytest.raises(InputError, match=r"^somemsg: cannot be sent: "):
        seal("somemsg", {"field": value}, KEY)


@pytest.mark.parametrize("exchange", MALFORMED, ids=str)
def test_what_servers_say_of_malformed_calls(exchange: Any) -> None:
    """Their refusals are RPCErrors with their status and words, also where it is not their envelope."""
    with pytest.raises(RPCError) as raised:
        unseal(exchange.reply, exchange.status)
    assert raised.value.status == exchange.status
    assert not raised.value.conn_err()
    if exchange.reply.startswith("{"):
        assert str(raised.value) == opened(exchange.reply)["message"]
    else:
        assert str(raised.value) == (
            "the server answered 404, but not as a server of ColonyOS does: 404 page not found"
        )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("", 200, "the server answered 200 without a word, as servers do where a key is not allowed to ask"),
        (b" \n", None, "the server answered without a word, as servers do where a key is not allowed to ask"),
        ("[]", 200, "the server answered 200, but not as a server of ColonyOS does: []"),
        ("{}", 200, "the server answered 200, but not as a server of ColonyOS does: {}"),
        (b"\xff\xfe", 502, "the server answered 502, but not as a server of ColonyOS does: \ufffd\ufffd"),
        ("x" * 300, 500, "the server answered 500, but not as a server of ColonyOS does: " + "x" * 200 + "…"),
        ('{"payload": 5}', 200, 'the server answered 200, but not as a server of ColonyOS does: {"payload": 5}'),
        ('{"payload": "é"}', 200, 'the server answered 200, but not as a server of ColonyOS does: {"payload": "é"}'),
        (
            '{"payload": "e30"}',
            200,
            'the server answered 200, but not as a server of ColonyOS does: {"payload": "e30"}',
        ),
        ('{"payload": "eA=="}', 200, "the payload of the server's answer is no JSON"),
        (envelope({}), 500, "the server refused, and did not say why"),
        (envelope([], error=True), 200, "the server refused, and did not say why"),
        (refusal(404, "not there"), 500, "not there"),
        ("[" * 200_000, 200, "the server answered 200, but not as a server of ColonyOS does: " + "[" * 200 + "…"),
    ],
)
def test_answers_that_are_none(body: str | bytes, status: int | None, said: str) -> None:
    """Whatever a server answers is understood, or an RPCError that says what it was; never a connection error."""
    with pytest.raises(RPCError) as raised:
        unseal(body, status)
    assert str(raised.value) == said
    assert raised.value.status == (404 if said == "not there" else status)
    assert not raised.value.conn_err()


@given(st.binary() | st.text().map(lambda text: f'{{"payload": {json.dumps(text)}, "error": true}}'))
def test_any_answer(body: bytes | str) -> None:
    """No answer raises anything but an RPCError."""
    with pytest.raises(RPCError):
        unseal(body, 200)
