"""A process's history, as its scheduler gives it: evaluated as the network's compute unit does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, Process, Result
from ao_runtime.conformance.rules import differences

from ..cli.running import ao_run
from ..models.test_scheduled import node

#: What a real scheduler and a real compute unit made of processes; with what was said of ticks, and when they were.
RECORDED = {
    found["name"]: found
    for found in map(json.loads, (Path(__file__).parent / "histories.jsonl").read_text().splitlines())
}
SECOND = 1000


def page(*nodes: dict[str, Any]) -> dict[str, Any]:
    """A scheduler's page."""
    return {"page_info": {"has_next_page": False}, "edges": [{"node": one, "cursor": "1"} for one in nodes]}


def at(seconds: float, nonce: int, tags: dict[str, str], **more: Any) -> dict[str, Any]:
    """A node so many seconds after the process's start."""
    made = node(nonce, tags, **more)
    for tag in made["assignment"]["tags"]:
        if tag["name"] == "Timestamp":
            tag["value"] = str(1_700_000_000_000 + int(seconds * SECOND))
        elif tag["name"] == "Block-Height":
            tag["value"] = "000000001000"
    return made


COUNT = """Ticks = {}
Handlers.add("Tick", "Tick", function(msg) table.insert(Ticks, msg.Timestamp % 1000000 .. (msg.Cron and "" or "!")) end)
"""
OWN = {"Type": "Process", "On-Boot": "Data", "Cron-Interval": "10-seconds", "Cron-Tag-Action": "Tick"}


def started(**options: Any) -> Process:
    """A process of no messages, whose own node says that it ticks every ten seconds."""
    return Process({"Process": {"Id": "P", "Owner": "alice"}}, **options)


def own() -> dict[str, Any]:
    """Its own node."""
    return at(0, 0, OWN, data=COUNT)


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("name", RECORDED)
def test_as_recorded(name: str, isolated: bool) -> None:
    """Each node has the recorded result; ticks come between, at their times; what was skipped there is skipped."""
    recorded = RECORDED[name]
    nodes, ticks = recorded["nodes"], recorded["ticks"]
    before_the_end = [tick for tick in ticks if tick["after"] < len(nodes) - 1]
    process = Process(recorded["environment"], isolated=isolated or None)
    results = process.handle_many(page(*nodes))
    assert [result.cron for result in results if result.cron] == [tick["cron"] for tick in before_the_end]
    expected = []
    for number, result in enumerate(recorded["results"]):
        expected += [tick["result"] for tick in before_the_end if tick["after"] == number - 1] + [result]
    found = [differences(mine.to_dict(), theirs) for mine, theirs in zip(results, expected, strict=True)]
    assert found == [[]] * len(expected)
    process.close()


def test_the_messages_of_ticks() -> None:
    """What the process gets for a tick is what it got there, but for what says that it is the next node's."""
    recorded = RECORDED["cron"]
    process = Process(recorded["environment"])
    seen = []
    for one in recorded["nodes"]:
        for message, tick in process.scheduled(one):
            assert message is not None
            if tick is not None:
                seen.append((tick, message))
            process.handle(message)
    assert seen == [(tick["cron"], tick["seen"]) for tick in recorded["ticks"] if tick["after"] < 2]


