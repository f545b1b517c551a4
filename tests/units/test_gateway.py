"""The gateway over HTTP: data, transactions, GraphQL, uploads (spec: units, gateway)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import pytest

from ao_runtime.items import DataItem

from .serving import ALICE, BOB, Served, message

UNKNOWN = "u" * 43
#: What aoconnect asks before it spawns.
MODULE = """query GetTransactions ($transactionIds: [ID!]!) {
  transactions(ids: $transactionIds) { edges { node { owner { address } tags { name value } block { id height timestamp } } } }
}"""
#: What its scheduler-utils ask: with a comment inside the arguments.
LOCATION = """query GetSchedulerLocation ($owner: String!) {
  transactions(
    owners: [$owner]
    tags: [{ name: "Data-Protocol", values: ["ao"] }, { name: "Type", values: ["Scheduler-Location"] }]
    # Only need the most recent Scheduler-Location
    sort: HEIGHT_DESC
    first: 1
  ) { edges { node { tags { name value } } } }
}"""


def nodes(server: Served, query: str, **variables: Any) -> list[dict[str, Any]]:
    """The nodes that a query gives."""
    answer = server.graphql(query, **variables)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert "errors" not in told, told
    return [edge["node"] for edge in told["data"]["transactions"]["edges"]]


def tags(node: dict[str, Any]) -> dict[str, str]:
    """A node's tags by their names."""
    return {tag["name"]: tag["value"] for tag in node["tags"]}


def test_the_network(server: Served) -> None:
    """`/info` and `/` have the height and the units."""
    for path in ("/", "/info"):
        told = server.get("gateway", path).json()
        assert (told["network"], told["urls"], type(told["height"])) == ("ao.local", server.urls, int)


def test_every_module_is_known(server: Served) -> None:
    """With the tags that aoconnect insists on."""
    [node] = nodes(server, MODULE, transactionIds=[server.ready["modules"][0]])
    found = tags(node)
    assert (found["Data-Protocol"], found["Type"]) == ("ao", "Module")
    assert {"Module-Format", "Input-Encoding", "Output-Encoding"} <= set(found)
    assert len(nodes(server, MODULE, transactionIds=[*server.ready["modules"], UNKNOWN])) == len(
        server.ready["modules"]
    )


def test_schedulers_have_a_place(server: Served) -> None:
    """Our own address leads to our su, and so does legacynet's, which most applications name."""
    for owner in (server.scheduler, "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"):
        [node] = nodes(server, LOCATION, owner=owner)
        found = tags(node)
        assert found["Url"] == server.urls["su"]
        assert int(found["Time-To-Live"]) > 0


def test_a_transaction_has_all_its_fields(server: Served, ping: str) -> None:
    """A message is found at once, with key, block, size and type of its data."""
    id = server.message(ping, "Ping", "12345", **{"Content-Type": "text/plain"})
    query = """query ($id: [ID!]) { transactions(ids: $id) { pageInfo { hasNextPage } edges { cursor node {
      id anchor signature recipient owner { address key } fee { winston ar } quantity { winston ar } data { size type }
      tags { name value } block { id timestamp height previous } parent { id } bundledIn { id } } } } }"""
    [node] = nodes(server, query, id=[id])
    place = server.get("su", f"/{id}", **{"process-id": ping}).json()
    assert (node["id"], node["recipient"], node["signature"]) == (id, ping, place["message"]["signature"])
    assert node["owner"] == {"address": ALICE.address, "key": ALICE.owner}
    assert node["data"] == {"size": "5", "type": "text/plain"}
    stamps = {tag["name"]: tag["value"] for tag in place["assignment"]["tags"]}
    assert node["block"]["timestamp"] == int(stamps["Timestamp"]) // 1000
    assert node["block"]["height"] == int(stamps["Block-Height"])
    assigned = place["assignment"]["id"]
    [other] = nodes(server, query, id=[assigned])
    assert (other["owner"]["address"], tags(other)["Message"]) == (server.scheduler, id)


