"""mu over HTTP: every route, status and body (spec: units, mu)."""

from __future__ import annotations

import re

import httpx
import pytest

from ao_runtime.items import DataItem

from .serving import ALICE, BOB, Served, eventually, message


def test_it_says_what_it_is(server: Served) -> None:
    """`GET /` is text, on its port and under the gateway's."""
    for url in (server.urls["mu"], server.urls["gateway"] + "/mu", server.urls["mu"] + "/"):
        answer = server.http.get(url)
        assert (answer.status_code, answer.text) == (200, "ao messenger unit")


def test_a_message_is_taken_and_its_result_is_there(server: Served, ping: str) -> None:
    """202 with its id; the result can be asked for at once, and what it sends arrives."""
    item = message(ping, "hello", Action="Ping")
    answer = server.send(item)
    assert (answer.status_code, answer.json()) == (202, {"message": "Processing DataItem", "id": item.id})
    [sent] = server.result(ping, item.id)["Messages"]
    assert (sent["Target"], sent["Data"]) == (ALICE.address, "hello")


def test_what_a_process_sends_is_delivered(server: Served, ping: str) -> None:
    """A message to another process arrives there; one to a wallet can be found at the gateway."""
    other = server.spawn(
        'Got = {} Handlers.add("All", function() return true end, function(m) Got[#Got + 1] = m.Action end)'
    )
    server.message(ping, "Forward", To=other)
    eventually(lambda: server.eval(other, "return Got[1]") == "Ping")
    query = "query ($to: [String!]) { transactions(recipients: $to) { edges { node { tags { name value } } } } }"

    def answered() -> bool:
        edges = server.graphql(query, to=[ALICE.address]).json()["data"]["transactions"]["edges"]
        return any({"name": "From-Process", "value": ping} in edge["node"]["tags"] for edge in edges)

    server.message(ping, "Ping")
    eventually(answered)


def test_a_spawned_process_is_there(server: Served) -> None:
    """A process spawns another one, is told of it, and the child is at the scheduler."""
    parent = server.spawn()
    server.message(parent, "Eval", f"Spawn('{server.ready['modules'][0]}', {{ Data = ' ', Tags = {{}} }})")
    eventually(lambda: len(server.get("su", f"/{parent}", **{"process-id": parent}).json()["edges"]) == 3)
    spawned = server.get("su", f"/{parent}", **{"process-id": parent}).json()["edges"][2]["node"]["message"]
    tags = {tag["name"]: tag["value"] for tag in spawned["tags"]}
    assert (tags["Action"], spawned["owner"]["address"]) == ("Spawned", server.messenger)
    assert server.get("su", f"/processes/{tags['Process']}").json()["owner"]["address"] == server.messenger


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"Type": "Nothing"}, "Tag 'Type': must be either 'Process' or 'Message'"),
        ({"Data-Protocol": "zo"}, "Tag 'Data-Protocol': must contain 'ao'"),
        ({"From-Process": "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"}, "Invalid From-Process value."),
        ({"a+link": "b"}, "a tag ends in +link: 'a+link'"),
    ],
)
def test_what_no_messenger_takes_is_refused(server: Served, ping: str, tags: dict[str, str], words: str) -> None:
    """400 with the reason, and nothing is left: the process has no more messages than before."""
    before = len(server.get("su", f"/{ping}", limit=1000).json()["edges"])
    answer = server.send(message(ping, **tags))
    assert (answer.status_code, answer.json()) == (400, {"error": words})
    assert len(server.get("su", f"/{ping}", limit=1000).json()["edges"]) == before


def test_what_is_not_signed_by_its_owner_leaves_nothing(server: Served, ping: str) -> None:
    """No item, a cut one, one with another byte: each is 400, and none has a place."""
    item = message(ping, "hello", Action="Ping")
    whole = bytes(item)
    for body in (
        b"",
        b"hello",
        whole[:-1],
        whole[:-5] + b"jello",
        whole[:10] + bytes([whole[10] ^ 1]) + whole[11:],
        whole * 2,
    ):
        answer = server.http.post(server.urls["mu"], content=body)
        assert answer.status_code == 400, body[:20]
        assert answer.json()["error"].startswith("'body': A valid and signed data item must be provided as the body.")
    assert server.get("su", f"/{item.id}", **{"process-id": ping}).status_code == 400


def test_a_message_twice_is_one(server: Served, ping: str) -> None:
    """The same item again is refused: its id has its place."""
    item = message(ping, Action="Ping")
    assert server.send(item).status_code == 202
    answer = server.send(item)
    assert answer.status_code == 400
    assert "Message already exists" in answer.json()["error"]


def test_a_message_to_nobody_is_refused(server: Served) -> None:
    """Neither a wallet nor nobody at all is a process."""
    for target in (BOB.address, ""):
        answer = server.send(DataItem.create("x", target=target or None, tags=message(BOB.address).tags, wallet=ALICE))
        assert (answer.status_code, re.findall("there is no process", answer.text)) == (400, ["there is no process"])


def test_a_process_needs_a_module_and_a_scheduler(server: Served) -> None:
    """Without the tags, and with a module that nobody has, it is refused and is not there."""
    item = server.process_item()
    required = "Required Module and Scheduler tags for Process type not present"
    for missing, words in (("Module", required), ("Scheduler", "No Scheduler tag found on 'Process' DataItem")):
        without = DataItem.create(" ", tags=[tag for tag in item.tags if tag.name != missing], wallet=ALICE)
        answer = server.send(without)
        assert (answer.status_code, answer.json()) == (400, {"error": words})
        answer = server.http.post(server.urls["su"], content=bytes(without))
        assert (answer.status_code, answer.json()) == (400, {"error": required})
    unknown = server.process_item(Module="x" * 43)
    answer = server.send(unknown)
    assert answer.status_code == 400
    assert "there is no module" in answer.json()["error"]
    assert server.get("su", f"/processes/{unknown.id}").status_code == 400


