"""cu over HTTP: every route, status and body (spec: units, cu)."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ao_runtime import Process

from .serving import ALICE, Served

UNKNOWN = "u" * 43


def test_who_it_is(server: Served) -> None:
    """Address and time."""
    told = server.get("cu", "/").json()
    assert [told["address"], type(told["timestamp"])] == [server.ready["addresses"]["compute"], int]


def test_a_result(server: Served, ping: str) -> None:
    """By the message's id, by the assignment's, and by the process's own id: that of its boot."""
    id = server.message(ping, "Ping", "x")
    found = server.result(ping, id)
    assert list(found) == ["Messages", "Assignments", "Spawns", "Output", "GasUsed"]
    node = server.get("su", f"/{id}", **{"process-id": ping}).json()
    assert server.result(ping, node["assignment"]["id"]) == found
    assert server.result(ping, ping)["Messages"] == []


def test_an_error_is_a_result(server: Served, ping: str) -> None:
    """It has a status of 200, an Error and empty lists; the state is as before; pages leave it out."""
    before = server.eval(ping, "return Count")
    id = server.message(ping, "Eval", "Count = Count + 1 error('it failed')")
    found = server.result(ping, id)
    assert (found["Messages"], found["Spawns"], found["Assignments"]) == ([], [], [])
    assert "it failed" in found["Error"]
    assert server.eval(ping, "return Count") == before
    page = server.get("cu", f"/results/{ping}", limit=1000).json()
    assert not any("Error" in edge["node"] for edge in page["edges"])


def test_questions_about_nothing(server: Served, ping: str) -> None:
    """An unknown message, an unknown process, no process at all, no id, no such route."""

    def ask(path: str, **query: str) -> tuple[int, Any]:
        answer = server.get("cu", path, **query)
        return answer.status_code, answer.json()

    words = 'Error Encountered when loading message from Scheduler Unit: 400: {"error":"Message or Process not found"}'
    assert ask(f"/result/{UNKNOWN}", **{"process-id": ping}) == (500, {"error": words})
    words = f"TransactionNotFound: Process {UNKNOWN} was not found on gateway"
    assert ask(f"/result/{UNKNOWN}", **{"process-id": UNKNOWN}) == (500, {"error": words})
    assert ask(f"/result/{UNKNOWN}") == (500, {"error": "'processId': Required."})
    assert ask("/result/short", **{"process-id": ping})[0] == 400
    unknown = {"message": "Route GET:/nothing/here not found", "error": "Not Found", "statusCode": 404}
    assert ask("/nothing/here") == (404, unknown)
    assert ask(f"/results/{UNKNOWN}") == (200, {"pageInfo": {"hasNextPage": False}, "edges": []})
    words = f"TransactionNotFound: Process {UNKNOWN} was not found on gateway"
    assert ask(f"/cron/{UNKNOWN}") == ask(f"/state/{UNKNOWN}") == (500, {"error": words})
    body = {"Owner": "1234", "Tags": [tag("Action", "Ping")]}
    answer = server.http.post(f"{server.urls['cu']}/dry-run?process-id={UNKNOWN}", json=body)
    assert (answer.status_code, answer.json()) == (500, {"error": words})
    answer = server.http.post(f"{server.urls['cu']}/dry-run?process-id={ping}&to={UNKNOWN}", json=body)
    assert (answer.status_code, answer.json()["error"][:17]) == (500, "Error Encountered")


def test_pages_of_results(server: Served) -> None:
    """Oldest first or newest first; `from` is left out and `to` is in; a cursor's order wins."""
    process = server.spawn('Handlers.add("P", "P", function(msg) print(msg.Data) end)')
    for number in range(5):
        server.message(process, "P", str(number))

    def page(**query: Any) -> tuple[list[str], list[str], bool]:
        told = server.get("cu", f"/results/{process}", **query).json()
        edges = told["edges"]
        assert all(list(edge["node"]) == ["Messages", "Assignments", "Spawns", "Output"] for edge in edges)
        texts = [edge["node"]["Output"]["data"] for edge in edges]
        return texts, [edge["cursor"] for edge in edges], told["pageInfo"]["hasNextPage"]

    texts, cursors, more = page()
    assert (texts[1:], more) == (["0", "1", "2", "3", "4"], False)
    told = json.loads(b64decode(cursors[2]))
    assert [*told] == ["timestamp", "ordinate", "sort"]
    assert (told["ordinate"], told["sort"]) == ("2", "ASC")
    assert page(limit=2)[2] is True
    assert page(**{"from": cursors[2]})[0] == ["2", "3", "4"]
    assert page(**{"from": cursors[2], "to": cursors[4]})[0] == ["2", "3"]
    down = page(sort="DESC", limit=2)
    assert (down[0], down[2]) == (["4", "3"], True)
    assert page(to=down[1][-1], limit=2)[0] == ["3", "2"], "the last comes again first, newest first by its cursor"
    assert page(**{"from": told["timestamp"]})[0] == ["2", "3", "4"]
    for wrong in ({"from": "%%"}, {"to": b64encode(b"[1]").decode()}, {"sort": "UP"}, {"limit": "many"}):
        assert server.get("cu", f"/results/{process}", **wrong).status_code == 400


