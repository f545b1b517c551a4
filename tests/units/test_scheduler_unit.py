"""su over HTTP, of a whole network and alone: every route, status and body (spec: units, su)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

from ao_runtime import Wallet
from ao_runtime.items import DataItem

from .serving import ALICE, Served, eventually, message

UNKNOWN = "u" * 43
#: An id that an item can name: 43 characters that are 32 bytes.
KNOWN_ID = "u" * 42 + "A"


def raw(id: str) -> bytes:
    """The 32 bytes of an id."""
    return urlsafe_b64decode(id + "=")


def test_what_it_says_of_itself(su: Served) -> None:
    """Who it is, the time, the height: numbers are text."""
    told = su.get("su", "/").json()
    assert (told["address"], told["timestamp"].isdecimal()) == (su.scheduler, True)
    told = su.get("su", "/timestamp").json()
    assert (told["timestamp"].isdecimal(), len(told["block_height"])) == (True, 12)
    answer = su.get("su", "/health")
    assert (answer.status_code, answer.text) == (200, "")


def test_the_order_of_a_process(su: Served) -> None:
    """The process is first; nonces have no hole, timestamps rise, each link follows from the one before."""
    process = su.started()
    items = [message(process, str(number), Action="Ping") for number in range(4)]
    told = [su.put(item).json() for item in items]
    ids = [item.id for item in items]
    assert [one["id"] for one in told] == ids
    taken = [one["timestamp"] for one in told]
    told = su.get("su", f"/{process}", **{"process-id": process}).json()
    assert told["page_info"] == {"has_next_page": False}
    nodes = [edge["node"] for edge in told["edges"]]
    assert [node["message"]["id"] for node in nodes] == [process, *ids]
    assert [edge["cursor"] for edge in told["edges"]] == [tags_of(node)["Timestamp"] for node in nodes]
    stamps = [int(edge["cursor"]) for edge in told["edges"]]
    assert (stamps, stamps[1:]) == (sorted(set(stamps)), taken)
    chain = sha256(raw(process)).digest()
    for nonce, node in enumerate(nodes):
        tags = tags_of(node)
        assert (tags["Nonce"], tags["Process"]) == (str(nonce), process)
        assert tags["Hash-Chain"] == urlsafe_b64encode(chain).decode().rstrip("=")
        chain = sha256(raw(node["assignment"]["id"]) + chain).digest()


def tags_of(node: dict[str, Any]) -> dict[str, str]:
    """The tags of an assignment."""
    return {tag["name"]: tag["value"] for tag in node["assignment"]["tags"]}


def test_a_node_can_be_verified(su: Served) -> None:
    """Keys, signatures and tags make the items again that were signed: the message's, and the assignment's."""
    process = su.started()
    item = message(process, "for all to see", Action="Ping")
    su.put(item)
    node = su.get("su", f"/{item.id}", **{"process-id": process}).json()
    told = node["message"]
    assert told["owner"] == {"address": ALICE.address, "key": ALICE.owner}
    assert (told["id"], told["signature"], told["target"], told["data"]) == (
        item.id,
        item.signature,
        process,
        "for all to see",
    )
    assigned = node["assignment"]
    made = DataItem.create(tags=[(tag["name"], tag["value"]) for tag in assigned["tags"]])
    made._kind, made._owner = item._kind, urlsafe_b64decode(assigned["owner"]["key"] + "=")
    made._signature = urlsafe_b64decode(assigned["signature"] + "==")
    made.check()
    assert (made.id, made.address) == (assigned["id"], su.scheduler)


def test_an_ethereum_key_has_arweaves_address_here(su: Served) -> None:
    """The scheduler shows SHA-256 of the key."""
    wallet = Wallet.from_ethereum(b"e" * 32)
    process = su.started(wallet=wallet)
    item = message(process, wallet=wallet, Action="Ping")
    assert su.put(item).status_code == 200
    nodes = [su.get("su", f"/{id}", **{"process-id": process}).json() for id in (item.id, f"{process}/latest")]
    assert [node["message"]["owner"] for node in nodes] == [{"address": wallet.address, "key": wallet.owner}] * 2
    owner = su.get("su", f"/processes/{process}").json()["owner"]
    assert owner == {"address": wallet.address, "key": wallet.owner}


def test_a_process_sees_another_address_of_an_ethereum_key(server: Served, ping: str) -> None:
    """It sees the 0x address."""
    wallet = Wallet.from_ethereum(b"e" * 32)
    item = message(ping, wallet=wallet, Action="Ping")
    assert server.send(item).status_code == 202
    assert server.result(ping, item.id)["Messages"][0]["Target"] == wallet.ao_address


def test_pages(su: Served) -> None:
    """`from` is left out and `to` is in, both timestamps; or nonces, which then are the cursors."""
    process = su.started()
    for number in range(4):
        su.put(message(process, str(number), Action="P"))
    whole = su.get("su", f"/{process}").json()["edges"]
    stamps = [edge["cursor"] for edge in whole]

    def page(**query: Any) -> tuple[list[str], bool]:
        told = su.get("su", f"/{process}", **{"process-id": process, **query}).json()
        return [edge["cursor"] for edge in told["edges"]], told["page_info"]["has_next_page"]

    assert page(limit=2) == (stamps[:2], True)
    assert page(**{"from": stamps[1], "limit": 2}) == (stamps[2:4], True)
    assert page(**{"from": stamps[1], "to": stamps[3]}) == (stamps[2:4], False)
    assert page(**{"from-nonce": 1}) == (["2", "3", "4"], False)
    assert page(**{"from-nonce": 1, "to-nonce": 2}) == (["2"], False)
    assert su.get("su", f"/{process}/latest").json() == whole[-1]["node"]
    assert su.get("su", f"/{process}", limit="x").status_code == 400


def test_a_process(su: Served) -> None:
    """`/processes/ID` is its own item."""
    item = su.process_item("print('x')")
    su.put(item)
    told = su.get("su", f"/processes/{item.id}").json()
    assert list(told) == "process_id block owner tags timestamp data anchor signature target".split()
    assert (told["process_id"], told["data"], told["signature"]) == (item.id, "print('x')", item.signature)
    assert (len(told["block"]), type(told["timestamp"])) == (12, int)


def test_binary_data_is_shown_as_text(su: Served) -> None:
    """Bytes that are no UTF-8 become U+FFFD."""
    data = bytes(range(256))
    process = su.started()
    item = message(process, data)
    assert su.put(item).status_code == 200
    told = su.get("su", f"/{item.id}", **{"process-id": process}).json()
    assert told["message"]["data"] == data.decode("utf-8", "replace")


def test_binary_data_goes_on(server: Served, ping: str) -> None:
    """The process gets the text; the gateway has the bytes."""
    data = bytes(range(256))
    id = server.message(ping, "Bytes", data)
    told = server.get("su", f"/{id}", **{"process-id": ping}).json()["message"]["data"]
    assert told == data.decode("utf-8", "replace")
    assert server.result(ping, id)["Messages"][0]["Data"] == str(len(told.encode()))
    assert server.get("gateway", f"/{id}").content == data


def test_what_it_takes_is_evaluated(server: Served, ping: str) -> None:
    """A network has one scheduler and one compute unit."""
    item = message(ping, "direct", Action="Ping")
    assert server.put(item).json()["id"] == item.id
    assert server.result(ping, item.id)["Messages"][0]["Data"] == "direct"


def test_assignments(su: Served) -> None:
    """200 with time and the assignment's own id; its message is not in it, and it says what is left out."""
    one, other = su.started(), su.started()
    item = message(one, "to one", Action="Ping")
    su.put(item)
    for process in (other, one):
        told = su.put(
            b"", **{"process-id": process, "assign": item.id, "exclude": "Data,Tags", "base-layer": ""}
        ).json()
        found = su.get("su", f"/{told['id']}", **{"process-id": process}).json()
        assert (found["message"], found["assignment"]["id"]) == (None, told["id"])
        tags = found["assignment"]["tags"]
        assert tags[-3:] == [
            {"name": "Message", "value": item.id},
            {"name": "Exclude", "value": "Data"},
            {"name": "Exclude", "value": "Tags"},
        ]
        assert {"name": "Timestamp", "value": str(told["timestamp"])} in tags
        assert su.get("su", f"/{process}/latest").json() == found
    # By its own id a message is found where it was sent, and where it was only assigned.
    found = su.get("su", f"/{item.id}", **{"process-id": one}).json()
    assert (found["message"]["id"], tags_of(found)["Nonce"]) == (item.id, "1")
    found = su.get("su", f"/{item.id}", **{"process-id": other}).json()
    assert (found["message"], tags_of(found)["Nonce"]) == (None, "1")