def test_transactions_are_chosen_and_paged(server: Served) -> None:
    """By owner, recipient and tags, newest first or oldest first, page by page."""
    process = server.spawn()
    ids = [server.message(process, "P", f"{number}", Mark="paged") for number in range(5)]
    query = """query ($after: String, $sort: SortOrder, $owner: [String!], $to: [String!]) {
      transactions(first: 2, after: $after, sort: $sort, owners: $owner, recipients: $to,
                   tags: [{ name: "Mark", values: ["paged", "other"] }]) {
        pageInfo { hasNextPage } edges { cursor node { id } } } }"""
    for sort, expected in (("HEIGHT_ASC", ids), ("HEIGHT_DESC", ids[::-1])):
        found, after, more = [], None, True
        while more:
            answer = server.graphql(query, after=after, sort=sort, owner=[ALICE.address], to=[process])
            told = answer.json()["data"]["transactions"]
            found += [edge["node"]["id"] for edge in told["edges"]]
            after, more = told["edges"][-1]["cursor"], told["pageInfo"]["hasNextPage"]
        assert found == expected
    assert nodes(server, query, owner=[BOB.address, ""]) == []


def test_blocks(server: Served) -> None:
    """Oldest first from a height, their timestamps in seconds."""
    query = """query ($min: Int) { blocks(height: { min: $min }, first: 2, sort: HEIGHT_ASC) {
      pageInfo { hasNextPage } edges { cursor node { id timestamp height previous } } } }"""
    height = server.get("gateway", "/info").json()["height"]
    told = server.graphql(query, min=height - 2).json()["data"]["blocks"]
    first, second = (edge["node"] for edge in told["edges"])
    assert (first["height"], second["height"], told["pageInfo"]["hasNextPage"]) == (height - 2, height - 1, True)
    assert (second["timestamp"] - first["timestamp"], second["previous"]) == (120, first["id"])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{",
        "{ nothing }",
        "{ __schema { types { name } } }",
        "{ " + "a: transactions { edges { node { id } } } " * 6 + "}",
        "{ transactions { edges { node { " + "id " * 600 + "} } } }",
        "{ transactions { edges { node { id } } } } " + "# " * 30_000,
        "{ " + "a { " * 3000 + "}" * 3001,
        "fragment a on Query { ...b } fragment b on Query { ...a } { ...a }",
        "fragment a on Query { ...b ...b } fragment b on Query { ...c ...c } fragment c on Query { ...d ...d } "
        "fragment d on Query { x: transactions { pageInfo { hasNextPage } } } { ...a }",
    ],
)
def test_queries_that_are_none_or_too_large(server: Served, query: str) -> None:
    """400 with `errors`, at once."""
    answer = server.graphql(query)
    assert answer.status_code == 400
    assert [list(error) for error in answer.json()["errors"]] == [["message"]]


def test_bodies_that_are_no_query(server: Served) -> None:
    """400 for no JSON, another shape, and one that is too long: 413."""
    url = server.urls["gateway"] + "/graphql"
    for body in (b"", b"[]", b'{"query": 5}', b'{"query": "{a}", "variables": []}'):
        assert server.http.post(url, content=body).status_code == 400
    assert server.http.post(url, content=b" " * 300_000).status_code == 413


def test_data(server: Served) -> None:
    """By its id, under each of its paths, with the type of its tag; `HEAD` has the headers alone."""
    item = DataItem.create(b"\x89PNG", tags={"Content-Type": "image/png"}, wallet=ALICE)
    told = server.http.post(server.urls["uploader"] + "/tx", content=bytes(item)).json()
    assert (told["id"], told["owner"]) == (item.id, ALICE.address)
    for path in ("", "/raw", "/data", "/tx"):
        answer = server.get("gateway", f"{path}/{item.id}" + ("/data" if path == "/tx" else ""))
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"\x89PNG", "image/png")
    answer = server.http.head(f"{server.urls['gateway']}/{item.id}")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "4")
    assert server.get("gateway", f"/{UNKNOWN}").status_code == 404
    assert server.get("gateway", "/not-an-id").status_code == 400


