"""The endpoints and the units show one network: what one of them did, the others have."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from ao_runtime import Wallet, connect
from tests.units.serving import ALICE, Served, eventually, message

from .api import Api


def as_number(text: str) -> int:
    """A gauge of `/metrics`."""
    return int(float(text))


def pending(server: Served) -> int:
    """How many deliveries are on their way."""
    lines = server.get("gateway", "/metrics").text.splitlines()
    return next(as_number(line.split()[1]) for line in lines if line.startswith("ao_pending "))


def test_a_message_of_the_endpoints_is_the_units_too(api: Api, pinged: str) -> None:
    """1. `POST /message`, then the cu's result, a client's `results` and the su all show it; and the other way round."""
    sent = api.send(pinged, "Ping", "here")
    id = sent["message_id"]
    assert api.server.result(pinged, id) == sent["result"]
    node = api.server.get("su", f"/{id}", **{"process-id": pinged}).json()
    told = api.get(f"/message/{id}").json()
    assert (node["message"], node["assignment"]) == (told["message"], told["assignment"])
    with connect(api.url, wallet=Wallet.generate("ed25519")) as ao:
        last = ao.results(pinged, sort="DESC", limit=1).edges[0].result
        assert last.messages[0].data == "here"
        other = ao.message(pinged, Action="Ping", Data="there")
        assert ao.result(pinged, other).messages[0].data == "there"
    there = api.get(f"/message/{other}").json()
    assert (there["status"], there["result"]) == ("processed", api.server.result(pinged, other))
    assert api.get(f"/scheduler/{pinged}").json()[-1]["message"]["id"] == other


def test_results_and_states_are_the_same_bytes(api: Api) -> None:
    """2. `GET /message/ID` has the cu's result to the byte; `GET /process/ID` is the cu's state, now and then."""
    process = api.spawn("Value = 1.5")
    for action, data in (("Ping", "ä\u2028"), ("Fail", None), ("Eval", "return { 1e20, 0.5, 2.0 }")):
        sent = api.send(process, action, data)
        mine = api.get(f"/message/{sent['message_id']}").text
        theirs = api.server.get("cu", f"/result/{sent['message_id']}", **{"process-id": process}).text
        assert f'"result":{theirs},"message":' in mine
        for query in ({}, {"to": str(sent["timestamp"] - 1)}):
            state = api.get(f"/process/{process}", "*/*", **query)
            other = api.server.get("cu", f"/state/{process}", **query)
            assert (state.content, state.headers["last-ordinate"]) == (other.content, other.headers["last-ordinate"])


def by_scheduler(api: Api, process: str, target: str) -> httpx.Response:
    """The scheduler's endpoint."""
    return api.post_item("/scheduler", message(process, Action="Forward", To=target))


def by_messenger(api: Api, process: str, target: str) -> httpx.Response:
    """The messenger's."""
    return api.post_item("/messenger", message(process, Action="Forward", To=target))


def by_relay(api: Api, process: str, target: str) -> httpx.Response:
    """The same, of a message to somebody else."""
    code = "ao.addAssignable('any', function() return true end)"
    api.send(process, "Eval", code)
    other = api.spawn()
    id = api.send(other, "Forward", tags={"To": target})["message_id"]
    eventually(lambda: len(api.get(f"/scheduler/{target}").json()) == 2)
    return api.post("/messenger", {"message_id": id, "target_process": process})


def by_message(api: Api, process: str, target: str) -> httpx.Response:
    """The messages'."""
    return api.post("/message", {"to": process, "action": "Forward", "tags": {"To": target}})


@pytest.mark.parametrize(
    ("send", "arrived"),
    [(by_scheduler, 1), (by_messenger, 2), (by_message, 2), (by_relay, 3)],
    ids=["scheduler", "messenger", "message", "relay"],
)
def test_who_delivers(api: Api, send: Callable[[Api, str, str], httpx.Response], arrived: int) -> None:
    """3. `POST /scheduler` puts in order and evaluates; `POST /messenger` and `POST /message` deliver as well."""
    process, target = api.spawn(), api.spawn()
    answer = send(api, process, target)
    assert answer.status_code in (200, 202), answer.text
    id = answer.json().get("id") or answer.json()["message_id"]
    found = api.get(f"/message/{id}", process_id=process).json()
    assert found["result"]["Messages"], found["result"]
    assert found["result"]["Messages"][0]["Target"] == target
    eventually(lambda: pending(api.server) == 0)
    # What comes later is delivered after it.
    api.post("/message", {"to": process, "action": "Forward", "tags": {"To": target}, "data": "last"})
    eventually(lambda: len(api.get(f"/scheduler/{target}").json()) >= arrived + 1)
    assert len(api.get(f"/scheduler/{target}").json()) == arrived + 1