def test_what_it_refuses(su: Served) -> None:
    """Every error is 400, with the reason; what is refused leaves nothing."""

    def told(answer: Any) -> str:
        assert answer.status_code == 400
        assert list(answer.json()) == ["error"]
        return str(answer.json()["error"])

    process = su.started()
    unknown = "Message or Process not found"
    assert told(su.get("su", f"/{UNKNOWN}", **{"process-id": process})) == unknown
    assert told(su.get("su", f"/{process}", **{"process-id": UNKNOWN})) == unknown
    assert told(su.get("su", f"/{UNKNOWN}")) == unknown
    assert told(su.get("su", f"/{UNKNOWN}/latest")) == "Latest message not available"
    assert told(su.get("su", f"/processes/{UNKNOWN}")) == f"Not Found: {UNKNOWN}"
    both = "If sending assign or process-id, you must send both."
    assert told(su.put(b"", **{"process-id": process})) == both
    assert told(su.put(b"", assign=process)) == both
    assert told(su.put(b"", **{"process-id": UNKNOWN, "assign": process})) == unknown
    assert "there is no message" in told(su.put(b"", **{"process-id": process, "assign": UNKNOWN}))
    assert "exclude" in told(su.put(b"", **{"process-id": process, "assign": process, "exclude": "Nothing"}))
    item = message(process)
    assert su.put(item).status_code == 200
    assert told(su.put(item)) == "Message already exists"
    boot = su.process_item(**{"On-Boot": UNKNOWN})
    assert told(su.put(boot)) == "Invalid tx id for On-Boot tag"
    other = DataItem.create(tags={"Data-Protocol": "ao", "Type": "Process", "Module": UNKNOWN}, wallet=ALICE)
    assert told(su.put(other)) == "Required Module and Scheduler tags for Process type not present"
    for tags, text in (
        ({"Type": "Message"}, "Tag 'Data-Protocol': must contain 'ao'"),
        ({"Data-Protocol": "ao"}, "Tag 'Type': must be either 'Process' or 'Message'"),
        ({"Data-Protocol": "ao", "Type": "Message", "a": "b+link"}, "a tag ends in +link: 'b+link'"),
    ):
        assert told(su.put(DataItem.create(target=process, tags=tags, wallet=ALICE))) == text
    assert "there is no process" in told(su.put(message(KNOWN_ID)))
    bad = bytearray(bytes(message(process)))
    bad[-1] ^= 1
    assert "signature" in told(su.put(bytes(bad)))
    assert told(su.put(b"nothing"))
    edges = su.get("su", f"/{process}").json()["edges"]
    assert [edge["node"]["message"]["id"] for edge in edges] == [process, item.id]


