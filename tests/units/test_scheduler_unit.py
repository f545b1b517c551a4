"""su over HTTP: every route, status and body (spec: units, su)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

from ao_runtime import Wallet
from ao_runtime.items import DataItem

from .serving import ALICE, Served, message

UNKNOWN = "u" * 43


def raw(id: str) -> bytes:
    """The 32 bytes of an id."""
    return urlsafe_b64decode(id + "=")


def test_what_it_says_of_itself(server: Served) -> None:
    """Who it is, the time, the height: numbers are text."""
    told = server.get("su", "/").json()
    assert (told["address"], told["timestamp"].isdecimal()) == (server.scheduler, True)
    told = server.get("su", "/timestamp").json()
    assert (told["timestamp"].isdecimal(), len(told["block_height"])) == (True, 12)
    answer = server.get("su", "/health")
    assert (answer.status_code, answer.text) == (200, "")


def test_the_order_of_a_process(server: Served) -> None:
    """The process is first; nonces have no hole, timestamps rise, each link follows from the one before."""
    process = server.spawn()
    ids = [server.message(process, "Ping", str(number)) for number in range(4)]
    told = server.get("su", f"/{process}", **{"process-id": process}).json()
    assert told["page_info"] == {"has_next_page": False}
    nodes = [edge["node"] for edge in told["edges"]]
    assert [node["message"]["id"] for node in nodes] == [process, *ids]
    assert [edge["cursor"] for edge in told["edges"]] == [tags_of(node)["Timestamp"] for node in nodes]
    stamps = [int(edge["cursor"]) for edge in told["edges"]]
    assert stamps == sorted(set(stamps))
    chain = sha256(raw(process)).digest()
    for nonce, node in enumerate(nodes):
        tags = tags_of(node)
        assert (tags["Nonce"], tags["Process"]) == (str(nonce), process)
        assert tags["Hash-Chain"] == urlsafe_b64encode(chain).decode().rstrip("=")
        chain = sha256(raw(node["assignment"]["id"]) + chain).digest()


def tags_of(node: dict[str, Any]) -> dict[str, str]:
    """The tags of an assignment."""
    return {tag["name"]: tag["value"] for tag in node["assignment"]["tags"]}


def test_a_node_can_be_verified(server: Served, ping: str) -> None:
    """Keys, signatures and tags make the items again that were signed: the message's, and the assignment's."""
    item = message(ping, "for all to see", Action="Ping")
    server.send(item)
    node = server.get("su", f"/{item.id}", **{"process-id": ping}).json()
    told = node["message"]
    assert told["owner"] == {"address": ALICE.address, "key": ALICE.owner}
    assert (told["id"], told["signature"], told["target"], told["data"]) == (
        item.id,
        item.signature,
        ping,
        "for all to see",
    )
    assigned = node["assignment"]
    made = DataItem.create(tags=[(tag["name"], tag["value"]) for tag in assigned["tags"]])
    made._kind, made._owner = item._kind, urlsafe_b64decode(assigned["owner"]["key"] + "=")
    made._signature = urlsafe_b64decode(assigned["signature"] + "==")
    made.check()
    assert (made.id, made.address) == (assigned["id"], server.scheduler)


def test_an_ethereum_key_has_arweaves_address_here(server: Served, ping: str) -> None:
    """The scheduler shows SHA-256 of the key; the process sees the 0x address."""
    wallet = Wallet.from_ethereum(b"e" * 32)
    item = message(ping, wallet=wallet, Action="Ping")
    assert server.send(item).status_code == 202
    node = server.get("su", f"/{item.id}", **{"process-id": ping}).json()
    assert node["message"]["owner"]["address"] == wallet.address
    assert server.result(ping, item.id)["Messages"][0]["Target"] == wallet.ao_address


def test_pages(server: Served) -> None:
    """`from` is left out and `to` is in, both timestamps; or nonces, which then are the cursors."""
    process = server.spawn()
    for number in range(4):
        server.message(process, "P", str(number))
    whole = server.get("su", f"/{process}").json()["edges"]
    stamps = [edge["cursor"] for edge in whole]

    def page(**query: Any) -> tuple[list[str], bool]:
        told = server.get("su", f"/{process}", **{"process-id": process, **query}).json()
        return [edge["cursor"] for edge in told["edges"]], told["page_info"]["has_next_page"]

    assert page(limit=2) == (stamps[:2], True)
    assert page(**{"from": stamps[1], "limit": 2}) == (stamps[2:4], True)
    assert page(**{"from": stamps[1], "to": stamps[3]}) == (stamps[2:4], False)
    assert page(**{"from-nonce": 1}) == (["2", "3", "4"], False)
    assert page(**{"from-nonce": 1, "to-nonce": 2}) == (["2"], False)
    assert server.get("su", f"/{process}/latest").json() == whole[-1]["node"]
    assert server.get("su", f"/{process}", limit="x").status_code == 400


def test_a_process(server: Served) -> None:
    """`/processes/ID` is its own item."""
    item = server.process_item("print('x')")
    server.send(item)
    told = server.get("su", f"/processes/{item.id}").json()
    assert list(told) == "process_id block owner tags timestamp data anchor signature target".split()
    assert (told["process_id"], told["data"], told["signature"]) == (item.id, "print('x')", item.signature)
    assert (len(told["block"]), type(told["timestamp"])) == (12, int)


def test_binary_data_is_shown_as_text(server: Served, ping: str) -> None:
    """Bytes that are no UTF-8 become U+FFFD; the process gets that too; the gateway has the bytes."""
    data = bytes(range(256))
    id = server.message(ping, "Bytes", data)
    told = server.get("su", f"/{id}", **{"process-id": ping}).json()["message"]["data"]
    assert told == data.decode("utf-8", "replace")
    assert server.result(ping, id)["Messages"][0]["Data"] == str(len(told.encode()))
    assert server.get("gateway", f"/{id}").content == data


def test_it_takes_items_itself(server: Served, ping: str) -> None:
    """A message, and an assignment that leaves out a field: 200 with time and id."""
    item = message(ping, "direct", Action="Ping")
    told = server.http.post(server.urls["su"], content=bytes(item)).json()
    assert (told["id"], type(told["timestamp"])) == (item.id, int)
    assert server.result(ping, item.id)["Messages"][0]["Data"] == "direct"
    query = {"process-id": ping, "assign": item.id, "exclude": "Data"}
    id = server.http.post(server.urls["su"], params=query).json()["id"]
    node = server.get("su", f"/{id}", **{"process-id": ping}).json()
    assert {"name": "Exclude", "value": "Data"} in node["assignment"]["tags"]


def test_what_it_refuses(server: Served, ping: str) -> None:
    """Every error is 400, with the reason."""

    def told(answer: Any) -> str:
        assert answer.status_code == 400
        assert list(answer.json()) == ["error"]
        return str(answer.json()["error"])

    unknown = "Message or Process not found"
    assert told(server.get("su", f"/{UNKNOWN}", **{"process-id": ping})) == unknown
    assert told(server.get("su", f"/{UNKNOWN}")) == unknown
    assert told(server.get("su", f"/{UNKNOWN}/latest")) == "Latest message not available"
    assert told(server.get("su", f"/processes/{UNKNOWN}")) == f"Not Found: {UNKNOWN}"
    post = server.http.post
    url = server.urls["su"]
    both = "If sending assign or process-id, you must send both."
    assert told(post(url, params={"process-id": ping})) == both
    assert "exclude" in told(post(url, params={"process-id": ping, "assign": ping, "exclude": "Nothing"}))
    item = message(ping)
    assert post(url, content=bytes(item)).status_code == 200
    assert told(post(url, content=bytes(item))) == "Message already exists"
    boot = server.process_item(**{"On-Boot": UNKNOWN})
    assert told(post(url, content=bytes(boot))) == "Invalid tx id for On-Boot tag"
    assert told(post(url, content=b"nothing"))


def test_the_form_of_a_node(server: Served, ping: str) -> None:
    """Its keys in their order, assignments' tags in theirs; an anchor that is not there is null, and data is text."""
    own = {"Data-Protocol": "ao", "Type": "Message", "Action": "Ping"}
    item = DataItem.create("to all", target=ping, tags=[*own.items(), ("Dup", "1"), ("Dup", "2")], wallet=ALICE)
    server.send(item)
    told = server.get("su", f"/{item.id}", **{"process-id": ping}).json()
    assert told["message"] == {
        "id": item.id,
        "owner": {"address": ALICE.address, "key": ALICE.owner},
        "data": "to all",
        "tags": [{"name": tag.name, "value": tag.value} for tag in item.tags],
        "signature": item.signature,
        "anchor": None,
        "target": ping,
    }
    assert [*told["message"]] == "id owner data tags signature anchor target".split()
    assert [*told["assignment"]] == "id owner tags signature anchor target".split()
    assert (told["assignment"]["anchor"], told["assignment"]["target"]) == (None, "")
    names = "Process Epoch Nonce Hash-Chain Block-Height Timestamp Data-Protocol Type Variant".split()
    tags = told["assignment"]["tags"]
    assert [tag["name"] for tag in tags] == [*names, "Message"]
    fixed = {name: tags_of(told)[name] for name in ("Process", "Epoch", "Data-Protocol", "Type", "Variant", "Message")}
    assert [*fixed.values()] == [ping, "0", "ao", "Assignment", "ao.TN.1", item.id]
    assert len(tags_of(told)["Block-Height"]) == 12
    # By its assignment's id it is the same; and the process's own names no message.
    by_assignment = server.get("su", f"/{told['assignment']['id']}", **{"process-id": ping})
    assert by_assignment.json() == told
    first = server.get("su", f"/{ping}", limit=1).json()["edges"][0]["node"]
    assert [tag["name"] for tag in first["assignment"]["tags"]] == names
    assert first["message"]["target"] == ""


