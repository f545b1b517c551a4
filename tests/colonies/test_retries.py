"""What is sent again after a connection error, and what never is."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from ao_runtime.colonies import Attribute, RPCError, gen_hash

from .playing import Client
from .recordings import KEYS, opened, playable
from .scripted import read_request, refuse, reply, scripted
from .test_failures import reset

KEY = KEYS["a"]["executor1"]["prvkey"]

#: Those that may be repeated: reading, removing, and what is the same when it is done twice.
REPEATED = {
    *"get_colony get_colonies get_executor get_executors get_process get_processes get_processgraph get_processgraphs".split(),
    *"get_logs get_statistics get_functions get_functions_by_executor get_blueprint get_blueprints".split(),
    *"get_blueprint_definition get_blueprint_definitions".split(),
    *"remove_colony remove_executor remove_process remove_all_processes remove_processgraph".split(),
    *"remove_all_processgraphs remove_function remove_blueprint remove_blueprint_definition".split(),
    *"set_output close add_attr".split(),
}
CALLS = sorted({exchange.call for exchange in playable()})


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ao_runtime.colonies.call.PAUSES", (0.0, 0.0))


def test_what_is_sent_how_often(client: Client) -> None:
    """Where no answer comes, calls that may be repeated are sent three times, all others once."""
    sent: dict[str, list[str]] = {}
    lock = threading.Lock()

    def script(connection: socket.socket, number: int) -> None:
        body = read_request(connection)[2]
        with lock:
            sent.setdefault(opened(body)["msgtype"], []).append(body)
        reset(connection)

    asked, types = [], {}
    for call in CALLS:
        exchange = next(exchange for exchange in playable(call) if exchange.succeeds)
        asked.append((call, *exchange.arguments()))
        types[call] = exchange.sent["msgtype"]
    with scripted(script) as url:
        outcomes = client.calls(url, asked)
    assert all(isinstance(outcome, RPCError) and outcome.conn_err() for outcome in outcomes)
    assert set(CALLS) >= REPEATED
    # Two calls share one message, and so their attempts.
    assert types["get_functions"] == types["get_functions_by_executor"]
    for call, kind in types.items():
        times = (3 if call in REPEATED else 1) * (2 if kind == "getfunctionsmsg" else 1)
        assert len(sent[kind]) == times, call
        assert len(set(sent[kind])) == (1 if kind != "getfunctionsmsg" else 2), call


def test_a_refusal_is_not_repeated(client: Client) -> None:
    """A server that has refused was asked once."""
    asked = []

    def script(connection: socket.socket, number: int) -> None:
        asked.append(read_request(connection)[0])
        refuse(connection, 500, "Failed to get process")

    with scripted(script) as url:
        (outcome,) = client.calls(url, [("get_process", ["p", KEY], {})])
    assert (str(outcome), outcome.status, len(asked)) == ("Failed to get process", 500, 1)


def test_the_second_attempt_counts(client: Client) -> None:
    """What comes at last is the result, as if nothing had been."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        if number < 2:
            reset(connection)
        else:
            reply(connection, {"processid": "p"})

    with scripted(script) as url:
        assert client.call(url, "get_process", "p", KEY).processid == "p"


REMOVALS = [
    exchange
    for exchange in playable()
    if exchange.set == "a" and exchange.call.startswith("remove_") and exchange.case == "unknown"
]


@pytest.mark.parametrize("exchange", REMOVALS, ids=lambda exchange: exchange.call)
def test_removed_by_the_attempt_without_an_answer(client: Client, exchange: Any) -> None:
    """`remove_…` whose first answer was lost is done when a server then says that there is none; otherwise refused."""
    lose_first = True

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        if lose_first and number == 0:
            reset(connection)
        else:
            connection.sendall(
                f"HTTP/1.1 {exchange.status} -\r\nContent-Length: {len(exchange.reply)}\r\n\r\n{exchange.reply}".encode()
            )

    args, kwargs = exchange.arguments()
    with scripted(script) as url:
        assert client.call(url, exchange.call, *args, **kwargs) is None
    lose_first = False
    with scripted(script) as url, pytest.raises(RPCError):
        client.call(url, exchange.call, *args, **kwargs)


def test_all_removals_are_tried() -> None:
    """Each `remove_…` of one thing has a refusal of its own for what is not there."""
    assert {exchange.call for exchange in REMOVALS} == {
        call for call in REPEATED if call.startswith("remove_") and "_all_" not in call
    }


def test_another_refusal_of_a_repeated_removal(client: Client) -> None:
    """What is refused for another reason was not removed."""

    def script(connection: socket.socket, number: int) -> None:
        read_request(connection)
        if number == 0:
            reset(connection)
        else:
            refuse(connection, 400, "Failed to remove process, cannot remove a running process")

    with scripted(script) as url, pytest.raises(RPCError, match="cannot remove a running process"):
        client.call(url, "remove_process", "p", KEY)


DUPLICATE = 'pq: duplicate key value violates unique constraint "attributes_pkey"'
ATTRIBUTE = Attribute.new("c", "p", "commit", "digest")


@pytest.mark.parametrize(
    ("there", "through"),
    [
        ([{"key": "commit", "value": "digest", "attributetype": 1, "attributeid": "x"}], "x"),
        ([{"key": "commit", "value": "another", "attributetype": 2}], gen_hash("pcommit1")),
        ([], gen_hash("pcommit1")),
        (None, gen_hash("pcommit1")),
        ([{"key": "commit", "value": "another", "attributetype": 1}], None),
    ],
)
def test_duplicate_key(client: Client, there: Any, through: str | None) -> None:
    """`add_attr` sent again: `duplicate key` means that it went through, unless another value is found there."""

    def script(connection: socket.socket, number: int) -> None:
        asked = opened(read_request(connection)[2])["msgtype"]
        if number == 0:
            reset(connection)
        elif asked == "addattributemsg":
            refuse(connection, 400, DUPLICATE)
        elif there is None:
            refuse(connection, 403, "Access denied")
        else:
            reply(connection, {"processid": "p", "attributes": there})

    with scripted(script) as url:
        (outcome,) = client.calls(url, [("add_attr", [ATTRIBUTE, KEY], {})])
    if through is None:
        assert isinstance(outcome, RPCError)
        assert (str(outcome), outcome.status, outcome.conn_err()) == (DUPLICATE, 400, False)
    else:
        assert (outcome.attributeid, outcome.key, outcome.value) == (through, "commit", "digest")
    assert ATTRIBUTE.attributeid == ""


def test_duplicate_key_at_first(client: Client) -> None:
    """The first attempt's `duplicate key` is a refusal: somebody has put it there before."""

    def script(connection: socket.socket, number: int) -> None:
        assert number == 0
        read_request(connection)
        refuse(connection, 400, DUPLICATE)

    with scripted(script) as url, pytest.raises(RPCError, match="duplicate key"):
        client.call(url, "add_attr", ATTRIBUTE, KEY)
