"""The forms in which clients of ao write queries, and what they choose by (spec: units, gateway)."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.items import DataItem

from .serving import ALICE, Served
from .test_gateway import nodes

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "lists with variables in them": (
        """query Named ($owner: String!, $tag: String!) {
          transactions(
            owners: [$owner, ""] # who
            tags: [
              # Only those that are marked
              { name: "Mark", values: [$tag, "x"] }, { name: "Type", values: ["Message"] }
            ]
            first: 1
          ) { edges { node { id } } }
        }""",
        {"owner": ALICE.address, "tag": "formed"},
    ),
    "literals alone": (
        """{ transactions(first: 1, sort: HEIGHT_DESC, owners: ["OWNER"], tags: [{ name: "Mark", values: ["formed"] }]) {
          edges { node { id } } } }""",
        {},
    ),
    "an alias": ('{ mine: transactions(tags: [{ name: "Mark", values: ["formed"] }]) { edges { node { id } } } }', {}),
    "lists of one without brackets": (
        'query { transactions(tags: { name: "Mark", values: "formed" }) { edges { node { id } } } }',
        {},
    ),
    "a fragment": (
        """query ($marks: [String!]) { transactions(tags: [{ name: "Mark", values: $marks }]) { ...all } }
        fragment all on TransactionConnection { edges { node { id } } }""",
        {"marks": ["formed"]},
    ),
    "null for nothing": (
        """query ($ids: [ID!], $after: String) { transactions(ids: $ids, after: $after, block: { min: null }
          tags: [{ name: "Mark", values: ["formed"] }]) { edges { node { id } } } }""",
        {"ids": None},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_queries_of_all_forms(server: Served, ping: str, form: str) -> None:
    """Each finds the newest message that is marked so; under its alias, if it has one."""
    tags = {"Data-Protocol": "ao", "Type": "Message", "Mark": "formed"}
    item = DataItem.create(" ", target=ping, tags=tags, anchor=form.ljust(32)[:32], wallet=ALICE)
    assert server.send(item).status_code == 202
    query, variables = FORMS[form]
    told = server.graphql(query.replace("OWNER", ALICE.address), **variables).json()
    assert "errors" not in told, told
    [name] = told["data"]
    assert name == ("mine" if form == "an alias" else "transactions")
    assert told["data"][name]["edges"][0] == {"node": {"id": item.id}}


def test_a_field_that_is_skipped(server: Served, ping: str) -> None:
    """What the compute unit asks of an assigned message: `@skip(if: …)`; such a field is not in the answer."""
    id = server.message(ping, "Ping", "assigned")
    query = """query ($ids: [ID!]!, $skipTags: Boolean!, $skipAnchor: Boolean!) { transactions(ids: $ids) { edges { node {
      id signature anchor @skip(if: $skipAnchor) owner { address key } tags @skip(if: $skipTags) { name value } recipient
    } } } }"""
    for skipped in (True, False):
        [node] = nodes(server, query, ids=[id], skipTags=skipped, skipAnchor=skipped)
        assert ({"tags", "anchor"} & {*node} == set()) == skipped
        assert (node["id"], node["recipient"], node["owner"]["address"]) == (id, ping, ALICE.address)
    assert server.get("gateway", f"/raw/{id}").text == "assigned"


def test_by_block(server: Served, ping: str) -> None:
    """`block: {min, max}` are heights, both with them; `first` is 10 where it is not given."""
    server.message(ping, "Ping")
    query = """query ($min: Int, $max: Int) {
      transactions(owners: ["OWNER"], block: { min: $min, max: $max }) { edges { node { block { height } } } } }"""
    query = query.replace("OWNER", ALICE.address)
    height = server.get("gateway", "/info").json()["height"]
    for low, high, found in ((height - 1, height, True), (None, height - 2, False), (height + 1, None, False)):
        heights = [node["block"]["height"] for node in nodes(server, query, min=low, max=high)]
        assert (bool(heights), len(heights) <= 10) == (found, True)
        assert all(height - 1 <= one <= height for one in heights)