def test_the_form_of_a_node(su: Served) -> None:
    """Its keys in their order, assignments' tags in theirs; an anchor that is not there is null, and data is text."""
    ping = su.started()
    own = {"Data-Protocol": "ao", "Type": "Message", "Action": "Ping"}
    item = DataItem.create("to all", target=ping, tags=[*own.items(), ("Dup", "1"), ("Dup", "2")], wallet=ALICE)
    su.put(item)
    told = su.get("su", f"/{item.id}", **{"process-id": ping}).json()
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
    by_assignment = su.get("su", f"/{told['assignment']['id']}", **{"process-id": ping})
    assert by_assignment.json() == told
    first = su.get("su", f"/{ping}", limit=1).json()["edges"][0]["node"]
    assert [tag["name"] for tag in first["assignment"]["tags"]] == names
    assert first["message"]["target"] == ""


def test_an_assigned_message_is_elsewhere(su: Served) -> None:
    """Its node has no message; `Message` and each `Exclude` come last, in the order of the query."""
    ping, other = su.started(), su.started()
    item = message(ping)
    su.put(item)
    id = item.id
    query = f"process-id={other}&assign={id}&base-layer&exclude=Tags,Data"
    answer = su.http.post(f"{su.urls['su']}?{query}")
    told = answer.json()
    assert (answer.status_code, [*told], type(told["timestamp"])) == (200, ["timestamp", "id"], int)
    node = su.get("su", f"/{other}/latest").json()
    assert (node["message"], node["assignment"]["id"]) == (None, told["id"])
    last = [(tag["name"], tag["value"]) for tag in node["assignment"]["tags"][-3:]]
    assert last == [("Message", id), ("Exclude", "Tags"), ("Exclude", "Data")]
    # Both of its ids lead to the place in that process.
    for one in (id, told["id"]):
        assert su.get("su", f"/{one}", **{"process-id": other}).json() == node


def test_a_process_that_is_no_text(su: Served, server: Served) -> None:
    """Data that is no UTF-8 is null, where a message's has U+FFFD; the gateway has the bytes."""
    item = DataItem.create(b"\xff\x00", tags=su.process_item(**{"On-Boot": "none"}).tags, wallet=ALICE)
    item = DataItem.create(b"\xff\x00", tags=[tag for tag in item.tags if tag.name != "On-Boot"], wallet=ALICE)
    assert su.put(item).status_code == 200
    assert su.get("su", f"/processes/{item.id}").json()["data"] is None
    assert su.get("su", f"/{item.id}", limit=1).json()["edges"][0]["node"]["message"]["data"] is None
    # That of the one alone goes up to it in a moment.
    eventually(lambda: server.get("gateway", f"/raw/{item.id}").content == b"\xff\x00")


def test_pages_of_all_kinds(su: Served) -> None:
    """The process counts in `limit`, and a `from` at its own time leaves it out; nonces go before times; empty is nothing.

    `process-id` need not be there.
    """
    process = su.started()
    for number in range(5):
        su.put(message(process, str(number)))
    whole = su.get("su", f"/{process}", **{"process-id": process}).json()["edges"]
    stamps = [edge["cursor"] for edge in whole]

    def page(**query: Any) -> tuple[list[str], bool]:
        told = su.get("su", f"/{process}", **{name.replace("_", "-"): one for name, one in query.items()}).json()
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