def test_ticks(server: Served) -> None:
    """`/cron` evaluates what is due; a tick's cursor names its cron; pages of results have it too."""
    process = server.spawn(
        'N = 0 Handlers.add("Tick", "Tick", function() N = N + 1 print(N) end)',
        tags=[("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Tick")],
    )
    edges: list[dict[str, Any]] = []
    while not edges:
        edges = server.get("cu", f"/cron/{process}").json()["edges"]
    assert "1" in edges[0]["node"]["Output"]["data"]
    assert json.loads(b64decode(edges[0]["cursor"]))["cron"] == "0-1-second"
    assert edges[0]["cursor"] in [edge["cursor"] for edge in server.get("cu", f"/results/{process}").json()["edges"]]
    assert server.get("cu", f"/cron/{process}", **{"from": edges[-1]["cursor"]}).json()["edges"][:1] != edges[:1]


def dry_run(server: Served, process: str, query: dict[str, str] | None = None, **message: Any) -> Any:
    """A dry run as aoconnect sends it."""
    body = {"Id": "1234", "Owner": "1234", "Target": process, "Anchor": "0", "Data": "1234", **message}
    answer = server.http.post(
        server.urls["cu"] + "/dry-run", params={"process-id": process, **(query or {})}, json=body
    )
    return answer.json()


def tag(name: str, value: str) -> dict[str, str]:
    """A tag."""
    return {"name": name, "value": value}


def test_a_dry_run(server: Served, ping: str) -> None:
    """It answers as the message would, is read-only, and leaves nothing."""
    before = server.eval(ping, "return Count")
    found = dry_run(server, ping, Tags=[tag("Action", "Ping")], Data="dry")
    assert [one["Data"] for one in found["Messages"]] == ["dry"]
    assert server.eval(ping, "return Count") == before
    code = f'return tostring(ao.env.Process.Owner == "{ALICE.address}")'
    owned = dry_run(server, ping, Tags=[tag("Action", "Eval")], Owner=ALICE.address, From=ALICE.address, Data=code)
    assert owned["Output"]["data"] == "true"


def test_who_a_dry_run_is_from(server: Served) -> None:
    """The tag From-Process, or else the owner."""
    process = server.spawn('Handlers.add("Who", "Who", function(msg) print(msg.From) end)')
    assert dry_run(server, process, Tags=[tag("Action", "Who")])["Output"]["data"] == "1234"
    tags = [tag("Action", "Who"), tag("From-Process", "somebody")]
    assert "From: somebody - Owner: 1234" in dry_run(server, process, Tags=tags)["Output"]["data"]


def test_a_dry_run_of_an_earlier_moment(server: Served) -> None:
    """`to` names the message after which it is evaluated."""
    process = server.spawn("N = 0")
    first = server.message(process, "Eval", "N = 1")
    server.message(process, "Eval", "N = 2")
    given = {"Tags": [tag("Action", "Eval")], "Owner": ALICE.address, "From": ALICE.address, "Data": "return N"}
    assert str(dry_run(server, process, **given)["Output"]["data"]) == "2"
    assert str(dry_run(server, process, {"to": first}, **given)["Output"]["data"]) == "1"


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"Tags": 5}', b'{"a": NaN}', b"[" * 100_000])
def test_dry_runs_that_make_no_sense(server: Served, ping: str, body: bytes) -> None:
    """400 with the reason."""
    answer = server.http.post(server.urls["cu"] + "/dry-run", params={"process-id": ping}, content=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


def test_a_state_goes_on_elsewhere(server: Served) -> None:
    """`/state` is a snapshot that `Process.restore` takes; headers say of which moment."""
    process = server.spawn("Value = 41")
    answer = server.get("cu", f"/state/{process}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["last-ordinate"] == "0"
    assert Process.restore(answer.content, files={}).get("Value") == 41


def test_results_are_whole_whoever_asks_at_once(server: Served) -> None:
    """Many ask for one message while others are evaluated: each has the same whole answer."""
    process = server.spawn('Handlers.add("P", "P", function(msg) print("answer " .. msg.Data) end)')

    def ask(number: int) -> bool:
        id = server.message(process, "P", str(number))
        found = [server.result(process, id)["Output"]["data"] for _ in range(3)]
        return found == [f"answer {number}"] * 3

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))


