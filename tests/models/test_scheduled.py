"""What a scheduler gives, read as the messages that a compute unit makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, Process
from ao_runtime.models.scheduled import is_node, message_of, nodes_in

#: Nodes of a real scheduler, each with the message that the real compute unit gave to the process.
RECORDED = [json.loads(line) for line in (Path(__file__).parent / "scheduled.jsonl").read_text().splitlines()]


def node(nonce: int, tags: dict[str, str], data: str | None = None, owner: str = "alice") -> dict[str, Any]:
    """A message to the process P, as its scheduler gives it."""
    times = {"Process": "P", "Epoch": "0", "Nonce": str(nonce), "Hash-Chain": "c"}
    times |= {"Block-Height": f"{1000 + nonce:012}", "Timestamp": str(1_700_000_000_000 + nonce)}
    return {
        "message": {
            "id": "P" if nonce == 0 else f"m{nonce}",
            "owner": {"address": owner, "key": "k"},
            "data": data,
            "tags": [{"name": name, "value": value} for name, value in tags.items()],
            "signature": "s",
            "anchor": None,
            "target": "P",
        },
        "assignment": {"id": f"a{nonce}", "tags": [{"name": name, "value": value} for name, value in times.items()]},
    }


def page() -> dict[str, Any]:
    """A page with a process and two messages to it."""
    code = (
        "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = msg.From .. ' ' .. msg.Nonce .. msg.Data }) end)"
    )
    nodes = [
        node(0, {"Type": "Process", "On-Boot": "Data", "Authority": "mu"}, code),
        node(1, {"Action": "Ping"}, "one", "bob"),
        node(2, {"Action": "Ping", "From-Process": "Q", "From": "forged"}, "two", "mu"),
    ]
    edges = [{"node": item, "cursor": str(number)} for number, item in enumerate(nodes)]
    return {"page_info": {"has_next_page": False}, "edges": edges}


@pytest.mark.parametrize("recorded", RECORDED)
def test_as_the_compute_unit(recorded: dict[str, Any]) -> None:
    """The message is the one that a compute unit gives to the process, its fields in the same order."""
    seen = recorded["seen"]
    message = message_of(recorded["node"])
    assert (message, list(message)) == (seen, list(seen))


def test_evaluated_again() -> None:
    """A page is a process's history: the first node is its own message, the others are answered."""
    process = Process({"Process": {"Id": "P", "Owner": "alice", "Tags": {"Authority": "mu"}}})
    results = process.handle_many(page())
    assert [[message.data for message in result.messages] for result in results] == [[], ["bob 1one"], ["Q 2two"]]
    other = Process({"Process": {"Id": "P", "Owner": "alice", "Tags": {"Authority": "mu"}}})
    edges = page()["edges"]
    assert other.handle_many([edges[0], edges[1]["node"]]) == results[:2]
    assert other.handle(edges[2]["node"]) == results[2]


def test_what_is_no_node() -> None:
    """Names like those of a node are names of tags where the values are none."""
    code = "Handlers.add('t', 'T', function(msg) msg.reply({ Data = msg.Tags.assignment }) end)"
    process = Process.spawn(code=code, dialect="2.0.1")
    message = {"From": "bob", "Action": "T", "message": "m", "assignment": "a"}
    assert process.handle(message).messages[0].data == "a"
    assert not is_node({"message": {}, "assignment": {}})
    assert nodes_in({"edges": []}) is None


def _without(part: str, name: str) -> dict[str, Any]:
    broken = node(1, {"Action": "Ping"})
    broken[part].pop(name)
    return broken


def _tagged(name: str, value: Any) -> dict[str, Any]:
    broken = node(1, {"Action": "Ping"})
    for tag in broken["assignment"]["tags"]:
        if tag["name"] == name:
            tag["value"] = value
    return broken


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({**node(1, {}), "message": None}, r"message: is null: the scheduler has only the assignment"),
        ({**node(1, {}), "message": 5}, r"message: is no object"),
        (_without("message", "id"), r"message\.id: is missing"),
        (_without("message", "owner"), r"message\.owner\.address: is missing"),
        (_without("message", "tags"), r"message\.tags: is missing"),
        (_tagged("Nonce", "one"), r"assignment\.tags\['Nonce'\]: must be a number, found 'one'"),
        (_tagged("Timestamp", "9" * 5000), r"assignment\.tags\['Timestamp'\]: must be a number"),
        (_tagged("Block-Height", "١٢"), r"assignment\.tags\['Block-Height'\]: must be a number"),
        (_tagged("Process", 7), r"assignment\.tags\[0\]: is no tag"),
        (page(), r"is a scheduler's page, not a message \(handle_many"),
    ],
)
def test_broken(broken: dict[str, Any], complaint: str) -> None:
    """What is broken in a node is named by its place in it."""
    process = Process({"Process": {"Id": "P", "Owner": "alice"}})
    with pytest.raises(InputError, match=complaint):
        process.handle(broken)
    assert process.count == 0
