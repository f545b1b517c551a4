"""Each endpoint of ao-sdk's list: what it takes and what it answers."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import pytest

from ao_runtime import Process
from ao_runtime.items import DataItem
from ao_runtime.network import AOS
from tests.units.serving import ALICE, eventually, message

from .api import Api


def test_create_process(api: Api) -> None:
    """201 with the id, where it stands, and a Location; what the body says are its tags, in an order of their own."""
    body = {
        "module": AOS,
        "name": "counter",
        "cron_interval": "10-minutes",
        "cron_tags": {"Action": "Cron"},
        "memory_limit": "64-mb",
        "compute_limit": 5_000_000,
        "tags": [{"name": "Colour", "value": "blue"}],
        "data": "N = 5",
        "on_boot": "Data",
    }
    answer = api.post("/process", body)
    told = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/process/{told['process_id']}")
    assert list(told) == ["process_id", "scheduler", "module", "slot", "timestamp"]
    assert (told["scheduler"], told["module"], told["slot"]) == (api.server.scheduler, AOS, 0)
    tags = {tag["name"]: tag["value"] for tag in api.get(f"/process/{told['process_id']}").json()["tags"]}
    assert {name: tags[name] for name in list(tags)[:8]} == {
        "Colour": "blue",
        "Name": "counter",
        "Cron-Interval": "10-minutes",
        "Cron-Tag-Action": "Cron",
        "Memory-Limit": "64-mb",
        "Compute-Limit": "5000000",
        "Authority": api.server.messenger,
        "On-Boot": "Data",
    }
    assert str(api.eval(told["process_id"], "return N")) == "5"


def test_create_process_of_lua(api: Api) -> None:
    """`{"lua": SOURCE}` boots the default module with it; a boot that fails is a process, and its error is told."""
    assert api.get(f"/process/{api.spawn('N = 7')}").json()["module"] == AOS
    answer = api.post("/process", {"module": {"lua": "error('no')"}})
    assert (answer.status_code, "no" in answer.json()["error"]) == (201, True)
    told = api.get(f"/process/{answer.json()['process_id']}").json()
    assert (told["status"], told["slot"]) == ("running", 0)


def test_create_process_of_an_item(api: Api) -> None:
    """A data item, or the same in JSON, is spawned as its signer's."""
    item = api.server.process_item("N = 1")
    answer = api.post_item("/process", item)
    assert (answer.status_code, answer.json()["process_id"]) == (201, item.id)
    other = api.server.process_item("N = 2")
    text = urlsafe_b64encode(bytes(other)).decode().rstrip("=")
    assert api.post("/process", {"item": text}).json()["process_id"] == other.id
    assert api.get(f"/process/{other.id}").json()["owner"] == ALICE.address


def test_get_process(api: Api) -> None:
    """Bytes that `Process.restore` takes, now or at a time; with `Accept: application/json` what the process is."""
    process = api.spawn("Value = 1", name="looked")
    first = api.get(f"/process/{process}").json()
    second = api.send(process, "Eval", "Value = 2")
    now = api.get(f"/process/{process}", "application/octet-stream")
    assert now.headers["content-type"] == "application/octet-stream"
    assert (now.headers["last-ordinate"], now.headers["last-timestamp"]) == ("1", str(second["timestamp"]))
    then = api.get(f"/process/{process}", "*/*", to=second["timestamp"] - 1)
    assert then.headers["last-ordinate"] == "0"
    assert Process.restore(now.content, files={}).get("Value") == 2
    assert Process.restore(then.content, files={}).get("Value") == 1
    assert first == {
        "process_id": process,
        "module": AOS,
        "scheduler": api.server.scheduler,
        "owner": api.get("/info").json()["local_user"],
        "name": "looked",
        "tags": first["tags"],
        "slot": 0,
        "timestamp": first["timestamp"],
        "block_height": 1_000_000,
        "status": "running",
        "monitored": False,
        "cron": [],
    }
    assert api.get(f"/process/{process}", to=first["timestamp"] - 1).status_code == 400
    assert api.get(f"/process/{process}", to=second["timestamp"]).json()["slot"] == 1