def test_numbers_are_javascripts(server: Served) -> None:
    """Whole floats below 1e21 have neither a dot nor an exponent, as `JSON.stringify` writes them."""
    process = server.spawn()
    code = "ao.outbox.Output = nil return require('json').encode({1e20, 2.0, 0.5})"
    id = server.message(process, "Eval", f"ao.send({{ Target = ao.id, N = 1e20, Half = 0.5, Two = 2.0 }}) {code}")
    text = server.get("cu", f"/result/{id}", **{"process-id": process}).text
    assert '"value":100000000000000000000' in text
    assert '"value":0.5' in text
    assert '"value":2}' in text


def test_a_state_of_an_earlier_time(server: Served) -> None:
    """`to` is a time, with it; three headers say which message was the last one before."""
    process = server.spawn("Value = 0")
    ids = [server.message(process, "Eval", f"Value = {number}") for number in (1, 2)]
    stamps = [edge["cursor"] for edge in server.get("su", f"/{process}").json()["edges"]]
    for query, value in (({}, 2), ({"to": stamps[2]}, 2), ({"to": int(stamps[2]) - 1}, 1), ({"to": stamps[0]}, 0)):
        answer = server.get("cu", f"/state/{process}", **query)
        assert Process.restore(answer.content, files={}).get("Value") == value
        told = [answer.headers[f"last-{name}"] for name in ("timestamp", "ordinate")]
        assert told == [stamps[value], str(value)]
        assert answer.headers["last-block-height"].isdecimal()
    assert server.get("cu", f"/state/{process}", to=int(stamps[0]) - 1).status_code == 400
    assert server.result(process, ids[1])["Messages"] == []


def test_no_dry_run_is_an_old_one(server: Served) -> None:
    """The same body is evaluated each time, on the state of just then; whatever age a client would take."""
    process = server.spawn("N = 0")
    body = {"Owner": ALICE.address, "Data": "return N", "Tags": [tag("Action", "Eval")]}
    for number in range(1, 4):
        server.message(process, "Eval", f"N = {number}")
        answer = server.http.post(
            server.urls["cu"] + "/dry-run", params={"process-id": process}, json=body, headers={"x-max-age": "60000"}
        )
        assert (answer.status_code, str(answer.json()["Output"]["data"])) == (200, str(number))


def test_the_form_of_results(server: Served, ping: str) -> None:
    """Five keys in this order, and Error after them; a message has four; ids of all kinds lead to it."""
    good, bad = server.message(ping, "Ping", "x"), server.message(ping, "Eval", "error('no')")
    own = ["Messages", "Assignments", "Spawns", "Output", "GasUsed"]
    assert [*server.result(ping, good)] == own
    assert [*server.result(ping, bad)] == [*own, "Error"]
    assert [[*one] for one in server.result(ping, good)["Messages"]] == [["Target", "Data", "Anchor", "Tags"]]
    assert {*server.result(ping, good)["Messages"][0]["Tags"][0]} == {"name", "value"}
    first = server.get("su", f"/{ping}", limit=1).json()["edges"][0]["node"]["assignment"]["id"]
    assert server.result(ping, first) == server.result(ping, ping)
    # `no-busy` asks for what it is here anyway.
    query = {"process-id": ping, "no-busy": "1"}
    assert server.get("cu", f"/result/{good}", **query).json() == server.result(ping, good)


@pytest.mark.parametrize("unit", ["cu", "ur"])
def test_without_a_process(server: Served, unit: str) -> None:
    """Without one, and with nothing for it, a compute unit says 500, a router 404; with what is no id it is 400."""
    words = {"cu": (500, "'processId': Required."), "ur": (404, "Process id not found on request")}[unit]
    for query, expected in (("", words), ("?process-id=", words), ("?process-id=short", (400, None))):
        for answer in (
            server.http.get(f"{server.urls[unit]}/result/{UNKNOWN}{query}"),
            server.http.post(f"{server.urls[unit]}/dry-run{query}", json={}),
        ):
            told = answer.json()["error"] if expected[1] else None
            assert (answer.status_code, told) == expected
