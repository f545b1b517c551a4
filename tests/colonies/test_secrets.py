"""No key is in a repr, a log, an error or a traceback, whatever goes wrong."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from typing import Any

import pytest

from ao_runtime.colonies import AsyncColonies, Colonies, FunctionSpec, RPCError, gen_id, gen_signature
from ao_runtime.colonies.crypto import PrivateKey
from ao_runtime.errors import AoError

from .recordings import KEYS
from .scripted import envelope, read_request, refusal, refuse, reply, scripted, subscribed, until_gone
from .server import send_text, upgrade


class Holder:
    """Keeps the key where no frame of the test has it among its variables."""

    key = KEYS["a"]["executor1"]["prvkey"]
    bad = KEYS["a"]["executor1"]["prvkey"] + "0"


def shown(error: BaseException) -> str:
    """All that a logger which shows the variables of frames would show, of the causes too."""
    texts = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            told = traceback.TracebackException.from_exception(cause, capture_locals=True)
            texts += [*told.format(), str(cause), repr(cause), repr(cause.args), repr(vars(cause))]
            waiting += [cause.__cause__, cause.__context__]
    return "\n".join(texts)


def refusing(connection: socket.socket, number: int) -> None:
    """Refuses all calls and subscriptions."""
    first, headers, _ = read_request(connection)
    if first.startswith("POST"):
        refuse(connection, 403, "Access denied")
    else:
        upgrade(connection, headers["sec-websocket-key"])
        send_text(connection, refusal(403, "Access denied"))
        until_gone(connection)


#: What goes wrong: the wrong key, nobody there, refused, no JSON, wrong arguments, too many, a timeout.
CASES: dict[str, Any] = {
    "bad key": lambda client: client.get_colony("c", Holder.bad),
    "bad key by name": lambda client: client.get_colony("c", prvkey=Holder.bad),
    "key as bytes": lambda client: client.get_colony("c", Holder.key.encode()),
    "refused": lambda client: client.submit(FunctionSpec(), Holder.key),
    "refused by name": lambda client: client.submit(spec=FunctionSpec(), prvkey=Holder.key),
    "not JSON": lambda client: client.submit(FunctionSpec(args=[b"x"]), Holder.key),
    "no such argument": lambda client: client.submit(FunctionSpec(), Holder.key, 1, 2),
    "unknown name": lambda client: client.submit(nope=1, prvkey=Holder.key),
    "no process": lambda client: client.subscribe_process("x", 1, 1, Holder.key),
    "no seconds": lambda client: client.subscribe_channel("p", "c", 0, None, Holder.key),
    "bad key to subscribe": lambda client: client.subscribe_channel("p", "c", 0, 1, Holder.bad),
    "refused to subscribe": lambda client: client.subscribe_channel("p", "c", 0, 1, Holder.key),
    "own key": lambda client: client.get_process("p"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("there", [True, False], ids=["a server", "no server"])
def test_errors(case: str, there: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors, with all variables of all frames, and logs down to DEBUG hold no key."""
    monkeypatch.setattr("ao_runtime.colonies.call.PAUSES", (0.0,))
    caplog.set_level(logging.DEBUG)
    with scripted(refusing) as url:
        where = url if there else "http://127.0.0.1:1/api"
        errors = []
        with Colonies(where, Holder.key, timeout=2) as client:
            try:
                CASES[case](client)
            except Exception as error:
                errors.append(error)
            assert_hidden(repr(client), str(vars(client)))

        async def run() -> None:
            async with AsyncColonies(where, Holder.key, timeout=2) as client:
                try:
                    await CASES[case](client)
                except Exception as error:
                    errors.append(error)
                assert_hidden(repr(client), str(vars(client)))

        asyncio.run(run())
    assert len(errors) == 2
    assert all(isinstance(error, (AoError, TypeError)) for error in errors), errors
    assert_hidden(*[shown(error) for error in errors])
    assert_hidden(caplog.text, *[repr(vars(record)) for record in caplog.records])


def assert_hidden(*texts: str) -> None:
    """None of the texts has the key, as text, as bytes or as a number."""
    number = int(Holder.key, 16)
    for form in (Holder.key, Holder.key.upper(), str(number), repr(bytes.fromhex(Holder.key))[2:-1]):
        for text in texts:
            assert form not in text


def test_what_would_be_found() -> None:
    """The test above does find a key that is among the variables of a frame."""

    def careless(key: str) -> None:
        raise RPCError("x")

    try:
        careless(Holder.key)
    except RPCError as error:
        with pytest.raises(AssertionError):
            assert_hidden(shown(error))


@pytest.mark.parametrize(
    "use",
    [lambda: gen_id(Holder.bad), lambda: gen_signature("x", Holder.bad), lambda: gen_signature("\ud800", Holder.key)],
)
def test_functions(use: Any) -> None:
    """The functions for keys hide them as well."""
    try:
        use()
    except ValueError as error:
        assert_hidden(shown(error))
    else:
        raise AssertionError


@pytest.mark.parametrize("kind", [Colonies, AsyncColonies])
def test_a_client_that_cannot_be_made(kind: type) -> None:
    """A wrong key or URL is told without the key."""
    for url, key in (("http://localhost", Holder.bad), ("nonsense", Holder.key), ("http://localhost", b"x" * 64)):
        try:
            kind(url, key)
        except AoError as error:
            del key
            assert_hidden(shown(error))


def test_a_hidden_key() -> None:
    """It is the text that it hides."""
    key = PrivateKey(Holder.key)
    assert key == Holder.key
    assert_hidden(repr(key), repr([key]), f"{key!r}")
    assert gen_id(key) == gen_id(Holder.key)


def test_what_is_sent_has_no_key() -> None:
    """No envelope holds the key with which it was signed."""
    bodies: list[str] = []

    def script(connection: socket.socket, number: int) -> None:
        if number == 0:
            bodies.append(str(read_request(connection)))
            reply(connection, {})
        else:
            bodies.append(str(subscribed(connection)))
            send_text(connection, envelope([]))
            until_gone(connection)

    with scripted(script) as url, Colonies(url, Holder.key) as client:
        client.submit(FunctionSpec.new("f", "t", "c"))
        client.disconnect()
        client.subscribe_channel("p", "c", 0, 1)
    assert len(bodies) == 2
    assert_hidden(*bodies)