def test_terminate_process(api: Api) -> None:
    """200, and again the same; then nothing is taken (410) by any endpoint or unit, and all can still be read."""
    process, other = api.spawn(cron_interval="1-hour", cron_tags={"Action": "Cron"}), api.spawn()
    sent = api.send(process, "Ping", "a")
    api.post(f"/messenger/monitor/{process}")
    for _ in range(2):
        answer = api.delete(f"/process/{process}")
        assert (answer.status_code, answer.json()) == (200, {"process_id": process, "status": "terminated"})
    elsewhere = api.send(other, "Ping")["message_id"]
    item = message(process, Action="Ping")
    units = api.server.urls
    refused = [
        api.post("/message", {"to": process, "action": "Ping"}),
        api.post("/message", {"to": process, "from_process": other}),
        api.post_item("/message", item),
        api.post_item("/scheduler", item),
        api.post("/scheduler", {"process-id": process, "assign": elsewhere}),
        api.post("/messenger", {"message_id": elsewhere, "target_process": process}),
        api.post(f"/messenger/monitor/{process}"),
        api.post(f"/cron/{process}"),
        api.server.http.post(units["mu"], content=bytes(item)),
        api.server.http.post(units["su"], content=bytes(item)),
        api.server.http.post(units["mu"], params={"process-id": process, "assign": elsewhere}),
        api.server.http.post(units["su"], params={"process-id": process, "assign": elsewhere}),
        api.server.http.post(f"{units['mu']}/monitor/{process}", content=bytes(message(process))),
    ]
    assert [answer.status_code for answer in refused] == [410] * len(refused)
    assert {answer.json().get("code", "terminated") for answer in refused} == {"terminated"}
    told = api.get(f"/process/{process}").json()
    assert (told["status"], told["monitored"], told["slot"]) == ("terminated", False, 1)
    assert api.get(f"/message/{sent['message_id']}").json()["result"] == sent["result"]
    # What another process sends there is lost, and that one goes on.
    api.send(other, "Forward", tags={"To": process})
    eventually(lambda: "ao_pending 0" in api.server.get("gateway", "/metrics").text)
    assert len(api.get(f"/scheduler/{process}").json()) == 2


def test_send_message(api: Api, pinged: str) -> None:
    """202 with id and slot; it is the local user's, and what it sends is delivered."""
    other = api.spawn()
    answer = api.post("/message", {"to": pinged, "action": "Forward", "tags": {"To": other}, "data": "x"})
    told = answer.json()
    assert (answer.status_code, list(told)) == (202, ["message_id", "process_id", "slot", "timestamp"])
    node = api.get(f"/message/{told['message_id']}").json()["message"]
    tags = [(tag["name"], tag["value"]) for tag in node["tags"]]
    assert tags[:3] == [("Action", "Forward"), ("To", other), ("SDK", "ao-sdk")]
    assert node["owner"]["address"] == api.get("/info").json()["local_user"]
    eventually(lambda: len(api.get(f"/scheduler/{other}").json()) == 2)


def test_send_bytes_and_the_same_twice(api: Api, pinged: str) -> None:
    """`data_base64` is bytes; a message without an anchor is another one each time, with one it is there already."""
    data = bytes(range(256))
    sent = api.post("/message", {"to": pinged, "data_base64": b64encode(data).decode()}).json()
    item = api.get(f"/scheduler/{sent['message_id']}", "application/octet-stream", process_id=pinged)
    assert DataItem.parse(item.content).data == data
    body = {"to": pinged, "action": "Ping", "data": "same"}
    assert api.post("/message", body).json()["message_id"] != api.post("/message", body).json()["message_id"]
    anchored = {**body, "anchor": "a" * 32}
    assert [api.post("/message", anchored).status_code for _ in range(2)] == [202, 409]


def test_send_a_signed_message(api: Api, pinged: str) -> None:
    """A data item is taken as by the mu, once."""
    item = message(pinged, "signed", Action="Ping")
    answers = [api.post_item("/message", item) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 409]
    assert answers[0].json()["message_id"] == item.id
    assert api.get(f"/message/{item.id}").json()["result"]["Messages"][0]["Target"] == ALICE.address


def test_send_as_another_process(api: Api) -> None:
    """`from_process` is a message as the messenger makes it of what that process sends: trusted, and From is it."""
    process, other = api.spawn('Handlers.add("Who", "Who", function(msg) print(msg.From) end)'), api.spawn()
    sent = api.send(process, "Who", from_process=other)
    assert sent["result"]["Output"]["data"] == other
    node = api.get(f"/message/{sent['message_id']}").json()["message"]
    assert node["owner"]["address"] == api.server.messenger
    assert [(tag["name"], tag["value"]) for tag in node["tags"]] == [
        ("Action", "Who"),
        ("Variant", "ao.TN.1"),
        ("Data-Protocol", "ao"),
        ("Type", "Message"),
        ("From-Process", other),
        ("From-Module", AOS),
    ]