def test_what_only_reads_changes_nothing(api: Api) -> None:
    """4. `read_only` and the cu's dry runs leave state, order and results as they were."""
    process = api.spawn("N = 1")
    before = api.get(f"/process/{process}", "*/*").content
    body = {"to": process, "action": "Eval", "data": "N = N + 1 return N", "read_only": True}
    for _ in range(2):
        told = api.post("/message", body)
        assert (told.status_code, told.json()["message_id"]) == (200, None)
        assert str(told.json()["result"]["Output"]["data"]) == "2"
    tags = [{"name": "Action", "value": "Eval"}]
    owner = api.get("/info").json()["local_user"]
    dry = {"Tags": tags, "Data": "N = N + 1 return N", "Owner": owner, "From": owner}
    answer = api.server.http.post(f"{api.server.urls['cu']}/dry-run", params={"process-id": process}, json=dry)
    assert str(answer.json()["Output"]["data"]) == "2"
    assert api.get(f"/process/{process}", "*/*").content == before
    assert len(api.get(f"/scheduler/{process}").json()) == 1


UNKNOWN = "A" * 43


def requests(api: Api, process: str, sent: str, mine: str) -> list[tuple[httpx.Response, int, str]]:
    """A request for each error, its status and its code."""
    item = message(UNKNOWN, Action="Ping")
    foreign = message(process, Type="Terminate")
    bob = api.server.process_item("N = 1")
    return [
        (api.post("/process", {}), 400, "bad_request"),
        (api.post("/process", {"module": UNKNOWN}), 422, "unprocessable"),
        (api.post("/process", {"module": {"lua": ""}, "cron_interval": "0-days"}), 400, "bad_request"),
        (api.post("/process", {"module": {"lua": ""}, "cron_tags": {"A": "b"}}), 400, "bad_request"),
        (api.post("/process", {"module": {"lua": ""}, "memory_limit": "64MB"}), 400, "bad_request"),
        (api.post("/process", {"module": {"lua": ""}, "memory_limit": "1-kb"}), 422, "unprocessable"),
        (api.post("/process", {"module": {"lua": ""}, "data": "x"}), 400, "bad_request"),
        (api.post("/process", {"module": {"lua": ""}, "tags": {"Type": "x"}}), 400, "bad_request"),
        (api.post("/process", {"module": mine, "on_boot": UNKNOWN}), 422, "unprocessable"),
        (api.post("/process", {"module": {"lua": ""}, "nothing": 1}), 400, "bad_request"),
        (api.post_item("/process", message(process)), 400, "bad_request"),
        (api.get(f"/process/{UNKNOWN}"), 404, "not_found"),
        (api.get(f"/process/{UNKNOWN}", "*/*"), 404, "not_found"),
        (api.get(f"/process/{process}", "*/*", to=1), 400, "bad_request"),
        (api.get(f"/process/{process}", to="soon"), 400, "bad_request"),
        (api.delete(f"/process/{UNKNOWN}"), 404, "not_found"),
        (api.delete(f"/process/{process}", foreign), 401, "unauthorized"),
        (api.post("/message", {"to": UNKNOWN}), 404, "not_found"),
        (api.post("/message", {"to": process, "from_process": UNKNOWN}), 404, "not_found"),
        (api.post("/message", {"to": UNKNOWN, "read_only": True}), 404, "not_found"),
        (api.post("/message", {"to": process, "data": "a", "data_base64": "YQ"}), 400, "bad_request"),
        (api.post("/message", {"to": process, "anchor": "short"}), 400, "bad_request"),
        (api.post("/message", {"to": process, "tags": {"a+link": "x"}}), 400, "bad_request"),
        (api.post("/message", {"to": process, "tags": {"x": "b+link"}, "from_process": process}), 400, "bad_request"),
        (api.post("/message", {"to": process, "tags": {"From-Process": process}}), 400, "bad_request"),
        (api.post_item("/message", item), 404, "not_found"),
        (api.post_item("/message", bob), 400, "bad_request"),
        (api.post("/message", {"to": process, "data": "x" * (11 << 20)}), 400, "bad_request"),
        (api.post("/message", {"to": process, "data": "x" * (15 << 20)}), 413, "too_large"),
        (api.get(f"/message/{UNKNOWN}"), 404, "not_found"),
        (api.get(f"/message/{sent}", process_id=UNKNOWN), 404, "not_found"),
        (api.post_item("/scheduler", item), 404, "not_found"),
        (api.post("/scheduler", {"process-id": process}), 400, "bad_request"),
        (api.post("/scheduler", {"process-id": process, "assign": UNKNOWN}), 404, "not_found"),
        (api.post("/scheduler", {"process-id": process, "assign": sent, "exclude": ["x"]}), 400, "bad_request"),
        (api.get(f"/scheduler/{UNKNOWN}"), 404, "not_found"),
        (api.get(f"/scheduler/{process}", limit=1001), 400, "bad_request"),
        (api.get(f"/scheduler/{process}", from_=UNKNOWN), 404, "not_found"),
        (api.get(f"/scheduler/{UNKNOWN}", process_id=process), 404, "not_found"),
        (api.post(f"/compute/{process}/message/{UNKNOWN}"), 404, "not_found"),
        (api.get(f"/compute/{UNKNOWN}/message/latest"), 404, "not_found"),
        (api.post("/messenger", {"message_id": UNKNOWN, "target_process": process}), 404, "not_found"),
        (api.post("/messenger", {"message_id": sent, "target_process": UNKNOWN}), 404, "not_found"),
        (api.post("/messenger", {"message_id": sent, "target_process": process}), 409, "conflict"),
        (api.post(f"/messenger/monitor/{UNKNOWN}"), 404, "not_found"),
        (api.delete(f"/messenger/monitor/{process}"), 404, "not_found"),
        (api.get(f"/cron/{UNKNOWN}"), 404, "not_found"),
        (api.get(f"/cron/{process}", from_="c" * 30), 400, "bad_request"),
        (api.post(f"/cron/{process}"), 400, "bad_request"),
        (api.post(f"/cron/{UNKNOWN}"), 404, "not_found"),
        (api.get("/process"), 405, "method_not_allowed"),
        (api.get("/cron/a/b/c"), 404, "not_found"),
    ]