def test_an_assignment(server: Served, ping: str) -> None:
    """202 with the assignment's id, by which its result can be asked for."""
    id = server.message(ping, "Ping")
    other = server.spawn("ao.addAssignable('any', function() return true end)")
    answer = server.http.post(server.urls["mu"], params={"process-id": other, "assign": id})
    assert answer.status_code == 202
    told = answer.json()
    assert told["message"] == "Processing Assignment"
    assert "Error" not in server.result(other, told["id"])
    node = server.get("su", f"/{told['id']}", **{"process-id": other}).json()
    assert node["message"] is None
    assert {"name": "Message", "value": id} in node["assignment"]["tags"]


def test_assignments_that_are_refused(server: Served, ping: str) -> None:
    """Half of one, to nobody, of nothing, and with `exclude`, which messengers cannot read."""
    id = server.message(ping, "Ping")

    def ask(**query: str) -> tuple[int, str]:
        answer = server.http.post(server.urls["mu"], params={key.replace("_", "-"): one for key, one in query.items()})
        return answer.status_code, answer.json()["error"]

    both = "You must set both process-id and assign to send an assignment, not just one"
    assert ask(process_id=ping) == ask(assign=id) == (400, both)
    nobody = "n" * 43
    assert ask(process_id=nobody, assign=id) == (500, f"Error: Process not found: {nobody}")
    assert ask(process_id=ping, assign=nobody)[0] == 400
    assert ask(process_id=ping, assign=id, exclude="Data") == (500, "'exclude': Expected boolean, received string")
    assert ask(process_id="../x", assign=id)[0] == 400


def test_a_monitor(server: Served) -> None:
    """A signed item monitors, once; another one ends it, once; what ticks send arrives in between."""
    got = server.spawn('Got = 0 Handlers.add("Tock", "Tock", function() Got = Got + 1 end)')
    code = f'Handlers.add("Tick", "Tick", function() Send({{ Target = "{got}", Action = "Tock" }}) end)'
    ticking = server.spawn(code, tags=[("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Tick")])
    url, body = f"{server.urls['mu']}/monitor/{ticking}", bytes(message(ticking))

    def told(answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.text

    assert told(server.http.request("DELETE", url, content=body)) == (500, '{"error":"Process monitor not found"}')
    assert told(server.http.post(url)) == (400, '{"error":"Signed data item is required"}')
    assert server.http.post(url, content=b"nothing").status_code == 400
    assert told(server.http.post(url, content=body)) == (200, "Monitoring process")
    assert told(server.http.post(url, content=body)) == (500, '{"error":"Process already being monitored"}')
    eventually(lambda: int(server.eval(got, "return Got")) >= 2)
    assert told(server.http.request("DELETE", url, content=body)) == (200, "Process deleted")


def test_who_is_monitored_stands_in_the_item(server: Served) -> None:
    """It is the item's target, whatever the path says; of one without a target it is the path's."""
    one, two = (server.spawn(tags=[("Cron-Interval", "1-hour"), ("Cron-Tag-Action", "T")]) for _ in range(2))
    target, none = bytes(message(two)), bytes(DataItem.create(" ", wallet=ALICE))

    def told(method: str, process: str, body: bytes) -> str:
        return server.http.request(method, f"{server.urls['mu']}/monitor/{process}", content=body).text

    assert told("POST", one, target) == "Monitoring process"
    assert told("DELETE", one, none) == '{"error":"Process monitor not found"}'
    assert told("DELETE", two, none) == "Process deleted"
    assert told("POST", one, none) == "Monitoring process"
    assert told("DELETE", two, bytes(message(one))) == "Process deleted"


def test_a_router_needs_a_process(server: Served, ping: str) -> None:
    """404 for an assignment to nobody, and for a message without a target, where a messenger has 400."""
    id = server.message(ping, "Ping")
    nobody = DataItem.create("x", tags=message(ping).tags, wallet=ALICE)
    both = "You must set both process-id and assign to send an assignment, not just one"
    for unit, first, second in (
        ("mu", (400, both), (400, "there is no process without an id")),
        ("ur", (404, "Process id not found on request"), (404, "Process id not found on request")),
    ):
        for query in (f"?assign={id}", f"?process-id=&assign={id}"):
            answer = server.http.post(server.urls[unit] + query)
            assert (answer.status_code, answer.json()["error"]) == first
        answer = server.http.post(server.urls[unit] + f"?process-id={ping}&assign=")
        assert (answer.status_code, answer.json()["error"]) == (400, both)
        answer = server.http.post(server.urls[unit], content=bytes(nobody))
        assert (answer.status_code, answer.json()["error"]) == second


def test_the_router_takes_what_the_messenger_takes(server: Served, ping: str) -> None:
    """On the router's port, and under the gateway's."""
    for url in (server.urls["ur"], server.urls["gateway"] + "/ur"):
        item = message(ping, "by the router", Action="Ping")
        assert server.http.post(url, content=bytes(item)).status_code == 202
        found = server.http.get(f"{url}/result/{item.id}", params={"process-id": ping}).json()
        assert found["Messages"][0]["Data"] == "by the router"