def test_get_message(api: Api, pinged: str) -> None:
    """What became of it, by its id or its assignment's; which processes have it; failed is an `Error` in the result."""
    sent, failed = api.send(pinged, "Ping", "x"), api.send(pinged, "Fail")
    told = api.get(f"/message/{sent['message_id']}").json()
    assert list(told) == [
        *("message_id", "process_id", "processes", "slot", "status", "result", "message", "assignment"),
    ]
    assert (told["status"], told["processes"], told["slot"]) == ("processed", [pinged], sent["slot"])
    assert api.get(f"/message/{told['assignment']['id']}").json() == told
    assert api.get(f"/message/{sent['message_id']}", process_id=pinged).json() == told
    assert api.get(f"/message/{failed['message_id']}").json()["status"] == "failed"
    other = api.spawn()
    api.post("/messenger", {"message_id": sent["message_id"], "target_process": other})
    assert api.get(f"/message/{sent['message_id']}").json()["processes"] == [pinged, other]
    there = api.get(f"/message/{sent['message_id']}", process_id=other).json()
    assert (there["process_id"], there["slot"], there["message"]) == (other, 1, None)


def test_submit_to_the_scheduler(api: Api) -> None:
    """An item is 200 with id and timestamp, once; JSON is an assignment; both have results."""
    process, other = api.spawn(), api.spawn()
    item = message(process, "scheduled", Action="Ping")
    answers = [api.post_item("/scheduler", item) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert list(answers[0].json()) == ["id", "timestamp"]
    assert api.server.result(process, item.id)["Messages"][0]["Data"] == "scheduled"
    assigned = api.post("/scheduler", {"process-id": other, "assign": item.id, "exclude": ["Data"]}).json()
    node = api.get(f"/scheduler/{assigned['id']}", process_id=other).json()
    assert {"name": "Exclude", "value": "Data"} in node["assignment"]["tags"]
    spawned = api.server.process_item("N = 1")
    assert api.post_item("/scheduler", spawned).json()["id"] == spawned.id
    assert api.get(f"/process/{spawned.id}").json()["owner"] == ALICE.address


def test_get_messages(api: Api) -> None:
    """An array of nodes, the process first; ranges by time and by id; what is left is a Link; the su's page by name."""
    process = api.spawn()
    ids = [process, *(api.send(process, "Ping", str(number))["message_id"] for number in range(5))]
    whole = api.get(f"/scheduler/{process}").json()
    assert [node["message"]["id"] for node in whole] == ids
    assert list(whole[0]) == ["message", "assignment", "cursor"]
    part = api.get(f"/scheduler/{process}", from_=ids[1], to=ids[4], limit=2)
    assert [node["message"]["id"] for node in part.json()] == ids[2:4]
    link = part.headers["link"].partition(">")[0][1:]
    rest = api.server.http.get(api.url + link)
    assert [node["message"]["id"] for node in rest.json()] == ids[4:5]
    assert "link" not in rest.headers
    by_time = api.get(f"/scheduler/{process}", from_=whole[1]["cursor"], to=whole[3]["cursor"])
    assert by_time.json() == whole[2:4]
    page = api.get(f"/scheduler/{process}", "application/vnd.ao.page+json")
    assert page.headers["content-type"] == "application/vnd.ao.page+json"
    assert page.json() == api.server.get("su", f"/{process}").json()


def test_get_one_message_of_the_scheduler(api: Api, pinged: str) -> None:
    """With another id in `process-id` it is that message: the su's node, or the item's bytes."""
    item = message(pinged, "one", Action="Ping")
    api.post_item("/message", item)
    node = api.get(f"/scheduler/{item.id}", process_id=pinged)
    assert node.json() == api.server.get("su", f"/{item.id}", **{"process-id": pinged}).json()
    assert api.get(f"/scheduler/{item.id}", "application/octet-stream", process_id=pinged).content == bytes(item)
    assert api.get(f"/scheduler/{item.id}", process_id=pinged, limit=1).status_code == 400


def test_request_execution(api: Api, pinged: str) -> None:
    """The result, as the cu has it; of the last message by `latest`, of the boot by the process's own id."""
    sent = api.send(pinged, "Ping", "x")
    assert api.post(f"/compute/{pinged}/message/{sent['message_id']}").json() == {"result": sent["result"]}
    assert api.post(f"/compute/{pinged}/message/latest").json() == {"result": sent["result"]}
    boot = api.post(f"/compute/{pinged}/message/{pinged}").json()
    assert boot == {"result": api.server.result(pinged, pinged)}


def test_get_output(api: Api, pinged: str) -> None:
    """The parts of a result by names of their own."""
    sent = api.send(pinged, "Ping", "x")
    result = sent["result"]
    assert api.get(f"/compute/{pinged}/message/{sent['message_id']}").json() == {
        "output": result["Output"],
        "messages": result["Messages"],
        "spawns": [],
        "assignments": [],
        "error": None,
        "gas_used": result["GasUsed"],
    }
    failed = api.send(pinged, "Fail")["message_id"]
    assert "it failed" in api.get(f"/compute/{pinged}/message/{failed}").json()["error"]


def test_relay_a_message(api: Api, pinged: str) -> None:
    """202: the message is assigned to the other process, once; a signed item is taken as by the mu."""
    other, sent = api.spawn(), api.send(pinged, "Ping", "x")
    body = {"message_id": sent["message_id"], "target_process": other}
    answer = api.post("/messenger", body)
    assert (answer.status_code, answer.json()["status"], answer.json()["slot"]) == (202, "relayed", 1)
    [_, place] = api.get(f"/scheduler/{other}").json()
    assert (place["message"], place["assignment"]["id"]) == (None, answer.json()["id"])
    assert api.post("/messenger", body).status_code == 409
    item = message(other, Action="Ping")
    answer = api.post_item("/messenger", item)
    assert (answer.status_code, answer.json()) == (202, {"status": "relayed", "id": item.id})


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_monitor_and_stop(api: Api, prefix: str) -> None:
    """What ticks send is delivered from then on; again is the same; stopped twice is 404."""
    process = api.spawn(cron_interval="1-second", cron_tags={"Action": "Cron"})
    path = f"{prefix}/messenger/monitor/{process}"
    for _ in range(2):
        assert api.post(path).json() == {"status": "monitoring", "process_id": process}
    assert api.get(f"{prefix}/process/{process}").json()["monitored"] is True
    eventually(lambda: len(api.get(f"{prefix}/scheduler/{process}").json()) > 1)
    assert api.delete(path).json() == {"status": "stopped", "process_id": process}
    assert api.delete(path).status_code == 404


def test_cron_outbox(api: Api) -> None:
    """The ticks that are due by now, each with its result, in ranges by time and cursor; the cu's page by name."""
    process = api.spawn(cron_interval="1-second", cron_tags={"Action": "Cron"})
    eventually(lambda: len(api.get(f"/cron/{process}").json()) > 2)
    found = api.get(f"/cron/{process}", limit=3).json()
    assert list(found[0]) == ["timestamp", "block_height", "ordinate", "cron", "cursor", "result"]
    assert [one["cron"] for one in found] == ["0-1-second"] * 3
    assert [one["result"]["Messages"][0]["Data"] for one in found] == ["1", "2", "3"]
    last = found[1]["timestamp"]
    assert api.get(f"/cron/{process}", to=last).json() == found[:2]
    assert api.get(f"/cron/{process}", from_=found[0]["cursor"], to=found[2]["cursor"]).json() == found[1:]
    page = api.get(f"/cron/{process}", "application/vnd.ao.page+json", to=last).json()
    assert page == api.server.get("cu", f"/cron/{process}", to=last).json()


def test_evaluate_a_cron_job(api: Api) -> None:
    """A tick now, recorded as any other; what it sends is delivered, or with `push: false` not."""
    process = api.spawn(cron_interval="1-hour", cron_tags={"Action": "Cron"})
    told = api.post(f"/cron/{process}").json()
    assert (list(told), told["cron"]) == (["result", "timestamp", "cron"], "0-1-hour")
    eventually(lambda: len(api.get(f"/scheduler/{process}").json()) == 2)
    quiet = api.post(f"/cron/{process}", {"index": 0, "push": False}).json()
    assert quiet["result"]["Messages"][0]["Data"] == "2"
    assert [one["timestamp"] for one in api.get(f"/cron/{process}").json()] == [told["timestamp"], quiet["timestamp"]]
    api.send(process, "Ping")
    assert len(api.get(f"/scheduler/{process}").json()) == 3
    assert api.eval(process, "return Noted .. '/' .. Ticks") == "1/2"
    for body, status in (({"index": 1}, 400), ({"index": -1}, 400), ({"push": 1}, 400)):
        assert api.post(f"/cron/{process}", body).status_code == status


def test_what_the_network_says_of_itself(api: Api) -> None:
    """`/info` has what gateways say, and all that a program needs to find its way."""
    told = api.get("/info").json()
    assert told == api.get("/api/info").json() | {"timestamp": told["timestamp"]}
    assert set(told["units"]) == {"mu", "su", "cu", "ur"}
    assert (told["scheduler"], told["authority"]) == (api.server.scheduler, api.server.messenger)
    assert {"id": AOS, "name": "aos 2.0.6"} in told["modules"]
    assert (told["network"], told["version"], len(told["local_user"])) == ("ao.local", 1, 43)


def test_the_document(api: Api) -> None:
    """`/openapi.json` is OpenAPI 3.1 with all endpoints, and has no word of this machine."""
    told = api.get("/openapi.json").json()
    assert (told["openapi"], api.get("/api/openapi.json").json()) == ("3.1.0", told)
    found = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert len(found) == 15
    assert set(told["components"]["schemas"]) >= {"ProcessBody", "MessageBody", "SignedBody", "Problem", "Status"}