def test_every_error_has_its_status_its_code_and_a_text(api: Api, pinged: str) -> None:
    """5. Nothing else is in it, and nothing has happened."""
    sent = api.send(pinged, "Ping")["message_id"]
    count = len(api.get(f"/scheduler/{pinged}").json())
    module = api.get(f"/process/{pinged}").json()["module"]
    wrong = []
    for number, (answer, status, code) in enumerate(requests(api, pinged, sent, module)):
        told = answer.json()
        if (answer.status_code, told.get("code"), list(told)) != (status, code, ["error", "code"]) or not told["error"]:
            wrong.append((number, answer.request.method, answer.request.url, answer.status_code, told))
    assert wrong == []
    assert len(api.get(f"/scheduler/{pinged}").json()) == count


def test_two_ask_at_once(api: Api) -> None:
    """The same anchored message, tick and termination by many at once: once each, and all the others are told so."""
    process = api.spawn(cron_interval="1-hour", cron_tags={"Action": "Cron"})
    body = {"to": process, "action": "Ping", "anchor": "b" * 32}
    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(lambda _: api.post("/message", body).status_code, range(8)))
        assert found == [202, *[409] * 7]
        ticks = [answer.json() for answer in pool.map(lambda _: api.post(f"/cron/{process}"), range(8))]
        assert len({one["timestamp"] for one in ticks}) == 8
        assert [one["timestamp"] for one in api.get(f"/cron/{process}").json()] == sorted(
            one["timestamp"] for one in ticks
        )
        ended = pool.map(lambda number: ended_or_sent(api, process, number), range(8))
        assert set(ended) <= {200, 202, 410}
    assert api.get(f"/process/{process}").json()["status"] == "terminated"


def ended_or_sent(api: Api, process: str, number: int) -> int:
    """One ends it, others send to it."""
    if number == 3:
        time.sleep(0.01)
        return api.delete(f"/process/{process}").status_code
    return api.post("/message", {"to": process, "action": "Ping"}).status_code


def test_the_owner_ends_what_is_his(api: Api) -> None:
    """An item of the owner's that says so ends a process; none of another's, and no message that it once had."""
    process = api.server.spawn("N = 1")
    asked = message(process, "terminate", Action="Terminate")
    assert api.server.send(asked).status_code == 202
    other = api.server.process_item("N = 1", wallet=Wallet.generate("ed25519"))
    api.post_item("/process", other)
    for id, item in (
        (process, asked),
        (process, message(other.id, Type="Terminate")),
        (process, message(process, wallet=Wallet.generate("ed25519"), Type="Terminate")),
        (other.id, message(other.id, Type="Terminate")),
        (process, None),
    ):
        assert api.delete(f"/process/{id}", item).status_code == 401, item
    own = message(process, wallet=ALICE, Type="Terminate")
    # No scheduler takes it: nobody finds it where he could.
    assert api.server.send(own).status_code == 400
    assert api.delete(f"/process/{process}", own).json() == {"process_id": process, "status": "terminated"}