def test_an_assigned_message_is_elsewhere(server: Served, ping: str) -> None:
    """Its node has no message; `Message` and each `Exclude` come last, in the order of the query."""
    id, other = server.message(ping, "Ping"), server.spawn()
    query = f"process-id={other}&assign={id}&base-layer&exclude=Tags,Data"
    answer = server.http.post(f"{server.urls['su']}?{query}")
    told = answer.json()
    assert (answer.status_code, [*told], type(told["timestamp"])) == (200, ["timestamp", "id"], int)
    node = server.get("su", f"/{other}/latest").json()
    assert (node["message"], node["assignment"]["id"]) == (None, told["id"])
    last = [(tag["name"], tag["value"]) for tag in node["assignment"]["tags"][-3:]]
    assert last == [("Message", id), ("Exclude", "Tags"), ("Exclude", "Data")]
    # Both of its ids lead to the place in that process.
    for one in (id, told["id"]):
        assert server.get("su", f"/{one}", **{"process-id": other}).json() == node


def test_a_process_that_is_no_text(server: Served) -> None:
    """Data that is no UTF-8 is null, where a message's has U+FFFD; the gateway has the bytes."""
    item = DataItem.create(b"\xff\x00", tags=server.process_item(**{"On-Boot": "none"}).tags, wallet=ALICE)
    item = DataItem.create(b"\xff\x00", tags=[tag for tag in item.tags if tag.name != "On-Boot"], wallet=ALICE)
    assert server.send(item).status_code == 202
    assert server.get("su", f"/processes/{item.id}").json()["data"] is None
    assert server.get("su", f"/{item.id}", limit=1).json()["edges"][0]["node"]["message"]["data"] is None
    assert server.get("gateway", f"/raw/{item.id}").content == b"\xff\x00"