def test_a_process_starts_with_uploaded_data(server: Served) -> None:
    """`On-Boot=ID`, and `/data/ID` for whoever reads it."""
    item = DataItem.create("Loaded = 'from storage'", wallet=ALICE)
    for path in ("/tx/arweave", "/v1/tx"):
        assert server.http.post(server.urls["gateway"] + path, content=bytes(item)).status_code == 200
    process = server.spawn(**{"On-Boot": item.id})
    assert server.eval(process, "return Loaded") == "from storage"


def test_an_upload_must_be_signed(server: Served) -> None:
    """400, and nothing is kept."""
    item = DataItem.create("mine", wallet=ALICE)
    wrong = bytes(item)[:-4] + b"thine"
    answer = server.http.post(server.urls["uploader"] + "/tx", content=wrong)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert server.get("gateway", f"/{item.id}").status_code == 404


def test_a_transaction_as_a_node_has_it(server: Served, ping: str) -> None:
    """`/tx/ID` in base64url, its status, prices and anchors: what arweave-js asks."""
    told = server.get("gateway", f"/tx/{ping}").json()
    assert (told["id"], told["owner"], told["format"]) == (ping, ALICE.owner, 2)
    assert {"name": b"Type", "value": b"Process"} in [
        {name: urlsafe_b64decode(text + "==") for name, text in tag.items()} for tag in told["tags"]
    ]
    assert server.get("gateway", f"/tx/{ping}/status").json()["number_of_confirmations"] >= 1
    assert server.get("gateway", f"/tx/{UNKNOWN}").status_code == 404
    assert len(server.get("gateway", "/tx_anchor").text) == 64
    assert server.get("gateway", "/price/100").text == "0"
    height = server.get("gateway", "/block/current").json()["height"]
    assert server.get("gateway", f"/block/height/{height}").json()["height"] == height
    assert server.get("gateway", f"/block/height/{height + 1000}").status_code == 404


def test_newer_messengers_find_a_process_by_headers(server: Served, ping: str) -> None:
    """Type and scheduler stand in the headers too, as gateways of HyperBEAM have them."""
    headers = server.http.head(f"{server.urls['gateway']}/{ping}").headers
    assert (headers["type"], headers["scheduler"]) == ("Process", server.scheduler)


def test_tags_that_strangers_choose_make_no_headers(server: Served, ping: str) -> None:
    """Neither another header nor a type that is none."""
    value = "text/html\r\nSet-Cookie: a=b"
    id = server.message(ping, "Ping", "<script>", **{"Content-Type": value, "Variant": "x\r\nEvil: 1"})
    answer = server.get("gateway", f"/{id}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert {"set-cookie", "evil", "variant"} & set(answer.headers) == set()
    assert message(ping).target == ping


def test_a_process_by_its_id_leads_to_its_scheduler(server: Served, ping: str) -> None:
    """The two queries that clients locate a scheduler by: the process's tag `Scheduler`, then that one's `Url`."""
    query = """query ($transactionIds: [ID!]!) {
      transactions(ids: $transactionIds tags: [{ name: "Data-Protocol", values: ["ao"] }]) { edges { node { tags { name value } } } } }"""
    [node] = nodes(server, query, transactionIds=[ping])
    [location] = nodes(server, LOCATION, owner=tags(node)["Scheduler"])
    url = tags(location)["Url"]
    assert (url, url.endswith("/")) == (server.urls["su"], False)
    assert server.http.get(f"{url}/{ping}", params={"process-id": ping, "limit": 1}).status_code == 200
    assert nodes(server, query, transactionIds=[UNKNOWN]) == []
