"""Every call of ColonyOS, as it was recorded at a real server: what is sent, and what is made of each answer."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.colonies import ChannelEntry, RPCError
from ao_runtime.colonies.call import Call
from ao_runtime.colonies.models.base import Wire

from .playing import Client
from .recordings import Exchange, bare, malformed, opened, playable, recorded
from .server import Server

CALLS = sorted({exchange.call for exchange in playable()})
SUBSCRIPTIONS = sorted({exchange.call for exchange in playable(transport="ws")})


@pytest.mark.parametrize("call", CALLS)
def test_call(server: Server, client: Client, call: str) -> None:
    """Each recorded case sends what was sent then, signed by the same key, and gives or raises what was answered."""
    exchanges = playable(call)
    # One by one, so that each request can only be the one that it should be.
    for exchange in exchanges:
        server.expect([exchange])
        args, kwargs = exchange.arguments()
        (outcome,) = client.calls(server.url, [(call, args, kwargs)])
        assert server.problems == [], exchange
        check(exchange, outcome)


@pytest.mark.parametrize("call", SUBSCRIPTIONS)
def test_subscription(server: Server, client: Client, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each recorded subscription gives or raises what its frames, its silence or its end say; all of them at once."""
    monkeypatch.setattr("ao_runtime.colonies.subscription._GRACE", 0.5)
    exchanges = playable(call, "ws")
    server.expect(exchanges)
    asked = [(call, *exchange.arguments()) for exchange in exchanges]
    outcomes = client.calls(server.url, asked, at_once=True)
    assert server.problems == []
    for exchange, outcome in zip(exchanges, outcomes, strict=True):
        frames = [opened(text) for _, text in exchange.frames or ()]
        if not exchange.succeeds:
            refused(outcome, frames[0] if frames else {})
        elif call == "subscribe_process":
            assert bare(plain(outcome)) == bare(frames[0])
        else:
            assert bare(plain(outcome)) == bare([entry for frame in frames for entry in frame])


class AsItWas(Call[Any]):
    """A call whose envelope is one that was recorded."""

    def sealed(self) -> str:
        """It, as it was sent."""
        body: str = self.fields["request"]
        return body


@pytest.mark.parametrize("exchange", malformed(), ids=str)
def test_malformed(server: Server, client: Client, exchange: Exchange) -> None:
    """What was malformed on purpose, sent as it was, is refused in the server's words, at a path that is none as well."""
    server.expect([exchange])
    url = server.url.removesuffix("/api") + exchange.path
    call = AsItWas("malformed", {"request": exchange.request}, lambda payload: payload, None)
    (outcome,) = client.calls(url, [("_perform", [call], {})])
    assert server.problems == []
    if exchange.case == "unknown path":
        assert str(outcome) == "the server answered 404, but not as a server of ColonyOS does: 404 page not found"
        refused(outcome, {"status": 404})
    else:
        assert exchange.reply is not None
        refused(outcome, opened(exchange.reply))


def test_everything_was_played() -> None:
    """The recordings hold all 47 calls, and every exchange is played by one of the tests above."""
    assert len(CALLS) + len(SUBSCRIPTIONS) == 47
    assert len(playable()) + len(playable(transport="ws")) + len(malformed()) == len(recorded()) == 636
    assert all(exchange.transport == "http" for exchange in malformed())


def check(exchange: Exchange, outcome: Any) -> None:
    """The outcome is what the server's answer says."""
    assert exchange.reply is not None
    if not exchange.succeeds:
        refused(outcome, opened(exchange.reply) if exchange.reply else {"status": 200})
        return
    payload = opened(exchange.reply)
    if exchange.call == "channel_append":
        sent = exchange.sent
        wanted = {
            "sequence": sent["sequence"],
            "inreplyto": sent.get("inreplyto"),
            "payload": sent["payload"],
            "senderid": exchange.signer_id,
            "type": sent.get("payloadtype") or "data",
        }
        assert isinstance(outcome, ChannelEntry), outcome
        assert bare(outcome.to_dict()) == bare(wanted)
    elif payload in ({}, None):
        assert outcome == ([] if payload is None else None), exchange
    else:
        assert bare(plain(outcome)) == bare(payload), exchange
        assert unknown(outcome) == [], exchange


def refused(outcome: Any, payload: dict[str, Any]) -> None:
    """It is an RPCError with the server's status and words, and no connection error."""
    assert isinstance(outcome, RPCError), outcome
    assert outcome.status == payload.get("status")
    assert "message" not in payload or str(outcome) == payload["message"]
    assert not outcome.conn_err()


def plain(outcome: Any) -> Any:
    """The wire's form of a result."""
    if isinstance(outcome, list):
        return [plain(item) for item in outcome]
    assert isinstance(outcome, Wire), outcome
    return outcome.to_dict()


def unknown(value: Any) -> list[str]:
    """Fields of a result that no type knows: there are none in what was recorded."""
    if isinstance(value, list):
        return [name for item in value for name in unknown(item)]
    if not isinstance(value, Wire):
        return []
    inner = [name for field in type(value).model_fields for name in unknown(getattr(value, field))]
    return [*(value.model_extra or {}), *inner]