def test_pages_of_all_kinds(server: Served) -> None:
    """The process counts in `limit`, and is left out with a `from`; nonces stand before timestamps; empty is not given.

    `process-id` need not be there.
    """
    process = server.spawn()
    for number in range(5):
        server.message(process, "P", str(number))
    whole = server.get("su", f"/{process}", **{"process-id": process}).json()["edges"]
    stamps = [edge["cursor"] for edge in whole]

    def page(**query: Any) -> tuple[list[str], bool]:
        told = server.get("su", f"/{process}", **{name.replace("_", "-"): one for name, one in query.items()}).json()
        return [edge["cursor"] for edge in told["edges"]], told["page_info"]["has_next_page"]

    before, after = {"from": int(stamps[0]) - 1}, {"from": stamps[-1]}
    for query, expected in (
        ({}, (stamps, False)),
        ({"limit": 1}, (stamps[:1], True)),
        (before, (stamps, False)),
        ({"from": stamps[0], "limit": 1}, (stamps[1:2], True)),
        (after, ([], False)),
        ({"to": stamps[2]}, (stamps[:3], False)),
        ({"to": int(stamps[2]) - 1}, (stamps[:2], False)),
        ({"from": "", "to": "", "limit": ""}, (stamps, False)),
        ({"to_nonce": 1}, (["0", "1"], False)),
        ({"from_nonce": 0, "to_nonce": 4, "limit": 2}, (["1", "2"], True)),
        ({"from_nonce": 4, **after}, (["5"], False)),
        ({"from": stamps[4], "to": stamps[1]}, ([], False)),
    ):
        assert page(**query) == expected, query
    # Page by page, each message once.
    found: list[str] = []
    more = True
    while more:
        part, more = page(limit=2, **({"from": found[-1]} if found else {}))
        found += part
    assert found == stamps