def test_ticks_of_a_history_in_parts(tmp_path: Path) -> None:
    """However a history is divided, and wherever the process was kept meanwhile, the ticks are the same, each once."""
    nodes = [own(), *(at(seconds, number, {}) for number, seconds in enumerate((3.5, 14.2, 30.1, 30.9, 55.0), 1))]
    whole = started()
    whole.handle_many(page(*nodes))
    ticks = whole.get("Ticks")
    assert [int(text) // SECOND for text in ticks] == [10, 20, 30, 40, 50]
    for cut in range(1, len(nodes)):
        parts = started()
        for part in (nodes[:cut], nodes[cut:]):
            parts.handle_many(part)
        assert parts.get("Ticks") == ticks
    kept = tmp_path / "kept.ao"
    for one in nodes:
        with Process.open(kept, {"Process": {"Id": "P", "Owner": "alice"}}) as again:
            again.handle_many([one])
    with Process.open(kept) as again:
        assert again.get("Ticks") == ticks
        with pytest.raises(InputError):
            again.handle_many([at(75, 9, {}), {"Data": object()}])
        again.handle_many([at(65, 6, {})])
        assert len(again.get("Ticks")) == 6


def test_without_cron() -> None:
    """`cron=False`, and `handle`: the node's message and nothing else; then ticks come where they are asked for."""
    process = started()
    assert len(process.handle_many([own(), at(35, 1, {})], cron=False)) == 2
    process.handle(at(36, 2, {}))
    assert process.get("Ticks") == []
    assert [result.cron for result in process.handle_many([at(45, 3, {})])] == ["0-10-seconds", None]


def test_ticks_are_of_nodes() -> None:
    """Messages that no scheduler has given have no ticks before them, and their time is nobody's."""
    process = started()
    process.handle_many([own()])
    results = process.handle_many([{"From": "bob", "Action": "x", "Timestamp": 1_700_000_100_000}, at(15, 1, {})])
    assert [result.cron for result in results] == [None, "0-10-seconds", None]
    fresh = Process.spawn(code=COUNT, tags=OWN, owner="alice", id="P")
    assert [result.cron for result in fresh.handle_many([at(35, 1, {})])] == [None]


def test_failing_ticks() -> None:
    """A tick that fails is a result like any other, and leaves no trace."""
    process = started()
    code = COUNT + "Handlers.prepend('no', 'Tick', function() Gone = true; error('no') end)"
    results = process.handle_many([at(0, 0, OWN, data=code), at(25, 1, {})])
    assert [(result.cron, result.ok) for result in results[1:]] == [("0-10-seconds", False)] * 2 + [(None, True)]
    assert process.get("Gone") is None


SKIPPED = Result({"Messages": [], "Assignments": [], "Spawns": [], "Output": ""})


def test_what_is_skipped() -> None:
    """Messages that stand there twice, that were assigned again, or pushed again; nothing else. They are not kept."""
    count = "N = 0 Handlers.add('n', function() return true end, function() N = N + 1 end)"
    pushed = {"Action": "x", "From-Process": "Q"}
    other = dict(node(6, pushed, "two"), message=dict(node(6, pushed, "two")["message"], anchor="other"))
    nodes = [
        node(0, {"Type": "Process", "On-Boot": "Data", "Authority": "mu"}, count),
        node(1, {"Action": "x"}, "one"),
        node(2, {"Action": "x"}, "one"),
        node(3, pushed, "two", "mu"),
        node(4, pushed, "two", "mu"),
        node(5, pushed, "three", "mu"),
        other,
    ]
    again = {"id": "m1", "tags": [*node(7, {})["assignment"]["tags"], {"name": "Message", "value": "m1"}]}
    nodes += [{"message": None, "assignment": again}, nodes[1]]
    environment = {"Process": {"Id": "P", "Owner": "alice", "Tags": {"Authority": "mu"}}}
    for isolated in (False, True):
        process = Process(environment, isolated=isolated or None)
        results = process.handle_many(nodes)
        assert [number for number, result in enumerate(results) if result == SKIPPED] == [4, 7, 8]
        # The last one is from alice, who may not speak for Q.
        assert (process.count, process.get("N")) == (6, 4)
        assert [message for message, _ in process.scheduled(nodes[3])] == [None]
        process.close()


def test_an_assignment_without_its_message() -> None:
    """It is refused where it is not skipped, and nothing of the page stays; with the message in its place it is taken."""
    tags = [*node(1, {})["assignment"]["tags"], {"name": "Message", "value": "elsewhere"}]
    missing = {"message": None, "assignment": {"tags": tags}}
    process = started()
    with pytest.raises(
        InputError, match=r"message: is null: the scheduler has only the assignment of message elsewhere"
    ):
        process.handle_many([own(), missing])
    assert process.count == 0
    elsewhere = dict(node(9, {"Action": "News"}, "news")["message"], id="elsewhere", target="Other")
    code = (
        COUNT
        + "ao.addAssignable('all', function() return true end)\nHandlers.add('n', 'News', function(msg) Got = msg end)"
    )
    process.handle_many([at(0, 0, OWN, data=code), dict(missing, message=elsewhere)])
    got = process.get("Got")
    assert (got["Id"], got["Target"], got["Anchor"], got["Data"]) == ("elsewhere", "Other", "", "news")
    excluding = {
        "message": dict(elsewhere, id="more"),
        "assignment": {"tags": [*tags, {"name": "Exclude", "value": "Data"}]},
    }
    process.handle_many([excluding])
    assert (process.get("Got.Id"), process.get("Got.Data")) == ("more", None)


@pytest.mark.parametrize(
    ("tags", "seconds", "complaint"),
    [
        ({"Cron-Interval": "10-parsecs"}, 1, "Cron-Interval: is no interval: '10-parsecs'"),
        ({"Cron-Interval": "1-second"}, 10**11, r"Timestamp: up to \d+ ticks of cron are due before this message"),
        ({"Cron-Interval": "1-blocks", "Cron-Tag-A": "b"}, 10**11, None),
    ],
)
def test_crons_of_strangers(tags: dict[str, str], seconds: int, complaint: str | None) -> None:
    """What makes no sense, or has no end, is an error of the input; `cron=False` leaves it out."""
    nodes = [at(0, 0, {"Type": "Process", **tags}), at(seconds, 1, {})]
    if complaint is None:
        assert len(started().handle_many(nodes)) == 2
        return
    with pytest.raises(InputError, match=complaint):
        started().handle_many(nodes)
    assert len(started().handle_many(nodes, cron=False)) == 2


def test_in_the_command(tmp_path: Path) -> None:
    """`ao-run handle` shows ticks and what it skips; `--no-cron` gives a line for each node."""
    file = tmp_path / "page.json"
    again = node(2, {"Action": "x"})
    file.write_text(
        json.dumps(page(own(), at(25, 1, {"Action": "Hello"}), {**again, "message": {**again["message"], "id": "m1"}}))
    )
    ran = ao_run("handle", str(file))
    assert (ran.code, [line for line in ran.out.splitlines() if line.startswith(("──", "(skipped"))]) == (
        0,
        [
            "── 1 · message from alice",
            "── 2, cron 0-10-seconds · Tick from alice",
            "── 2, cron 0-10-seconds · Tick from alice",
            "── 2 · Hello from alice",
            "── 3 · x from alice",
            "(skipped: the process has had this message)",
        ],
    )
    assert [len(ao_run("handle", flag, "--json", str(file)).results) for flag in ("--cron", "--no-cron")] == [5, 3]
    reports = ao_run("handle", "--report", "json", str(file)).results
    assert [report["message"].get("Cron") for report in reports] == [False, True, True, False, False]
    state = str(tmp_path / "kept.ao")
    assert ao_run("handle", "--state", state, "--json", str(file)).code == 0
    file.write_text(json.dumps(page(at(45, 3, {"Action": "Hello"}))))
    assert len(ao_run("handle", "--state", state, "--json", str(file)).results) == 3
    file.write_text(
        json.dumps(
            page(
                {
                    "message": None,
                    "assignment": {"tags": [*again["assignment"]["tags"], {"name": "Message", "value": "x"}]},
                }
            )
        )
    )
    assert "assignment of message" in ao_run("handle", "--state", state, str(file)).err
